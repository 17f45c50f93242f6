#include "hook.h"

#include <sys/signalfd.h>
#include <sys/un.h>
#include <time.h>

enum { RETRY_MILLIS = 100 };

int link_socket = -1, link_signals = -1;
struct replies link_replies;
static uint8_t out[FRAME_HEADER + VARIABLE_MAX];
static size_t out_start, out_end;

void link_signals_open(void) {
    static const int forwarded[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++)
        sigaddset(&set, forwarded[i]);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) || (link_signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
        fail("raise the limit on open files", "can't take signals: %s", strerror(errno));
}

/* Up to GO: waits for the socket, if there is one. */
static short await(short events, int millis) {
    struct pollfd polls[] = {{link_signals, POLLIN, 0}, {link_socket, events, 0}};
    int ready = poll(polls, 2, millis);
    struct signalfd_siginfo info;
    if (ready > 0 && polls[0].revents && read(link_signals, &info, sizeof info) == sizeof info)
        fail("nothing was run", "ended by signal %u before the supervisor had the call", info.ssi_signo);
    return ready > 0 ? polls[1].revents : 0;
}

static int64_t now_millis(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Returns why there is no supervisor now, or NULL: then HELLO was read. */
static const char *try_open(const struct sockaddr_un *address, int64_t until) {
    struct frame hello;
    link_replies = (struct replies){0};
    link_socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (link_socket < 0)
        fail("raise the limit on open files", "can't make a socket: %s", strerror(errno));
    if (connect(link_socket, (const struct sockaddr *)address, sizeof *address) != 0) {
        if (errno != ENOENT && errno != ECONNREFUSED && errno != EAGAIN && errno != EINTR)
            fail("let the runner's user use it, and name the socket of this runner",
                 "can't connect to %s: %s", address->sun_path, strerror(errno));
        return strerror(errno);
    }
    while (!link_next(&hello)) {
        int64_t left = until - now_millis();
        if (left <= 0)
            return "it does not answer";
        if (await(POLLIN, (int)left) && !link_fill())
            return "it hung up";
    }
    link_next(&hello);  /* nothing may be behind it */
    return NULL;
}

void link_open(const char *path, int seconds) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int64_t until = now_millis() + seconds * 1000, left;
    const char *why;
    if (strlen(path) >= sizeof address.sun_path)
        fail("use a shorter one", "the path of the socket is longer than %zu bytes", sizeof address.sun_path - 1);
    strcpy(address.sun_path, path);
    while ((why = try_open(&address, until)) != NULL) {
        close(link_socket);
        link_socket = -1;
        left = until - now_millis();
        await(0, left < 0 ? 0 : left < RETRY_MILLIS ? (int)left : RETRY_MILLIS);
        if (left <= RETRY_MILLIS)
            fail("start it, or look at its log", "no supervisor at %s within %d s: %s", path, seconds, why);
    }
}

bool link_fill(void) {
    size_t room;
    uint8_t *to = replies_room(&link_replies, &room);
    ssize_t got = read(link_socket, to, room);
    link_replies.have += got > 0 ? (size_t)got : 0;
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

bool link_next(struct frame *frame) {
    bool complete;
    const char *wrong = replies_next(&link_replies, frame, &complete);
    if (wrong != NULL)
        fail("use the mayfly-hook that came with it, and the socket of this runner",
             "the supervisor breaks the hook protocol: %s", wrong);
    return complete;
}

bool link_pending(void) { return out_start < out_end; }

void link_flush(void) {
    ssize_t sent = send(link_socket, out + out_start, out_end - out_start, MSG_DONTWAIT);
    if (sent >= 0)
        out_start += (size_t)sent;
    else if (errno != EAGAIN && errno != EINTR)
        out_start = out_end;
    if (out_start == out_end)
        out_start = out_end = 0;
}

/* Up to GO. */
static void send_all(void) {
    struct frame early;
    while (link_pending()) {
        short ready = await(POLLIN | POLLOUT, -1);
        if ((ready & ~POLLOUT) && !link_fill())
            fail("look at its log", "the supervisor hung up before it had the call");
        link_next(&early);
        if (ready & POLLOUT)
            link_flush();
    }
}

uint8_t *link_begin(size_t size) {
    if (FRAME_HEADER + size > sizeof out - out_end)
        send_all();
    if (FRAME_HEADER + size > sizeof out - out_end)
        abort();  /* callers hold to what may be sent */
    return out + out_end + FRAME_HEADER;
}

void link_end(unsigned type, size_t size) {
    memcpy(out + out_end, (uint8_t[]){HEADER(type, 0, size)}, FRAME_HEADER);
    out_end += FRAME_HEADER + size;
}

void link_send(unsigned type, const void *payload, size_t size) {
    memcpy(link_begin(size), payload, size);
    link_end(type, size);
}

void link_go(void) {
    link_send(SEND_GO, "", 0);
    send_all();
    link_replies.state = AFTER_GO;
}

void link_take_signal(void) {
    struct signalfd_siginfo info;
    if (read(link_signals, &info, sizeof info) == sizeof info)
        link_send(SEND_SIGNAL, &(uint8_t){(uint8_t)info.ssi_signo}, 1);
}
