/* The decoder by itself: what is in order comes back as it was, whatever the pieces; the rest is refused. */
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed, failed;
static uint8_t bytes[1 << 18];
static size_t size;

static void check(bool holds, const char *what)
{
    holds ? passed++ : failed++;
    if (!holds)
        printf("FAILED: %s\n", what);
}

static void add(const void *from, size_t count)
{
    memcpy(bytes + size, from, count);
    size += count;
}

static void add_frame(unsigned type, uint32_t id, uint32_t length, const void *payload)
{
    add((uint8_t[]){HEADER(type, id, length)}, FRAME_HEADER);
    if (payload != NULL)
        add(payload, length);
}

static const uint8_t VERSION[] = {U32(1), '1', '.', '0'}, SUCCESS[5], JOB[] = {KIND_JOB, U32(0x01020304)};
static uint8_t longest[FRAME_PAYLOAD_MAX];

/* Reads all in pieces, with GO after HELLO. Returns how many frames were taken, or -1 where something is wrong. */
static int read_in(size_t piece, struct frame *last)
{
    static struct replies *replies;
    bool complete = false;
    int taken = 0;
    free(replies);
    replies = calloc(1, sizeof *replies);
    for (size_t at = 0; at <= size;) {
        while (replies_next(replies, last, &complete) == NULL && complete) {
            taken++;
            if (replies->state == BEFORE_GO)
                replies->state = AFTER_GO;
        }
        if (replies_next(replies, last, &complete) != NULL)
            return -1;
        size_t room, give = size - at < piece ? size - at : piece;
        uint8_t *to = replies_room(replies, &room);
        if (give == 0)
            break;
        give = give < room ? give : room;
        memcpy(to, bytes + at, give);
        replies->have += give;
        at += give;
    }
    return taken;
}

/* After HELLO, if that is not what is to be tested. */
static bool accepts(bool hello, unsigned type, uint32_t id, uint32_t length, const void *payload)
{
    struct frame last;
    size = 0;
    if (!hello)
        add_frame(REPLY_HELLO, 0, sizeof VERSION, VERSION);
    add_frame(type, id, length, payload);
    return read_in(sizeof bytes, &last) == (hello ? 1 : 2);
}

static bool refuses(bool hello, unsigned type, uint32_t id, uint32_t length, const void *payload)
{
    struct frame last;
    accepts(hello, type, id, length, payload);
    return read_in(sizeof bytes, &last) < 0;
}

static void pieces(void)
{
    static const size_t sizes[] = {1, 2, 3, 11, 12, 13, 4096, FRAME_PAYLOAD_MAX, FRAME_PAYLOAD_MAX + 12, 1 << 18};
    struct frame last;
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = (uint8_t)(i * 31 + i / 256);
    size = 0;
    add_frame(REPLY_HELLO, 0, sizeof VERSION, VERSION);
    add_frame(REPLY_STDOUT, 0, FRAME_PAYLOAD_MAX, longest);
    add_frame(REPLY_STDERR, 0, 0, "");
    add_frame(REPLY_STDERR, 0, FRAME_PAYLOAD_MAX, longest);
    add_frame(REPLY_STDOUT, 0, 3, "abc");
    add_frame(REPLY_EXIT, 0, 5, JOB);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check(read_in(sizes[i], &last) == 6 && last.type == REPLY_EXIT, "six frames, in pieces of any size");
    add("whatever", 8);
    check(read_in(1 << 18, &last) == 6, "nothing is read behind EXIT");
}

static void payloads(void)
{
    struct replies *replies = calloc(1, sizeof *replies);
    struct frame frame;
    bool complete;
    size_t room;
    size = 0;
    add_frame(REPLY_STDOUT, 0, FRAME_PAYLOAD_MAX, longest);
    replies->state = AFTER_GO;
    uint8_t *to = replies_room(replies, &room);
    check(room == sizeof replies->bytes, "all is free at first");
    memcpy(to, bytes, size - 1);
    replies->have += size - 1;
    memset(&frame, 0, sizeof frame);
    check(replies_next(replies, &frame, &complete) == NULL && !complete && frame.type == 0 && frame.size == 0,
          "a frame that lacks a byte is not complete, and not touched");
    to = replies_room(replies, &room);
    *to = bytes[size - 1];
    replies->have++;
    check(replies_next(replies, &frame, &complete) == NULL && complete && frame.type == REPLY_STDOUT
          && frame.size == sizeof longest && memcmp(frame.payload, longest, frame.size) == 0, "the payload as it was");
    replies_room(replies, &room);
    check(room == sizeof replies->bytes, "a frame that was taken makes room");
    free(replies);
}

static void frames(void)
{
    check(accepts(true, REPLY_HELLO, 0, 4, VERSION), "HELLO without a text");
    check(accepts(true, REPLY_HELLO, 0, 68, (uint8_t[68]){U32(1)}), "HELLO with the longest text");
    check(refuses(true, REPLY_HELLO, 0, 3, VERSION), "HELLO too short");
    check(refuses(true, REPLY_HELLO, 0, 69, (uint8_t[69]){U32(1)}), "HELLO too long");
    check(refuses(true, REPLY_HELLO, 1, 4, VERSION), "HELLO with an id");
    check(refuses(true, REPLY_HELLO, 0, 4, (uint8_t[]){U32(2)}), "HELLO of a later version");
    check(refuses(true, REPLY_HELLO, 0, 4, (uint8_t[4]){0}), "HELLO of no version");
    check(refuses(false, REPLY_HELLO, 0, 4, VERSION), "HELLO twice");
    check(accepts(false, REPLY_STDOUT, 0, 0, ""), "no output");
    check(accepts(false, REPLY_EXIT, 0, 5, SUCCESS), "EXIT, success");
    check(accepts(false, REPLY_EXIT, 0, 5, JOB), "EXIT, the job's");
    check(accepts(false, REPLY_EXIT, 0, 5, (uint8_t[5]){KIND_SYSTEM}), "EXIT, the system's");
    check(refuses(false, REPLY_EXIT, 0, 5, (uint8_t[5]){3}), "EXIT of an unknown kind");
    check(refuses(false, REPLY_EXIT, 0, 5, (uint8_t[]){KIND_SUCCESS, U32(1)}), "EXIT, success with a code");
    check(refuses(false, REPLY_EXIT, 0, 5, (uint8_t[]){KIND_SYSTEM, U32(1)}), "EXIT, the system's with a code");
    check(refuses(false, REPLY_EXIT, 0, 4, SUCCESS), "EXIT too short");
    check(refuses(false, REPLY_EXIT, 0, 6, NULL), "EXIT too long");
    check(refuses(false, REPLY_STDOUT, 0, FRAME_PAYLOAD_MAX + 1, NULL), "STDOUT one byte too long");
    check(refuses(false, REPLY_STDERR, 0, UINT32_MAX, NULL), "STDERR of 4 GiB");
    check(refuses(false, REPLY_STDERR, 7, 1, "x"), "STDERR with an id");
    for (unsigned type = 0; type < 256; type++) {
        bool output = type == REPLY_STDOUT || type == REPLY_STDERR || type == REPLY_EXIT;
        if (type != REPLY_HELLO)
            check(refuses(true, type, 0, 5, JOB), "a first frame that is not HELLO");
        if (type != REPLY_HELLO && !output)
            check(refuses(false, type, 0, 5, JOB), "a type that the supervisor does not send");
    }
    for (int i = 1; i <= 3; i++) {
        struct frame last;
        accepts(true, REPLY_HELLO, 0, 4, VERSION);
        bytes[i] = 1;
        check(read_in(sizeof bytes, &last) < 0, "a reserved byte that is not zero");
    }
}

static void early(void)
{
    struct replies *replies = calloc(1, sizeof *replies);
    struct frame frame;
    bool complete;
    size_t room;
    size = 0;
    add_frame(REPLY_HELLO, 0, sizeof VERSION, VERSION);
    add("\x42", 1);
    memcpy(replies_room(replies, &room), bytes, size);
    replies->have += size;
    check(replies_next(replies, &frame, &complete) == NULL && complete && frame.type == REPLY_HELLO, "HELLO");
    check(replies_next(replies, &frame, &complete) != NULL && !complete, "even one byte before GO");
    check(replies_next(replies, &frame, &complete) != NULL && !complete, "what is wrong remains so");
    free(replies);
}

int main(void)
{
    pieces();
    payloads();
    frames();
    early();
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
