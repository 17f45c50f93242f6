#define _GNU_SOURCE
#include "channel.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SMALL = FRAME_HEADER + FRAME_PAYLOAD_MAX };

static struct {
    uint8_t *bytes;
    size_t capacity, start, end, wanted;
} in;

static struct {
    uint8_t bytes[CHANNEL_SIZE];
    size_t start, end;
} out;

void channel_open(void)
{
    in.bytes = malloc(in.capacity = SMALL);
    for (int fd = 0; fd <= 2; fd++)
        if (in.bytes == NULL || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
            die("opening the channel", "start the container with stdin, stdout and stderr attached");
}

bool channel_fill(void)
{
    memmove(in.bytes, in.bytes + in.start, in.end -= in.start);
    in.start = 0;
    size_t capacity = in.wanted > SMALL ? in.wanted : SMALL;  /* more only while a long SPAWN comes in */
    if (capacity != in.capacity && in.end <= capacity) {
        uint8_t *bytes = realloc(in.bytes, capacity);
        if (bytes == NULL)
            die("memory for a frame", "raise the sandbox's memory limit");
        in.bytes = bytes;
        in.capacity = capacity;
    }
    if (in.end == in.capacity)
        return true;
    ssize_t got = read(0, in.bytes + in.end, in.capacity - in.end);
    if (got > 0)
        in.end += (size_t)got;
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

enum decoded channel_next(struct frame *frame, const char **why)
{
    enum decoded decoded = frame_decode(in.bytes + in.start, in.end - in.start, frame, &in.wanted, why);
    if (decoded == DECODED)
        in.start += in.wanted;
    return decoded;
}

size_t channel_room(void) { return sizeof out.bytes - (out.end - out.start); }

uint8_t *channel_space(size_t size)
{
    if (out.end + size > sizeof out.bytes) {
        memmove(out.bytes, out.bytes + out.start, out.end -= out.start);
        out.start = 0;
    }
    return out.bytes + out.end;
}

void channel_queue(size_t size) { out.end += size; }

void channel_send(enum frame_type type, uint32_t id, const void *payload, uint32_t size)
{
    if (channel_room() < FRAME_HEADER + size)
        abort();  /* CHANNEL_RESERVE is for that never to be */
    uint8_t *to = channel_space(FRAME_HEADER + size);
    frame_put_header(to, type, id, size);
    if (size > 0)
        memcpy(to + FRAME_HEADER, payload, size);
    channel_queue(FRAME_HEADER + size);
}

bool channel_flush(void)
{
    while (out.start < out.end) {
        ssize_t sent = write(1, out.bytes + out.start, out.end - out.start);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        out.start += (size_t)sent;
    }
    out.start = out.end = 0;
    return true;
}
