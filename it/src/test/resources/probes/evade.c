/*
 * Tries, from inside a sandbox, what a job might do so that the monitor does not see it. `evade WAY…` prints of each
 * attempt its name, a tab, and OK or an errno's name; whether it was told of is for the test to look at. All of them
 * are harmless: programs are /bin/true, files are empty.
 *
 * Static, so that nothing of the image is needed and its data lies where 32-bit calls reach it.
 *
 * Build: cc -std=gnu11 -O2 -Wall -Wextra -Werror -static -pthread -o evade evade.c
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BAD 1L /* never mapped: EFAULT */
enum { STACK = 1 << 16, BETWEEN = 31, AGAIN = 200 };

static void report(const char *name, int error) {
    printf("%s\t%s\n", name, error == 0 ? "OK" : strerrorname_np(error));
    fflush(stdout);
}

/* A negative errno where the kernel refused it; else what came of it. */
static long call(long number, long a, long b, long c, long d) {
    long result = syscall(number, a, b, c, d, 0, 0);
    return result == -1 ? -errno : result;
}

/* By the 32-bit table. Where there is none, by the other, so that the line is there all the same. */
static long call32(long number, long a, long b, long c) {
#ifdef __x86_64__
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(0L), "D"(0L)
                     : "r8", "r9", "r10", "r11", "memory");
    return (int)result;
#else
    (void)number, (void)a, (void)b, (void)c;
    return -ENOSYS;
#endif
}

/* What each child executes: /bin/true with the name of how the child was made. */
static char *argv_of_child[3] = {"/bin/true", NULL, NULL};
static char stack[STACK] __attribute__((aligned(16)));

static int execute(void *unused) {
    (void)unused;
    execv(argv_of_child[0], argv_of_child);
    _exit(127);
}

static void *execute_in_thread(void *unused) {
    execute(unused);
    return NULL;
}

static long by_fork(void) {
    pid_t child = fork();
    return child == 0 ? execute(NULL) : child;
}

static long by_vfork(void) {
    pid_t child = vfork();
    return child == 0 ? execute(NULL) : child;
}

static long by_spawn(void) {
    pid_t child;
    int error = posix_spawn(&child, argv_of_child[0], NULL, NULL, argv_of_child, NULL);
    return error == 0 ? child : -error;
}

static long by_clone(int flags) {
    int child = clone(execute, stack + STACK, flags, NULL);
    return child < 0 ? -errno : child;
}

static long by_clone_vm(void) { return by_clone(CLONE_VM | CLONE_FS | SIGCHLD); }
static long by_clone_vm_vfork(void) { return by_clone(CLONE_VM | CLONE_VFORK | SIGCHLD); }
static long by_clone_silent(void) { return by_clone(CLONE_VM | CLONE_VFORK); }  /* its end sends no signal */
static long by_clone_parent(void) { return by_clone(CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD); }

static long by_clone3(void) {
    struct clone_args how = {.exit_signal = SIGCHLD};
    long child = call(SYS_clone3, (long)&how, sizeof how, 0, 0);
    return child == 0 ? execute(NULL) : child;
}

static long by_thread(void) {
    pid_t child = fork();
    if (child != 0)
        return child;
    pthread_t thread;
    pthread_create(&thread, NULL, execute_in_thread, NULL);
    for (;;)
        pause();
}

static long by_execveat(void) {
    pid_t child = fork();
    if (child == 0) {
        syscall(SYS_execveat, open("/bin", O_PATH | O_CLOEXEC), "true", argv_of_child, NULL, 0);
        _exit(127);
    }
    return child;
}

static const struct { char *name; long (*make)(void); } children[] = {
    {"fork", by_fork}, {"vfork", by_vfork}, {"spawn", by_spawn}, {"clone-vm", by_clone_vm},
    {"clone-vm-vfork", by_clone_vm_vfork}, {"clone-silent", by_clone_silent}, {"clone-parent", by_clone_parent},
    {"clone3", by_clone3}, {"thread", by_thread}, {"execveat", by_execveat},
};

static void try_children(void) {
    for (size_t i = 0; i < sizeof children / sizeof *children; i++) {
        argv_of_child[1] = children[i].name;
        long child = children[i].make();
        int status = 0;
        /* That of CLONE_PARENT is not ours to wait for: it has executed something, as it held us up until then. */
        if (child > 0 && children[i].make != by_clone_parent && waitpid((pid_t)child, &status, __WALL) != child)
            child = -errno;
        report(children[i].name, child < 0 ? (int)-child : WEXITSTATUS(status) == 127 ? ENOEXEC : 0);
    }
}

/* What the profile refuses, with arguments that do nothing where it is let through. */
static void try_refused(void) {
    static const struct { const char *name; long number, a, b, c; } native[] = {
        {"io_uring_setup", SYS_io_uring_setup, 1, BAD, 0}, {"open_by_handle_at", SYS_open_by_handle_at, -1, BAD, 0},
        {"raw", SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP}, {"raw6", SYS_socket, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6},
        {"name-space", SYS_clone, CLONE_NEWUSER | CLONE_THREAD, 0, 0},
    }, compat[] = {
        {"32:ptrace", 26, PTRACE_ATTACH, INT32_MAX, 0}, {"32:mount", 21, BAD, BAD, BAD},
        {"32:unshare", 310, CLONE_NEWUSER | 1, 0, 0}, {"32:io_uring_setup", 425, 1, BAD, 0},
        {"32:open_by_handle_at", 342, -1, BAD, 0}, {"32:raw", 359, AF_INET, SOCK_RAW, IPPROTO_ICMP},
    };
    for (size_t i = 0; i < sizeof native / sizeof *native; i++) {
        long result = call(native[i].number, native[i].a, native[i].b, native[i].c, 0);
        report(native[i].name, result < 0 ? (int)-result : 0);
    }
    for (size_t i = 0; i < sizeof compat / sizeof *compat; i++) {
        long result = call32(compat[i].number, compat[i].a, compat[i].b, compat[i].c);
        report(compat[i].name, result < 0 ? (int)-result : 0);
    }
}

/* A watched file and a program, both by 32-bit calls alone. */
static void try_32_bit(void) {
    static const char file[] = "/etc/cron.d/by-int80", program[] = "/bin/true", word[] = "by-int80";
    static uint32_t argv[3];
    argv[0] = (uint32_t)(uintptr_t)program;
    argv[1] = (uint32_t)(uintptr_t)word;
    long opened = call32(5, (long)(uintptr_t)file, O_WRONLY | O_CREAT, 0600);
    report("32:open", opened < 0 ? (int)-opened : 0);
    pid_t child = fork();
    if (child == 0)
        _exit((int)-call32(11, (long)(uintptr_t)program, (long)(uintptr_t)argv, 0));
    int status = 0;
    waitpid(child, &status, 0);
    report("32:execve", WEXITSTATUS(status));
}

struct ring { int fd; uint32_t *tail, *array, *head; struct io_uring_sqe *entries; struct io_uring_cqe *done; };

/* One operation at a time, in a ring of one entry. */
static int ring_do(struct ring *ring, struct io_uring_sqe entry) {
    ring->entries[0] = entry;
    ring->array[0] = 0;
    __atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
    long submitted = syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
    if (submitted != 1)
        return submitted < 0 ? errno : EIO;
    int result = ring->done[*ring->head & 1].res;
    __atomic_store_n(ring->head, *ring->head + 1, __ATOMIC_RELEASE);
    return result < 0 ? -result : 0;
}

/* A file is made and an address connected to, without a call that says so. */
static void try_ring(void) {
    struct io_uring_params is = {0};
    struct ring ring = {.fd = (int)syscall(SYS_io_uring_setup, 1, &is)};
    report("ring", ring.fd < 0 ? errno : 0);
    if (ring.fd < 0)
        return;
    char *queues = mmap(NULL, is.cq_off.cqes + is.cq_entries * sizeof *ring.done + 4096, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQ_RING);
    ring.entries = mmap(NULL, sizeof *ring.entries, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd,
        IORING_OFF_SQES);
    if (!(is.features & IORING_FEAT_SINGLE_MMAP) || queues == MAP_FAILED || ring.entries == MAP_FAILED) {
        report("ring-memory", ENOMEM);
        return;
    }
    ring.tail = (uint32_t *)(queues + is.sq_off.tail);
    ring.array = (uint32_t *)(queues + is.sq_off.array);
    ring.head = (uint32_t *)(queues + is.cq_off.head);
    ring.done = (struct io_uring_cqe *)(queues + is.cq_off.cqes);
    report("ring-open", ring_do(&ring, (struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD,
        .addr = (uintptr_t)"/etc/cron.d/by-ring", .open_flags = O_WRONLY | O_CREAT, .len = 0600}));
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(4713), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    report("ring-connect", ring_do(&ring, (struct io_uring_sqe){.opcode = IORING_OP_CONNECT,
        .fd = socket(AF_INET, SOCK_STREAM, 0), .addr = (uintptr_t)&to, .off = sizeof to}));
}

/* The traced shell is about to execute something with the word "harmless": it becomes another one. */
static bool rewrite(pid_t shell, const struct __ptrace_syscall_info *at) {
    if (at->op != PTRACE_SYSCALL_INFO_ENTRY || at->entry.nr != SYS_execve)
        return false;
    long from, to, word = ptrace(PTRACE_PEEKDATA, shell, (void *)(at->entry.args[1] + sizeof word), NULL);
    memcpy(&from, "harmless", sizeof from);
    memcpy(&to, "poisoned", sizeof to);
    return ptrace(PTRACE_PEEKDATA, shell, (void *)word, NULL) == from
        && ptrace(PTRACE_POKEDATA, shell, (void *)word, (void *)to) == 0;
}

static void try_trace(void) {
    int status, error = 0;
    bool rewritten = false;
    struct __ptrace_syscall_info at = {0};
    pid_t shell = fork();
    if (shell == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(errno);
        execl("/bin/bash", "bash", "-c", "exec /bin/true harmless", NULL);
        _exit(127);
    }
    while (waitpid(shell, &status, 0) == shell && WIFSTOPPED(status)) {
        if (WSTOPSIG(status) == (SIGTRAP | 0x80)
            && ptrace(PTRACE_GET_SYSCALL_INFO, shell, (void *)sizeof at, &at) > 0)
            rewritten |= rewrite(shell, &at);
        if (ptrace(PTRACE_SETOPTIONS, shell, NULL, (void *)PTRACE_O_TRACESYSGOOD) != 0
            || ptrace(PTRACE_SYSCALL, shell, NULL, NULL) != 0)
            error = errno;
    }
    report("trace", WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : error);
    if (rewritten)
        report("rewrite", 0);
}

/* Its own arguments and name, which /proc then shows changed; and what it does as that. */
static void try_hide(char **argv) {
    char shown[64] = {0};
    for (char **word = argv; *word != NULL; word++)
        memset(*word, 'x', strlen(*word));
    prctl(PR_SET_NAME, "innocent");
    int fd = open("/proc/self/cmdline", O_RDONLY);
    report("cmdline", read(fd, shown, sizeof shown - 1) > 0 && strspn(shown, "x") > 0 ? 0 : EIO);
    report("hidden-write", open("/etc/cron.d/by-hidden", O_WRONLY | O_CREAT, 0600) >= 0 ? 0 : errno);
}

static const volatile char constant = 'R';

/* Of its own memory what is not writable; then of a child's, which it does not survive. */
static void try_memory(void) {
    int own = open("/proc/self/mem", O_RDWR);
    bool written = pwrite(own, "W", 1, (off_t)(uintptr_t)&constant) == 1;
    report("own", written && constant == 'W' ? 0 : EIO);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", child);
    int other = open(path, O_RDONLY);
    report("survived", other < 0 ? errno : 0);
    kill(child, SIGKILL);
}

static void *nothing(void *unused) { return unused; }

/*
 * So many numbers are given away that the kernel comes to those of its first children again: of each BETWEEN + 1 one
 * is a child's, the others are threads'; and at last AGAIN children are made in a row.
 */
static void try_pids(long numbers) {
    pthread_t threads[BETWEEN];
    pthread_attr_t small;
    char word[32];
    long made = 0;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK);
    argv_of_child[1] = word;
    for (long given = 0; given < numbers + AGAIN; made++) {
        snprintf(word, sizeof word, "reuse-%ld", made);
        pid_t child = vfork();
        if (child == 0)
            execute(NULL);
        int started = 0;
        while (given < numbers && started < BETWEEN && pthread_create(threads + started, &small, nothing, NULL) == 0)
            started++;
        for (int i = 0; i < started; i++)
            pthread_join(threads[i], NULL);
        waitpid(child, NULL, 0);
        given += 1 + started;
    }
    printf("made\t%ld\n", made);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *way = argv[i];
        if (strcmp(way, "children") == 0)
            try_children();
        else if (strcmp(way, "refused") == 0)
            try_refused();
        else if (strcmp(way, "32-bit") == 0)
            try_32_bit();
        else if (strcmp(way, "ring") == 0)
            try_ring();
        else if (strcmp(way, "trace") == 0)
            try_trace();
        else if (strcmp(way, "memory") == 0)
            try_memory();
        else if (strcmp(way, "hide") == 0)
            return try_hide(argv), 0;
        else if (strncmp(way, "pids=", 5) == 0)
            try_pids(atol(way + 5));
        else
            return fprintf(stderr, "evade: %s?\n", way), 64;
    }
    return fflush(stdout) == 0 ? 0 : 74;
}
