/* The frames of docs/init-protocol.md: bytes in, decoded frames out. Nothing here does I/O. */
#pragma once

#include "../wire.h"

#include <sys/types.h>

enum { SPAWN_PAYLOAD_MAX = 4 << 20, CREDIT_START = 256 << 10, CREDIT_MAX = 4 << 20, GROUPS_MAX = 64 };
enum frame_type { SPAWN = 1, STDIN, WINDOW, SIGNAL, RESIZE, KILLALL, PING,  /* the rest is from mayfly-init */
    HELLO = 64, STARTED, STDOUT, STDERR, STDIN_WINDOW, EXITED, FAILED, PONG, NOTICE, KILLED };
enum spawn_mode { MODE_PIPES, MODE_PTY, MODE_MERGED };
enum failed_step { STEP_RESOURCES = 1, STEP_IDENTITY, STEP_CWD, STEP_EXEC };

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
 * Decodes the frame that `bytes` begin with. Returns what is wrong with it, or NULL. Then *whole is how many
 * bytes it takes, as far as that is known; if that is more than `have`, the frame is not complete.
 */
const char *frame_decode(const uint8_t *bytes, size_t have, struct frame *frame, size_t *whole);

/* Decodes the payload of a SPAWN. Returns what is wrong with it, and nothing is to be freed; or NULL. */
const char *spawn_decode(const uint8_t *payload, size_t size, struct spawn *spawn);
