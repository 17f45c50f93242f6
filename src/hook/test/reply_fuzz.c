/*
 * Feeds every input to the whole of what reads the supervisor, as reads of a socket would: the first byte says in
 * what pieces, the second when GO was sent. A model beside it says what has to come out.
 */
#include "reply.h"

#include <stdlib.h>
#include <string.h>

static void hold(bool holds)
{
    if (!holds)
        abort();
}

/* What is taken has to be what the input holds from `at` on, and in order. */
static void check_frame(const struct frame *frame, const uint8_t *data, size_t at, size_t size, unsigned *seen)
{
    hold(size - at >= FRAME_HEADER && size - at - FRAME_HEADER >= frame->size && frame->size <= FRAME_PAYLOAD_MAX);
    hold(frame->type == data[at] && frame->id == 0 && frame->size == get_u32(data + at + 8));
    hold(memcmp(frame->payload, data + at + FRAME_HEADER, frame->size) == 0);
    hold((frame->type == REPLY_HELLO) == (*seen == 0) && *seen != REPLY_EXIT);
    if (frame->type == REPLY_HELLO)
        hold(frame->size >= 4 && get_u32(frame->payload) == PROTOCOL_VERSION);
    else if (frame->type == REPLY_EXIT)
        hold(frame->size == 5 && frame->payload[0] <= KIND_SYSTEM
             && (frame->payload[0] == KIND_JOB || get_u32(frame->payload + 1) == 0));
    else
        hold(frame->type == REPLY_STDOUT || frame->type == REPLY_STDERR);
    *seen = frame->type;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct replies replies;
    struct frame frame;
    bool complete;
    const char *wrong;
    unsigned seen = 0;
    if (size < 2)
        return 0;
    size_t piece = data[0] < 128 ? (size_t)data[0] + 1 : (size_t)(data[0] - 127) * 1024;
    bool go_late = data[1] & 1;
    size_t given = 2, taken = 2;
    replies.state = BEFORE_HELLO;
    replies.have = replies.taken = 0;
    for (;;) {
        while ((wrong = replies_next(&replies, &frame, &complete)) == NULL && complete) {
            check_frame(&frame, data, taken, given, &seen);
            taken += FRAME_HEADER + frame.size;
            if (replies.state == BEFORE_GO && !go_late)
                replies.state = AFTER_GO;
        }
        static const struct frame before;
        frame = before;
        hold(!complete && (wrong == NULL) == (replies_next(&replies, &frame, &complete) == NULL) && !complete);
        hold(frame.payload == NULL && frame.type == 0 && frame.size == 0);  /* not taken: not touched */
        hold((replies.state == AFTER_EXIT) == (seen == REPLY_EXIT) && replies.have - replies.taken == given - taken);
        if (wrong != NULL || replies.state == AFTER_EXIT)
            return 0;
        if (replies.state == BEFORE_GO && given == taken)
            replies.state = AFTER_GO;
        size_t room;
        uint8_t *to = replies_room(&replies, &room);
        hold(room > 0 && to >= replies.bytes && to + room == replies.bytes + sizeof replies.bytes);
        size_t give = size - given < piece ? size - given : piece;
        if (give == 0)
            break;
        give = give < room ? give : room;
        memcpy(to, data + given, give);
        replies.have += give;
        given += give;
    }
    /* Nothing is wrong and nothing more is there: what is left is the beginning of a frame. */
    hold(size - taken < FRAME_HEADER + FRAME_PAYLOAD_MAX);
    return 0;
}
