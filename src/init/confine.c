#include "init.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/syscall.h>

static const uint64_t NEEDED = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_KILL;
static struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};

_Noreturn void die(const char *call, const char *remedy) {
    dprintf(2, "mayfly-init: %s: %s; %s\n", call, strerror(errno), remedy);
    exit(EXIT_SETUP);
}

bool set_capabilities(uint64_t effective, uint64_t permitted) {
    return syscall(SYS_capset, &header, (struct __user_cap_data_struct[2]){
        {.effective = (uint32_t)effective, .permitted = (uint32_t)permitted},
        {.effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(permitted >> 32)}}) == 0;
}

void default_signals(void) {
    char action[64] = {0};  /* a kernel sigaction; sigaction(3) refuses signals 32 and 33 */
    for (int number = 1; number < NSIG; number++)
        syscall(SYS_rt_sigaction, number, action, NULL, NSIG / 8);
}

void confine(void) {
    struct __user_cap_data_struct had[2];
    for (int fd = 0; fd <= 2; fd++)  /* else a command's pipe would take its place */
        if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
            die("a standard stream", "start the container with stdin, stdout and stderr attached");
    if (close_range(3, ~0U, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_capget, &header, had)
        || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
        die("close_range, prctl or capget", "allow them in the seccomp profile; use Linux 5.14 or newer");
    default_signals();  /* of those with the default action, PID 1 is sent none by its own sandbox */
    signal(SIGPIPE, SIG_IGN);
    errno = EPERM;
    /*
     * Under no_new_privs execve gives root no more than it has: what root commands may be given stays
     * permitted. The saved ids differ, because prlimit(2) and ptrace(2) want all three to be the caller's: so
     * not even a root command that makes itself INIT_ID matches. PR_SET_DUMPABLE is last, as a change of ids
     * sets it to what the sysctl fs.suid_dumpable says.
     */
    if ((had[0].permitted & NEEDED) != NEEDED || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL)
        || setresgid(INIT_ID, INIT_ID, INIT_SAVED_ID) || setresuid(INIT_ID, INIT_ID, INIT_SAVED_ID)
        || !set_capabilities(NEEDED, (uint64_t)had[1].permitted << 32 | had[0].permitted)
        || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
        die("becoming uid 65532", "start the container as user 0 with CAP_SETUID, CAP_SETGID and CAP_KILL");
}
