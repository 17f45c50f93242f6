/* What was pinned goes on when its loader was killed, for processes from before and for later ones. */
#include "watch.h"

#include <dirent.h>
#include <sys/mount.h>
#include <time.h>

#define PINS SCRATCH "/pins"
#define WATCHED SCRATCH "/outlive/cron.d"

static int write_there(void *go) {
    char byte;
    if (go != NULL && read(*(int *)go, &byte, 1) != 1)
        return 255;
    return open(WATCHED "/file", O_WRONLY) >= 0 ? 0 : errno;
}

static void load_and_stay(const char *objects, __u64 ring_size, int told) {
    struct sandbox sandbox;
    watch_open(objects, ring_size, true);
    sandbox_open(&sandbox, IN_BOTH, ring_size / 4);
    watch_called("cron.d", "", PLACE_WRITE | PLACE_BLOCK);
    watch_pin(PINS);
    if (write(told, &sandbox, sizeof sandbox) != sizeof sandbox)
        die("pipe");
    for (;;)
        pause();
}

static int status_of(pid_t pid) {
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static void unpin_all(void) {
    char path[512];
    DIR *pins = opendir(PINS);
    for (struct dirent *pin; pins != NULL && (pin = readdir(pins)) != NULL;) {
        snprintf(path, sizeof path, PINS "/%s", pin->d_name);
        if (pin->d_name[0] != '.')
            check(unlink(path) == 0, "%s is unpinned", path);
    }
    closedir(pins);
}

void outlive_test(const char *objects, __u64 ring_size) {
    struct timespec moment = {.tv_nsec = 10000000};
    struct sandbox sandbox;
    int told[2], go[2];
    if (mkdir(PINS, 0700) != 0 || mount("bpf", PINS, "bpf", 0, NULL) != 0
        || mkdir(SCRATCH "/outlive", 0700) != 0 || mkdir(WATCHED, 0700) != 0 || pipe(told) != 0
        || pipe(go) != 0)
        die(PINS);
    touch(WATCHED "/file");
    pid_t loader = fork();
    if (loader == 0)
        load_and_stay(objects, ring_size, told[1]);
    if (read(told[0], &sandbox, sizeof sandbox) != sizeof sandbox)
        die("the loader");
    pid_t before = start(&sandbox, write_there, &go[0]);
    check(kill(loader, SIGKILL) == 0 && status_of(loader) == SIGKILL, "the loader is killed");
    check(write(go[1], "", 1) == 1 && status_of(before) == EPERM << 8, "who was there is refused");
    check(status_of(start(&sandbox, write_there, NULL)) == EPERM << 8, "who comes later is refused");
    check(status_of(start(NULL, write_there, NULL)) == 0, "control: who is in no sandbox is not");
    unpin_all();
    int status = -1;
    for (int tries = 0; tries < 300 && status != 0; tries++) {  /* the kernel frees them a little later */
        status = status_of(start(&sandbox, write_there, NULL));
        if (status != 0)
            nanosleep(&moment, NULL);
    }
    check(status == 0, "control: nobody is, without the pins");
    for (int i = 0; i < 2; i++)
        check(sandbox.cgroup[i][0] == 0 || rmdir(sandbox.cgroup[i]) == 0, "the cgroup is empty");
    check(umount(PINS) == 0, "nothing is pinned any more");
    for (int i = 0; i < 2; i++) {
        close(told[i]);
        close(go[i]);
    }
}
