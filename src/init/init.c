/*
 * mayfly-init: PID 1 of a sandbox. Runs commands for the supervisor (docs/init-protocol.md), reaps, and ends
 * the sandbox when its lifetime is over or nobody supervises it. One thread, one loop, nothing that blocks.
 */
#include "init.h"

#include <sys/signalfd.h>
#include <sys/timerfd.h>

enum { REAPED_AT_ONCE = 256, SWEEP_MILLIS = 10 };

static struct { struct pollfd in, out, children, lifetime, commands[COMMANDS_MAX][ENDS]; } polls;
static bool killing;  /* KILLALL is under way */

static void reap(void) {
    struct signalfd_siginfo info[4];
    struct rusage usage;
    int status;
    ssize_t got = read(polls.children.fd, info, sizeof info);
    for (int i = 0; got > 0 && i < REAPED_AT_ONCE; i++) {
        pid_t pid = wait4(-1, &status, WNOHANG, &usage);
        if (pid <= 0)
            return;
        command_reaped(pid, status, &usage);
    }
    raise(SIGCHLD);  /* there may be more, but a fork bomb must not keep the loop from its other work */
}

/* True if there was no process but PID 1. */
static bool kill_all(void) { return kill(-1, SIGKILL) != 0 && errno == ESRCH; }

static _Noreturn void end_sandbox(int code) {
    while (!kill_all())
        if (waitpid(-1, NULL, WNOHANG) <= 0)
            poll(NULL, 0, 1);
    exit(code);
}

static void sweep(void) {
    killing = !kill_all();
    if (!killing)
        channel_send(KILLED, 0, "", 0);
}

/* Whether there is room for what a frame may be answered. Those behind a KILLALL wait until it is done. */
static bool may_handle(void) { return !killing && channel_room() > CHANNEL_RESERVE + 2 * FRAME_HEADER + 64; }

static void handle_frames(void) {
    struct frame frame;
    const char *wrong;
    bool complete;
    while (may_handle() && ((wrong = channel_next(&frame, &complete)) != NULL || complete)) {
        if (wrong == NULL && frame.type == PING)
            channel_send(PONG, 0, frame.payload, frame.size);
        else if (wrong == NULL && frame.type == KILLALL)
            sweep();
        else if (wrong == NULL)
            wrong = command_frame(&frame);
        if (wrong != NULL) {
            dprintf(2, "mayfly-init: protocol error: %s\n", wrong);
            end_sandbox(EXIT_PROTOCOL);
        }
    }
}

static void turn(void) {
    polls.in.events = may_handle() ? POLLIN : 0;
    polls.out.events = channel_room() < CHANNEL_SIZE ? POLLOUT : 0;
    commands_prepare(polls.commands);
    if (poll(&polls.in, sizeof polls / sizeof polls.in, killing ? SWEEP_MILLIS : -1) < 0 && errno != EINTR)
        die("poll", "set the container's nofile limit to 512 or more");
    if (polls.lifetime.revents) {
        channel_send(NOTICE, 0, (uint8_t[]){1}, 1);
        channel_flush();
        end_sandbox(EXIT_LIFETIME);
    }
    if (polls.children.revents)
        reap();
    if (killing)
        sweep();
    if ((polls.out.revents & ~POLLOUT) || (polls.in.revents & POLLIN ? !channel_fill() : polls.in.revents))
        end_sandbox(0);
    commands_serve(polls.commands);  /* before a new command takes the slot that was polled for another */
    handle_frames();
    if (!channel_flush())
        end_sandbox(0);
}

int main(int argc, char **argv) {
    char *end = "", *files_end = "";
    bool limited = argc >= 3 && strcmp(argv[1], "--lifetime") == 0;
    bool few = argc == 5 && strcmp(argv[3], "--open-files") == 0;
    long lifetime = limited ? strtol(argv[2], &end, 10) : 0, files = few ? strtol(argv[4], &files_end, 10) : 0;
    errno = EINVAL;
    if (argc != 1 + 2 * limited + 2 * few || *end || *files_end || lifetime < limited || lifetime > INT32_MAX || files < few)
        die("arguments", "usage: mayfly-init [--lifetime SECONDS [--open-files N]]");
    if (getpid() != 1)
        die("getpid is not 1", "it kills every process that it sees: start it as PID 1 of a container");
    confine();
    struct rlimit limit;  /* only ever lowered: to raise it takes CAP_SYS_RESOURCE */
    if (getrlimit(RLIMIT_NOFILE, &limit) || (few && limit.rlim_max > (rlim_t)files
        && setrlimit(RLIMIT_NOFILE, &(struct rlimit){(rlim_t)files, (rlim_t)files})))
        die("setrlimit", "allow it in the seccomp profile");
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_SETMASK, &child, NULL);
    polls.out.fd = 1;
    polls.children = (struct pollfd){signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK), POLLIN, 0};
    polls.lifetime = (struct pollfd){timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC), POLLIN, 0};
    struct itimerspec once = {.it_value.tv_sec = lifetime};
    if (polls.children.fd < 0 || timerfd_settime(polls.lifetime.fd, 0, &once, NULL) != 0)
        die("signalfd or timerfd", "allow them in the seccomp profile");
    channel_send(HELLO, 0, (uint8_t[]){U32(PROTOCOL_VERSION), U32(lifetime)}, 8);
    for (;;)
        turn();
}
