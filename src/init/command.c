#include "init.h"

#include <termios.h>

/* Credit is given back in steps, not byte by byte; no output is read for less room than the least. */
enum { WINDOW_STEP = CREDIT_START / 4, OUTPUT_LEAST = 4 << 10 };

static struct command {
    uint32_t id;            /* 0: the slot is free */
    pid_t pid;              /* 0 once reaped */
    int ends[ENDS];         /* -1 once closed */
    bool pty, in_ended;
    uint32_t in_credit;     /* what the supervisor may still send */
    uint32_t in_returned;   /* credit to be given back */
    uint32_t in_size;       /* what of `inputs` is to be written */
    uint32_t credit[ENDS];  /* of END_OUT and END_ERR */
} commands[COMMANDS_MAX];

static uint8_t inputs[COMMANDS_MAX][CREDIT_START];

static struct command *find(uint32_t id) {
    for (struct command *c = commands; c < commands + COMMANDS_MAX; c++)
        if (c->id == id)
            return c;
    return NULL;
}

static void close_end(struct command *c, enum end end) {
    close(c->ends[end]);
    c->ends[end] = -1;
}

static void release(struct command *c) {
    for (enum end end = 0; end < ENDS; end++)
        close_end(c, end);
    c->id = 0;
}

static const char *start(const struct frame *frame) {
    struct spawn spawn;
    if (find(frame->id) != NULL)
        return "SPAWN of an id that is live";
    const char *wrong = spawn_decode(frame->payload, frame->size, &spawn);
    if (wrong != NULL)
        return wrong;
    struct command *c = find(0);
    struct command new = {.id = frame->id, .pty = spawn.mode == MODE_PTY, .in_credit = CREDIT_START,
                          .credit = {[END_OUT] = CREDIT_START, [END_ERR] = CREDIT_START}};
    errno = EAGAIN;
    if (c == NULL || (new.pid = spawn_start(&spawn, new.ends)) < 0)
        channel_send(FAILED, frame->id, (uint8_t[]){STEP_RESOURCES, U32(errno)}, 5);
    else
        *c = new;
    free(spawn.memory);
    return NULL;
}

/* Learns whether the command executes. False while that is open, or when it was FAILED and released. */
static bool started(struct command *c) {
    uint8_t failure[5];
    if (c->ends[END_STATUS] < 0)
        return true;
    ssize_t got = read(c->ends[END_STATUS], failure, sizeof failure);
    if (got < 0)
        return false;
    close_end(c, END_STATUS);
    if (got == 0) {
        channel_send(STARTED, c->id, (uint8_t[]){U32(c->pid)}, 4);
        return true;
    }
    channel_send(FAILED, c->id, failure, sizeof failure);
    release(c);
    return false;
}

static int64_t micros(struct timeval time) { return (int64_t)time.tv_sec * 1000000 + time.tv_usec; }

void command_reaped(pid_t pid, int status, const struct rusage *usage) {
    struct command *c = commands;
    while (c < commands + COMMANDS_MAX && (c->id == 0 || c->pid != pid))
        c++;
    if (c == commands + COMMANDS_MAX || !started(c))
        return;
    uint8_t value = (uint8_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    int64_t user = micros(usage->ru_utime), sys = micros(usage->ru_stime), peak = usage->ru_maxrss;
    channel_send(EXITED, c->id, (uint8_t[]){WIFSIGNALED(status), value, U64(user), U64(sys), U64(peak)}, 26);
    c->pid = 0;
    if (c->pty)
        close_end(c, END_ERR);
}

static void write_input(struct command *c) {
    struct termios mode;
    uint8_t *in = inputs[c - commands];
    while (c->in_size > 0) {
        ssize_t put = write(c->ends[END_IN], in, c->in_size);
        if (put < 0 && errno == EAGAIN)
            return;
        if (put < 0) {  /* nobody will read it */
            close_end(c, END_IN);
            put = c->in_size;
        }
        c->in_size -= (uint32_t)put;
        memmove(in, in + put, c->in_size);
        c->in_returned += (uint32_t)put;
    }
    if (!c->in_ended || c->ends[END_IN] < 0)
        return;
    /* A pty's input ends as its user would end it: twice, as the first may only end a line that is begun. */
    if (c->pty && tcgetattr(c->ends[END_IN], &mode) == 0 && (mode.c_lflag & ICANON)
        && write(c->ends[END_IN], (cc_t[]){mode.c_cc[VEOF], mode.c_cc[VEOF]}, 2) < 0 && errno == EAGAIN)
        return;
    close_end(c, END_IN);
}

static const char *input(struct command *c, const struct frame *frame) {
    if (frame->size > c->in_credit)
        return "STDIN beyond its credit";
    c->in_credit -= frame->size;
    if (c->ends[END_IN] < 0 || c->in_ended) {
        c->in_returned += frame->size;
        return NULL;
    }
    memcpy(inputs[c - commands] + c->in_size, frame->payload, frame->size);  /* as much as has credit fits */
    c->in_size += frame->size;
    c->in_ended = frame->size == 0;
    write_input(c);
    return NULL;
}

/* Nobody reads the stream any more: the kernel tells that to whoever writes to it. */
static void hang_up(struct command *c, enum end end) {
    if (c->ends[end] < 0 || (c->pty && end == END_ERR))
        return;
    close_end(c, end);
    if (c->pty)
        close_end(c, END_IN);
    channel_send(end == END_OUT ? STDOUT : STDERR, c->id, "", 0);
}

const char *command_frame(const struct frame *frame) {
    struct command *c = find(frame->id);
    if (frame->type == SPAWN)
        return start(frame);
    if (c == NULL)
        return NULL;
    if (frame->type == STDIN)
        return input(c, frame);
    if (frame->type == WINDOW) {
        enum end end = END_OUT + frame->payload[0] - 1;
        uint32_t more = get_u32(frame->payload + 1);
        if (more > CREDIT_MAX - c->credit[end])
            return "WINDOW above 4 MiB";
        c->credit[end] += more;
        if (more == 0)
            hang_up(c, end);
    } else if (frame->type == RESIZE) {
        struct winsize size = {.ws_row = get_u16(frame->payload), .ws_col = get_u16(frame->payload + 2)};
        ioctl(c->ends[END_OUT], TIOCSWINSZ, &size);  /* a pipe refuses it */
    } else if (frame->payload[0] == 2) {
        kill(-1, frame->payload[1]);  /* all but PID 1 itself, kill(2) */
    } else if (c->pid > 0 && (frame->payload[0] == 0 || kill(-c->pid, frame->payload[1]) != 0)) {
        kill(c->pid, frame->payload[1]);  /* SIGNAL: no group is there before setsid, no pid once reaped */
    }
    return NULL;
}

static size_t min(size_t a, size_t b) { return a < b ? a : b; }

/* How much output may be read now: as the supervisor allows and the channel has room. */
static size_t readable(const struct command *c, enum end end) {
    size_t room = channel_room(), kept = CHANNEL_RESERVE + FRAME_HEADER;
    bool never = c->ends[END_STATUS] >= 0 || (c->pty && end == END_ERR);
    return never || room < kept + OUTPUT_LEAST ? 0 : min(min(c->credit[end], FRAME_PAYLOAD_MAX), room - kept);
}

static void read_output(struct command *c, enum end end) {
    size_t most = readable(c, end);
    if (most == 0)
        return;
    ssize_t got = read(c->ends[end], channel_begin(most), most);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0)  /* EIO: nobody has the pty open any more */
        close_end(c, end);
    size_t size = got > 0 ? (size_t)got : 0;
    c->credit[end] -= (uint32_t)size;
    channel_end(end == END_OUT ? STDOUT : STDERR, c->id, size);
}

/* What is not to be looked at is -1: poll tells of a hangup whether it is asked or not. */
void commands_prepare(struct pollfd polls[COMMANDS_MAX][ENDS]) {
    for (int i = 0; i < COMMANDS_MAX; i++) {
        struct command *c = &commands[i];
        for (enum end end = 0; end < ENDS; end++) {
            bool wanted = c->id != 0 && (end < END_OUT || readable(c, end) > 0);
            polls[i][end] = (struct pollfd){wanted ? c->ends[end] : -1, POLLIN, 0};
        }
        polls[i][END_IN].events = c->in_size > 0 || c->in_ended ? POLLOUT : 0;
    }
}

static void serve(struct command *c, const struct pollfd polls[ENDS]) {
    if (polls[END_STATUS].revents && !started(c))
        return;
    if (polls[END_IN].revents & (POLLERR | POLLHUP))  /* its reader is gone */
        close_end(c, END_IN);
    if (polls[END_IN].revents)
        write_input(c);
    for (enum end end = END_OUT; end <= END_ERR; end++)
        if (polls[end].revents && c->ends[end] >= 0)
            read_output(c, end);
    if (c->in_returned >= WINDOW_STEP && channel_room() > CHANNEL_RESERVE) {
        channel_send(STDIN_WINDOW, c->id, (uint8_t[]){U32(c->in_returned)}, 4);
        c->in_credit += c->in_returned;
        c->in_returned = 0;
    }
    if (c->pid == 0 && c->ends[END_OUT] < 0 && c->ends[END_ERR] < 0)
        release(c);
}

void commands_serve(struct pollfd polls[COMMANDS_MAX][ENDS]) {
    static int first;  /* changes, so that every command gets its share of the channel's room */
    first = (first + 1) % COMMANDS_MAX;
    for (int i = first; i < first + COMMANDS_MAX; i++)
        if (commands[i % COMMANDS_MAX].id != 0)
            serve(&commands[i % COMMANDS_MAX], polls[i % COMMANDS_MAX]);
}
