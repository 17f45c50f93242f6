#include "hook.h"

#include <sys/sysmacros.h>

enum { MAJOR_ALIASES = 5 };  /* of /dev/tty, /dev/console and /dev/ptmx, which when opened again are another terminal */

static struct output { int fd; bool socket, whole; } outputs[3];  /* `whole`: a long write does not block */
static int nowhere;

void outputs_open(void) {
    /* Also stands in for what of 0 to 2 is closed: no other file may come to be it. */
    while ((nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)) <= 2)
        if (nowhere < 0)
            fail("make it a device as usual", "can't open /dev/null: %s", strerror(errno));
    for (int stream = 1; stream <= 2; stream++) {
        struct stat status = {0};
        char path[32];
        fstat(stream, &status);
        outputs[stream] = (struct output){stream, S_ISSOCK(status.st_mode), S_ISREG(status.st_mode)};
        if (!S_ISFIFO(status.st_mode) && (!isatty(stream) || major(status.st_rdev) == MAJOR_ALIASES))
            continue;
        /* A file description of one's own may be made non-blocking. The one that was given is others', too. */
        snprintf(path, sizeof path, "/proc/self/fd/%d", stream);
        int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (own >= 0)
            outputs[stream] = (struct output){own, false, true};
    }
}

int output_descriptor(int stream) { return outputs[stream].fd; }

size_t output_write(int stream, const uint8_t *bytes, size_t size) {
    struct output *to = &outputs[stream];
    size_t piece = to->whole || size < PIPE_BUF ? size : PIPE_BUF;  /* has room in what poll calls writable */
    ssize_t written = to->socket ? send(to->fd, bytes, size, MSG_DONTWAIT) : write(to->fd, bytes, piece);
    if (written < 0 && errno != EAGAIN && errno != EINTR)
        *to = (struct output){nowhere, false, true};  /* nobody reads it any more, or it is full */
    return written < 0 ? 0 : (size_t)written;
}
