/* The maps that all objects share by name, whom a process belongs to, and how an event gets into the ring. */
#pragma once

#include "kernel.h"
#include "events.h"

enum { PIDTYPE_SID = 3, URGENT_SHARE = 8 };

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 64 << 20); } events SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, SLOTS); __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32); __type(value, struct slot);
} slots SEC(".maps");
/* On the task, as it outlives what a process does to its ids and cgroups; and never cleared. */
struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int); __type(value, __u64);
} marks SEC(".maps");
/* The same by tgid: some kernels refuse task storage to programs at a socket's address. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 65536);
    __type(key, __u32); __type(value, __u64);
} processes SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8192);
    __type(key, struct place_key); __type(value, __u32);
} places SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8192);
    __type(key, struct name_key); __type(value, __u32);
} names SEC(".maps");

/*
 * The slot of a live sandbox, or NULL: then the mark is one that outlived its sandbox, which slot 0 counts.
 */
static __always_inline struct slot *slot_of(__u64 sandbox) {
    __u32 index = SLOT_OF(sandbox), nobody = 0;
    struct slot *slot = bpf_map_lookup_elem(&slots, &index);
    if (slot != NULL && slot->generation == GENERATION_OF(sandbox))
        return slot;
    slot = bpf_map_lookup_elem(&slots, &nobody);
    if (slot != NULL)
        __sync_fetch_and_add(&slot->dropped[DROP_STALE], 1);
    return NULL;
}

/*
 * A record of the slot's share, or NULL and the loss is counted. The number is taken first, so that a lost
 * event leaves a gap where it was. The last of the share is for what is urgent: what was refused or killed is
 * told after a flood, too.
 */
static __always_inline void *event_begin(struct slot *slot, __u64 sandbox, enum event_type type,
        const __u64 size, bool urgent) {
    __u64 seq = __sync_fetch_and_add(&slot->seq, 1), cost = RING_COST(size);
    __u64 produced = __sync_fetch_and_add(&slot->produced, cost) + cost;
    __u64 limit = slot->limit - (urgent ? 0 : slot->limit / URGENT_SHARE);
    struct event *event = NULL;
    bool affordable = produced - *(volatile __u64 *)&slot->consumed <= limit;
    if (affordable)
        event = bpf_ringbuf_reserve(&events, size, 0);
    if (event == NULL) {
        __sync_fetch_and_add(&slot->produced, -cost);
        __sync_fetch_and_add(&slot->dropped[affordable ? DROP_RING : DROP_BUDGET], 1);
        return NULL;
    }
    struct task_struct *task = (void *)bpf_get_current_task();
    event->type = type;
    event->flags = 0;
    event->size = size;
    event->sandbox = sandbox;
    event->seq = seq;
    event->time = bpf_ktime_get_boot_ns();
    event->tgid = BPF_CORE_READ(task, tgid);
    event->tid = BPF_CORE_READ(task, pid);
    event->start = BPF_CORE_READ(task, group_leader, start_boottime);
    event->ppid = BPF_CORE_READ(task, real_parent, tgid);
    event->uid = BPF_CORE_READ(task, cred, euid.val);
    event->gid = BPF_CORE_READ(task, cred, egid.val);
    event->sid = BPF_CORE_READ(task, signal, pids[PIDTYPE_SID], numbers[0].nr);
    bpf_core_read(event->comm, sizeof event->comm, &task->comm);
    return event;
}

/* What was refused or killed is to be heard of at once; for the rest the reader looks every few ms. */
static __always_inline void event_end(void *event, __u16 flags) {
    ((struct event *)event)->flags = flags;
    bpf_ringbuf_submit(event, flags & (FLAG_REFUSED | FLAG_KILLED) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

static __always_inline void describe(struct file_id *id, struct inode *inode, struct dentry *dentry) {
    id->device = BPF_CORE_READ(inode, i_sb, s_dev);
    id->links = BPF_CORE_READ(inode, i_nlink);
    id->inode = BPF_CORE_READ(inode, i_ino);
    id->parent = BPF_CORE_READ(dentry, d_parent, d_inode, i_ino);
    id->magic = BPF_CORE_READ(inode, i_sb, s_magic);
}

static __always_inline void describe_file(struct file_id *id, struct file *file) {
    describe(id, BPF_CORE_READ(file, f_inode), BPF_CORE_READ(file, f_path.dentry));
}
