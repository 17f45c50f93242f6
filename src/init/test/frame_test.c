/* The decoder by itself: what is well formed comes back as it was, and each kind of malformed input is refused. */
#include "frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed, failed;
static uint8_t bytes[FRAME_HEADER + SPAWN_PAYLOAD_MAX + 1];
static size_t size;

static void check(bool holds, const char *what)
{
    holds ? passed++ : failed++;
    if (!holds)
        printf("FAILED: %s\n", what);
}

static void u8(unsigned value) { bytes[size++] = (uint8_t)value; }
static void u16(unsigned value) { u8(value >> 8), u8(value & 255); }
static void u32(uint32_t value) { memcpy(bytes + size, (uint8_t[]){U32(value)}, 4), size += 4; }
static void text(const char *value, size_t length)
{
    u32((uint32_t)length);
    memcpy(bytes + size, value, length);
    size += length;
}

enum decoded { DECODED, INCOMPLETE, MALFORMED };

/* Decodes a copy of exactly the size, so that the sanitizer sees a byte read too far. */
static enum decoded decode(struct frame *frame, size_t *whole)
{
    static uint8_t *copy;
    free(copy);
    copy = malloc(size + 1);
    memcpy(copy + 1, bytes, size);  /* unaligned, too */
    if (frame_decode(copy + 1, size, frame, whole) != NULL)
        return MALFORMED;
    return *whole <= size ? DECODED : INCOMPLETE;
}

static void header(unsigned type, uint32_t id, uint32_t payload)
{
    size = 0;
    u8(type), u8(0), u8(0), u8(0), u32(id), u32(payload);
}

static void accepts(unsigned type, uint32_t id, uint32_t payload, const char *what)
{
    struct frame frame;
    size_t whole;
    header(type, id, payload);
    memset(bytes + size, 1, payload);
    size += payload;
    bool same = decode(&frame, &whole) == DECODED && frame.type == type && frame.id == id
        && frame.size == payload && whole == size && memcmp(frame.payload, bytes + FRAME_HEADER, payload) == 0;
    check(same, what);
    for (size--; size + 1 > 0 && size >= FRAME_HEADER && size + 16 > whole; size--) {
        size_t need;
        check(decode(&frame, &need) == INCOMPLETE && need == whole, "a cut frame is incomplete");
    }
}

static void refuses(const char *what)
{
    struct frame frame;
    size_t whole;
    check(decode(&frame, &whole) == MALFORMED, what);
}

static void refuses_frame(unsigned type, uint32_t id, uint32_t payload, const char *what)
{
    header(type, id, payload);  /* the length alone decides: no payload follows */
    refuses(what);
}

static void frames(void)
{
    accepts(STDIN, 1, 0, "end of input");
    accepts(STDIN, UINT32_MAX, FRAME_PAYLOAD_MAX, "the longest STDIN");
    accepts(SPAWN, 7, SPAWN_PAYLOAD_MAX, "the longest SPAWN");
    accepts(WINDOW, 1, 5, "WINDOW");
    accepts(SIGNAL, 1, 2, "SIGNAL");
    accepts(RESIZE, 1, 4, "RESIZE");
    accepts(KILLALL, 0, 0, "KILLALL");
    accepts(PING, 0, 0, "an empty PING");
    accepts(PING, 0, 64, "the longest PING");
    for (unsigned type = 0; type < 256; type++)
        if (type == 0 || type > PING)
            refuses_frame(type, type < HELLO, 8, "a type that the supervisor does not send");
    for (int i = 1; i <= 3; i++) {
        header(KILLALL, 0, 0);
        bytes[i] = 1;
        refuses("a reserved byte that is not zero");
    }
    refuses_frame(STDIN, 1, FRAME_PAYLOAD_MAX + 1, "STDIN one byte too long");
    refuses_frame(STDIN, 1, UINT32_MAX, "STDIN of 4 GiB");
    refuses_frame(SPAWN, 1, SPAWN_PAYLOAD_MAX + 1, "SPAWN one byte too long");
    refuses_frame(SPAWN, 1, 32, "SPAWN too short for a command");
    refuses_frame(WINDOW, 1, 4, "WINDOW too short");
    refuses_frame(WINDOW, 1, 6, "WINDOW too long");
    refuses_frame(SIGNAL, 1, 1, "SIGNAL too short");
    refuses_frame(RESIZE, 1, 5, "RESIZE too long");
    refuses_frame(KILLALL, 0, 1, "KILLALL with a payload");
    refuses_frame(PING, 0, 65, "PING too long");
    refuses_frame(STDIN, 0, 0, "STDIN of no command");
    refuses_frame(SPAWN, 0, 40, "SPAWN of no command");
    refuses_frame(KILLALL, 1, 0, "KILLALL of a command");
    refuses_frame(PING, 1, 0, "PING of a command");
    static const uint8_t windows[] = {0, 3, 255};
    for (size_t i = 0; i < sizeof windows; i++) {
        header(WINDOW, 1, 5);
        u8(windows[i]), u32(1);
        refuses("WINDOW of a stream that is none");
    }
    static const uint8_t signals[][2] = {{0, 0}, {0, 65}, {3, 9}, {255, 255}};
    for (size_t i = 0; i < 4; i++) {
        header(SIGNAL, 1, 2);
        u8(signals[i][0]), u8(signals[i][1]);
        refuses("SIGNAL of a scope or number that is none");
    }
}

struct request {
    uint32_t uid, gid, group_count, group;
    unsigned mode, rows, columns;
    uint32_t argc, envc;
    const char *variable;
    size_t argument_size;  /* of "a\xff" "b" with a NUL behind it */
};

static const struct request GOOD = {1001, 1002, 2, 77, MODE_PTY, 24, 80, 2, 1, "A=b=c", 3};

static void payload(struct request r)
{
    size = 0;
    u32(r.uid), u32(r.gid), u32(r.group_count);
    for (uint32_t i = 0; i < r.group_count && i < 100; i++)
        u32(r.group);
    u8(r.mode), u16(r.rows), u16(r.columns);
    text("/work", 5);
    u32(r.argc);
    for (uint32_t i = 0; i < r.argc && i < 2; i++)
        text("a\xff" "b", r.argument_size);
    u32(r.envc);
    if (r.envc > 0)
        text(r.variable, strlen(r.variable));
}

static bool decodes(struct spawn *spawn)
{
    uint8_t *copy = malloc(size + 1);
    memcpy(copy + 1, bytes, size);
    bool decoded = spawn_decode(copy + 1, size, spawn) == NULL;
    free(copy);
    return decoded;
}

static void refuses_spawn(struct request r, const char *what)
{
    struct spawn spawn;
    payload(r);
    check(!decodes(&spawn), what);
}

static void spawns(void)
{
    struct spawn spawn;
    payload(GOOD);
    bool decoded = decodes(&spawn);
    check(decoded, "a whole SPAWN");
    if (!decoded)
        return;
    check(spawn.uid == 1001 && spawn.gid == 1002 && spawn.group_count == 2 && spawn.groups[1] == 77, "identity");
    check(spawn.mode == MODE_PTY && spawn.rows == 24 && spawn.columns == 80, "mode and size");
    check(strcmp(spawn.cwd, "/work") == 0 && strcmp(spawn.argv[1], "a\xff" "b") == 0 && spawn.argv[2] == NULL,
          "cwd and argv, which need not be UTF-8");
    check(strcmp(spawn.env[0], "A=b=c") == 0 && spawn.env[1] == NULL, "environment");
    free(spawn.memory);
    size_t whole = size;
    for (size = 0; size < whole; size++)
        check(!decodes(&spawn), "a SPAWN that is cut anywhere");
    u8(0);
    check(!decodes(&spawn), "a SPAWN with a byte left over");

    struct request r = GOOD;
    r.group_count = GROUPS_MAX;
    payload(r);
    check(decodes(&spawn) && spawn.groups[63] == 77, "64 groups");
    free(spawn.memory);
    r.group_count = GROUPS_MAX + 1;
    refuses_spawn(r, "65 groups");
    r = GOOD, r.uid = UINT32_MAX;
    refuses_spawn(r, "the uid that means no change");
    r = GOOD, r.gid = UINT32_MAX;
    refuses_spawn(r, "the gid that means no change");
    r = GOOD, r.group = UINT32_MAX;
    refuses_spawn(r, "the group that is none");
    r = GOOD, r.mode = 3;
    refuses_spawn(r, "an unknown mode");
    r = GOOD, r.mode = MODE_PIPES;
    refuses_spawn(r, "a window size without pty");
    r = GOOD, r.argc = 0;
    refuses_spawn(r, "no command");
    r = GOOD, r.argc = UINT32_MAX;
    refuses_spawn(r, "more arguments than there are");
    r = GOOD, r.envc = UINT32_MAX;
    refuses_spawn(r, "more variables than there are");
    r = GOOD, r.argument_size = 4;
    refuses_spawn(r, "a NUL in an argument");
    r = GOOD, r.variable = "A";
    refuses_spawn(r, "a variable without value");
    r = GOOD, r.variable = "=A";
    refuses_spawn(r, "a variable without name");
    payload(GOOD);
    memset(bytes + 12 + 8 + 5, 255, 4);
    check(!decodes(&spawn), "a string of 4 GiB");
}

/* As many strings as a SPAWN can hold: all are empty. */
static void most_strings(void)
{
    struct spawn spawn;
    payload((struct request){.argc = 0, .variable = ""});
    size -= 8;
    uint32_t count = (SPAWN_PAYLOAD_MAX - (uint32_t)size - 8) / 4;
    u32(count);
    memset(bytes + size, 0, 4 * count + 4);
    size += 4 * count + 4;
    bool decoded = decodes(&spawn);
    check(decoded && spawn.argv[count - 1][0] == 0 && spawn.argv[count] == NULL, "a million empty arguments");
    if (decoded)
        free(spawn.memory);
}

int main(void)
{
    frames();
    spawns();
    most_strings();
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
