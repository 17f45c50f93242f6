/* What LSM refuses beside files: the memory of others, code for the kernel, raw sockets. */
#include "watch.h"

#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { SHARE = 1 << 20 };

static char secret[] = "secret";

struct reach { const char *called; int (*act)(pid_t); long call; };
struct attempt { const struct reach *reach; pid_t victim; };  /* 0: a child of its own */

static int result_of(long result) { return result >= 0 ? 0 : errno; }

static int attach(pid_t pid) {
    int met = result_of(ptrace(PTRACE_ATTACH, pid, NULL, NULL));
    if (met == 0 && (waitpid(pid, NULL, __WALL) != pid || ptrace(PTRACE_DETACH, pid, NULL, NULL) != 0))
        return 254;
    return met;
}

static int seize(pid_t pid) { return result_of(ptrace(PTRACE_SEIZE, pid, NULL, NULL)); }

static int read_memory(pid_t pid) {
    char copy[sizeof secret];
    struct iovec to = {copy, sizeof copy}, from = {secret, sizeof secret};
    return result_of(process_vm_readv(pid, &to, 1, &from, 1, 0));
}

static int take_descriptor(pid_t pid) {
    return result_of(syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, pid, 0), 0, 0));
}

static int open_memory(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    return result_of(open(path, O_RDONLY));
}

static int open_environ(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", pid);
    return result_of(open(path, O_RDONLY));
}

static const struct reach reaches[] = {
    {"attach", attach, SYS_ptrace}, {"seize", seize, SYS_ptrace},
    {"process_vm_readv", read_memory, SYS_process_vm_readv},
    {"pidfd_getfd", take_descriptor, SYS_pidfd_getfd}, {"/proc/PID/mem", open_memory, 0},
};

static int wait_for_end(void *unused) {
    (void)unused;
    for (;;)
        pause();
}

static int try_reach(void *attempt) {
    const struct attempt *this = attempt;
    if (this->victim != 0)
        return this->reach->act(this->victim);
    pid_t child = fork(), grandchild = 0;
    int ends[2], met;
    if (child == 0)
        wait_for_end(NULL);
    met = this->reach->act(child);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    if (pipe(ends) != 0 || met != 0)
        return met ?: 253;
    child = fork();
    if (child == 0) {
        grandchild = fork();
        if (grandchild == 0)
            wait_for_end(NULL);
        return write(ends[1], &grandchild, sizeof grandchild) > 0 ? wait_for_end(NULL) : 1;
    }
    if (read(ends[0], &grandchild, sizeof grandchild) != sizeof grandchild)
        return 252;
    met = this->reach->act(grandchild);
    kill(grandchild, SIGKILL);
    kill(child, SIGKILL);
    return met;
}

static size_t refused(const struct sandbox *sandbox, int type, const void *last) {
    size_t many = 0;
    for (size_t i = 0; i < seen_count; i++)
        if (seen[i]->sandbox == sandbox->id && seen[i]->type == type && seen[i]->flags & FLAG_REFUSED) {
            many++;
            *(const struct event **)last = seen[i];
        }
    return many;
}

static void refuses_to_reach(const struct reach *reach) {
    struct sandbox sandbox;
    const struct event_syscall *call = NULL;
    const struct event_open *open = NULL;
    pid_t victim = start(NULL, wait_for_end, NULL);
    struct attempt attempt = {reach, victim}, own = {reach, 0};
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    /* not `run`, which waits for the victim, too */
    int status;
    pid_t pid = start(&sandbox, try_reach, &attempt);
    check(waitpid(pid, &status, 0) == pid && status == 0, "%s: control: where it is allowed: %#x",
        reach->called, status);
    drain();
    check(refused(&sandbox, EVENT_SYSCALL, &call) + refused(&sandbox, EVENT_OPEN, &open) == 0,
        "%s: control: is not told of as refused", reach->called);
    sandbox.slot->flags = SLOT_KILL_MEMORY | SLOT_OPENS_BY_LSM;
    pid = start(&sandbox, try_reach, &attempt);
    check(waitpid(pid, &status, 0) == pid && status == (reach->call ? EPERM << 8 : SIGKILL),
        "%s: refused: %#x", reach->called, status);
    drain();
    if (reach->call != 0)
        check(refused(&sandbox, EVENT_SYSCALL, &call) == 1 && call->number == reach->call
            && call->result == -EPERM && call->event.flags == FLAG_REFUSED, "%s: is told of", reach->called);
    else
        check(refused(&sandbox, EVENT_OPEN, &open) == 1 && open->target == (__u32)victim
            && open->event.flags == (FLAG_REFUSED | FLAG_KILLED), "%s: is told of", reach->called);
    pid = start(NULL, try_reach, &attempt);
    check(waitpid(pid, &status, 0) == pid && status == 0, "%s: control: who is in no sandbox", reach->called);
    attempt.reach = &(struct reach){"environ", open_environ, 0};
    pid = start(&sandbox, try_reach, &attempt);
    check(waitpid(pid, &status, 0) == pid && status == 0, "%s: control: what only looks: %#x", reach->called,
        status);
    kill(victim, SIGKILL);
    reap_all();
    status = run(&sandbox, try_reach, &own);
    check(status == 0, "%s: control: a debugger's own children: %#x", reach->called, status);
    sandbox_close(&sandbox);
}

static int make_map(pid_t unused) {
    (void)unused;
    union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    return result_of(syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map));
}

static int load_module(pid_t unused) {
    (void)unused;
    return result_of(syscall(SYS_finit_module, open("/proc/self/exe", O_RDONLY), "", 0));
}

static int load_module_from_memory(pid_t unused) {
    (void)unused;
    static char module[4096];  /* what is shorter than a header is refused before LSM is asked */
    return result_of(syscall(SYS_init_module, module, sizeof module, ""));
}

static int make_the_kernel_load(pid_t unused) {
    (void)unused;
    return result_of(socket(AF_X25, SOCK_SEQPACKET, 0));
}

static int make_raw(pid_t unused) { (void)unused; return result_of(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)); }
static int make_raw6(pid_t unused) { (void)unused; return result_of(socket(AF_INET6, SOCK_RAW, 58)); }
static int make_packet(pid_t unused) { (void)unused; return result_of(socket(AF_PACKET, SOCK_DGRAM, 0)); }
static int make_netlink(pid_t unused) { (void)unused; return result_of(socket(AF_NETLINK, SOCK_RAW, 0)); }

/* `allowed` is what it meets where it is not refused. */
static const struct { struct reach reach; int allowed; __u32 flag; int met; } calls[] = {
    {{"bpf", make_map, SYS_bpf}, 0, SLOT_REFUSE_KERNEL, EPERM},
    {{"finit_module", load_module, SYS_finit_module}, ENOEXEC, SLOT_REFUSE_KERNEL, EPERM},
    {{"init_module", load_module_from_memory, SYS_init_module}, ENOEXEC, SLOT_REFUSE_KERNEL, EPERM},
    {{"a module by a socket", make_the_kernel_load, SYS_socket}, EAFNOSUPPORT, SLOT_REFUSE_KERNEL,
        EAFNOSUPPORT},
    {{"raw socket", make_raw, 0}, 0, SLOT_REFUSE_RAW, EPERM},
    {{"raw IPv6 socket", make_raw6, 0}, 0, SLOT_REFUSE_RAW, EPERM},
    {{"packet socket", make_packet, 0}, 0, SLOT_REFUSE_RAW, EPERM},
};

static void refuses_calls(void) {
    struct sandbox sandbox;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct attempt attempt = {&calls[i].reach, 1};
        const char *called = calls[i].reach.called;
        const struct event_syscall *call = NULL;
        const struct event_socket *socket = NULL;
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        int status = run(&sandbox, try_reach, &attempt);
        check(status == calls[i].allowed << 8, "%s: control: where it is allowed: %#x", called, status);
        check(refused(&sandbox, EVENT_SYSCALL, &call) + refused(&sandbox, EVENT_SOCKET, &socket) == 0,
            "%s: control: is not told of as refused", called);
        sandbox.slot->flags = calls[i].flag;
        status = run(&sandbox, try_reach, &attempt);
        check(status == calls[i].met << 8, "%s: refused: %#x", called, status);
        if (calls[i].reach.call != 0)
            check(refused(&sandbox, EVENT_SYSCALL, &call) >= 1 && call->number == calls[i].reach.call,
                "%s: is told of", called);
        else
            check(refused(&sandbox, EVENT_SOCKET, &socket) == 1, "%s: is told of", called);
        status = run(NULL, try_reach, &attempt);
        check(status == calls[i].allowed << 8, "%s: control: who is in no sandbox: %#x", called, status);
        attempt.reach = &(struct reach){"netlink", make_netlink, 0};
        check(run(&sandbox, try_reach, &attempt) == 0, "%s: control: a socket for the kernel", called);
        sandbox_close(&sandbox);
    }
}

static int new_users(void *by_clone) {
    long done = by_clone ? syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)
        : syscall(SYS_unshare, CLONE_NEWUSER);
    return done < 0 ? errno : 0;
}

static void tells_of_user_name_spaces(void) {
    struct sandbox sandbox;
    for (int by_clone = 0; by_clone <= 1; by_clone++) {
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        check(run(&sandbox, new_users, by_clone ? &sandbox : NULL) == 0, "a user name space");
        const struct event_syscall *call = only(&sandbox, EVENT_SYSCALL);
        check(call != NULL && call->number == (by_clone ? SYS_clone : SYS_unshare),
            "is told of once: by clone %d", by_clone);
        sandbox_close(&sandbox);
    }
}

void reach_test(void) {
    for (size_t i = 0; i < sizeof reaches / sizeof *reaches; i++)
        refuses_to_reach(reaches + i);
    refuses_calls();
    tells_of_user_name_spaces();
}
