/* The BPF programs in the running kernel: monitor_test FOLDER, with the objects in it; needs root. */
#include "watch.h"

#include <sched.h>
#include <sys/mount.h>

enum { RING_SIZE = 32 << 20, SMALL_RING = 1 << 20 };

int main(int argc, char **argv) {
    errno = EINVAL;
    if (argc != 2)
        die("usage: monitor_test FOLDER");
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) != 0)
        die("a mount name space of its own");
    watch_open(argv[1], RING_SIZE);
    life_test();
    network_test();
    call_test();
    file_test();
    watch_close();
    watch_open(argv[1], SMALL_RING);
    share_test(SMALL_RING);
    watch_close();
    return checks_failed() != 0;
}
