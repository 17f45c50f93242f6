/* An opened file: what is to be told of it, and what is to be done about it. */
#pragma once

#include "chain.h"
#include "place.h"

enum { O_WRITES = 1, O_ACCESS = 3, O_TRUNCATES = 01000, PROC_MAGIC = 0x9fa0, KILL = 9 };

struct opened {
    struct file_id id;
    __u32 flags;
    __u32 place;           /* as far as it fits what the file was opened for */
    __u32 target;
    bool reveals, memory;  /* of another process: its insides, or its memory itself */
};

static __always_inline struct pid *proc_pid(struct file *file) {
    void *inode = BPF_CORE_READ(file, f_inode);
    struct proc_inode *proc = inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
    return BPF_CORE_READ(proc, pid);
}

static __always_inline struct task_struct *task_of(struct pid *pid) {
    void *link = pid != NULL ? BPF_CORE_READ(pid, tasks[0].first) : NULL;
    return link != NULL ? link - bpf_core_field_offset(((struct task_struct *)0)->pid_links) : NULL;
}

/* Of a file in /proc/PID: whose, as the host sees it. 0 for other files of procfs. */
static __always_inline __u32 proc_owner(struct file *file) {
    struct pid *pid = proc_pid(file);
    struct task_struct *task = task_of(pid);
    return task != NULL ? BPF_CORE_READ(task, tgid) : pid != NULL ? BPF_CORE_READ(pid, numbers[0].nr) : 0;
}

/* Those that show memory or descriptors; the rest of /proc/PID is what every ps reads. */
static __always_inline void look_into_proc(struct opened *opened, struct file *file) {
    char name[8] = {0};
    opened->target = proc_owner(file);
    if (opened->target == 0 || opened->target == bpf_get_current_pid_tgid() >> 32)
        return;
    bpf_probe_read_kernel_str(name, sizeof name, BPF_CORE_READ(file, f_path.dentry, d_name.name));
#define IS(text) (__builtin_memcmp(name, text "\0\0\0\0\0\0\0", sizeof name) == 0)
    opened->memory = IS("mem");
    opened->reveals = opened->memory || IS("environ") || IS("maps") || IS("smaps") || IS("pagemap")
        || IS("auxv") || IS("fd") || IS("map_fil");
#undef IS
}

/* A directory's list of names is nobody's secret: of those, only /proc/PID's descriptors are looked at. */
static __always_inline void look_at(struct opened *opened, struct file *file, __u32 flags) {
    *opened = (struct opened){.flags = flags};
    __u32 done = (flags & O_ACCESS) != O_WRITES ? PLACE_READ : 0;
    done |= flags & (O_ACCESS | O_TRUNCATES) ? PLACE_WRITE : 0;
    describe_file(&opened->id, file);
    if (opened->id.magic == PROC_MAGIC)
        look_into_proc(opened, file);
    __u32 place = is_directory(BPF_CORE_READ(file, f_inode)) ? 0
        : place_of((__u64)BPF_CORE_READ(file, f_path.dentry));
    opened->place = place & done ? place & (done | PLACE_KILL | PLACE_BLOCK) : 0;
}

/* What is done about it now, as flags of the event. */
static __always_inline __u16 react(struct slot *slot, __u32 place, const bool can_refuse) {
    if (slot != NULL && slot->flags & SLOT_STARTING)
        return 0;
    __u16 flags = can_refuse && place & (PLACE_BLOCK | PLACE_KILL) ? FLAG_REFUSED : 0;
    return flags | (place & PLACE_KILL && bpf_send_signal(KILL) == 0 ? FLAG_KILLED : 0);
}

/* By the name that it is watched by: of a hard link, which was opened is of no interest. */
static __always_inline void tell_opened(struct slot *slot, __u64 sandbox, const struct opened *opened,
        struct vfsmount *mount, struct dentry *dentry, __s32 fd, __u16 flags) {
    struct event_open *open = event_begin(slot, sandbox, EVENT_OPEN, sizeof *open, flags != 0);
    if (open == NULL)
        return;
    bool cut = false;
    if (opened->place != 0)
        dentry = (void *)watched_as((__u64)dentry, opened->place);
    open->file = opened->id;
    open->fd = fd;
    open->open_flags = opened->flags;
    open->place = opened->place;
    open->target = opened->target;
    __builtin_memset(open->reserved, 0, sizeof open->reserved);
    open->path_size = chain(open->path_chain, mount, dentry, &cut);
    event_end(open, flags | (cut ? FLAG_CHAIN_CUT : 0));
}
