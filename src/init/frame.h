/*
 * The frames of docs/init-protocol.md: bytes in, decoded frames out. Nothing here does I/O.
 */
#ifndef MAYFLY_FRAME_H
#define MAYFLY_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    PROTOCOL_VERSION = 1,
    FRAME_HEADER = 12,
    FRAME_PAYLOAD_MAX = 64 << 10,
    SPAWN_PAYLOAD_MAX = 4 << 20,
    CREDIT_START = 256 << 10,
    CREDIT_MAX = 4 << 20,
    GROUPS_MAX = 64,
};

enum frame_type {
    SPAWN = 1, STDIN, WINDOW, SIGNAL, RESIZE, KILLALL, PING,
    HELLO = 64, STARTED, STDOUT, STDERR, STDIN_WINDOW, EXITED, FAILED, PONG, NOTICE, KILLED,
};

enum spawn_mode { MODE_PIPES, MODE_PTY, MODE_MERGED };
enum failed_step { STEP_RESOURCES = 1, STEP_IDENTITY, STEP_CWD, STEP_EXEC };

struct frame {
    enum frame_type type;
    uint32_t id;
    const uint8_t *payload;  /* points into the bytes that were decoded */
    uint32_t size;
};

struct spawn {
    uid_t uid;
    gid_t gid;
    gid_t groups[GROUPS_MAX];
    uint32_t group_count;
    enum spawn_mode mode;
    uint16_t rows, columns;
    char *cwd, **argv, **env;
    void *memory;  /* what the strings live in; spawn_free releases it */
};

enum decoded { DECODED, INCOMPLETE, MALFORMED };

/*
 * Decodes the frame at the start of `bytes`. Except when MALFORMED, *whole is how many bytes the frame takes, as
 * far as that is known: at least as many are needed. When MALFORMED, *why is a static text.
 */
enum decoded frame_decode(const uint8_t *bytes, size_t have, struct frame *frame, size_t *whole,
                          const char **why);

/* Decodes the payload of a SPAWN. When MALFORMED, there is nothing to free; *why is NULL if memory ran out. */
enum decoded spawn_decode(const uint8_t *payload, size_t size, struct spawn *spawn, const char **why);
void spawn_free(struct spawn *spawn);

uint16_t get_u16(const uint8_t *from);
uint32_t get_u32(const uint8_t *from);
void put_u32(uint8_t *to, uint32_t value);
void put_u64(uint8_t *to, uint64_t value);
void frame_put_header(uint8_t *to, enum frame_type type, uint32_t id, uint32_t size);

#endif
