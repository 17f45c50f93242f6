/* Sensitive system calls: each is told of with its arguments and result, also when it was refused. */
#include "watch.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

enum { SHARE = 1 << 20 };

struct call { long number, args[3]; };

/* None of them does anything: what they are given does not exist, or is so already. */
static const struct call calls[] = {
    {SYS_ptrace, {PTRACE_PEEKDATA, 0, 7}}, {SYS_process_vm_readv, {0}}, {SYS_process_vm_writev, {0}},
    {SYS_pidfd_getfd, {-1, -1, 0}}, {SYS_setns, {-1, 0, 0}}, {SYS_unshare, {CLONE_FS, 0, 0}},
    {SYS_mount, {0, 0, 0}}, {SYS_umount2, {0, 0, 0}}, {SYS_pivot_root, {0, 0, 0}}, {SYS_chroot, {0, 0, 0}},
    {SYS_open_tree, {-1, 0, 0}}, {SYS_move_mount, {-1, 0, -1}}, {SYS_fsopen, {0, 0, 0}},
    {SYS_fsconfig, {-1, 0, 0}}, {SYS_fsmount, {-1, 0, 0}}, {SYS_mount_setattr, {-1, 0, 0}},
    {SYS_init_module, {0, 0, 0}}, {SYS_finit_module, {-1, 0, 0}}, {SYS_delete_module, {0, 0, 0}},
    {SYS_bpf, {-1, 0, 0}}, {SYS_perf_event_open, {0, 0, 0}}, {SYS_userfaultfd, {-1, 0, 0}},
    {SYS_keyctl, {-1, 0, 0}}, {SYS_add_key, {0, 0, 0}}, {SYS_request_key, {0, 0, 0}},
    {SYS_execveat, {-1, 0, 0}}, {SYS_io_uring_setup, {0, 0, 0}}, {SYS_setuid, {0}},
    {SYS_setreuid, {-1, -1, 0}}, {SYS_setresuid, {-1, -1, -1}}, {SYS_setgid, {0}},
    {SYS_setregid, {-1, -1, 0}}, {SYS_setresgid, {-1, -1, -1}}, {SYS_setgroups, {0, 0, 0}},
    {SYS_setfsuid, {0}}, {SYS_setfsgid, {0}}, {SYS_fspick, {-1, 0, 0}}, {SYS_capset, {0, 0, 0}},
    {SYS_open_by_handle_at, {-1, 0, 0}}, {SYS_setsid, {0}}, {SYS_listen, {-1, 0, 0}}, {SYS_accept, {-1, 0, 0}}, {SYS_accept4, {-1, 0, 0}},
    {SYS_socket, {AF_PACKET, -1, 0}}, {SYS_socket, {AF_VSOCK, -1, 0}},
    {SYS_prctl, {PR_SET_NAME, (long)"other", 0}}, {SYS_prctl, {1L << 32 | PR_SET_NAME, (long)"renamed", 0}},
};
enum { CALLS = sizeof calls / sizeof *calls };

static long *results;  /* shared with the child */

static int call_all(void *unused) {
    (void)unused;
    for (int i = 0; i < CALLS; i++) {
        long result = syscall(calls[i].number, calls[i].args[0], calls[i].args[1], calls[i].args[2], 0, 0, 0);
        results[i] = result == -1 ? -errno : result;
        getppid();
        prctl(PR_GET_DUMPABLE);
        close(socket(AF_UNIX, SOCK_STREAM, 0));
        close(socket(AF_INET, SOCK_DGRAM, 0));
        socket(AF_INET, -1, 0);
        syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0);
    }
    return 0;
}

static void tells_of_each_call(void) {
    struct sandbox sandbox;
    int at = 0;
    forget();
    results = mmap(NULL, sizeof(long[CALLS]), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (results == MAP_FAILED)
        die("mmap");
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    check(run(NULL, call_all, NULL) == 0 && count(NULL, 0) == 0, "nothing of calls in no sandbox");
    check(run(&sandbox, call_all, NULL) == 0, "the calls are made");
    for (size_t i = 0; i < seen_count; i++) {
        const struct event_syscall *told = (const struct event_syscall *)seen[i];
        if (told->event.type != EVENT_SYSCALL || at == CALLS)
            continue;
        check(told->number == calls[at].number && told->abi == ABI_NATIVE && told->result == results[at]
            && memcmp(told->args, calls[at].args, sizeof calls[at].args) == 0,
            "call %ld: told %u with %lld, was %ld",
            calls[at].number, told->number, told->result, results[at]);
        at++;
    }
    check(count(&sandbox, EVENT_SYSCALL) == CALLS, "%zu calls are told of, and no other",
        count(&sandbox, EVENT_SYSCALL));
    const struct event_exit *exit = only(&sandbox, EVENT_EXIT);
    check(exit != NULL && strcmp(exit->event.comm, "renamed") == 0, "the name that it gave itself");
    sandbox_close(&sandbox);
    munmap(results, sizeof(long[CALLS]));
}

/* What is told of only where it is refused; and what is told of anyway. */
static const struct call refused[] = {{SYS_socket, {AF_INET, SOCK_RAW, 1}}, {SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
    {SYS_clone, {CLONE_NEWUSER | SIGCHLD, 0, 0}}, {SYS_open_by_handle_at, {-1, 0, 0}},
    {SYS_ptrace, {PTRACE_TRACEME, 0, 0}}};
enum { REFUSED = sizeof refused / sizeof *refused };

static int refused_by_seccomp(void *error) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open_by_handle_at, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | *(__u32 *)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 1;
    for (int i = 0; i < REFUSED; i++)
        if (syscall(refused[i].number, refused[i].args[0], refused[i].args[1], refused[i].args[2], 0, 0) != -1
            || errno != *(int *)error)
            return 2;
    return 0;
}

static void tells_of_what_seccomp_refused(void) {
    static const struct { int error, from; } errors[] = {{EPERM, 0}, {EACCES, 0}, {EXDEV, 3}};
    for (size_t e = 0; e < sizeof errors / sizeof *errors; e++) {
        struct sandbox sandbox;
        int at = errors[e].from, error = errors[e].error;
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        check(run(&sandbox, refused_by_seccomp, &error) == 0, "seccomp refuses with %d", error);
        for (size_t i = 0; i < seen_count; i++) {
            const struct event_syscall *told = (const struct event_syscall *)seen[i];
            if (told->event.type != EVENT_SYSCALL || at == REFUSED)
                continue;
            check(told->number == refused[at].number && told->result == -error
                && told->args[0] == (__u64)refused[at].args[0], "call %ld, refused with %d, is told of: %u",
                refused[at].number, error, told->number);
            at++;
        }
        check(at == REFUSED && count(&sandbox, EVENT_SYSCALL) == (size_t)(REFUSED - errors[e].from),
            "each refused call is told of once: %d", error);
        sandbox_close(&sandbox);
    }
}

#ifdef __x86_64__
static int call_32_bit(void *number) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"((long)*(int *)number), "b"(5L), "c"(6L), "d"(7L),
        "S"(8L) : "memory");
    return result < 0 ? 1 : 0;
}

static void tells_of_32_bit_calls(void) {
    struct sandbox sandbox;
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    bool allowed = WIFEXITED(run(&sandbox, call_32_bit, &(int){20}));  /* getpid */
    check(count(&sandbox, EVENT_SYSCALL) == 0, "control: number 20 is none of them");
    int status = run(&sandbox, call_32_bit, &(int){26});
    const struct event_syscall *told = only(&sandbox, EVENT_SYSCALL);
    if (allowed)
        check(told != NULL && told->abi == ABI_COMPAT && told->number == 26 && told->args[0] == 5
            && told->args[3] == 8 && told->result < 0, "ptrace by the 32-bit table");
    else
        check(WIFSIGNALED(status) && told == NULL, "this kernel has no 32-bit calls: they end who tries");
    sandbox_close(&sandbox);
}
#endif

/* As a packer does it; or, for controls, without the write, or in memory that is of no file. */
enum { WRITTEN, UNWRITTEN, ANONYMOUS };

static int make_code(void *how) {
    int which = *(int *)how, fd = open("/bin/true", O_RDONLY | O_CLOEXEC);
    volatile char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | (which == ANONYMOUS ? MAP_ANONYMOUS : 0), which == ANONYMOUS ? -1 : fd, 0);
    if (which != UNWRITTEN)
        code[0] = 1;
    return mprotect((char *)code, 4096, PROT_READ) == 0
        && mprotect((char *)code, 4096, PROT_READ | PROT_EXEC) == 0 ? 0 : 1;
}

static void counts_written_code(void) {
    struct sandbox sandbox;
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    for (int how = WRITTEN; how <= ANONYMOUS; how++) {
        __u64 before = sandbox.slot->written_code;
        check(run(&sandbox, make_code, &how) == 0, "memory is made executable");
        check(sandbox.slot->written_code - before == (how == WRITTEN), "it is counted: %d", how == WRITTEN);
    }
    sandbox_close(&sandbox);
}

static int send_signals(void *to) {
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    kill(pid, SIGKILL);
    kill(getpid(), SIGCONT);
    waitpid(pid, NULL, 0);
    return kill(*(pid_t *)to, SIGWINCH);
}

static void tells_of_signals_to_strangers(void) {
    struct sandbox sandbox;
    pid_t self = getpid();
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    check(run(&sandbox, send_signals, &self) == 0, "signals are sent");
    const struct event_signal *sent = only(&sandbox, EVENT_SIGNAL);
    check(sent != NULL && sent->signal == SIGWINCH && sent->tgid == (__u32)self,
        "only the one to a stranger is told of");
    sandbox_close(&sandbox);
}

void call_test(void) {
    tells_of_each_call();
    tells_of_what_seccomp_refused();
#ifdef __x86_64__
    tells_of_32_bit_calls();
#endif
    counts_written_code();
    tells_of_signals_to_strangers();
}
