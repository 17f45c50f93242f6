/*
 * The commands that are live, and the bytes between them and the channel.
 */
#ifndef MAYFLY_COMMAND_H
#define MAYFLY_COMMAND_H

#include "sandbox.h"

#include <poll.h>
#include <sys/resource.h>

enum { COMMANDS_MAX = 64, COMMAND_POLLS = 4 };

/* Does what a frame asks of its command; of one that is not live, nothing. Returns what is wrong, or NULL. */
const char *command_frame(const struct frame *frame);
void command_spawn(uint32_t id, const struct spawn *spawn);
bool command_live(uint32_t id);

/* A process was reaped, perhaps a command's. */
void command_reaped(pid_t pid, int status, const struct rusage *usage);

/* Fills in what to wait for: COMMAND_POLLS entries for each of COMMANDS_MAX; then does what poll found. */
void commands_prepare(struct pollfd *polls);
void commands_serve(const struct pollfd *polls);

#endif
