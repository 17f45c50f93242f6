/*
 * The BPF programs in the running kernel: monitor_test FOLDER [lsm], with the objects in it; needs root. With
 * the word it tests LSM alone, which then has to be there; without, a kernel that has none is no failure.
 */
#include "watch.h"

#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

enum { RING_SIZE = 32 << 20, SMALL_RING = 1 << 20 };

static pid_t tester;

static void stop_tester(int signal) {
    (void)signal;
    kill(tester, SIGKILL);
}

static void test_lsm(const char *objects, bool wanted) {
    int error = lsm_error(objects);
    if (error != 0)
        printf("monitor: no LSM: %s\n", strerror(error));
    check(error == 0 || !wanted, "LSM programs can be loaded");
    if (error != 0)
        return;
    watch_open(objects, RING_SIZE, true);
    life_test();
    network_test();
    call_test();
    lsm_test();
    reach_test();
    watch_close();
    outlive_test(objects, SMALL_RING);
}

static void test_without_lsm(const char *objects) {
    watch_open(objects, RING_SIZE, false);
    life_test();
    network_test();
    call_test();
    file_test();
    name_test();
    watch_close();
    watch_open(objects, SMALL_RING, false);
    share_test(SMALL_RING);
    watch_close();
}

static int test(const char *objects, bool only_lsm) {
    /* Files are made in a file system that is gone with the process, however that ends. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || unshare(CLONE_NEWNS) != 0
        || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) != 0
        || mount("tmpfs", SCRATCH, "tmpfs", 0, NULL) != 0)
        die("a mount name space of its own");
    if (!only_lsm)
        test_without_lsm(objects);
    test_lsm(objects, only_lsm);
    return checks_failed() != 0;
}

/* The tester is a child, so that somebody is left to clear up after it. */
int main(int argc, char **argv) {
    char objects[PATH_MAX];
    int status = 0;
    errno = EINVAL;
    bool lsm = argc == 3 && strcmp(argv[2], "lsm") == 0;
    if (argc != 2 + lsm || realpath(argv[1], objects) == NULL)  /* the tests go to other directories */
        die("usage: monitor_test FOLDER [lsm]");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    tester = fork();
    if (tester == 0)
        return test(objects, lsm);
    signal(SIGTERM, stop_tester);
    signal(SIGINT, stop_tester);
    while (waitpid(tester, &status, 0) < 0 && errno == EINTR)
        continue;
    cgroups_clear(tester);
    if (!WIFEXITED(status))
        printf("monitor: the test was ended by signal %d\n", WTERMSIG(status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
