/*
 * Sensitive system calls and opened files, when the call returns: what seccomp refused is seen here and not
 * at sys_enter, and of an open there is the file itself then, whatever the name was, and however it was
 * changed meanwhile. A call that does not return, such as one that killed its process, is not seen.
 */
#include "call.h"
#include "open.h"
#include "watched.h"

enum { SET_NAME = 15, SOCKET_MAGIC = 0x534f434b };
enum { PROTECT_EXEC = 4, AREA_SHARED = 8, AREA_MAY_WRITE = 0x20 };
enum { UNIX_FAMILY = 1, IPV4_FAMILY = 2, IPV6_FAMILY = 10, NETLINK_FAMILY = 16, NAME_OFFSET = 2 };
enum { O_CREATES = 0100, O_EXCLUSIVE = 0200, O_NO_ACCESS = 010000000 };
enum { NOT_PERMITTED = -1, NO_ACCESS = -13 };

static __always_inline struct file *file_at(__u64 fd) {
    struct fdtable *table = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), files, fdt);
    struct file *file = NULL;
    if (fd < BPF_CORE_READ(table, max_fds))
        bpf_probe_read_kernel(&file, sizeof file, BPF_CORE_READ(table, fd) + fd);
    return file;
}

/*
 * What the call was asked to do beside opening: the file keeps no trace of it. From registers, which nobody
 * else can write; but of openat2 from memory, which may have been changed meanwhile.
 */
static __always_inline __u32 asked_of(enum watch watch, const __u64 args[6]) {
    __u64 flags = watch == WATCH_OPEN ? args[1] : watch == WATCH_CREAT ? O_CREATES | O_TRUNCATES : args[2];
    if (watch == WATCH_MEMFD)
        return 0;
    if (watch == WATCH_OPENAT2 && bpf_probe_read_user(&flags, sizeof flags, (void *)args[2]) != 0)
        flags = 0;
    return flags & (O_CREATES | O_EXCLUSIVE | O_TRUNCATES);
}

/* Where lsm.bpf.c tells of opens there is memory left to tell of, which is not opened. */
static __always_inline bool left_to_lsm(__u64 sandbox) {
    __u32 index = SLOT_OF(sandbox);
    struct slot *slot = bpf_map_lookup_elem(&slots, &index);
    return slot != NULL && slot->generation == GENERATION_OF(sandbox) && slot->flags & SLOT_OPENS_BY_LSM;
}

static __always_inline void tell_open(__u64 sandbox, enum watch watch, long fd, const __u64 args[6]) {
    struct opened opened;
    struct file *file = fd >= 0 && (watch == WATCH_MEMFD || !left_to_lsm(sandbox)) ? file_at(fd) : NULL;
    __u32 flags = file != NULL ? BPF_CORE_READ(file, f_flags) : O_NO_ACCESS;
    if (flags & O_NO_ACCESS)
        return;
    look_at(&opened, file, flags | asked_of(watch, args));
    if (opened.place == 0 && !opened.reveals && watch != WATCH_MEMFD)
        return;
    struct slot *slot = slot_of(sandbox);
    __u32 kill = opened.memory && slot != NULL && slot->flags & SLOT_KILL_MEMORY ? PLACE_KILL : 0;
    __u16 reaction = react(slot, opened.place | kill, false);
    if (slot != NULL)
        tell_opened(slot, sandbox, &opened, BPF_CORE_READ(file, f_path.mnt),
            BPF_CORE_READ(file, f_path.dentry), fd, reaction);
}

/*
 * What programs do all the time, of which only what was not let through is told; of sockets of the IP families,
 * that were made, sock_create tells.
 */
static __always_inline bool ordinary(enum watch watch, long result, __u32 first) {
    if (watch == WATCH_PRCTL)
        return first != SET_NAME;
    if (result == NOT_PERMITTED || result == NO_ACCESS)
        return false;
    return watch == WATCH_CLONE || (watch == WATCH_SOCKET && (first == UNIX_FAMILY || first == IPV4_FAMILY
        || first == IPV6_FAMILY || first == NETLINK_FAMILY));
}

static __always_inline int tell_unix(__u64 sandbox, long result, __u64 fd) {
    struct file *file = result == 0 ? file_at((__u32)fd) : NULL;
    if (file == NULL || BPF_CORE_READ(file, f_inode, i_sb, s_magic) != SOCKET_MAGIC)
        return 0;
    struct socket *socket = BPF_CORE_READ(file, private_data);
    struct sock *sock = BPF_CORE_READ(socket, sk);
    if (BPF_CORE_READ(sock, __sk_common.skc_family) != UNIX_FAMILY)
        return 0;
    struct pid *listener = BPF_CORE_READ(sock, sk_peer_pid);
    __u32 peer = listener != NULL ? BPF_CORE_READ(listener, numbers[0].nr) : 0;
    __u64 *whose = bpf_map_lookup_elem(&processes, &peer);
    if (whose != NULL && *whose == sandbox)
        return 0;
    struct slot *slot = slot_of(sandbox);
    struct event_unix *told = slot ? event_begin(slot, sandbox, EVENT_UNIX, sizeof *told, false) : NULL;
    if (told == NULL)
        return 0;
    struct unix_sock *other = (void *)BPF_CORE_READ((struct unix_sock *)sock, peer);
    struct unix_address *address = BPF_CORE_READ(other, addr);
    struct dentry *dentry = BPF_CORE_READ(other, path.dentry);
    describe(&told->file, BPF_CORE_READ(dentry, d_inode), dentry);
    told->peer = peer;
    told->peer_uid = BPF_CORE_READ(sock, sk_peer_cred, euid.val);
    int size = BPF_CORE_READ(address, len) - NAME_OFFSET;
    told->name_size = size < 0 ? 0 : size > (int)sizeof told->name ? sizeof told->name : size;
    bpf_core_read(told->name, sizeof told->name, &address->name[0].sun_path);
    event_end(told, 0);
    return 0;
}

static long look_at_area(struct task_struct *task, struct vm_area_struct *area, void *written) {
    __u64 shared = AREA_SHARED | AREA_MAY_WRITE, flags = BPF_CORE_READ(area, vm_flags);
    *(bool *)written = BPF_CORE_READ(area, vm_file) != NULL
        && (BPF_CORE_READ(area, anon_vma) != NULL || (flags & shared) == shared);
    return 0;
}

/* What was writable is not known any more: counted is what was written, or, of a shared mapping, can be. */
static __always_inline int count_code(__u64 sandbox, long result, const __u64 args[6]) {
    bool written = false;
    if (result != 0 || !(args[2] & PROTECT_EXEC)
        || !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_find_vma))
        return 0;
    bpf_find_vma(bpf_get_current_task_btf(), args[0], look_at_area, &written, 0);
    struct slot *slot = written ? slot_of(sandbox) : NULL;
    if (slot != NULL)
        __sync_fetch_and_add(&slot->written_code, 1);
    return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(returned, struct pt_regs *regs, long result) {
    struct task_struct *task = bpf_get_current_task_btf();
    __u64 *mark = bpf_task_storage_get(&marks, task, NULL, 0), args[6];
    enum abi abi;
    if (mark == NULL)
        return 0;
    __u32 number = number_of(task, regs, &abi);
    if (number >= NUMBERS)
        return 0;
    __u8 watch = abi == ABI_COMPAT ? watched_compat[number] : watched[number];
    if (watch == 0)
        return 0;
    arguments(regs, abi, args);
    if (watch >= WATCH_HANDLE)
        tell_open(*mark, watch, result, args);
    if (watch > WATCH_HANDLE)
        return 0;
    if (watch == WATCH_MPROTECT)
        return count_code(*mark, result, args);
    if (watch == WATCH_CONNECT)
        return tell_unix(*mark, result, args[0]);
    if (ordinary(watch, result, args[0]))
        return 0;
    struct slot *slot = slot_of(*mark);
    if (slot != NULL)
        tell_call(slot, *mark, number, abi, result, args, 0);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
