#define _GNU_SOURCE
#include "command.h"
#include "channel.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum {
    WINDOW_STEP = CREDIT_START / 4,  /* credit is given back in steps, not byte by byte */
    OUTPUT_MIN = 4 << 10,            /* room below which no output is read */
};

static struct command {
    uint32_t id;            /* 0: the slot is free */
    struct child child;     /* pid is 0 once reaped; a descriptor -1 once closed */
    bool pty, in_ended;
    uint32_t in_credit;     /* what the supervisor may still send */
    uint32_t in_start, in_size;
    uint32_t in_returned;   /* credit to give back */
    uint32_t out_credit[2];
    uint8_t *in;            /* CREDIT_START bytes: in_size of them, from in_start, are to be written */
} commands[COMMANDS_MAX];

static struct command *find(uint32_t id)
{
    for (struct command *c = commands; c < commands + COMMANDS_MAX; c++)
        if (c->id == id)
            return c;
    return NULL;
}

bool command_live(uint32_t id) { return find(id) != NULL; }

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void release(struct command *c)
{
    close_end(&c->child.in);
    free(c->in);
    *c = (struct command){0};
}

static void release_if_over(struct command *c)
{
    if (c->child.pid == 0 && c->child.out[0] < 0 && c->child.out[1] < 0)
        release(c);
}

static void send_failed(uint32_t id, enum failed_step step, int error)
{
    uint8_t payload[5] = {(uint8_t)step};
    put_u32(payload + 1, (uint32_t)error);
    channel_send(FAILED, id, payload, sizeof payload);
}

void command_spawn(uint32_t id, const struct spawn *spawn)
{
    struct command *c = find(0);
    uint8_t *in = malloc(CREDIT_START);
    struct child child;
    errno = EAGAIN;
    if (c == NULL || in == NULL || !spawn_start(spawn, &child)) {
        send_failed(id, STEP_RESOURCES, errno);
        free(in);
        return;
    }
    *c = (struct command){.id = id, .child = child, .pty = spawn->mode == MODE_PTY, .in = in,
                          .in_credit = CREDIT_START, .out_credit = {CREDIT_START, CREDIT_START}};
}

/* Learns whether the command executes. False while that is open, or when it was FAILED and released. */
static bool started(struct command *c)
{
    if (c->child.status < 0)
        return true;
    struct failure failure;
    ssize_t got = read(c->child.status, &failure, sizeof failure);
    if (got < 0)
        return false;
    close_end(&c->child.status);
    if (got == sizeof failure) {
        send_failed(c->id, (enum failed_step)failure.step, failure.error);
        close_end(&c->child.out[0]);
        close_end(&c->child.out[1]);
        release(c);
        return false;
    }
    uint8_t payload[4];
    put_u32(payload, (uint32_t)c->child.pid);
    channel_send(STARTED, c->id, payload, sizeof payload);
    return true;
}

void command_reaped(pid_t pid, int status, const struct rusage *usage)
{
    struct command *c = commands;
    while (c < commands + COMMANDS_MAX && (c->id == 0 || c->child.pid != pid))
        c++;
    if (c == commands + COMMANDS_MAX || !started(c))
        return;
    uint8_t payload[26] = {WIFSIGNALED(status), (uint8_t)(WIFSIGNALED(status) ? WTERMSIG(status)
                                                                              : WEXITSTATUS(status))};
    put_u64(payload + 2, (uint64_t)usage->ru_utime.tv_sec * 1000000 + (uint64_t)usage->ru_utime.tv_usec);
    put_u64(payload + 10, (uint64_t)usage->ru_stime.tv_sec * 1000000 + (uint64_t)usage->ru_stime.tv_usec);
    put_u64(payload + 18, (uint64_t)usage->ru_maxrss);
    channel_send(EXITED, c->id, payload, sizeof payload);
    c->child.pid = 0;
    release_if_over(c);
}

/* Ends the command's input: of a pty as its user would, twice, because the first may only end a begun line. */
static void end_input(struct command *c)
{
    struct termios mode;
    if (c->pty && tcgetattr(c->child.in, &mode) == 0 && (mode.c_lflag & ICANON)) {
        char end[2] = {(char)mode.c_cc[VEOF], (char)mode.c_cc[VEOF]};
        if (write(c->child.in, end, sizeof end) < 0 && errno == EAGAIN)
            return;
    }
    close_end(&c->child.in);
}

static void write_input(struct command *c)
{
    while (c->in_size > 0 && c->child.in >= 0) {
        ssize_t put = write(c->child.in, c->in + c->in_start, c->in_size);
        if (put < 0 && errno == EAGAIN)
            return;
        if (put < 0) {  /* nobody will read it */
            close_end(&c->child.in);
            put = c->in_size;
        }
        c->in_start += (uint32_t)put;
        c->in_size -= (uint32_t)put;
        c->in_returned += (uint32_t)put;
    }
    if (c->in_ended && c->child.in >= 0)
        end_input(c);
}

static const char *input(struct command *c, const struct frame *frame)
{
    if (frame->size > c->in_credit)
        return "STDIN beyond its credit";
    c->in_credit -= frame->size;
    if (c->child.in < 0 || c->in_ended) {
        c->in_returned += frame->size;
        return NULL;
    }
    c->in_ended = frame->size == 0;
    memmove(c->in, c->in + c->in_start, c->in_size);
    c->in_start = 0;
    memcpy(c->in + c->in_size, frame->payload, frame->size);
    c->in_size += frame->size;
    write_input(c);
    return NULL;
}

static const char *add_credit(struct command *c, const struct frame *frame)
{
    uint32_t *credit = &c->out_credit[frame->payload[0] - 1], more = get_u32(frame->payload + 1);
    if (more > CREDIT_MAX - *credit)
        return "WINDOW above 4 MiB";
    *credit += more;
    return NULL;
}

const char *command_frame(const struct frame *frame)
{
    struct command *c = find(frame->id);
    if (c == NULL)
        return NULL;
    switch (frame->type) {
    case STDIN:
        return input(c, frame);
    case WINDOW:
        return add_credit(c, frame);
    case SIGNAL:
        /* Not once it is reaped: its pid may be another's then. */
        if (c->child.pid > 0 && (frame->payload[0] == 0 || kill(-c->child.pid, frame->payload[1]) != 0))
            kill(c->child.pid, frame->payload[1]);
        return NULL;
    case RESIZE: {
        struct winsize size = {.ws_row = get_u16(frame->payload), .ws_col = get_u16(frame->payload + 2)};
        if (c->pty && c->child.out[0] >= 0)
            ioctl(c->child.out[0], TIOCSWINSZ, &size);
        return NULL;
    }
    default:
        return "frame of a type that only mayfly-init sends";
    }
}

static bool output_ready(const struct command *c, int stream)
{
    return c->child.status < 0 && c->out_credit[stream] > 0
        && channel_room() >= CHANNEL_RESERVE + FRAME_HEADER + OUTPUT_MIN;
}

static void read_output(struct command *c, int stream)
{
    size_t size = channel_room() - CHANNEL_RESERVE - FRAME_HEADER;
    size = size < c->out_credit[stream] ? size : c->out_credit[stream];
    size = size < FRAME_PAYLOAD_MAX ? size : FRAME_PAYLOAD_MAX;
    uint8_t *to = channel_space(FRAME_HEADER + size);
    ssize_t got = read(c->child.out[stream], to + FRAME_HEADER, size);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {  /* a pty that nobody has open any more gives EIO */
        got = 0;
        close_end(&c->child.out[stream]);
    }
    c->out_credit[stream] -= (uint32_t)got;
    frame_put_header(to, stream == 0 ? STDOUT : STDERR, c->id, (uint32_t)got);
    channel_queue(FRAME_HEADER + (size_t)got);
}

/* What poll is not to look at is -1: a hangup is reported whether asked for or not. */
void commands_prepare(struct pollfd *polls)
{
    for (struct command *c = commands; c < commands + COMMANDS_MAX; c++, polls += COMMAND_POLLS) {
        for (int i = 0; i < COMMAND_POLLS; i++)
            polls[i] = (struct pollfd){-1, POLLIN, 0};
        if (c->id == 0)
            continue;
        polls[0].fd = c->child.status;
        polls[1] = (struct pollfd){c->child.in, c->in_size > 0 || c->in_ended ? POLLOUT : 0, 0};
        for (int stream = 0; stream < 2; stream++)
            if (output_ready(c, stream))
                polls[2 + stream].fd = c->child.out[stream];
    }
}

static void serve(struct command *c, const struct pollfd *polls)
{
    if (polls[0].revents && !started(c))
        return;
    if (polls[1].revents & (POLLERR | POLLHUP)) {
        c->in_returned += c->in_size;
        c->in_size = 0;
        close_end(&c->child.in);
    } else if (polls[1].revents)
        write_input(c);
    for (int stream = 0; stream < 2; stream++)
        if (polls[2 + stream].revents && output_ready(c, stream))
            read_output(c, stream);
    if (c->in_returned >= WINDOW_STEP && channel_room() > CHANNEL_RESERVE) {
        uint8_t payload[4];
        put_u32(payload, c->in_returned);
        channel_send(STDIN_WINDOW, c->id, payload, sizeof payload);
        c->in_credit += c->in_returned;
        c->in_returned = 0;
    }
    release_if_over(c);
}

void commands_serve(const struct pollfd *polls)
{
    static int first;  /* turns, so that every command gets room in the channel */
    first = (first + 1) % COMMANDS_MAX;
    for (int i = 0; i < COMMANDS_MAX; i++) {
        int slot = (first + i) % COMMANDS_MAX;
        if (commands[slot].id != 0)
            serve(&commands[slot], polls + slot * COMMAND_POLLS);
    }
}
