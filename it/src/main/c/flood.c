// Makes system calls that the monitor tells of and that do nothing, evenly. One thread; no part of what Mayfly ships.
//
// flood RATE SECONDS   so many calls a second; with 0 as many as there can be

#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000, TICK = 1000000, PIECE = 1000 };

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

int main(int count, char **arguments)
{
	if (count != 3)
		return 64;
	uint64_t rate = strtoull(arguments[1], NULL, 10), lasts = strtoull(arguments[2], NULL, 10) * SECOND;
	uint64_t begin = now(), made = 0;
	for (uint64_t passed = 0; passed < lasts; passed = now() - begin) {
		uint64_t due = rate == 0 ? made + PIECE : rate * (passed / TICK + 1) / (SECOND / TICK);
		for (; made < due; made++)
			syscall(SYS_listen, -1, 0);
		if (rate != 0) {
			uint64_t next = begin + (passed / TICK + 1) * TICK;
			struct timespec until = {.tv_sec = (time_t)(next / SECOND), .tv_nsec = (long)(next % SECOND)};
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		}
	}
	return 0;
}
