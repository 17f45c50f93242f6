/* The parts of mayfly-hook: reply.c, output.c, link.c, request.c; hook.c is the loop. */
#pragma once

#define _GNU_SOURCE
#include "reply.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the hook sends, and how long it may be: each argument or variable, and all of its kind. */
enum { SEND_ARGUMENT = 1, SEND_VARIABLE, SEND_RESPONSE, SEND_SCRIPT, SEND_GO, SEND_SIGNAL };
enum { ARGUMENTS_MAX = 16, ARGUMENT_MAX = 4 << 10, VARIABLE_MAX = 128 << 10 };
enum { VARIABLES_MAX = 8 << 20, RESPONSE_MAX = 16 << 20, SCRIPT_MAX = 64 << 20 };

/* Says on stderr "mayfly: CAUSE; REMEDY", and ends the hook as a failure of the system. */
_Noreturn __attribute__((format(printf, 2, 3))) void fail(const char *remedy, const char *cause, ...);

/* Opens the files of the call, before anything is sent. */
void request_open(int count, char **arguments);
void request_send(char **arguments, char **variables);

/* The connection. Up to GO, a signal that arrives ends the hook, and so does a connection that ends. */
extern int link_socket, link_signals;  /* neither blocks */
extern struct replies link_replies;
void link_signals_open(void);
void link_open(const char *path, int seconds);
bool link_fill(void);                      /* reads; false at the end of the connection */
bool link_next(struct frame *frame);       /* takes a frame that was read, if it is there */
uint8_t *link_begin(size_t size);          /* where the next frame's payload goes; up to GO, waits for room */
void link_end(unsigned type, size_t size);
void link_send(unsigned type, const void *payload, size_t size);
void link_go(void);                        /* waits until all is sent */
bool link_pending(void);                   /* whether link_flush has something to do */
void link_flush(void);                     /* sends what can be sent at once; what can't be any more is dropped */
void link_take_signal(void);               /* after GO, sends one that arrived */

/* The hook's own standard output and error, by descriptor. */
void outputs_open(void);
int output_descriptor(int stream);  /* to poll */
size_t output_write(int stream, const uint8_t *bytes, size_t size);  /* how many are done with; does not block */
