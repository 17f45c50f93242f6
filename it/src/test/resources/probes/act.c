/*
 * act [later] WHAT [ARGUMENT...]: does one thing that the monitor can have refused, and ends with the errno that it
 * met: 0 where it is allowed. With `later` it says that it is there, and waits for its standard input to end first.
 *
 * Build: cc -std=gnu11 -O2 -Wall -Wextra -Werror -static -o act act.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { USAGE = 255 };

static int result_of(long result) { return result >= 0 ? 0 : errno; }

static int reads(char **of) {
    char byte;
    int file = open(of[0], O_RDONLY);
    return result_of(file) ?: result_of(read(file, &byte, 1));
}

static int writes(char **of) { return result_of(open(of[0], O_WRONLY)); }
static int creates(char **of) { return result_of(open(of[0], O_WRONLY | O_CREAT | O_EXCL, 0600)); }
static int renames(char **of) { return result_of(rename(of[0], of[1])); }
static int links(char **of) { return result_of(link(of[0], of[1])); }
static int links_by_name(char **of) { return result_of(symlink(of[0], of[1])); }
static int removes(char **of) { return result_of(unlink(of[0])); }

static int reads_by_link(char **of) { return result_of(symlink(of[1], of[0])) ?: reads(of); }

/* Nobody else sees the mount. */
static int writes_by_mount(char **of) {
    return result_of(unshare(CLONE_NEWNS)) ?: result_of(mount(of[0], of[1], NULL, MS_BIND, NULL)) ?: writes(of + 2);
}

static int opens_memory(char **of) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/mem", of[0]);
    return result_of(open(path, O_RDONLY));
}

static int attaches_to(pid_t pid) {
    int error = result_of(ptrace(PTRACE_ATTACH, pid, NULL, NULL));
    if (error == 0 && (waitpid(pid, NULL, __WALL) != pid || ptrace(PTRACE_DETACH, pid, NULL, NULL) != 0))
        return USAGE;
    return error;
}

static int attaches(char **of) { return attaches_to(atoi(of[0])); }

static int attaches_to_child(char **of) {
    (void)of;
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    int error = attaches_to(child);
    return kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child ? error : USAGE;
}

static int makes_raw_socket(char **of) {
    (void)of;
    return result_of(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

static int makes_packet_socket(char **of) {
    (void)of;
    return result_of(socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL)));
}

static int makes_map(char **of) {
    (void)of;
    union bpf_attr array = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    return result_of(syscall(SYS_bpf, BPF_MAP_CREATE, &array, sizeof array));
}

/* Whether the kernel has any BPF program: ENOENT where it has none. */
static int finds_program(char **of) {
    (void)of;
    union bpf_attr next = {.start_id = 0};
    return result_of(syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &next, sizeof next));
}

/* And takes it away again. */
static int loads_module(char **of) {
    return result_of(syscall(SYS_finit_module, open(of[0], O_RDONLY | O_CLOEXEC), "", 0))
        ?: result_of(syscall(SYS_delete_module, of[1], O_NONBLOCK));
}

static const struct act {
    const char *called;
    int arguments;
    int (*act)(char **);
} acts[] = {
    {"read", 1, reads}, {"write", 1, writes}, {"create", 1, creates}, {"rename", 2, renames}, {"link", 2, links},
    {"symlink", 2, links_by_name}, {"remove", 1, removes}, {"read-by-link", 2, reads_by_link},
    {"write-by-mount", 3, writes_by_mount}, {"open-memory", 1, opens_memory}, {"attach", 1, attaches},
    {"attach-to-child", 0, attaches_to_child}, {"raw-socket", 0, makes_raw_socket},
    {"packet-socket", 0, makes_packet_socket}, {"bpf", 0, makes_map}, {"find-program", 0, finds_program},
    {"load-module", 2, loads_module},
};

int main(int argc, char **argv) {
    char byte;
    char **at = argv + 1;
    if (argc > 1 && strcmp(*at, "later") == 0) {
        if (puts("there") == EOF || fflush(stdout) != 0 || read(STDIN_FILENO, &byte, 1) != 0)
            return USAGE;
        at++;
    }
    for (size_t i = 0; *at != NULL && i < sizeof acts / sizeof *acts; i++)
        if (strcmp(*at, acts[i].called) == 0 && argv + argc == at + 1 + acts[i].arguments)
            return acts[i].act(at + 1);
    return USAGE;
}
