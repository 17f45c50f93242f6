/* The frames of docs/init-protocol.md: bytes in, decoded frames out. Nothing here does I/O. */
#ifndef MAYFLY_FRAME_H
#define MAYFLY_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROTOCOL_VERSION = 1, FRAME_HEADER = 12, FRAME_PAYLOAD_MAX = 64 << 10, SPAWN_PAYLOAD_MAX = 4 << 20 };
enum { CREDIT_START = 256 << 10, CREDIT_MAX = 4 << 20, GROUPS_MAX = 64 };
enum frame_type {
    SPAWN = 1, STDIN, WINDOW, SIGNAL, RESIZE, KILLALL, PING,
    HELLO = 64, STARTED, STDOUT, STDERR, STDIN_WINDOW, EXITED, FAILED, PONG, NOTICE, KILLED,
};
enum spawn_mode { MODE_PIPES, MODE_PTY, MODE_MERGED };
enum failed_step { STEP_RESOURCES = 1, STEP_IDENTITY, STEP_CWD, STEP_EXEC };

struct frame {
    enum frame_type type;
    uint32_t id, size;
    const uint8_t *payload;  /* `size` bytes, inside those that were decoded */
};

struct spawn {
    uid_t uid;
    gid_t gid, groups[GROUPS_MAX];
    uint32_t group_count;
    enum spawn_mode mode;
    uint16_t rows, columns;
    char *cwd, **argv, **env;
    void *memory;  /* holds the strings; to be freed */
};

/*
 * Decodes the frame that `bytes` begin with. Returns what is wrong with it, or NULL. Then *whole is how many bytes
 * it takes, as far as that is known; if that is more than `have`, the frame is not complete and not yet decoded.
 */
const char *frame_decode(const uint8_t *bytes, size_t have, struct frame *frame, size_t *whole);

/* Decodes the payload of a SPAWN. Returns what is wrong with it, and there is nothing to be freed; or NULL. */
const char *spawn_decode(const uint8_t *payload, size_t size, struct spawn *spawn);

uint16_t get_u16(const uint8_t *from);
uint32_t get_u32(const uint8_t *from);

/* The bytes of an integer, to be listed in an initializer. */
#define U32(value) (uint8_t)((value) >> 24), (uint8_t)((value) >> 16), (uint8_t)((value) >> 8), (uint8_t)(value)
#define U64(value) U32((value) >> 32), U32(value)

#endif
