/* Decodes every input as a stream of frames and, where that ends, as the payload of a SPAWN. */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

static size_t text_size(char **strings)
{
    size_t size = 0;
    for (; *strings; strings++)
        size += strlen(*strings) + 4;
    return size;
}

static void decode_spawn(const uint8_t *payload, size_t size)
{
    struct spawn spawn;
    if (spawn_decode(payload, size, &spawn) != NULL)
        return;
    /* What was decoded accounts for each byte of the payload. */
    size_t used = 29 + 4 * spawn.group_count + strlen(spawn.cwd) + text_size(spawn.argv) + text_size(spawn.env);
    if (used != size || spawn.argv[0] == NULL || spawn.uid == (uid_t)-1 || spawn.mode > MODE_MERGED)
        abort();
    free(spawn.memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame frame;
    size_t at = 0, whole;
    const char *wrong;
    while ((wrong = frame_decode(data + at, size - at, &frame, &whole)) == NULL && whole <= size - at) {
        if (whole != FRAME_HEADER + frame.size || frame.payload != data + at + FRAME_HEADER)
            abort();
        if (frame.type == SPAWN)
            decode_spawn(frame.payload, frame.size);
        at += whole;
    }
    if (wrong == NULL && whole > FRAME_HEADER + SPAWN_PAYLOAD_MAX)
        abort();
    decode_spawn(data + at, size - at);
    return 0;
}
