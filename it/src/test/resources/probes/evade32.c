/*
 * A 32-bit program, without a C library that a machine may not have: makes a watched file and executes something.
 *
 * Build: clang -std=gnu11 -O2 -Wall -Wextra -Werror -m32 -nostdlib -static -o evade32 evade32.c
 */
enum { EXIT = 1, OPEN = 5, EXECVE = 11, O_WRONLY = 1, O_CREAT = 0100 };

static long call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

void _start(void) {
    static const char *const argv[] = {"/bin/true", "by-evade32", 0};
    if (call(OPEN, (long)"/etc/cron.d/by-evade32", O_WRONLY | O_CREAT, 0600) >= 0)
        call(EXECVE, (long)argv[0], (long)argv, 0);
    call(EXIT, 1, 0, 0);
    __builtin_unreachable();
}
