#include "init.h"

static uint8_t in[FRAME_HEADER + SPAWN_PAYLOAD_MAX];  /* memory is used of it as far as frames are long */
static uint8_t out[CHANNEL_SIZE];
static size_t in_start, in_end, out_start, out_end;

bool channel_fill(void) {
    memmove(in, in + in_start, in_end -= in_start);
    in_start = 0;
    ssize_t got = read(0, in + in_end, sizeof in - in_end);
    in_end += got > 0 ? (size_t)got : 0;
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

const char *channel_next(struct frame *frame, bool *complete) {
    size_t whole, have = in_end - in_start;
    const char *wrong = frame_decode(in + in_start, have, frame, &whole);
    *complete = whole <= have;
    in_start += *complete ? whole : 0;
    return wrong;
}

size_t channel_room(void) { return sizeof out - (out_end - out_start); }

uint8_t *channel_begin(size_t size) {
    if (FRAME_HEADER + size > channel_room())
        abort();  /* CHANNEL_RESERVE is there that this can't be */
    if (FRAME_HEADER + size > sizeof out - out_end) {
        memmove(out, out + out_start, out_end -= out_start);
        out_start = 0;
    }
    return out + out_end + FRAME_HEADER;
}

void channel_end(enum frame_type type, uint32_t id, size_t size) {
    memcpy(out + out_end, (uint8_t[]){HEADER(type, id, size)}, FRAME_HEADER);
    out_end += FRAME_HEADER + size;
}

void channel_send(enum frame_type type, uint32_t id, const void *payload, size_t size) {
    memcpy(channel_begin(size), payload, size);
    channel_end(type, id, size);
}

bool channel_flush(void) {
    while (out_start < out_end) {
        ssize_t sent = write(1, out + out_start, out_end - out_start);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        out_start += (size_t)sent;
    }
    return true;
}
