/*
 * Which process belongs to which sandbox, and the life of each: fork, exec, exit, a signal to a stranger, a
 * move to another cgroup. Runs on tp_btf alone, which all supported kernels load.
 */
#include "chain.h"

enum { ANCESTORS = 10, SIGNAL_GROUP_EXIT = 4, CODE_TIMER = -2 };

struct {
    __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 2 * SLOTS);
    __type(key, struct cgroup_key); __type(value, __u64);
} cgroups SEC(".maps");

static __always_inline __u64 sandbox_above(struct cgroup_subsys_state *css, enum hierarchy hierarchy) {
    for (int i = 0; i < ANCESTORS && css != NULL; i++) {
        struct cgroup_key key = {.hierarchy = hierarchy, .inode = BPF_CORE_READ(css, cgroup, kn, id)};
        __u64 *sandbox = bpf_map_lookup_elem(&cgroups, &key);
        if (sandbox != NULL)
            return *sandbox;
        css = BPF_CORE_READ(css, parent);
    }
    return 0;
}

static __always_inline __u64 sandbox_by_cgroup(struct task_struct *task) {
    struct css_set *set = BPF_CORE_READ(task, cgroups);
    __u64 sandbox = sandbox_above(&BPF_CORE_READ(set, dfl_cgrp)->self, HIERARCHY_V2);
    if (sandbox != 0 || !bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
        return sandbox;
    struct cgroup_subsys_state *css = NULL;
    int pids = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
    void *all = (void *)set + bpf_core_field_offset(set->subsys);
    bpf_probe_read_kernel(&css, sizeof css, all + pids * sizeof css);
    return sandbox_above(css, HIERARCHY_PIDS);
}

static __always_inline __u64 mark_of(struct task_struct *task) {
    __u64 *mark = bpf_task_storage_get(&marks, task, NULL, 0);
    return mark != NULL ? *mark : 0;
}

/* The slot of the sandbox that the task is of, or NULL; a mark of one that is gone gives way to another. */
static __always_inline struct slot *owner_of(struct task_struct *task, __u64 *sandbox) {
    *sandbox = mark_of(task);
    return *sandbox != 0 ? slot_of(*sandbox) : NULL;
}

static __always_inline struct slot *owner_by_cgroup(struct task_struct *task, __u64 *sandbox) {
    *sandbox = sandbox_by_cgroup(task);
    return *sandbox != 0 ? slot_of(*sandbox) : NULL;
}

static __always_inline void mark(struct task_struct *task, __u64 sandbox, struct slot *slot) {
    __u64 *mark = bpf_task_storage_get(&marks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
    __u32 tgid = BPF_CORE_READ(task, tgid);
    if (mark != NULL)
        *mark = sandbox;
    if (mark == NULL || bpf_map_update_elem(&processes, &tgid, &sandbox, BPF_ANY) != 0)
        __sync_fetch_and_add(&slot->dropped[DROP_MARK], 1);
}

static __always_inline void tell_start(struct slot *slot, __u64 sandbox, enum event_type type,
        struct task_struct *task, struct task_struct *parent) {
    if (BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid))
        return;
    struct event_fork *start = event_begin(slot, sandbox, type, sizeof *start, false);
    if (start == NULL)
        return;
    start->tgid = BPF_CORE_READ(task, tgid);
    start->pid_level = BPF_CORE_READ(task, thread_pid, level);
    start->start = BPF_CORE_READ(task, start_boottime);
    bool other_users = BPF_CORE_READ(task, cred, user_ns) != BPF_CORE_READ(parent, cred, user_ns);
    bool other_pids = start->pid_level != BPF_CORE_READ(parent, thread_pid, level);
    event_end(start, (other_users ? FLAG_NEW_USER_NS : 0) | (other_pids ? FLAG_NEW_PID_NS : 0));
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(attached, struct cgroup *to, const char *path, struct task_struct *task) {
    __u64 had, now;
    struct slot *slot = owner_of(task, &had);
    if (slot == NULL) {
        slot = owner_by_cgroup(task, &now);
        if (slot != NULL) {
            mark(task, now, slot);
            tell_start(slot, now, EVENT_ENTER, task, task);
        }
        return 0;
    }
    if (had == sandbox_by_cgroup(task))
        return 0;
    struct event_moved *moved = event_begin(slot, had, EVENT_MOVED, sizeof *moved, false);
    if (moved == NULL)
        return 0;
    moved->tid = BPF_CORE_READ(task, pid);
    moved->cgroup = BPF_CORE_READ(to, kn, id);
    event_end(moved, 0);
    return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(forked, struct task_struct *parent, struct task_struct *child) {
    __u64 sandbox;
    struct slot *slot = owner_of(parent, &sandbox);
    bool inside = slot != NULL;
    if (!inside)
        slot = owner_by_cgroup(child, &sandbox);  /* clone3 can start it in a cgroup */
    if (slot == NULL)
        return 0;
    /* Who was in the cgroup before it was one of a sandbox: PID 1, which did nothing yet. */
    __u64 of_parent;
    if (!inside && owner_by_cgroup(parent, &of_parent) == slot) {
        mark(parent, sandbox, slot);
        tell_start(slot, sandbox, EVENT_ENTER, parent, parent);
        inside = true;
    }
    mark(child, sandbox, slot);
    tell_start(slot, sandbox, inside ? EVENT_FORK : EVENT_ENTER, child, parent);
    return 0;
}

/* Room by size of argv, as what is reserved must be a constant. */
static __always_inline void tell_exec(struct slot *slot, __u64 sandbox, struct linux_binprm *bprm,
        const __u32 room, __u64 from, __u64 whole) {
    struct task_struct *task = (void *)bpf_get_current_task();
    struct event_exec *exec = event_begin(slot, sandbox, EVENT_EXEC, sizeof *exec + room, false);
    if (exec == NULL)
        return;
    __u16 flags = whole > room ? FLAG_CUT : 0;
    __u64 size = whole > room ? room : whole;
    asm volatile("" : "+r"(size));  /* else clang moves the bound to where the verifier does not see it */
    if (size > room || bpf_probe_read_user(exec->argv, size, (void *)from) != 0) {
        flags |= FLAG_UNREADABLE;
        size = 0;
    }
    describe_file(&exec->exe, BPF_CORE_READ(bprm, file));
    const struct cred *cred = BPF_CORE_READ(task, cred);
    bpf_core_read(&exec->caps, sizeof exec->caps, &cred->cap_effective);
    exec->argv_size = size;
    exec->argv_whole = whole;
    exec->argc = BPF_CORE_READ(bprm, argc);
    exec->event.size = sizeof *exec + size;
    bpf_probe_read_kernel_str(exec->name, sizeof exec->name, BPF_CORE_READ(bprm, filename));
    bool cut = false;
    struct path *exe = &BPF_CORE_READ(bprm, file)->f_path, *cwd = &BPF_CORE_READ(task, fs)->pwd;
    exec->exe_size = chain(exec->exe_chain, BPF_CORE_READ(exe, mnt), BPF_CORE_READ(exe, dentry), &cut);
    exec->cwd_size = chain(exec->cwd_chain, BPF_CORE_READ(cwd, mnt), BPF_CORE_READ(cwd, dentry), &cut);
    event_end(exec, flags | (cut ? FLAG_CHAIN_CUT : 0));
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(execed, struct task_struct *task, int old_pid, struct linux_binprm *bprm) {
    __u64 sandbox;
    struct slot *slot = owner_of(task, &sandbox);
    if (slot == NULL)
        return 0;
    __u64 from = BPF_CORE_READ(task, mm, arg_start), whole = BPF_CORE_READ(task, mm, arg_end) - from;
    if (whole <= 256)
        tell_exec(slot, sandbox, bprm, 256, from, whole);
    else if (whole <= 4096)
        tell_exec(slot, sandbox, bprm, 4096, from, whole);
    else
        tell_exec(slot, sandbox, bprm, ARGV_MAX, from, whole);
    return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exited, struct task_struct *task) {
    __u64 sandbox = mark_of(task);
    if (sandbox == 0 || BPF_CORE_READ(task, signal, live.counter) != 0)
        return 0;
    __u32 tgid = BPF_CORE_READ(task, tgid);
    if (bpf_map_delete_elem(&processes, &tgid) != 0)
        return 0;  /* of two threads that end at once each may find that it is the last */
    struct slot *slot = slot_of(sandbox);
    struct event_exit *exit = slot ? event_begin(slot, sandbox, EVENT_EXIT, sizeof *exit, false) : NULL;
    if (exit == NULL)
        return 0;
    struct signal_struct *group = BPF_CORE_READ(task, signal);
    exit->status = BPF_CORE_READ(group, flags) & SIGNAL_GROUP_EXIT ? BPF_CORE_READ(group, group_exit_code)
        : BPF_CORE_READ(task, group_leader, exit_code);
    exit->reserved = 0;
    exit->user = BPF_CORE_READ(group, utime) + BPF_CORE_READ(task, utime);
    exit->system = BPF_CORE_READ(group, stime) + BPF_CORE_READ(task, stime);
    exit->max_rss = BPF_CORE_READ(group, maxrss);
    void *children = (void *)task + bpf_core_field_offset(task->children);
    event_end(exit, BPF_CORE_READ(task, children.next) != children ? FLAG_LEAVES_CHILDREN : 0);
    return 0;
}

/*
 * A signal that a process sends (its code is not positive), to one that is not of its sandbox. When a timer of
 * anybody's runs out, too, whoever runs at that moment is the current task: who pretends to be one is not told.
 */
SEC("tp_btf/signal_generate")
int BPF_PROG(signalled, int signal, struct kernel_siginfo *info, struct task_struct *task, int group,
        int result) {
    __u64 sandbox = mark_of(bpf_get_current_task_btf());
    if (sandbox == 0 || (unsigned long)info <= 1)
        return 0;
    int code = BPF_CORE_READ(info, si_code);
    if (code > 0 || code == CODE_TIMER || mark_of(task) == sandbox)
        return 0;
    struct slot *slot = slot_of(sandbox);
    struct event_signal *sent = slot ? event_begin(slot, sandbox, EVENT_SIGNAL, sizeof *sent, false) : NULL;
    if (sent == NULL)
        return 0;
    sent->signal = signal;
    sent->result = result;
    sent->tgid = BPF_CORE_READ(task, tgid);
    sent->uid = BPF_CORE_READ(task, cred, euid.val);
    event_end(sent, 0);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
