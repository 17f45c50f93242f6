#include "reply.h"

#include <string.h>

/* By type, when it may come, what it leads to, and how long it may be. */
static const struct shape { uint8_t state, next; uint32_t min, max; } SHAPES[] = {
    [REPLY_HELLO] = {BEFORE_HELLO, BEFORE_GO, 4, 4 + 64},
    [REPLY_STDOUT] = {AFTER_GO, AFTER_GO, 0, FRAME_PAYLOAD_MAX},
    [REPLY_STDERR] = {AFTER_GO, AFTER_GO, 0, FRAME_PAYLOAD_MAX},
    [REPLY_EXIT] = {AFTER_GO, AFTER_EXIT, 5, 5},
};

uint8_t *replies_room(struct replies *replies, size_t *room) {
    memmove(replies->bytes, replies->bytes + replies->taken, replies->have -= replies->taken);
    replies->taken = 0;
    *room = sizeof replies->bytes - replies->have;
    return replies->bytes + replies->have;
}

static const char *check_header(const struct replies *replies, const struct frame *frame) {
    if (frame->type >= sizeof SHAPES / sizeof *SHAPES || SHAPES[frame->type].max == 0)
        return "unknown frame type";
    if (SHAPES[frame->type].state != replies->state)
        return replies->state == BEFORE_HELLO ? "the first frame is not HELLO" : "frame out of order";
    if (frame->id != 0 || frame->size < SHAPES[frame->type].min || frame->size > SHAPES[frame->type].max)
        return "id or payload length does not fit the frame type";
    return NULL;
}

static const char *check_payload(const struct frame *frame) {
    const uint8_t *payload = frame->payload;
    if (frame->type == REPLY_HELLO && get_u32(payload) != PROTOCOL_VERSION)
        return "it has another version";
    if (frame->type == REPLY_EXIT && (payload[0] > KIND_SYSTEM || (payload[0] != KIND_JOB && get_u32(payload + 1))))
        return "EXIT of an unknown kind, or with a code that is not the job's";
    return NULL;
}

const char *replies_next(struct replies *replies, struct frame *frame, bool *complete) {
    size_t left = replies->have - replies->taken;
    *complete = false;
    if (replies->state == AFTER_EXIT || left == 0)
        return NULL;
    if (replies->state == BEFORE_GO)
        return "frame before GO";
    if (left < FRAME_HEADER)
        return NULL;
    struct frame next;
    if (!get_header(replies->bytes + replies->taken, &next))
        return "reserved header bytes that are not zero";
    const char *wrong = check_header(replies, &next);
    bool whole = wrong == NULL && left - FRAME_HEADER >= next.size;
    if (!whole || (wrong = check_payload(&next)) != NULL)
        return wrong;
    *frame = next;
    *complete = true;
    replies->taken += FRAME_HEADER + next.size;
    replies->state = SHAPES[next.type].next;
    return NULL;
}
