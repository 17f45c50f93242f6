/*
 * mayfly-init: PID 1 of a sandbox. Runs commands for the supervisor (docs/init-protocol.md), reaps, and ends the
 * sandbox when its lifetime is over or nobody supervises it. One thread, one loop, nothing that blocks.
 */
#define _GNU_SOURCE
#include "channel.h"
#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REAPED_AT_ONCE = 256, SWEEP_MILLIS = 10 };
enum { SUPERVISOR_IN, SUPERVISOR_OUT, CHILDREN, LIFETIME, COMMANDS };

static bool killing;  /* KILLALL is under way */

/* Reaps, but not without end: a fork bomb must not keep the loop from its other work. True if there is more. */
static bool reap(void)
{
    struct rusage usage;
    int status;
    for (int i = 0; i < REAPED_AT_ONCE; i++) {
        pid_t pid = wait4(-1, &status, WNOHANG, &usage);
        if (pid <= 0)
            return false;
        command_reaped(pid, status, &usage);
    }
    return true;
}

/* Sends SIGKILL to everything but PID 1. True if there was nothing. */
static bool kill_all(void) { return kill(-1, SIGKILL) != 0 && errno == ESRCH; }

static noreturn void end_sandbox(int code)
{
    while (!kill_all())
        if (waitpid(-1, NULL, WNOHANG) <= 0)
            nanosleep(&(struct timespec){0, 1000000}, NULL);
    exit(code);
}

static noreturn void protocol_error(const char *why)
{
    dprintf(2, "mayfly-init: protocol error: %s\n", why);
    end_sandbox(EXIT_PROTOCOL);
}

static void spawn(const struct frame *frame)
{
    struct spawn request;
    const char *why;
    if (command_live(frame->id))
        protocol_error("SPAWN of a command id that is live");
    if (spawn_decode(frame->payload, frame->size, &request, &why) == MALFORMED) {
        if (why == NULL)
            die("memory for SPAWN", "raise the sandbox's memory limit");
        protocol_error(why);
    }
    command_spawn(frame->id, &request);
    spawn_free(&request);
}

static void handle(const struct frame *frame)
{
    const char *why = NULL;
    if (frame->type == SPAWN)
        spawn(frame);
    else if (frame->type == PING)
        channel_send(PONG, 0, frame->payload, frame->size);
    else if (frame->type == KILLALL)
        killing = true;
    else
        why = command_frame(frame);
    if (why != NULL)
        protocol_error(why);
}

/* Whether there is room for what a frame may be answered. Those behind a KILLALL wait until it is done. */
static bool may_handle(void) { return !killing && channel_room() >= CHANNEL_RESERVE + FRAME_HEADER + 64; }

static void handle_frames(void)
{
    struct frame frame;
    const char *why;
    while (may_handle()) {
        enum decoded decoded = channel_next(&frame, &why);
        if (decoded == MALFORMED)
            protocol_error(why);
        if (decoded == INCOMPLETE)
            return;
        handle(&frame);
    }
}

static noreturn void lifetime_over(void)
{
    if (channel_room() >= FRAME_HEADER + 1)
        channel_send(NOTICE, 0, (uint8_t[]){1}, 1);
    channel_flush();
    end_sandbox(EXIT_LIFETIME);
}

static uint32_t lifetime_option(int argc, char **argv)
{
    char *rest = "";
    unsigned long seconds = argc == 3 ? strtoul(argv[2], &rest, 10) : 0;
    if (argc == 1)
        return 0;
    if (argc == 3 && strcmp(argv[1], "--lifetime") == 0 && *rest == 0 && seconds > 0 && seconds <= INT32_MAX)
        return (uint32_t)seconds;
    dprintf(2, "usage: mayfly-init [--lifetime SECONDS]\n");
    exit(EXIT_USAGE);
}

int main(int argc, char **argv)
{
    static struct pollfd polls[COMMANDS + COMMANDS_MAX * COMMAND_POLLS];
    uint32_t lifetime = lifetime_option(argc, argv);
    if (getpid() != 1) {
        errno = EINVAL;
        die("getpid is not 1", "it kills every other process that it sees: start it as PID 1 of a container");
    }
    confine();
    channel_open();
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    int children = sigprocmask(SIG_SETMASK, &child, NULL) ? -1 : signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
    if (children < 0 || timer < 0 || timerfd_settime(timer, 0, &(struct itimerspec){.it_value.tv_sec = lifetime}, NULL))
        die("signalfd or timerfd", "allow both in the seccomp profile");
    uint8_t hello[8];
    put_u32(hello, PROTOCOL_VERSION);
    put_u32(hello + 4, lifetime);
    channel_send(HELLO, 0, hello, sizeof hello);
    for (bool more = false;;) {
        if (!channel_flush())
            end_sandbox(0);
        polls[SUPERVISOR_IN] = (struct pollfd){0, may_handle() ? POLLIN : 0, 0};
        polls[SUPERVISOR_OUT] = (struct pollfd){1, channel_room() < CHANNEL_SIZE ? POLLOUT : 0, 0};
        polls[CHILDREN] = (struct pollfd){children, POLLIN, 0};
        polls[LIFETIME] = (struct pollfd){timer, POLLIN, 0};
        commands_prepare(polls + COMMANDS);
        poll(polls, sizeof polls / sizeof *polls, more ? 0 : killing ? SWEEP_MILLIS : -1);
        if (polls[LIFETIME].revents)
            lifetime_over();
        struct signalfd_siginfo info;
        if ((polls[CHILDREN].revents && read(children, &info, sizeof info) > 0) || more)
            more = reap();
        if (killing && kill_all()) {
            killing = false;
            channel_send(KILLED, 0, NULL, 0);
        }
        if (polls[SUPERVISOR_OUT].revents & POLLERR)
            end_sandbox(0);
        if (polls[SUPERVISOR_IN].revents & POLLIN ? !channel_fill() : polls[SUPERVISOR_IN].revents != 0)
            end_sandbox(0);
        commands_serve(polls + COMMANDS);  /* before a new command takes a slot that was polled for another */
        handle_frames();
    }
}
