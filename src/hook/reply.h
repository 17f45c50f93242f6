/* What the supervisor sends (docs/hook-protocol.md): bytes in, frames in their order out. Nothing here does I/O. */
#pragma once

#include "../wire.h"

enum { REPLY_HELLO = 64, REPLY_STDOUT = 66, REPLY_STDERR = 67, REPLY_EXIT = 70 };
enum exit_kind { KIND_SUCCESS, KIND_JOB, KIND_SYSTEM };

/* Begins with all zero. After HELLO nothing may come until the hook has sent GO, and sets AFTER_GO. */
struct replies {
    enum { BEFORE_HELLO, BEFORE_GO, AFTER_GO, AFTER_EXIT } state;
    size_t have, taken;  /* bytes that are there, and those of them whose frames were taken */
    uint8_t bytes[2 * (FRAME_HEADER + FRAME_PAYLOAD_MAX)];
};

/*
 * Where the next bytes go, which are to be added to `have`; overwrites the frames that were taken. There is room for
 * some unless a frame is there that was not taken.
 */
uint8_t *replies_room(struct replies *replies, size_t *room);

/*
 * Takes the next frame, if it is there. Returns what is wrong with it, which does not go away; or NULL, and
 * *complete is whether `frame` was taken; if not, it is as before. Past EXIT, none is.
 */
const char *replies_next(struct replies *replies, struct frame *frame, bool *complete);
