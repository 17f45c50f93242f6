#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uint64_t NEEDED = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_KILL;

noreturn void die(const char *call, const char *remedy)
{
    dprintf(2, "mayfly-init: %s: %s; %s\n", call, strerror(errno), remedy);
    exit(EXIT_SETUP);
}

bool set_capabilities(uint64_t effective, uint64_t permitted)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)effective, .permitted = (uint32_t)permitted},
        {.effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(permitted >> 32)},
    };
    return syscall(SYS_capset, &header, data) == 0;
}

static uint64_t permitted_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {0};
    if (syscall(SYS_capget, &header, data) != 0)
        die("capget", "is the seccomp profile Mayfly's?");
    return (uint64_t)data[1].permitted << 32 | data[0].permitted;
}

void confine(void)
{
    const char *caps = "start the container as user 0 with CAP_SETUID, CAP_SETGID and CAP_KILL";
    const char *profile = "allow it in the seccomp profile; it needs Linux 5.14";
    for (int fd = 0; fd <= 2; fd++)  /* a closed one would be taken by a command's pipe */
        if (fcntl(fd, F_GETFD) < 0)
            die("fcntl of a standard stream", "start the container with stdin, stdout and stderr attached");
    if (close_range(3, ~0U, 0) != 0)
        die("close_range", profile);
    for (int number = 1; number < NSIG; number++)  /* PID 1 is sent no signal that has the default action */
        signal(number, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    uint64_t permitted = permitted_capabilities();
    if ((permitted & NEEDED) != NEEDED) {
        errno = EPERM;
        die("capabilities", caps);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
        die("prctl", profile);
    /*
     * Under no_new_privs, execve gives root no more than it has, so what root commands may be given stays permitted
     * here. Saved ids of their own: prlimit(2) and ptrace(2) ask that all three ids are the caller's, so not even a
     * root command that makes itself INIT_ID matches.
     */
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) || setresgid(INIT_ID, INIT_ID, INIT_SAVED_ID)
        || setresuid(INIT_ID, INIT_ID, INIT_SAVED_ID) || prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0)
        || !set_capabilities(NEEDED, permitted))
        die("switching to uid 65532", caps);
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))  /* last: a change of ids sets it to what fs.suid_dumpable says */
        die("prctl(PR_SET_DUMPABLE)", profile);
}
