/*
 * The frames' way over fd 0 and fd 1, both non-blocking, with bounded buffers.
 */
#ifndef MAYFLY_CHANNEL_H
#define MAYFLY_CHANNEL_H

#include "frame.h"

/* Kept free of output, for what must be said whatever the supervisor reads: ends of commands and streams. */
enum { CHANNEL_SIZE = 256 << 10, CHANNEL_RESERVE = 16 << 10 };

void channel_open(void);

/* Reads what fd 0 has, as far as the next frame needs it. False at its end. */
bool channel_fill(void);
enum decoded channel_next(struct frame *frame, const char **why);  /* the frame is valid until channel_fill */

size_t channel_room(void);  /* bytes that can be queued now */
uint8_t *channel_space(size_t size);  /* where the next `size` <= channel_room() bytes go; then channel_queue */
void channel_queue(size_t size);
void channel_send(enum frame_type type, uint32_t id, const void *payload, uint32_t size);
bool channel_flush(void);  /* false when fd 1 is broken */

#endif
