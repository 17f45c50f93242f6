/* Every process of a sandbox is told of, from its start to its end, and no other's. */
#include "watch.h"

#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { SHARE = 8 << 20, STORM = 2000, SANDBOXES = 16, THREADS = 32, LEAVE = 300 };

static int exec_argv(void *argv) {
    execv(((char **)argv)[0], argv);
    return 127;
}

static bool argv_is(const struct event_exec *exec, char **argv, size_t most) {
    size_t size = 0, at = 0;
    for (char **each = argv; *each != NULL; each++)
        size += strlen(*each) + 1;
    char *whole = malloc(size);
    for (char **each = argv; *each != NULL; at += strlen(*each++) + 1)
        memcpy(whole + at, *each, strlen(*each) + 1);
    bool same = exec != NULL && exec->argv_whole == size && exec->argv_size == (size < most ? size : most)
        && exec->event.size == sizeof *exec + exec->argv_size
        && memcmp(exec->argv, whole, exec->argv_size) == 0;
    free(whole);
    return same;
}

static __u64 effective_capabilities(void) {
    unsigned long long bits = 0;
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL
        && sscanf(line, "CapEff: %llx", &bits) != 1)
        continue;
    fclose(status);
    return bits;
}

static void tells_exec_and_exit(unsigned hierarchies, const char *how) {
    struct sandbox sandbox, other;
    char *argv[] = {"/bin/sh", "-c", "exit 7", "\xff\xfe\n\x1b[2J", "", NULL};
    struct stat is;
    forget();
    sandbox_open(&sandbox, hierarchies, SHARE);
    sandbox_open(&other, hierarchies, SHARE);
    int status = run(&sandbox, exec_argv, argv);
    const struct event_exec *exec = only(&sandbox, EVENT_EXEC);
    const struct event_exit *exit = only(&sandbox, EVENT_EXIT);
    check(argv_is(exec, argv, ARGV_MAX), "%s: the argv, with bytes that are no UTF-8, and an empty one", how);
    if (exec != NULL && stat("/bin/sh", &is) == 0) {
        check(exec->exe.inode == is.st_ino && exec->exe.links == is.st_nlink, "%s: the inode of the program",
            how);
        check(exec->event.ppid == (__u32)getpid() && exec->event.uid == 0
            && exec->event.tid == exec->event.tgid,
            "%s: parent and ids", how);
        check(strcmp(exec->event.comm, "sh") == 0 && strcmp(exec->name, "/bin/sh") == 0 && exec->argc == 5,
            "%s: names", how);
        check(strcmp(exec->exe_chain + strlen(exec->exe_chain) + 1, "bin") == 0, "%s: where the program is",
            how);
        check(exec->cwd_size < CHAIN_USED && (exec->event.flags & FLAG_CHAIN_CUT) == 0, "%s: whole chains",
            how);
        check(exec->caps == effective_capabilities() && exec->event.start != 0
            && exec->event.time > exec->event.start, "%s: the rest", how);
    }
    check(exit != NULL && status == 7 << 8 && exit->status == status, "%s: how it ended", how);
    check(exit != NULL && exec != NULL && exit->event.start == exec->event.start && exit->max_rss > 0,
        "%s: it is the same process", how);
    const struct event_fork *enter = only(&sandbox, EVENT_ENTER);
    check(enter != NULL && exec != NULL && enter->tgid == exec->event.tgid
        && enter->start == exec->event.start,
        "%s: that it came from outside", how);
    check(count(&other, 0) == 0, "%s: nothing of it belongs to the sandbox beside it", how);
    sandbox_close(&sandbox);
    sandbox_close(&other);
}

static void tells_nothing_of_others(void) {
    struct sandbox sandbox;
    char *argv[] = {"/bin/sh", "-c", "/bin/true; exec 3</proc/$PPID/environ", NULL};
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    run(NULL, exec_argv, argv);
    check(count(NULL, 0) == 0, "no event of a process in no sandbox");
    run(&sandbox, exec_argv, argv);
    check(count(&sandbox, EVENT_EXEC) == 2 && count(&sandbox, EVENT_OPEN) == 1,
        "control: in one, all of them");
    sandbox_close(&sandbox);
}

static void tells_how_long_argv_is(size_t length) {
    struct sandbox sandbox;
    char *argv[] = {"/bin/true", malloc(length + 1), "last", NULL};
    for (size_t i = 0; i < length; i++)
        argv[1][i] = (char)(i % 255 + 1);
    argv[1][length] = 0;
    bool cut = length > ARGV_MAX;
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    run(&sandbox, exec_argv, argv);
    const struct event_exec *exec = only(&sandbox, EVENT_EXEC);
    check(argv_is(exec, argv, ARGV_MAX), "an argv of %zu bytes", length);
    check(exec != NULL && exec->event.flags == (cut ? FLAG_CUT : 0), "it is marked as cut: %d", cut);
    sandbox_close(&sandbox);
    free(argv[1]);
}

static int daemonise(void *argv) {
    if (fork() != 0)
        return 0;
    setsid();
    if (fork() != 0)
        return 0;
    while (getppid() != *(pid_t *)((void **)argv)[1])
        poll(NULL, 0, 1);
    return exec_argv(((void **)argv)[0]);
}

static void tells_of_daemons(void) {
    struct sandbox sandbox;
    pid_t self = getpid();
    char *argv[] = {"/bin/true", "daemon", NULL};
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    run(&sandbox, daemonise, (void *[]){argv, &self});
    const struct event_exec *exec = only(&sandbox, EVENT_EXEC);
    check(argv_is(exec, argv, ARGV_MAX), "what a daemon executes");
    check(count(&sandbox, EVENT_FORK) == 2 && count(&sandbox, EVENT_EXIT) == 3, "all three of its processes");
    check(exec != NULL && exec->event.sid != exec->event.tgid
        && exec->event.ppid == (__u32)self, "its new session");
    size_t left = 0;
    for (size_t i = 0; i < seen_count; i++)
        left += seen[i]->type == EVENT_EXIT && seen[i]->flags & FLAG_LEAVES_CHILDREN;
    check(left >= 1, "that a parent left its children");
    const struct event_syscall *session = only(&sandbox, EVENT_SYSCALL);
    check(session != NULL && session->number == SYS_setsid && session->result == (long)session->event.tgid,
        "its setsid");
    sandbox_close(&sandbox);
}

static int leave_cgroups(void *argv) {
    cgroup_enter(cgroup_root(HIERARCHY_PIDS));
    cgroup_enter(cgroup_root(HIERARCHY_V2));
    return exec_argv(argv);
}

static void tells_of_who_leaves_the_cgroup(void) {
    struct sandbox sandbox;
    char *argv[] = {"/bin/sh", "-c", "/bin/true moved; :", NULL};
    if (!hierarchy_there(HIERARCHY_V2) || !hierarchy_there(HIERARCHY_PIDS))
        return;
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    run(&sandbox, leave_cgroups, argv);
    check(count(&sandbox, EVENT_EXEC) == 2, "who moved to the roots is still of the sandbox");
    check(count(&sandbox, EVENT_MOVED) == 1, "the move that left the sandbox: %zu",
        count(&sandbox, EVENT_MOVED));
    sandbox_close(&sandbox);
}

static int nest(void *argv) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0)
        return 1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(getpid() == 1 ? exec_argv(argv) : 1);
    int status;
    return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 2;
}

static void tells_of_name_spaces(void) {
    struct sandbox sandbox;
    char *argv[] = {"/bin/true", "nested", NULL};
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    check(run(&sandbox, nest, argv) == 0, "user and pid name spaces may be made here");
    check(argv_is(only(&sandbox, EVENT_EXEC), argv, ARGV_MAX), "what is executed in nested name spaces");
    const struct event_fork *fork = only(&sandbox, EVENT_FORK);
    check(fork != NULL && fork->event.flags == FLAG_NEW_PID_NS && fork->pid_level == 1, "the fork into them");
    sandbox_close(&sandbox);
}

static void *thread(void *argv) { return argv == NULL ? NULL : (exec_argv(argv), NULL); }

static int exec_in_a_thread(void *argv) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(threads + i, NULL, thread, i == THREADS - 1 ? argv : NULL);
    for (;;)
        pause();
}

static atomic_int ready;

static void *leave_at_once(void *unused) {
    for (ready++; ready < 2;)
        continue;
    return syscall(SYS_exit, 0) == 0 ? unused : NULL;
}

/* Two threads, the leader one of them, that end at the same moment. */
static int leave_twice(void *unused) {
    pthread_t other;
    pthread_create(&other, NULL, leave_at_once, unused);
    leave_at_once(unused);
    return 1;
}

static int leave_often(void *unused) {
    for (int i = 0; i < LEAVE; i++) {
        int status;
        pid_t pid = fork();
        if (pid == 0)
            _exit(leave_twice(unused));
        if (waitpid(pid, &status, 0) != pid || status != 0)
            return 1;
    }
    return 0;
}

static void tells_of_processes_with_threads(void) {
    struct sandbox sandbox;
    char *argv[] = {"/bin/true", "thread", NULL};
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    run(&sandbox, exec_in_a_thread, argv);
    const struct event_exec *exec = only(&sandbox, EVENT_EXEC);
    check(argv_is(exec, argv, ARGV_MAX) && exec->event.tid == exec->event.tgid, "what a thread executes");
    check(count(&sandbox, EVENT_EXIT) == 1 && count(&sandbox, 0) == 3, "it is one process, which ends once");
    check(run(&sandbox, leave_often, NULL) == 0, "threads end at once");
    check(count(&sandbox, EVENT_FORK) == LEAVE && count(&sandbox, EVENT_EXIT) == LEAVE + 2,
        "each process ends once");
    sandbox_close(&sandbox);
}

static void tells_of_who_starts_in_the_cgroup(void) {
    struct sandbox sandbox;
    char *argv[] = {"/bin/true", "inside", NULL};
    forget();
    if (!hierarchy_there(HIERARCHY_V2))
        return;
    sandbox_open(&sandbox, IN_V2, SHARE);
    int cgroup = open(sandbox.cgroup[0], O_RDONLY | O_CLOEXEC);
    struct clone_args how = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (__u64)cgroup};
    long pid = syscall(SYS_clone3, &how, sizeof how);
    if (pid == 0)
        _exit(exec_argv(argv));
    reap_all();
    const struct event_fork *enter = only(&sandbox, EVENT_ENTER);
    check(enter != NULL && enter->tgid == pid && enter->event.tgid == (__u32)getpid(),
        "who was started in the cgroup");
    check(argv_is(only(&sandbox, EVENT_EXEC), argv, ARGV_MAX) && count(&sandbox, 0) == 3,
        "and what it executes");
    close(cgroup);
    sandbox_close(&sandbox);
}

/* What the programs know the sandbox's cgroups by: taken from them, or given back. */
static void name_cgroups(const struct sandbox *sandbox, bool named) {
    for (int i = 0; i < 2; i++) {
        struct stat is;
        struct cgroup_key key = {.hierarchy = (__u32)i + 1};
        if (sandbox->cgroup[i][0] == 0 || stat(sandbox->cgroup[i], &is) != 0)
            continue;
        key.inode = is.st_ino;
        int map = watch_map("cgroups");
        check((named ? bpf_map_update_elem(map, &key, &sandbox->id, BPF_NOEXIST) : bpf_map_delete_elem(map, &key))
            == 0, "the cgroup is named: %d", named);
    }
}

static int wait_and_start(void *pipe) {
    char byte, *argv[] = {"/bin/true", "later", NULL};
    if (read(((int *)pipe)[0], &byte, 1) != 1)
        return 1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(exec_argv(argv));
    return waitpid(pid, NULL, 0) == pid ? 0 : 2;
}

static void marks_who_was_there_before(unsigned hierarchy) {
    struct sandbox sandbox;
    int ends[2];
    forget();
    if (pipe(ends) != 0)
        die("pipe");
    sandbox_open(&sandbox, hierarchy, SHARE);
    name_cgroups(&sandbox, false);
    pid_t first = start(&sandbox, wait_and_start, ends);
    for (struct stat is; sandbox.cgroup[hierarchy - 1][0] != 0;) {  /* until it is in there */
        char line[32] = {0}, procs[160];
        snprintf(procs, sizeof procs, "%s/cgroup.procs", sandbox.cgroup[hierarchy - 1]);
        int fd = open(procs, O_RDONLY | O_CLOEXEC);
        bool there = read(fd, line, sizeof line - 1) > 0 && atoi(line) == first;
        close(fd);
        if (there || stat(procs, &is) != 0)
            break;
    }
    drain();
    check(count(&sandbox, 0) == 0, "nothing is told of who was there before");
    name_cgroups(&sandbox, true);
    check(write(ends[1], "", 1) == 1, "it goes on");
    reap_all();
    const struct event_fork *enter = only(&sandbox, EVENT_ENTER), *fork = only(&sandbox, EVENT_FORK);
    const struct event_exec *exec = only(&sandbox, EVENT_EXEC);
    bool there = sandbox.cgroup[hierarchy - 1][0] != 0;
    check(!there || (enter != NULL && enter->tgid == (__u32)first && enter->event.tgid == (__u32)first),
        "it is of the sandbox once it forks");
    check(!there || (fork != NULL && fork->event.tgid == (__u32)first && exec != NULL
        && exec->event.tgid == fork->tgid), "so is what it starts, as its child");
    check(!there || count(&sandbox, EVENT_EXIT) == 2, "and both ends are told");
    close(ends[0]);
    close(ends[1]);
    sandbox_close(&sandbox);
}

struct storm { char tag[8]; int execs; };

static int storm(void *argument) {
    const struct storm *storm = argument;
    for (int i = 0; i < storm->execs; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        pid_t pid = vfork();
        if (pid == 0) {
            execl("/bin/true", storm->tag, number, NULL);
            _exit(127);
        }
        if (pid < 0 || waitpid(pid, NULL, 0) != pid)
            return 1;
    }
    return 0;
}

/* All at once, each with argvs that no other exec has. */
static void tells_every_exec_of_a_storm(int sandboxes) {
    static char had[SANDBOXES][STORM];
    struct sandbox all[SANDBOXES];
    struct storm storms[SANDBOXES];
    int execs = STORM / sandboxes;
    forget();
    memset(had, 0, sizeof had);
    for (int i = 0; i < sandboxes; i++)
        sandbox_open(all + i, IN_BOTH, SHARE * 2 / sandboxes);
    for (int i = 0; i < sandboxes; i++) {
        storms[i].execs = execs;
        snprintf(storms[i].tag, sizeof storms[i].tag, "s%02d", i);
        start(all + i, storm, storms + i);
    }
    reap_all();
    for (size_t i = 0; i < seen_count; i++) {
        const struct event_exec *exec = (const struct event_exec *)seen[i];
        int which = -1, number = -1;
        if (exec->event.type != EVENT_EXEC)
            continue;
        bool right = exec->argv_size >= 6 && exec->argv[exec->argv_size - 1] == 0
            && sscanf(exec->argv, "s%d", &which) == 1 && sscanf(exec->argv + 4, "%d", &number) == 1
            && which >= 0 && which < sandboxes && number >= 0 && number < execs
            && exec->event.sandbox == all[which].id;
        check(right, "an exec of the storm, in its sandbox");
        had[right ? which : 0][right ? number : 0] += right;
    }
    for (int i = 0; i < sandboxes; i++) {
        int once = 0;
        for (int number = 0; number < execs; number++)
            once += had[i][number] == 1;
        check(once == execs, "%d of %d execs came once", once, execs);
        check(count(all + i, EVENT_FORK) == (size_t)execs && count(all + i, EVENT_EXIT) == (size_t)execs + 1,
            "its forks and exits");
        sandbox_close(all + i);
    }
}

void life_test(void) {
    tells_exec_and_exit(IN_BOTH, "in both hierarchies");
    if (hierarchy_there(HIERARCHY_V2))
        tells_exec_and_exit(IN_V2, "in cgroup2 alone");
    if (hierarchy_there(HIERARCHY_PIDS))
        tells_exec_and_exit(IN_PIDS, "in pids alone");
    tells_nothing_of_others();
    tells_how_long_argv_is(20 << 10);
    tells_how_long_argv_is(40 << 10);
    tells_of_daemons();
    tells_of_who_leaves_the_cgroup();
    tells_of_name_spaces();
    tells_of_processes_with_threads();
    tells_of_who_starts_in_the_cgroup();
    marks_who_was_there_before(IN_V2);
    marks_who_was_there_before(IN_PIDS);
    tells_every_exec_of_a_storm(1);
    tells_every_exec_of_a_storm(SANDBOXES);
}
