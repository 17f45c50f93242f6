/*
 * What mayfly-init asks of the kernel: to confine itself, and to start a command.
 */
#ifndef MAYFLY_SANDBOX_H
#define MAYFLY_SANDBOX_H

#include "frame.h"

#include <stdnoreturn.h>

enum {
    INIT_ID = 65532,        /* uid and gid of mayfly-init */
    INIT_SAVED_ID = 65533,
    EXIT_USAGE = 64,
    EXIT_PROTOCOL = 70,
    EXIT_SETUP = 71,
    EXIT_LIFETIME = 124,
};

/* Ends the program with one line on fd 2 that names the call, errno, and the remedy. */
noreturn void die(const char *call, const char *remedy);

/*
 * Makes the calling process, freshly started as root, one that no job can signal, trace, read or limit, and that
 * can become any user of the sandbox for its commands. Closes every descriptor above 2.
 */
void confine(void);

/* Sets these, and no inheritable ones, for the calling process. */
bool set_capabilities(uint64_t effective, uint64_t permitted);

/* PID 1's ends of a command: -1 where there is none. For a pty, in and out[0] are both the master. */
struct child {
    pid_t pid;
    int status;  /* a struct failure if there is no command; end of file once it executes */
    int in, out[2];
};

struct failure {
    uint32_t step;
    int error;
};

/* Starts the command without waiting for its execve. False: nothing is left of it, and errno tells why. */
bool spawn_start(const struct spawn *spawn, struct child *child);

#endif
