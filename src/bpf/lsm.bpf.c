/*
 * What LSM can refuse before it is done. A file is known by its directory entry, as elsewhere; here also one
 * that is not there yet, so that neither a rename nor a link brings it about. Nobody has to load this: where
 * it fails, what is refused here is killed for at most.
 */
#include "call.h"
#include "open.h"

#include <asm/unistd.h>

enum { ALLOW = 0, REFUSE = -1 };
enum { FMODE_NOACCOUNT = 1 << 29, MNT_NS_INTERNAL = -22 };
enum { ATTACH = 2, ANCESTORS = 64, IPV4_FAMILY = 2, IPV6_FAMILY = 10, PACKET_FAMILY = 17, RAW_SOCKET = 3 };
enum { ANY = PLACE_READ | PLACE_WRITE | PLACE_DIRECTORY };

/*
 * The kernel's threads that work for io_uring are not forked like others: they are known by their process. So is
 * whoever's storage can't be had at this moment, which older kernels don't tell apart from none.
 */
static __always_inline __u64 sandbox_of_current(void) {
    struct task_struct *task = bpf_get_current_task_btf();
    __u64 *mark = bpf_task_storage_get(&marks, task, NULL, 0);
    if (mark != NULL)
        return *mark;
    __u32 tgid = BPF_CORE_READ(task, tgid);
    mark = bpf_map_lookup_elem(&processes, &tgid);
    return mark != NULL ? *mark : 0;
}

/* A process that the caller started, or that one of those did, and so on. */
static __always_inline bool descends(struct task_struct *task) {
    __u32 self = bpf_get_current_pid_tgid() >> 32;
    for (int i = 0; i < ANCESTORS && task != NULL; i++) {
        if ((__u32)BPF_CORE_READ(task, tgid) == self)
            return true;
        task = BPF_CORE_READ(task, real_parent);
    }
    return false;
}

/* An overlay opens the files below it in the name of who opened the one on top, which was asked about. */
static __always_inline bool below_another(struct file *file) {
    struct mount *mount = (void *)BPF_CORE_READ(file, f_path.mnt) - bpf_core_field_offset(struct mount, mnt);
    return BPF_CORE_READ(file, f_mode) & FMODE_NOACCOUNT
        || (long)BPF_CORE_READ(mount, mnt_ns) == MNT_NS_INTERNAL;
}

/* A branch with two constants: 6.12 wants to see that nothing else comes out of it. */
static __always_inline int verdict(__u64 reaction) {
    reaction &= FLAG_REFUSED;
    asm volatile("" : "+r"(reaction));
    if (reaction != 0)
        return REFUSE;
    return ALLOW;
}

SEC("lsm/file_open")
int BPF_PROG(opens, struct file *file) {
    __u64 sandbox = sandbox_of_current();
    struct opened opened;
    if (sandbox == 0 || below_another(file))
        return ALLOW;
    look_at(&opened, file, BPF_CORE_READ(file, f_flags));
    if (opened.place == 0 && !opened.reveals)
        return ALLOW;
    struct slot *slot = slot_of(sandbox);
    bool kill = opened.memory && slot != NULL && slot->flags & SLOT_KILL_MEMORY
        && !descends(task_of(proc_pid(file)));
    __u16 reaction = react(slot, opened.place | (kill ? PLACE_KILL : 0), true);
    if (slot != NULL && (reaction != 0 || slot->flags & SLOT_OPENS_BY_LSM))
        tell_opened(slot, sandbox, &opened, BPF_CORE_READ(file, f_path.mnt),
            BPF_CORE_READ(file, f_path.dentry), -1, reaction);
    return verdict(reaction);
}

static __always_inline __u32 entry_of(struct dentry *dentry) { return said_of_entry((__u64)dentry); }

/* Of a directory: what was said of the files in there, or in those right below. */
__noinline __u32 said_of_inside(__u64 entry) {
    struct dentry *dentry = (void *)entry;
    struct name_key key = {0};
    bpf_probe_read_kernel_str(key.parent, sizeof key.parent, BPF_CORE_READ(dentry, d_name.name));
    __u32 flags = said_of(&names, &key);
    key.name[0] = '/';
    flags |= said_of(&names, &key);
    __builtin_memset(key.parent, 0, sizeof key.parent);
    bpf_probe_read_kernel_str(key.parent, sizeof key.parent, BPF_CORE_READ(dentry, d_parent, d_name.name));
    return flags | said_of(&names, &key);
}

/* Whether other names can be below it. */
static __always_inline bool leads_on(struct dentry *dentry) {
    struct inode *inode = BPF_CORE_READ(dentry, d_inode);
    __u32 kind = inode != NULL ? BPF_CORE_READ(inode, i_mode) & MODE_KIND : 0;
    return kind == MODE_DIRECTORY || kind == MODE_SYMLINK;
}

/* Of a name that is given to something or taken from it; `leads` where that is, or was, one that leads on. */
static __always_inline __u32 renamed(struct dentry *dentry, __u32 access, bool leads) {
    __u32 own = entry_of(dentry);
    return as_far_as(leads ? own : own & ~PLACE_DIRECTORY, access | PLACE_DIRECTORY)
        | (leads ? as_far_as(said_of_inside((__u64)dentry), ANY) : 0);
}

/* What gets a watched name is no secret yet: that counts for who takes one away. */
static __always_inline __u32 named_anew(struct dentry *dentry, bool leads) {
    return renamed(dentry, PLACE_WRITE, leads) & ~PLACE_SECRET;
}

/* `place` is what was said of all that it is about. `from` is NULL where only one name is concerned. */
static __always_inline int change(enum change change, __u32 place, struct vfsmount *mount, struct dentry *to,
        struct dentry *from) {
    __u64 sandbox = place != 0 ? sandbox_of_current() : 0;
    if (sandbox == 0)
        return ALLOW;
    struct slot *slot = slot_of(sandbox);
    __u16 reaction = react(slot, place, true);
    struct event_change *told = slot == NULL ? NULL
        : event_begin(slot, sandbox, EVENT_CHANGE, sizeof *told, reaction != 0);
    if (told != NULL) {
        bool cut = false;
        struct dentry *what = from != NULL ? from : to;
        describe(&told->file, BPF_CORE_READ(what, d_inode), what);
        told->file.device = BPF_CORE_READ(to, d_sb, s_dev);  /* what is not there yet has no inode to tell */
        told->file.magic = BPF_CORE_READ(to, d_sb, s_magic);
        told->change = change;
        told->path_size = chain(told->path_chain, mount, to, &cut);
        told->from_size = from != NULL ? chain(told->from_chain, mount, from, &cut) : 0;
        event_end(told, reaction | (cut ? FLAG_CHAIN_CUT : 0));
    }
    return verdict(reaction);
}

/* What LSM hands over is more than an address to the verifier; a global function takes no more than that. */
static __always_inline struct dentry *address_of(struct dentry *dentry) {
    struct dentry *address = NULL;
    bpf_probe_read_kernel(&address, sizeof address, &dentry);
    return address;
}

#define CHANGE_PROGRAM(hook, kind, said) \
    SEC("lsm/" #hook) int BPF_PROG(hook, const struct path *in, struct dentry *given) { \
        struct dentry *dentry = address_of(given); \
        return sandbox_of_current() ? change(kind, said, BPF_CORE_READ(in, mnt), dentry, NULL) : ALLOW; \
    }
CHANGE_PROGRAM(path_mknod, CHANGE_CREATE, as_far_as(entry_of(dentry), PLACE_WRITE))
CHANGE_PROGRAM(path_mkdir, CHANGE_CREATE, as_far_as(entry_of(dentry), PLACE_WRITE))
CHANGE_PROGRAM(path_symlink, CHANGE_SYMLINK, named_anew(dentry, true))
CHANGE_PROGRAM(path_unlink, CHANGE_UNLINK, as_far_as(entry_of(dentry), PLACE_WRITE))
CHANGE_PROGRAM(path_rmdir, CHANGE_UNLINK, renamed(dentry, PLACE_WRITE, true))

/*
 * Out of a watched place, what was secret in there could be read: that is for who may read it only, too. What
 * has the new name already may be exchanged for the old one.
 */
SEC("lsm/path_rename")
int BPF_PROG(path_rename, const struct path *old_in, struct dentry *given, const struct path *new_in,
        struct dentry *given_new) {
    struct dentry *old = address_of(given), *new = address_of(given_new);
    if (sandbox_of_current() == 0)
        return ALLOW;
    bool leads = leads_on(old);
    __u32 place = renamed(old, ANY, leads) | named_anew(new, leads);
    if (BPF_CORE_READ(new, d_inode) != NULL)
        place |= renamed(new, ANY, leads_on(new));
    return change(CHANGE_RENAME, place, BPF_CORE_READ(new_in, mnt), new, old);
}

SEC("lsm/path_link")
int BPF_PROG(path_link, struct dentry *given, const struct path *new_in, struct dentry *given_new) {
    struct dentry *old = address_of(given), *new = address_of(given_new);
    return sandbox_of_current() ? change(CHANGE_LINK, as_far_as(place_of((__u64)old), ANY)
        | as_far_as(entry_of(new), PLACE_WRITE), BPF_CORE_READ(new_in, mnt), new, old) : ALLOW;
}

/* Of a file with several names each counts; of a directory, what is in there. */
static __always_inline int change_of(enum change kind, const struct path *path, __u32 access) {
    if (sandbox_of_current() == 0)
        return ALLOW;
    struct dentry *dentry = BPF_CORE_READ(path, dentry);
    __u32 place = as_far_as(place_of((__u64)dentry), access);
    if (is_directory(BPF_CORE_READ(dentry, d_inode)))
        place |= as_far_as(said_of_inside((__u64)dentry), access);
    return change(kind, place, BPF_CORE_READ(path, mnt), dentry, NULL);
}

SEC("lsm/path_chmod")
int BPF_PROG(path_chmod, const struct path *path) { return change_of(CHANGE_CHMOD, path, PLACE_WRITE); }
SEC("lsm/path_chown")
int BPF_PROG(path_chown, const struct path *path) { return change_of(CHANGE_CHOWN, path, PLACE_WRITE); }
SEC("lsm/sb_mount")
int BPF_PROG(sb_mount, const char *what, const struct path *on) { return change_of(CHANGE_MOUNT, on, ANY); }
SEC("lsm/move_mount")
int BPF_PROG(move_mount, const struct path *what, const struct path *on) {
    return change_of(CHANGE_MOUNT, on, ANY);
}

/* truncate(2), by the native table and by x86's 32-bit one: an open that truncates was asked about before. */
static __always_inline bool truncates_by_name(void) {
    struct task_struct *task = bpf_get_current_task_btf();
    enum abi abi;
    __u32 number = number_of(task, (struct pt_regs *)bpf_task_pt_regs(task), &abi);
    return abi == ABI_COMPAT ? number == 92 || number == 193 : number == __NR_truncate;
}

SEC("lsm/path_truncate")
int BPF_PROG(path_truncate, const struct path *path) {
    __u64 sandbox = sandbox_of_current();
    struct dentry *dentry = BPF_CORE_READ(path, dentry);
    struct opened opened = {.flags = O_WRITES | O_TRUNCATES};
    opened.place = sandbox ? as_far_as(place_of((__u64)dentry), PLACE_WRITE) : 0;
    struct slot *slot = opened.place ? slot_of(sandbox) : NULL;
    if (opened.place == 0)
        return ALLOW;
    __u16 reaction = react(slot, opened.place, true);
    describe(&opened.id, BPF_CORE_READ(dentry, d_inode), dentry);
    if (slot != NULL && (reaction != 0 || truncates_by_name()))
        tell_opened(slot, sandbox, &opened, BPF_CORE_READ(path, mnt), dentry, -1, reaction);
    return verdict(reaction);
}

static __always_inline int refuse_call(struct slot *slot, __u64 sandbox) {
    struct task_struct *task = bpf_get_current_task_btf();
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
    enum abi abi;
    __u64 args[6];
    __u32 number = number_of(task, regs, &abi);
    arguments(regs, abi, args);
    tell_call(slot, sandbox, number, abi, REFUSE, args, FLAG_REFUSED);
    return REFUSE;
}

/* Also a way to memory: what attaches by a call is refused, and what opens /proc/PID/mem, above, killed. */
SEC("lsm/ptrace_access_check")
int BPF_PROG(ptrace_access_check, struct task_struct *task, unsigned int mode) {
    __u64 sandbox = mode & ATTACH ? sandbox_of_current() : 0;
    struct slot *slot = sandbox ? slot_of(sandbox) : NULL;
    bool watched = slot != NULL && slot->flags & SLOT_KILL_MEMORY && !(slot->flags & SLOT_STARTING);
    return watched && !descends(task) ? refuse_call(slot, sandbox) : ALLOW;
}

static __always_inline int refuse_kernel(void) {
    __u64 sandbox = sandbox_of_current();
    struct slot *slot = sandbox ? slot_of(sandbox) : NULL;
    return slot != NULL && slot->flags & SLOT_REFUSE_KERNEL ? refuse_call(slot, sandbox) : ALLOW;
}

#define KERNEL_PROGRAM(hook) SEC("lsm/" #hook) int BPF_PROG(hook) { return refuse_kernel(); }
KERNEL_PROGRAM(bpf)
KERNEL_PROGRAM(kernel_module_request)
KERNEL_PROGRAM(kernel_read_file)
KERNEL_PROGRAM(kernel_load_data)

/* Before cgroup/sock_create, which tells of those of the IP families that are not refused. */
SEC("lsm/socket_create")
int BPF_PROG(socket_create, int family, int type, int protocol, int by_kernel) {
    bool raw = family == PACKET_FAMILY
        || ((family == IPV4_FAMILY || family == IPV6_FAMILY) && type == RAW_SOCKET);
    __u64 sandbox = raw && !by_kernel ? sandbox_of_current() : 0;
    struct slot *slot = sandbox ? slot_of(sandbox) : NULL;
    if (slot == NULL || !(slot->flags & SLOT_REFUSE_RAW))
        return ALLOW;
    struct event_socket *told = event_begin(slot, sandbox, EVENT_SOCKET, sizeof *told, true);
    if (told != NULL) {
        told->family = family;
        told->port = 0;
        told->kind = type;
        told->protocol = protocol;
        __builtin_memset(told->address, 0, sizeof told->address);
        event_end(told, FLAG_REFUSED);
    }
    return REFUSE;
}

/* Only told of; of unshare(2) that is done where the call returns. */
SEC("lsm/userns_create")
int BPF_PROG(userns_create) {
    __u64 sandbox = sandbox_of_current();
    struct slot *slot = sandbox ? slot_of(sandbox) : NULL;
    if (slot == NULL)
        return ALLOW;
    struct task_struct *task = bpf_get_current_task_btf();
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
    enum abi abi;
    __u64 args[6];
    __u32 number = number_of(task, regs, &abi);
    arguments(regs, abi, args);
    if (abi != ABI_NATIVE || number != __NR_unshare)
        tell_call(slot, sandbox, number, abi, 0, args, 0);
    return ALLOW;
}

char LICENSE[] SEC("license") = "GPL";
