/* The test's own watch: loads the objects, opens sandboxes, reads the ring as the supervisor will. */
#pragma once

#define _GNU_SOURCE
#include "events.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRATCH "/run"  /* a tmpfs in the test's own mount name space */

struct sandbox {
    __u64 id;
    struct slot *slot;
    __u64 seq, dropped[DROPS];  /* where the slot's counters stood */
    char cgroup[2][128];        /* the directories in cgroup2 and pids; empty where it has none */
};

void check(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));
int checks_failed(void);
_Noreturn void die(const char *what);

int lsm_error(const char *objects);  /* why LSM programs can't be loaded here; 0: they can */
void watch_open(const char *objects, __u64 ring_size, bool with_lsm);
void watch_pin(const char *directory);
void watch_close(void);  /* checks that nothing is left of it */
bool hierarchy_there(enum hierarchy hierarchy);
const char *cgroup_root(enum hierarchy hierarchy);  /* NULL where it is not mounted */
int watch_map(const char *name);

enum { IN_V2 = 1, IN_PIDS = 2, IN_BOTH = 3 };  /* as far as this machine has both */
void sandbox_open(struct sandbox *sandbox, unsigned hierarchies, __u64 limit);
void sandbox_close(struct sandbox *sandbox);  /* checks that it has no number without an event or a drop */
__u64 sandbox_dropped(const struct sandbox *sandbox, enum drop drop);
void cgroups_clear(pid_t tester);             /* what a tester left that did not end by itself */
void cgroup_enter(const char *directory);     /* the caller */

/* What the maps of places and names say; nothing any more with flags 0. */
void watch_place(const char *path, __u32 flags);
void watch_name(const char *directory, const char *name, __u32 flags);
void watch_called(const char *directory, const char *name, __u32 flags);
void touch(const char *path);

/* Runs it in a child, in the sandbox's cgroups (or in none) from its start; waits for all that it leaves. */
typedef int body(void *argument);
int run(const struct sandbox *sandbox, body *body, void *argument);  /* as wait(2) gives it */
pid_t start(const struct sandbox *sandbox, body *body, void *argument);
void reap_all(void);  /* reads the ring meanwhile */

/* What was read since the watch was opened or `forget` was called. */
extern struct event **seen;
extern size_t seen_count;
void drain(void);
bool woken(int milliseconds);  /* whether an event wakes who waits for the ring, which is empty at first */
__u64 stale_events(void);
void forget(void);
size_t count(const struct sandbox *sandbox, int type);  /* type 0: all; sandbox NULL: of anybody */
const void *only(const struct sandbox *sandbox, int type);  /* the one there is, or NULL */

void life_test(void);
void share_test(__u64 ring_size);
void network_test(void);
void call_test(void);
void file_test(void);
void name_test(void);
void lsm_test(void);
void reach_test(void);
void outlive_test(const char *objects, __u64 ring_size);
