/*
 * mayfly-hook: what gitlab-runner's custom executor calls for each stage of a job. Hands the call to the
 * supervisor and its output to the runner (docs/hook-protocol.md). One thread, nothing that blocks but poll.
 */
#include "hook.h"

#include <stdarg.h>
#include <sys/prctl.h>

enum { BUILD_FAILURE = 1, SYSTEM_FAILURE = 2, WAIT_SECONDS = 10, WAIT_SECONDS_MAX = 300, LINE_MILLIS = 5000 };

/* A number from 1 to max, without sign or space; else `otherwise`. */
static int number(const char *text, int max, int otherwise) {
    char *end = "";
    long value = text != NULL && *text >= '1' && *text <= '9' ? strtol(text, &end, 10) : 0;
    return value >= 1 && value <= max && *end == 0 ? (int)value : otherwise;
}

static _Noreturn void exit_with(const char *variable, int otherwise) {
    _exit(number(getenv(variable), 255, otherwise));
}

_Noreturn void fail(const char *remedy, const char *cause, ...) {
    char told[768];
    va_list values;
    va_start(values, cause);
    vsnprintf(told, sizeof told, cause, values);
    va_end(values);
    for (char *at = told; *at; at++)  /* paths are the runner's: they begin no other line, and no escape sequence */
        *at = (unsigned char)*at < ' ' || *at == 127 ? '?' : *at;
    if (poll(&(struct pollfd){2, POLLOUT, 0}, 1, LINE_MILLIS) == 1)
        dprintf(2, "mayfly: %s; %s\n", told, remedy);
    exit_with("SYSTEM_FAILURE_EXIT_CODE", SYSTEM_FAILURE);
}

static void tell_exit_code(uint32_t code) {
    const char *path = getenv("BUILD_EXIT_CODE_FILE");
    if (path == NULL || *path == 0)
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    if (fd < 0 || dprintf(fd, "%u\n", code) < 0 || close(fd) != 0)
        fail("let the runner's user write its temporary directory",
             "can't write the job's exit code to %s: %s", path, strerror(errno));
}

static _Noreturn void end(const struct frame *frame) {
    if (frame->payload[0] == KIND_SUCCESS)
        _exit(0);
    if (frame->payload[0] == KIND_SYSTEM)
        exit_with("SYSTEM_FAILURE_EXIT_CODE", SYSTEM_FAILURE);
    tell_exit_code(get_u32(frame->payload + 1));
    exit_with("BUILD_FAILURE_EXIT_CODE", BUILD_FAILURE);
}

/* After GO. A frame is written before the next one is read, so that who does not read holds up who sends. */
static _Noreturn void forward(void) {
    struct frame frame = {0};  /* of which `size` bytes are to be written */
    for (;;) {
        while (frame.size == 0 && link_next(&frame))
            if (frame.type == REPLY_EXIT)
                end(&frame);
        short events = (short)((frame.size == 0 ? POLLIN : 0) | (link_pending() ? POLLOUT : 0));
        int output = frame.size > 0 ? (int)frame.type - REPLY_STDOUT + 1 : 0;
        struct pollfd polls[] = {
            {link_pending() ? -1 : link_signals, POLLIN, 0},  /* the kernel keeps them */
            {events ? link_socket : -1, events, 0},  /* else the end of the connection would be told again and again */
            {output ? output_descriptor(output) : -1, POLLOUT, 0},
        };
        if (poll(polls, 3, -1) < 0)
            continue;
        if (polls[0].revents)
            link_take_signal();
        if (link_pending())
            link_flush();
        if (polls[2].revents) {
            size_t written = output_write(output, frame.payload, frame.size);
            frame.payload += written;
            frame.size -= (uint32_t)written;
        } else if (output == 0 && (polls[1].revents & ~POLLOUT) && !link_fill())
            fail("look at its log", "the supervisor hung up before the call's end");
    }
}

int main(int argc, char **argv) {
    const char *path = NULL;
    int seconds = WAIT_SECONDS, at = 1;
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  /* the environment holds secrets: no core file, no look from others */
    outputs_open();
    link_signals_open();
    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
        if (strcmp(argv[at], "--socket") == 0)
            path = argv[at + 1];
        else if (strcmp(argv[at], "--wait") == 0)
            seconds = number(argv[at + 1], WAIT_SECONDS_MAX, 0);
        else
            break;
    }
    request_open(path != NULL && seconds > 0 ? argc - at : 0, argv + at);
    link_open(path, seconds);
    request_send(argv + at, environ);
    forward();
}
