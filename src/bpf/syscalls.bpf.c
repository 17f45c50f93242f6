/*
 * Sensitive system calls and opened files, when the call returns: what seccomp refused is seen here and not
 * at sys_enter, and of an open there is the file itself then, whatever the name was, and however it was
 * changed meanwhile. A call that does not return, such as one that killed its process, is not seen.
 */
#include "event.h"
#include "watched.h"

enum { TS_COMPAT = 2, X32_BIT = 0x40000000, SET_NAME = 15, PROC_MAGIC = 0x9fa0, SOCKET_MAGIC = 0x534f434b };
enum { UNIX_FAMILY = 1, IPV4_FAMILY = 2, IPV6_FAMILY = 10, NETLINK_FAMILY = 16, NAME_OFFSET = 2 };
enum { O_WRITES = 1, O_ACCESS = 3, O_CREATES = 0100, O_EXCLUSIVE = 0200, O_TRUNCATES = 01000 };

struct {
    __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8192);
    __type(key, struct place_key); __type(value, __u32);
} places SEC(".maps");

static __always_inline struct file *file_at(__u64 fd) {
    struct fdtable *table = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), files, fdt);
    struct file *file = NULL;
    if (fd < BPF_CORE_READ(table, max_fds))
        bpf_probe_read_kernel(&file, sizeof file, BPF_CORE_READ(table, fd) + fd);
    return file;
}

static __always_inline __u32 said_of(struct place_key *key) {
    __u32 *found = bpf_map_lookup_elem(&places, key);
    return found != NULL ? *found : 0;
}

/* What was said of the file, of the directory it is in and the one above, and of its name there. */
static __always_inline __u32 place_of(struct file_id *id, struct file *file) {
    struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
    struct place_key key = {.device = id->device, .inode = id->inode};
    __u32 flags = said_of(&key);
    key.inode = BPF_CORE_READ(dentry, d_parent, d_parent, d_inode, i_ino);
    flags |= said_of(&key);
    key.inode = id->parent;
    flags |= said_of(&key);
    bpf_probe_read_kernel_str(key.name, sizeof key.name, BPF_CORE_READ(dentry, d_name.name));
    return flags | said_of(&key);
}

/* Of a file in /proc/PID: whose, as the host sees it. 0 for other files of procfs. */
static __always_inline __u32 proc_owner(struct file *file) {
    void *inode = BPF_CORE_READ(file, f_inode);
    struct proc_inode *proc = inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
    struct pid *pid = BPF_CORE_READ(proc, pid);
    void *link = pid != NULL ? BPF_CORE_READ(pid, tasks[0].first) : NULL;
    struct task_struct *task = link - bpf_core_field_offset(((struct task_struct *)0)->pid_links);
    return link != NULL ? BPF_CORE_READ(task, tgid) : pid != NULL ? BPF_CORE_READ(pid, numbers[0].nr) : 0;
}

/* Those that show memory or descriptors; the rest of /proc/PID is what every ps reads. */
static __always_inline bool reveals(struct file *file) {
    char name[8] = {0};
    bpf_probe_read_kernel_str(name, sizeof name, BPF_CORE_READ(file, f_path.dentry, d_name.name));
#define IS(text) (__builtin_memcmp(name, text "\0\0\0\0\0\0\0", sizeof name) == 0)
    return IS("mem") || IS("environ") || IS("maps") || IS("smaps") || IS("pagemap") || IS("auxv") || IS("fd")
        || IS("map_fil");
#undef IS
}

/*
 * What the call was asked to do beside opening: the file keeps no trace of it. From registers, which nobody
 * else can write; but of openat2 from memory, which may have been changed meanwhile.
 */
static __always_inline __u32 asked_of(enum watch watch, const __u64 args[6]) {
    __u64 flags = watch == WATCH_OPEN ? args[1] : watch == WATCH_OPENAT ? args[2] : O_CREATES | O_TRUNCATES;
    if (watch == WATCH_MEMFD)
        return 0;
    if (watch == WATCH_OPENAT2 && bpf_probe_read_user(&flags, sizeof flags, (void *)args[2]) != 0)
        flags = 0;
    return flags & (O_CREATES | O_EXCLUSIVE | O_TRUNCATES);
}

static __always_inline int tell_open(__u64 sandbox, enum watch watch, long fd, const __u64 args[6]) {
    struct file *file = fd >= 0 ? file_at(fd) : NULL;
    if (file == NULL)
        return 0;
    struct file_id id;
    describe_file(&id, file);
    __u32 flags = BPF_CORE_READ(file, f_flags) | asked_of(watch, args), place = place_of(&id, file);
    __u32 target = 0, done = (flags & O_ACCESS) != O_WRITES ? PLACE_READ : 0;
    done |= flags & (O_ACCESS | O_TRUNCATES) ? PLACE_WRITE : 0;
    place &= PLACE_KILL | done;
    if (id.magic == PROC_MAGIC)
        target = proc_owner(file);
    bool strange = target != 0 && target != bpf_get_current_pid_tgid() >> 32 && reveals(file);
    if (!(place & (PLACE_READ | PLACE_WRITE)) && !strange && watch != WATCH_MEMFD)
        return 0;
    bool killed = place & PLACE_KILL && place & (PLACE_READ | PLACE_WRITE) && bpf_send_signal(9) == 0;
    struct slot *slot = slot_of(sandbox);
    struct event_open *open = slot ? event_begin(slot, sandbox, EVENT_OPEN, sizeof *open, killed) : NULL;
    if (open == NULL)
        return 0;
    open->file = id;
    open->fd = fd;
    open->open_flags = flags;
    open->place = place;
    open->target = target;
    bpf_probe_read_kernel_str(open->name, sizeof open->name, BPF_CORE_READ(file, f_path.dentry, d_name.name));
    event_end(open, killed ? FLAG_KILLED : 0);
    return 0;
}

/* Families that ordinary programs use; of the IP ones sock_create tells. */
static __always_inline bool ordinary(__u32 family) {
    return family == UNIX_FAMILY || family == IPV4_FAMILY || family == IPV6_FAMILY
        || family == NETLINK_FAMILY;
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

/* Which call returns, and how it was called. */
static __always_inline __u32 number_of(struct task_struct *task, struct pt_regs *regs, enum abi *abi) {
    *abi = ABI_NATIVE;
#if defined(__TARGET_ARCH_x86)
    __u32 number = BPF_CORE_READ(regs, orig_ax);
    if (BPF_CORE_READ(task, thread_info.status) & TS_COMPAT)
        *abi = ABI_COMPAT;
    else if (number & X32_BIT)
        *abi = ABI_X32;
    return number & ~X32_BIT;
#else
    return BPF_CORE_READ(regs, syscallno);
#endif
}

static __always_inline void arguments(struct pt_regs *regs, enum abi abi, __u64 args[6]) {
#if defined(__TARGET_ARCH_x86)
    if (abi == ABI_COMPAT) {  /* the kernel looks at the lower halves alone */
        args[0] = (__u32)BPF_CORE_READ(regs, bx);
        args[1] = (__u32)BPF_CORE_READ(regs, cx);
        args[2] = (__u32)BPF_CORE_READ(regs, dx);
        args[3] = (__u32)BPF_CORE_READ(regs, si);
        args[4] = (__u32)BPF_CORE_READ(regs, di);
        args[5] = (__u32)BPF_CORE_READ(regs, bp);
        return;
    }
    args[5] = BPF_CORE_READ(regs, r9);
#else
    args[5] = BPF_CORE_READ(regs, user_regs.regs[5]);
#endif
    args[0] = PT_REGS_PARM1_CORE_SYSCALL(regs);
    args[1] = PT_REGS_PARM2_CORE_SYSCALL(regs);
    args[2] = PT_REGS_PARM3_CORE_SYSCALL(regs);
    args[3] = PT_REGS_PARM4_CORE_SYSCALL(regs);
    args[4] = PT_REGS_PARM5_CORE_SYSCALL(regs);
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
    if (watch >= WATCH_OPEN)
        return tell_open(*mark, watch, result, args);
    if (watch == WATCH_CONNECT)
        return tell_unix(*mark, result, args[0]);
    if ((watch == WATCH_PRCTL && (__u32)args[0] != SET_NAME) || (watch == WATCH_SOCKET
        && ordinary((__u32)args[0])))
        return 0;
    struct slot *slot = slot_of(*mark);
    struct event_syscall *call = slot ? event_begin(slot, *mark, EVENT_SYSCALL, sizeof *call, false) : NULL;
    if (call == NULL)
        return 0;
    call->number = number;
    call->abi = abi;
    call->result = result;
    __builtin_memcpy(call->args, args, sizeof args);
    event_end(call, 0);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
