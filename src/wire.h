/* The frames that Mayfly's protocols share: a header of 12 bytes (docs/init-protocol.md), and a payload. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROTOCOL_VERSION = 1, FRAME_HEADER = 12, FRAME_PAYLOAD_MAX = 64 << 10 };

struct frame {
    unsigned type;
    uint32_t id, size;
    const uint8_t *payload;  /* `size` bytes, inside those that were decoded */
};

static inline uint16_t get_u16(const uint8_t *from) { return (uint16_t)(from[0] << 8 | from[1]); }
static inline uint32_t get_u32(const uint8_t *from) { return (uint32_t)get_u16(from) << 16 | get_u16(from + 2); }

/* Takes the frame that FRAME_HEADER bytes begin. Returns whether the reserved ones are zero, as they have to be. */
static inline bool get_header(const uint8_t *bytes, struct frame *frame) {
    *frame = (struct frame){bytes[0], get_u32(bytes + 4), get_u32(bytes + 8), bytes + FRAME_HEADER};
    return !bytes[1] && !bytes[2] && !bytes[3];
}

/* The bytes of an integer and of a header, to be listed in an initializer. */
#define U32(n) (uint8_t)((n) >> 24), (uint8_t)((n) >> 16), (uint8_t)((n) >> 8), (uint8_t)(n)
#define U64(n) U32((n) >> 32), U32(n)
#define HEADER(type, id, size) (uint8_t)(type), 0, 0, 0, U32(id), U32(size)
