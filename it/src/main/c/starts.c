// Starts a program one time after another, as programs in C and Go do, with what it prints thrown away, and prints how
// many microseconds each run took. No part of what Mayfly ships.
//
// starts TIMES PROGRAM ARGUMENT...

#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMES_MAX = 100000 };

extern char **environ;

static long long micros(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	long times = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	if (times < 1 || times > TIMES_MAX) {
		fprintf(stderr, "usage: starts TIMES PROGRAM ARGUMENT...\n");
		return 64;
	}
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	for (long i = 0; i < times; i++) {
		pid_t pid;
		int status;
		long long start = micros();
		if (posix_spawn(&pid, argv[2], &actions, NULL, argv + 2, environ) != 0 || waitpid(pid, &status, 0) != pid ||
		    status != 0) {
			fprintf(stderr, "starts: %s could not be started, or failed\n", argv[2]);
			return 1;
		}
		printf("%lld\n", micros() - start);
	}
	return 0;
}
