#include "frame.h"

#include <stdlib.h>
#include <string.h>

/* What a payload's size may be, by type, and whether the frame concerns a command. */
static const struct shape {
    uint32_t min, max;
    bool known, of_command;
} SHAPES[] = {
    [SPAWN] = {33, SPAWN_PAYLOAD_MAX, true, true},
    [STDIN] = {0, FRAME_PAYLOAD_MAX, true, true},
    [WINDOW] = {5, 5, true, true},
    [SIGNAL] = {2, 2, true, true},
    [RESIZE] = {4, 4, true, true},
    [KILLALL] = {0, 0, true, false},
    [PING] = {0, 64, true, false},
    [HELLO] = {8, 8, true, false},
    [STARTED] = {4, 4, true, true},
    [STDOUT] = {0, FRAME_PAYLOAD_MAX, true, true},
    [STDERR] = {0, FRAME_PAYLOAD_MAX, true, true},
    [STDIN_WINDOW] = {4, 4, true, true},
    [EXITED] = {26, 26, true, true},
    [FAILED] = {5, 5, true, true},
    [PONG] = {0, 64, true, false},
    [NOTICE] = {1, 1, true, false},
    [KILLED] = {0, 0, true, false},
};

uint16_t get_u16(const uint8_t *from) { return (uint16_t)(from[0] << 8 | from[1]); }

uint32_t get_u32(const uint8_t *from) { return (uint32_t)get_u16(from) << 16 | get_u16(from + 2); }

void put_u32(uint8_t *to, uint32_t value)
{
    for (int i = 3; i >= 0; i--, value >>= 8)
        to[i] = (uint8_t)value;
}

void put_u64(uint8_t *to, uint64_t value)
{
    put_u32(to, (uint32_t)(value >> 32));
    put_u32(to + 4, (uint32_t)value);
}

void frame_put_header(uint8_t *to, enum frame_type type, uint32_t id, uint32_t size)
{
    put_u32(to, (uint32_t)type << 24);
    put_u32(to + 4, id);
    put_u32(to + 8, size);
}

static enum decoded malformed(const char **why, const char *reason)
{
    *why = reason;
    return MALFORMED;
}

enum decoded frame_decode(const uint8_t *bytes, size_t have, struct frame *frame, size_t *whole,
                          const char **why)
{
    *whole = FRAME_HEADER;
    if (have < FRAME_HEADER)
        return INCOMPLETE;
    uint8_t type = bytes[0];
    *frame = (struct frame){type, get_u32(bytes + 4), bytes + FRAME_HEADER, get_u32(bytes + 8)};
    if (type >= sizeof SHAPES / sizeof *SHAPES || !SHAPES[type].known)
        return malformed(why, "unknown frame type");
    if (bytes[1] || bytes[2] || bytes[3])
        return malformed(why, "reserved header bytes are not zero");
    if (frame->size < SHAPES[type].min || frame->size > SHAPES[type].max)
        return malformed(why, "payload length does not fit the frame type");
    if ((frame->id != 0) != SHAPES[type].of_command)
        return malformed(why, "command id does not fit the frame type");
    *whole += frame->size;
    if (have < *whole)
        return INCOMPLETE;
    if (type == WINDOW && frame->payload[0] != 1 && frame->payload[0] != 2)
        return malformed(why, "WINDOW of an unknown stream");
    if (type == SIGNAL && (frame->payload[0] > 1 || frame->payload[1] < 1 || frame->payload[1] > 64))
        return malformed(why, "SIGNAL of an unknown scope or number");
    return DECODED;
}

/* Reads fields one after another; after the first that is not wholly there, all are zero. */
struct cursor {
    const uint8_t *at;
    size_t left;
    bool failed;
};

static const uint8_t *take(struct cursor *from, size_t size)
{
    static const uint8_t nothing[4];
    from->failed |= size > from->left;
    if (from->failed)
        return nothing;
    from->at += size;
    from->left -= size;
    return from->at - size;
}

static uint32_t take_u32(struct cursor *from) { return get_u32(take(from, 4)); }

/* Copies a string with a NUL behind it to *text, which moves on. The 4 bytes of its length make room for the NUL. */
static char *take_string(struct cursor *from, char **text)
{
    uint32_t size = take_u32(from);
    const uint8_t *bytes = take(from, size);
    if (from->failed || memchr(bytes, 0, size)) {
        from->failed = true;
        return NULL;
    }
    char *string = *text;
    memcpy(string, bytes, size);
    string[size] = 0;
    *text += size + 1;
    return string;
}

static char **take_strings(struct cursor *from, uint32_t count, char ***vector, char **text)
{
    char **strings = *vector;
    for (uint32_t i = 0; i < count && !from->failed; i++)
        *(*vector)++ = take_string(from, text);
    *(*vector)++ = NULL;
    return strings;
}

static const char *spawn_fields(struct cursor *from, struct spawn *spawn, char **vector, char *text)
{
    spawn->uid = take_u32(from);
    spawn->gid = take_u32(from);
    spawn->group_count = take_u32(from);
    if (spawn->group_count > GROUPS_MAX)
        return "SPAWN with more than 64 groups";
    bool unset_id = spawn->uid == (uid_t)-1 || spawn->gid == (gid_t)-1;
    for (uint32_t i = 0; i < spawn->group_count; i++)
        unset_id |= (spawn->groups[i] = take_u32(from)) == (gid_t)-1;
    if (unset_id)  /* to setresuid(2) it means: stay who you are, which is PID 1's own id */
        return "SPAWN with id 4294967295";
    spawn->mode = *take(from, 1);
    spawn->rows = get_u16(take(from, 2));
    spawn->columns = get_u16(take(from, 2));
    if (spawn->mode > MODE_MERGED || (spawn->mode != MODE_PTY && (spawn->rows || spawn->columns)))
        return "SPAWN with an unknown mode, or a window size without pty";
    spawn->cwd = take_string(from, &text);
    uint32_t argc = take_u32(from);
    spawn->argv = take_strings(from, argc, &vector, &text);
    spawn->env = take_strings(from, take_u32(from), &vector, &text);
    if (from->failed || from->left)
        return "SPAWN that ends early, has bytes left over, or a NUL in a string";
    if (argc < 1)
        return "SPAWN without a command";
    for (char **variable = spawn->env; *variable; variable++)
        if (strchr(*variable, '=') == NULL || **variable == '=')
            return "SPAWN with a variable that is not NAME=VALUE";
    return NULL;
}

enum decoded spawn_decode(const uint8_t *payload, size_t size, struct spawn *spawn, const char **why)
{
    /* Every string takes at least 4 bytes of the payload; argv and env each end with a NULL more. */
    size_t vector = (size / 4 + 2) * sizeof(char *);
    *spawn = (struct spawn){.memory = malloc(vector + size)};
    if (spawn->memory == NULL)
        return malformed(why, NULL);
    struct cursor from = {payload, size, false};
    *why = spawn_fields(&from, spawn, spawn->memory, (char *)spawn->memory + vector);
    if (*why == NULL)
        return DECODED;
    spawn_free(spawn);
    return MALFORMED;
}

void spawn_free(struct spawn *spawn)
{
    free(spawn->memory);
    spawn->memory = NULL;
}
