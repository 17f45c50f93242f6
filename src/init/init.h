/* The parts of mayfly-init: confine.c, spawn.c, channel.c, command.c; init.c is the loop. */
#pragma once

#define _GNU_SOURCE
#include "frame.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INIT_ID = 65532, INIT_SAVED_ID = 65533 };  /* uids and gids of mayfly-init */
enum { EXIT_PROTOCOL = 70, EXIT_SETUP = 71, EXIT_LIFETIME = 124 };

/* The reserve is kept free of output, for the starts and ends of 64 commands. */
enum { COMMANDS_MAX = 64, CHANNEL_SIZE = 256 << 10, CHANNEL_RESERVE = 16 << 10 };

/* PID 1's ends of what a command has; -1 where there is none. */
enum end { END_STATUS, END_IN, END_OUT, END_ERR, ENDS };

_Noreturn void die(const char *call, const char *remedy);  /* one line on fd 2 with errno, and EXIT_SETUP */

/*
 * Makes this process, started as root, one that no job can signal, trace, read or limit. Leaves it the
 * descriptors 0 to 2, non-blocking.
 */
void confine(void);
bool set_capabilities(uint64_t effective, uint64_t permitted);
void default_signals(void);

/*
 * Starts the command but does not wait for its execve: then END_STATUS ends, or gives the payload of FAILED.
 * Of a pty, END_IN and END_OUT are the master; END_ERR is its other side, to be kept open while the command
 * lives: were the command the last to close it, as many do before they exit, the master would end. Returns the
 * command's pid; or -1, nothing is left, and errno tells why.
 */
pid_t spawn_start(const struct spawn *spawn, int ends[ENDS]);

bool channel_fill(void);  /* reads from fd 0; false at its end. Overwrites the frames that were returned */
const char *channel_next(struct frame *frame, bool *complete);  /* as frame_decode */
size_t channel_room(void);
uint8_t *channel_begin(size_t size);  /* where the next frame's payload goes; its header needs room, too */
void channel_end(enum frame_type type, uint32_t id, size_t size);
void channel_send(enum frame_type type, uint32_t id, const void *payload, size_t size);
bool channel_flush(void);  /* false when fd 1 is broken */

const char *command_frame(const struct frame *frame);  /* returns what is wrong with it, or NULL */
void command_reaped(pid_t pid, int status, const struct rusage *usage);  /* perhaps no command's */
void commands_prepare(struct pollfd polls[COMMANDS_MAX][ENDS]);
void commands_serve(struct pollfd polls[COMMANDS_MAX][ENDS]);
