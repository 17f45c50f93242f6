#include "frame.h"

#include <stdlib.h>
#include <string.h>

/* What comes from the supervisor, by type: whether it concerns a command, and how long it may be. */
static const struct shape { bool of_command; uint32_t min, max; } SHAPES[] = {
    [SPAWN] = {true, 33, SPAWN_PAYLOAD_MAX},
    [STDIN] = {true, 0, FRAME_PAYLOAD_MAX},
    [WINDOW] = {true, 5, 5},
    [SIGNAL] = {true, 2, 2},
    [RESIZE] = {true, 4, 4},
    [KILLALL] = {false, 0, 0},
    [PING] = {false, 0, 64},
};

const char *frame_decode(const uint8_t *bytes, size_t have, struct frame *frame, size_t *whole) {
    *whole = FRAME_HEADER;
    if (have < FRAME_HEADER)
        return NULL;
    bool reserved = !get_header(bytes, frame);
    unsigned type = frame->type;
    if (reserved || type < SPAWN || type > PING)
        return "unknown frame type, or reserved header bytes that are not zero";
    if (frame->size < SHAPES[type].min || frame->size > SHAPES[type].max)
        return "payload length does not fit the frame type";
    if ((frame->id != 0) != SHAPES[type].of_command)
        return "command id does not fit the frame type";
    *whole += frame->size;
    if (have < *whole)
        return NULL;
    if (type == WINDOW && frame->payload[0] != 1 && frame->payload[0] != 2)
        return "WINDOW of an unknown stream";
    if (type == SIGNAL && (frame->payload[0] > 2 || frame->payload[1] < 1 || frame->payload[1] > 64))
        return "SIGNAL of an unknown scope or number";
    return NULL;
}

/* Fields are read one after another; from the first that is not wholly there on, all are zero. */
struct cursor {
    const uint8_t *at;
    size_t left;
    bool failed;
    char *text;      /* where the next string goes, */
    char **strings;  /* and the pointer to it */
};

static const uint8_t *take(struct cursor *from, size_t size) {
    static const uint8_t zero[4];
    from->failed |= size > from->left;
    if (from->failed)
        return zero;
    from->at += size;
    from->left -= size;
    return from->at - size;
}

static uint32_t take_u32(struct cursor *from) { return get_u32(take(from, 4)); }

/* Copies strings, and puts NULL behind the pointers to them. Their NULs have room: a length took 4 bytes. */
static char **take_strings(struct cursor *from, uint32_t count) {
    char **strings = from->strings;
    for (; count > 0; count--) {
        uint32_t size = take_u32(from);
        const uint8_t *bytes = take(from, size);
        from->failed |= !from->failed && memchr(bytes, 0, size) != NULL;
        if (from->failed)
            break;
        *from->strings++ = memcpy(from->text, bytes, size);
        from->text[size] = 0;
        from->text += size + 1;
    }
    *from->strings++ = NULL;
    return strings;
}

static const char *spawn_fields(struct cursor *from, struct spawn *spawn) {
    spawn->uid = take_u32(from);
    spawn->gid = take_u32(from);
    spawn->group_count = take_u32(from);
    if (spawn->group_count > GROUPS_MAX)
        return "SPAWN with more than 64 groups";
    bool unset = spawn->uid == (uid_t)-1 || spawn->gid == (gid_t)-1;
    for (uint32_t i = 0; i < spawn->group_count; i++)
        unset |= (spawn->groups[i] = take_u32(from)) == (gid_t)-1;
    if (unset)  /* to setresuid(2) it means: as before, which is PID 1's own */
        return "SPAWN with id 4294967295";
    spawn->mode = *take(from, 1);
    spawn->rows = get_u16(take(from, 2));
    spawn->columns = get_u16(take(from, 2));
    if (spawn->mode > MODE_MERGED || (spawn->mode != MODE_PTY && (spawn->rows || spawn->columns)))
        return "SPAWN with an unknown mode, or a window size without pty";
    spawn->cwd = *take_strings(from, 1);
    spawn->argv = take_strings(from, take_u32(from));
    spawn->env = take_strings(from, take_u32(from));
    if (from->failed || from->left > 0 || *spawn->argv == NULL)
        return "SPAWN that ends early or late, has no command, or a NUL in a string";
    for (char **variable = spawn->env; *variable; variable++)
        if (strchr(*variable, '=') == NULL || **variable == '=')
            return "SPAWN with a variable that is not NAME=VALUE";
    return NULL;
}

const char *spawn_decode(const uint8_t *payload, size_t size, struct spawn *spawn) {
    /* A string takes at least 4 bytes of the payload; cwd, argv and env have a NULL more. */
    size_t pointers = size / 4 + 3;
    *spawn = (struct spawn){.memory = malloc(pointers * sizeof(char *) + size)};
    if (spawn->memory == NULL)
        return "SPAWN that memory is too short for";
    char **strings = spawn->memory;
    struct cursor from = {payload, size, false, (char *)(strings + pointers), strings};
    const char *wrong = spawn_fields(&from, spawn);
    if (wrong != NULL)
        free(spawn->memory);
    return wrong;
}
