/*
 * Asks the kernel, from inside a sandbox, for everything the seccomp profile refuses (no argument) or must let
 * through (--allowed), and prints one line per call:
 *
 *   name TAB result TAB wanted TAB needs
 *
 * result and wanted are OK, an errno's name, or the name of the signal that ended the call. Without argument, `wanted` is
 * the refusal: every line must have result == wanted in a sandbox, and result != wanted in a control container that
 * differs in nothing but seccomp=unconfined. Where the kernel checks a capability before anything else, no argument can
 * tell the two apart: `needs` then names the capability, and the control is a privileged container on the host's
 * user name space. `needs` is KERNEL for calls whose refusal is ENOSYS: a control that answers ENOSYS lacks the call.
 * With --allowed, result == wanted must hold in the sandbox.
 *
 * No call does anything when it is let through, with every capability, on a real host: pointers are invalid (BAD),
 * flags unknown, descriptors -1, magic numbers wrong.
 *
 * Build: cc -std=gnu11 -O2 -Wall -Wextra -Werror -static -pthread -o syscalls syscalls.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define BAD 1L            /* never mapped: EFAULT */
#define NOBODY 0x7ffffff0L /* larger than any pid_max: ESRCH */
#define BADFLAGS 0x7f00ff00L

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

/* Numbers since 424 are the same on every architecture; headers of Debian 12 end at Linux 6.1. */
enum {
    NR_OPEN_TREE = 428, NR_MOVE_MOUNT = 429, NR_FSOPEN = 430, NR_FSCONFIG = 431, NR_FSMOUNT = 432, NR_FSPICK = 433,
    NR_PIDFD_OPEN = 434, NR_CLONE3 = 435, NR_CLOSE_RANGE = 436, NR_PIDFD_GETFD = 438, NR_PROCESS_MADVISE = 440,
    NR_MOUNT_SETATTR = 442, NR_QUOTACTL_FD = 443, NR_MEMFD_SECRET = 447, NR_PROCESS_MRELEASE = 448, NR_FUTEX_WAITV = 449,
    NR_SET_MEMPOLICY_HOME_NODE = 450, NR_CACHESTAT = 451, NR_FUTEX_WAKE = 454, NR_FUTEX_WAIT = 455,
    NR_FUTEX_REQUEUE = 456, NR_STATMOUNT = 457, NR_LISTMOUNT = 458, NR_LSM_GET_SELF_ATTR = 459,
    NR_LSM_SET_SELF_ATTR = 460, NR_LSM_LIST_MODULES = 461, NR_OPEN_TREE_ATTR = 467, NR_FUTURE = 900,
};

static const char *errno_name(int error) {
    const char *name = error == 0 ? "OK" : strerrorname_np(error);
    return name != NULL ? name : "UNKNOWN";
}

static void report(const char *name, const char *result, const char *wanted, const char *needs) {
    printf("%s\t%s\t%s\t%s\n", name, result, wanted, needs);
}

struct call {
    const char *name;
    const char *wanted;
    const char *needs;
    long number;
    long arguments[6];
};

static void attempt(const struct call *call) {
    const long *a = call->arguments;
    long result = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    report(call->name, errno_name(result == -1 ? errno : 0), call->wanted, call->needs);
}

#define P "EPERM"
#define N "ENOSYS"

static const struct call refused[] = {
    {"io_uring_setup", P, "-", SYS_io_uring_setup, {1, BAD}},
    {"io_uring_enter", P, "-", SYS_io_uring_enter, {-1}},
    {"io_uring_register", P, "-", SYS_io_uring_register, {-1, BADFLAGS}},

    {"ptrace", P, "-", SYS_ptrace, {BADFLAGS, NOBODY}},
    {"process_vm_readv", P, "-", SYS_process_vm_readv, {NOBODY, BAD, 1, BAD, 1, BADFLAGS}},
    {"process_vm_writev", P, "-", SYS_process_vm_writev, {NOBODY, BAD, 1, BAD, 1, BADFLAGS}},
    {"process_madvise", P, "-", NR_PROCESS_MADVISE, {-1, BAD, 1, 0, BADFLAGS}},
    {"process_mrelease", P, "-", NR_PROCESS_MRELEASE, {-1, BADFLAGS}},
    {"pidfd_getfd", P, "-", NR_PIDFD_GETFD, {-1, -1, BADFLAGS}},
    {"kcmp", P, "-", SYS_kcmp, {NOBODY, NOBODY, BADFLAGS}},

    /* CLONE_THREAD without CLONE_SIGHAND is invalid before any name space is looked at: no child is ever made. */
    {"clone:CLONE_NEWNS", P, "-", SYS_clone, {CLONE_NEWNS | CLONE_THREAD}},
    {"clone:CLONE_NEWCGROUP", P, "-", SYS_clone, {CLONE_NEWCGROUP | CLONE_THREAD}},
    {"clone:CLONE_NEWUTS", P, "-", SYS_clone, {CLONE_NEWUTS | CLONE_THREAD}},
    {"clone:CLONE_NEWIPC", P, "-", SYS_clone, {CLONE_NEWIPC | CLONE_THREAD}},
    {"clone:CLONE_NEWUSER", P, "-", SYS_clone, {CLONE_NEWUSER | CLONE_THREAD}},
    {"clone:CLONE_NEWPID", P, "-", SYS_clone, {CLONE_NEWPID | CLONE_THREAD}},
    {"clone:CLONE_NEWNET", P, "-", SYS_clone, {CLONE_NEWNET | CLONE_THREAD}},
    {"clone:CLONE_NEWUSER+high-bits", P, "-", SYS_clone, {0x5a00000000L | CLONE_NEWUSER | CLONE_THREAD}},
    {"clone:CLONE_FILES", P, "-", SYS_clone, {CLONE_FILES | CLONE_SIGHAND}},
    {"clone3", N, "-", NR_CLONE3, {BAD, 64}},
    {"unshare", P, "-", SYS_unshare, {0}},
    {"unshare:CLONE_NEWUSER", P, "-", SYS_unshare, {BADFLAGS | CLONE_NEWUSER}},
    {"setns", P, "-", SYS_setns, {-1}},

    {"mount", P, "-", SYS_mount, {BAD, BAD, BAD, 0, BAD}},
    {"umount2", P, "-", SYS_umount2, {BAD, BADFLAGS}},
    {"pivot_root", P, "CAP_SYS_ADMIN", SYS_pivot_root, {BAD, BAD}},
    {"open_tree", P, "-", NR_OPEN_TREE, {-1, BAD, BADFLAGS}},
    {"open_tree_attr", N, "KERNEL", NR_OPEN_TREE_ATTR, {-1, BAD, BADFLAGS}},
    {"move_mount", P, "CAP_SYS_ADMIN", NR_MOVE_MOUNT, {-1, BAD, -1, BAD, BADFLAGS}},
    {"fsopen", P, "CAP_SYS_ADMIN", NR_FSOPEN, {BAD, BADFLAGS}},
    {"fsmount", P, "CAP_SYS_ADMIN", NR_FSMOUNT, {-1, BADFLAGS}},
    {"fsconfig", P, "-", NR_FSCONFIG, {-1, BADFLAGS}},
    {"fspick", P, "CAP_SYS_ADMIN", NR_FSPICK, {-1, BAD, BADFLAGS}},
    {"mount_setattr", P, "-", NR_MOUNT_SETATTR, {-1, BAD, BADFLAGS}},
    {"chroot", P, "-", SYS_chroot, {BAD}},
    {"open_by_handle_at", P, "CAP_DAC_READ_SEARCH", SYS_open_by_handle_at, {-1, BAD}},
    {"name_to_handle_at", P, "-", SYS_name_to_handle_at, {-1, BAD, BAD, BAD, BADFLAGS}},

    {"add_key", P, "-", SYS_add_key, {BAD, BAD, BAD, 1L << 30}},
    {"request_key", P, "-", SYS_request_key, {BAD, BAD, BAD}},
    {"keyctl", P, "-", SYS_keyctl, {BADFLAGS}},
    {"bpf", P, "CAP_SYS_ADMIN", SYS_bpf, {BADFLAGS, BAD, 1L << 20}},
    {"perf_event_open", P, "-", SYS_perf_event_open, {BAD, 0, -1, -1, BADFLAGS}},
    {"userfaultfd", P, "-", SYS_userfaultfd, {1 /* UFFD_USER_MODE_ONLY */ | 0x40000000}},
    {"fanotify_init", P, "-", SYS_fanotify_init, {0x200 /* FAN_REPORT_FID */ | 0x40000000}},
    {"fanotify_mark", P, "-", SYS_fanotify_mark, {-1, BADFLAGS}},

    {"init_module", P, "CAP_SYS_MODULE", SYS_init_module, {BAD, 0, BAD}},
    {"finit_module", P, "CAP_SYS_MODULE", SYS_finit_module, {-1, BAD, BADFLAGS}},
    {"delete_module", P, "CAP_SYS_MODULE", SYS_delete_module, {BAD}},
    {"kexec_load", P, "CAP_SYS_BOOT", SYS_kexec_load, {0, 9999, BAD, BADFLAGS}},
    {"kexec_file_load", P, "CAP_SYS_BOOT", SYS_kexec_file_load, {-1, -1, 0, BAD, BADFLAGS}},
    {"reboot", P, "CAP_SYS_BOOT", SYS_reboot, {BAD, BAD, BAD, BAD}},
    {"swapon", P, "CAP_SYS_ADMIN", SYS_swapon, {BAD, BADFLAGS}},
    {"swapoff", P, "CAP_SYS_ADMIN", SYS_swapoff, {BAD}},
    {"quotactl", P, "-", SYS_quotactl, {0xff, BAD, 0, BAD}},
    {"quotactl_fd", P, "-", NR_QUOTACTL_FD, {-1, 0xff, 0, BAD}},
    {"acct", P, "CAP_SYS_PACCT", SYS_acct, {BAD}},
    {"syslog", P, "CAP_SYSLOG", SYS_syslog, {10 /* SYSLOG_ACTION_SIZE_BUFFER */}},
    {"sethostname", P, "CAP_SYS_ADMIN", SYS_sethostname, {BAD, -1}},
    {"setdomainname", P, "CAP_SYS_ADMIN", SYS_setdomainname, {BAD, -1}},
    {"vhangup", P, "CAP_SYS_TTY_CONFIG", SYS_vhangup, {0}},
    {"settimeofday", P, "-", SYS_settimeofday, {BAD, BAD}},
    {"clock_settime", P, "-", SYS_clock_settime, {CLOCK_REALTIME, BAD}},
    {"clock_adjtime", P, "-", SYS_clock_adjtime, {CLOCK_REALTIME, BAD}},
    {"adjtimex", P, "-", SYS_adjtimex, {BAD}},

    {"get_mempolicy", N, "KERNEL", SYS_get_mempolicy, {BAD, BAD, 0, 0, BADFLAGS}},
    {"set_mempolicy", N, "KERNEL", SYS_set_mempolicy, {BADFLAGS, BAD, 64}},
    {"set_mempolicy_home_node", N, "KERNEL", NR_SET_MEMPOLICY_HOME_NODE, {BAD, 1, 0, BADFLAGS}},
    {"mbind", N, "KERNEL", SYS_mbind, {BAD, 1, BADFLAGS, BAD, 64, BADFLAGS}},
    {"migrate_pages", N, "KERNEL", SYS_migrate_pages, {NOBODY, 64, BAD, BAD}},
    {"move_pages", N, "KERNEL", SYS_move_pages, {NOBODY, 1, BAD, BAD, BAD, BADFLAGS}},
    {"vmsplice", N, "KERNEL", SYS_vmsplice, {-1, BAD, 1, BADFLAGS}},
    {"remap_file_pages", N, "KERNEL", SYS_remap_file_pages, {BAD, 1, BADFLAGS}},
    {"memfd_secret", N, "KERNEL", NR_MEMFD_SECRET, {BADFLAGS}},
    {"cachestat", N, "KERNEL", NR_CACHESTAT, {-1, BAD, BAD, BADFLAGS}},
    {"futex_wake", N, "KERNEL", NR_FUTEX_WAKE, {BAD, 0, 0, BADFLAGS}},
    {"futex_wait", N, "KERNEL", NR_FUTEX_WAIT, {BAD, 0, 0, BADFLAGS}},
    {"futex_requeue", N, "KERNEL", NR_FUTEX_REQUEUE, {BAD, BADFLAGS}},
    {"statmount", N, "KERNEL", NR_STATMOUNT, {BAD, BAD, 1, BADFLAGS}},
    {"listmount", N, "KERNEL", NR_LISTMOUNT, {BAD, BAD, 1, BADFLAGS}},
    {"lsm_get_self_attr", N, "KERNEL", NR_LSM_GET_SELF_ATTR, {0, BAD, BAD, BADFLAGS}},
    {"lsm_set_self_attr", N, "KERNEL", NR_LSM_SET_SELF_ATTR, {0, BAD, 1, BADFLAGS}},
    {"lsm_list_modules", N, "KERNEL", NR_LSM_LIST_MODULES, {BAD, BAD, BADFLAGS}},

    {"mknodat:char-device", P, "-", SYS_mknodat, {AT_FDCWD, BAD, S_IFCHR | 0600, 0x103}},
    {"mknodat:block-device", P, "-", SYS_mknodat, {AT_FDCWD, BAD, S_IFBLK | 0600, 0x103}},
    {"ioctl:TIOCSTI", P, "-", SYS_ioctl, {-1, 0x5412, BAD}},
    {"ioctl:TIOCSTI+high-bits", P, "-", SYS_ioctl, {-1, 0x7700005412L, BAD}},
    {"ioctl:TIOCLINUX", P, "-", SYS_ioctl, {-1, 0x541c, BAD}},
    {"ioctl:TIOCLINUX+high-bits", P, "-", SYS_ioctl, {-1, (long)0xffffffff0000541cUL, BAD}},
    {"ioctl:TIOCSETD", P, "-", SYS_ioctl, {-1, 0x5423, BAD}},
    {"personality:READ_IMPLIES_EXEC", P, "-", SYS_personality, {READ_IMPLIES_EXEC}},
    {"personality:MMAP_PAGE_ZERO", P, "-", SYS_personality, {MMAP_PAGE_ZERO}},
    {"nfsservctl", P, "-", SYS_nfsservctl, {BADFLAGS}},
    {"lookup_dcookie", P, "CAP_SYS_ADMIN", SYS_lookup_dcookie, {0, BAD, 0}},
#ifdef __x86_64__
    {"mknod:char-device", P, "-", SYS_mknod, {BAD, S_IFCHR | 0600, 0x103}},
    {"mknod:block-device", P, "-", SYS_mknod, {BAD, S_IFBLK | 0600, 0x103}},
    {"create_module", P, "-", SYS_create_module, {BAD}},
    {"get_kernel_syms", P, "-", SYS_get_kernel_syms, {BAD}},
    {"query_module", P, "-", SYS_query_module, {BAD}},
    {"iopl", P, "-", SYS_iopl, {99}},
    {"ioperm", P, "-", SYS_ioperm, {0, 0, 0}},
    {"modify_ldt", P, "-", SYS_modify_ldt, {99, BAD}},
    {"uselib", P, "-", SYS_uselib, {BAD}},
    {"ustat", P, "-", SYS_ustat, {-1, BAD}},
    {"sysfs", P, "-", SYS_sysfs, {99}},
    {"_sysctl", P, "-", SYS__sysctl, {BAD}},
    {"vserver", P, "-", SYS_vserver, {0}},
    {"afs_syscall", P, "-", SYS_afs_syscall, {0}},
    {"getpmsg", P, "-", SYS_getpmsg, {-1}},
    {"putpmsg", P, "-", SYS_putpmsg, {-1}},
    {"security", P, "-", SYS_security, {0}},
    {"tuxcall", P, "-", SYS_tuxcall, {0}},
#endif
};

/* An unknown flag in the type is refused before a protocol is looked up: a control loads no module of the host. */
#define NO_SUCH_FLAG 0x100

static void refused_sockets(void) {
    for (int family = 0; family <= 46; family++) {
        char name[64];
        if (family != AF_UNIX && family != AF_INET && family != AF_INET6 && family != AF_NETLINK) {
            snprintf(name, sizeof name, "socket:family-%d", family);
            attempt(&(struct call){name, P, "-", SYS_socket, {family, SOCK_DGRAM | NO_SUCH_FLAG, 0}});
        }
        if (family != AF_UNIX) {
            snprintf(name, sizeof name, "socketpair:family-%d", family);
            attempt(&(struct call){name, P, "-", SYS_socketpair, {family, SOCK_DGRAM | NO_SUCH_FLAG, 0, BAD}});
        }
    }
    static const struct { const char *name; int type, protocol; } inet[] = {
        {"raw", SOCK_RAW, IPPROTO_RAW}, {"raw-icmp", SOCK_RAW, IPPROTO_ICMP}, {"packet", SOCK_PACKET, 0},
        {"rdm", SOCK_RDM, 0}, {"sctp", SOCK_STREAM, IPPROTO_SCTP}, {"sctp-seqpacket", SOCK_SEQPACKET, IPPROTO_SCTP},
        {"dccp", SOCK_DCCP, IPPROTO_DCCP}, {"udplite", SOCK_DGRAM, IPPROTO_UDPLITE}, {"mptcp", SOCK_STREAM, 262},
        {"smc", SOCK_STREAM, 256}, {"l2tp", SOCK_DGRAM, 115},
    };
    for (size_t i = 0; i < sizeof inet / sizeof *inet; i++) {
        char name[64];
        snprintf(name, sizeof name, "socket:inet-%s", inet[i].name);
        attempt(&(struct call){name, P, "-", SYS_socket, {AF_INET, inet[i].type | NO_SUCH_FLAG, inet[i].protocol}});
        snprintf(name, sizeof name, "socket:inet6-%s", inet[i].name);
        attempt(&(struct call){name, P, "-", SYS_socket, {AF_INET6, inet[i].type | NO_SUCH_FLAG, inet[i].protocol}});
    }
    for (int protocol = 1; protocol <= 22; protocol++) {
        if (protocol == NETLINK_AUDIT)  /* refused by another errno: tests of their own look at it */
            continue;
        char name[64];
        snprintf(name, sizeof name, "socket:netlink-%d", protocol);
        attempt(&(struct call){name, P, "-", SYS_socket, {AF_NETLINK, SOCK_RAW | NO_SUCH_FLAG, protocol}});
    }
}

#ifdef __x86_64__
/* The 32-bit numbers, by the door that stays open to every 64-bit program. All arguments fit 32 bits. */
static long int80(long number, const long *a) {
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
                     : "r8", "r9", "r10", "r11", "memory");
    return (int)result;
}

static int socketcall_arguments[3] = {38 /* AF_ALG */, SOCK_SEQPACKET | NO_SUCH_FLAG, 0};

static const struct call refused_i386[] = {
    {"i386:ptrace", P, "-", 26, {BADFLAGS, NOBODY}},
    {"i386:mount", P, "-", 21, {BAD, BAD, BAD, 0, BAD}},
    {"i386:umount", P, "-", 22, {BAD}},
    {"i386:umount2", P, "-", 52, {BAD, BADFLAGS}},
    {"i386:stime", P, "-", 25, {BAD}},
    {"i386:oldstat", P, "-", 18, {BAD, BAD}},
    {"i386:oldfstat", P, "-", 28, {-1, BAD}},
    {"i386:oldlstat", P, "-", 84, {BAD, BAD}},
    {"i386:acct", P, "CAP_SYS_PACCT", 51, {BAD}},
    {"i386:chroot", P, "-", 61, {BAD}},
    {"i386:ustat", P, "-", 62, {-1, BAD}},
    {"i386:sgetmask", P, "-", 68, {0}},
    {"i386:ssetmask", P, "-", 69, {0}},
    {"i386:sethostname", P, "CAP_SYS_ADMIN", 74, {BAD, -1}},
    {"i386:settimeofday", P, "-", 79, {BAD, BAD}},
    {"i386:uselib", P, "-", 86, {BAD}},
    {"i386:swapon", P, "CAP_SYS_ADMIN", 87, {BAD, BADFLAGS}},
    {"i386:reboot", P, "CAP_SYS_BOOT", 88, {BAD, BAD, BAD, BAD}},
    {"i386:ioperm", P, "-", 101, {0, 0, 0}},
    {"i386:socketcall", N, "-", 102, {99, BAD}},
    {"i386:syslog", P, "CAP_SYSLOG", 103, {10}},
    {"i386:iopl", P, "-", 110, {99}},
    {"i386:vhangup", P, "CAP_SYS_TTY_CONFIG", 111, {0}},
    {"i386:idle", P, "-", 112, {0}},
    {"i386:vm86old", P, "-", 113, {BAD}},
    {"i386:swapoff", P, "CAP_SYS_ADMIN", 115, {BAD}},
    {"i386:clone:CLONE_NEWUSER", P, "-", 120, {CLONE_NEWUSER | CLONE_THREAD}},
    {"i386:clone:CLONE_NEWNS", P, "-", 120, {CLONE_NEWNS | CLONE_THREAD}},
    {"i386:clone:CLONE_FILES", P, "-", 120, {CLONE_FILES | CLONE_SIGHAND}},
    {"i386:setdomainname", P, "CAP_SYS_ADMIN", 121, {BAD, -1}},
    {"i386:modify_ldt", P, "-", 123, {99, BAD}},
    {"i386:adjtimex", P, "-", 124, {BAD}},
    {"i386:create_module", P, "-", 127, {BAD}},
    {"i386:init_module", P, "CAP_SYS_MODULE", 128, {BAD, 0, BAD}},
    {"i386:delete_module", P, "CAP_SYS_MODULE", 129, {BAD}},
    {"i386:get_kernel_syms", P, "-", 130, {BAD}},
    {"i386:quotactl", P, "-", 131, {0xff, BAD, 0, BAD}},
    {"i386:bdflush", P, "CAP_SYS_ADMIN", 134, {99}},
    {"i386:sysfs", P, "-", 135, {99}},
    {"i386:personality:READ_IMPLIES_EXEC", P, "-", 136, {READ_IMPLIES_EXEC}},
    {"i386:afs_syscall", P, "-", 137, {0}},
    {"i386:_sysctl", P, "-", 149, {BAD}},
    {"i386:vm86", P, "-", 166, {BADFLAGS, BAD}},
    {"i386:query_module", P, "-", 167, {BAD}},
    {"i386:nfsservctl", P, "-", 169, {BADFLAGS}},
    {"i386:getpmsg", P, "-", 188, {-1}},
    {"i386:putpmsg", P, "-", 189, {-1}},
    {"i386:pivot_root", P, "CAP_SYS_ADMIN", 217, {BAD, BAD}},
    {"i386:lookup_dcookie", P, "CAP_SYS_ADMIN", 253, {0, 0, BAD, 0}},
    {"i386:remap_file_pages", N, "KERNEL", 257, {BAD, 1, BADFLAGS}},
    {"i386:clock_settime", P, "-", 264, {CLOCK_REALTIME, BAD}},
    {"i386:vserver", P, "-", 273, {0}},
    {"i386:mbind", N, "KERNEL", 274, {BAD, 1, BADFLAGS, BAD, 64}},
    {"i386:get_mempolicy", N, "KERNEL", 275, {BAD, BAD, 0, 0, BADFLAGS}},
    {"i386:set_mempolicy", N, "KERNEL", 276, {BADFLAGS, BAD, 64}},
    {"i386:kexec_load", P, "CAP_SYS_BOOT", 283, {0, 9999, BAD, BADFLAGS}},
    {"i386:add_key", P, "-", 286, {BAD, BAD, BAD, 1L << 30}},
    {"i386:request_key", P, "-", 287, {BAD, BAD, BAD}},
    {"i386:keyctl", P, "-", 288, {BADFLAGS}},
    {"i386:migrate_pages", N, "KERNEL", 294, {NOBODY, 64, BAD, BAD}},
    {"i386:mknod:char-device", P, "-", 14, {BAD, S_IFCHR | 0600, 0x103}},
    {"i386:mknodat:block-device", P, "-", 297, {AT_FDCWD, BAD, S_IFBLK | 0600, 0x103}},
    {"i386:unshare", P, "-", 310, {0}},
    {"i386:vmsplice", N, "KERNEL", 316, {-1, BAD, 1, BADFLAGS}},
    {"i386:move_pages", N, "KERNEL", 317, {NOBODY, 1, BAD, BAD, BAD}},
    {"i386:perf_event_open", P, "-", 336, {BAD, 0, -1, -1, BADFLAGS}},
    {"i386:fanotify_init", P, "-", 338, {0x200 | 0x40000000}},
    {"i386:fanotify_mark", P, "-", 339, {-1, BADFLAGS}},
    {"i386:name_to_handle_at", P, "-", 341, {-1, BAD, BAD, BAD, BADFLAGS}},
    {"i386:open_by_handle_at", P, "CAP_DAC_READ_SEARCH", 342, {-1, BAD}},
    {"i386:clock_adjtime", P, "-", 343, {CLOCK_REALTIME, BAD}},
    {"i386:setns", P, "-", 346, {-1}},
    {"i386:process_vm_readv", P, "-", 347, {NOBODY, BAD, 1, BAD, 1}},
    {"i386:process_vm_writev", P, "-", 348, {NOBODY, BAD, 1, BAD, 1}},
    {"i386:kcmp", P, "-", 349, {NOBODY, NOBODY, BADFLAGS}},
    {"i386:finit_module", P, "CAP_SYS_MODULE", 350, {-1, BAD, BADFLAGS}},
    {"i386:bpf", P, "CAP_SYS_ADMIN", 357, {BADFLAGS, BAD, 1L << 20}},
    {"i386:socket:AF_ALG", P, "-", 359, {38, SOCK_SEQPACKET | NO_SUCH_FLAG, 0}},
    {"i386:socket:AF_VSOCK", P, "-", 359, {40, SOCK_STREAM | NO_SUCH_FLAG, 0}},
    {"i386:socket:AF_PACKET", P, "-", 359, {17, SOCK_RAW | NO_SUCH_FLAG, 0}},
    {"i386:socketpair:AF_TIPC", P, "-", 360, {30, SOCK_STREAM | NO_SUCH_FLAG, 0, BAD}},
    {"i386:userfaultfd", P, "-", 374, {1 | 0x40000000}},
    {"i386:clock_settime64", P, "-", 404, {CLOCK_REALTIME, BAD}},
    {"i386:clock_adjtime64", P, "-", 405, {CLOCK_REALTIME, BAD}},
    {"i386:io_uring_setup", P, "-", SYS_io_uring_setup, {1, BAD}},
    {"i386:io_uring_enter", P, "-", SYS_io_uring_enter, {-1}},
    {"i386:io_uring_register", P, "-", SYS_io_uring_register, {-1, BADFLAGS}},
    {"i386:open_tree", P, "-", NR_OPEN_TREE, {-1, BAD, BADFLAGS}},
    {"i386:move_mount", P, "CAP_SYS_ADMIN", NR_MOVE_MOUNT, {-1, BAD, -1, BAD, BADFLAGS}},
    {"i386:fsopen", P, "CAP_SYS_ADMIN", NR_FSOPEN, {BAD, BADFLAGS}},
    {"i386:fsconfig", P, "-", NR_FSCONFIG, {-1, BADFLAGS}},
    {"i386:fsmount", P, "CAP_SYS_ADMIN", NR_FSMOUNT, {-1, BADFLAGS}},
    {"i386:fspick", P, "CAP_SYS_ADMIN", NR_FSPICK, {-1, BAD, BADFLAGS}},
    {"i386:clone3", N, "-", NR_CLONE3, {BAD, 64}},
    {"i386:pidfd_getfd", P, "-", NR_PIDFD_GETFD, {-1, -1, BADFLAGS}},
    {"i386:process_madvise", P, "-", NR_PROCESS_MADVISE, {-1, BAD, 1, 0, BADFLAGS}},
    {"i386:mount_setattr", P, "-", NR_MOUNT_SETATTR, {-1, BAD, BADFLAGS}},
    {"i386:quotactl_fd", P, "-", NR_QUOTACTL_FD, {-1, 0xff, 0, BAD}},
    {"i386:memfd_secret", N, "KERNEL", NR_MEMFD_SECRET, {BADFLAGS}},
    {"i386:process_mrelease", P, "-", NR_PROCESS_MRELEASE, {-1, BADFLAGS}},
    {"i386:ioctl:TIOCSTI", P, "-", 54, {-1, 0x5412, BAD}},
    {"i386:ioctl:TIOCLINUX", P, "-", 54, {-1, 0x541c, BAD}},
    {"i386:ioctl:TIOCSETD", P, "-", 54, {-1, 0x5423, BAD}},
};

static void attempt_i386(const struct call *call) {
    long result = int80(call->number, call->arguments);
    report(call->name, errno_name(result < 0 ? (int)-result : 0), call->wanted, call->needs);
}

/* Runs one 32-bit or x32 getpid in a child: OK, an errno's name, or the signal that killed it. */
static const char *foreign_getpid(int x32) {
    pid_t child = fork();
    if (child == 0) {
        static const long none[6];
        long result = x32 ? syscall(0x40000000L + SYS_getpid) : int80(20, none);
        _exit(result > 0 ? 0 : x32 ? errno : (int)-result);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return "UNKNOWN";
    if (WIFSIGNALED(status)) {
        static char name[16];
        snprintf(name, sizeof name, "SIG%s", sigabbrev_np(WTERMSIG(status)));
        return name;
    }
    return errno_name(WEXITSTATUS(status));
}
#endif

static void try_refused(void) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        attempt(&refused[i]);
    refused_sockets();
#ifdef __x86_64__
    if (strcmp(foreign_getpid(0), "OK") == 0) {
        for (size_t i = 0; i < sizeof refused_i386 / sizeof *refused_i386; i++)
            attempt_i386(&refused_i386[i]);
        attempt_i386(&(struct call){"i386:socketcall:AF_ALG", N, "-", 102, {1, (long)(intptr_t)socketcall_arguments}});
    }
    report("x32:getpid", foreign_getpid(1), "SIGSYS", "KERNEL");
#endif
    personality(PER_LINUX);
}

/* What must work. Each returns 0 or an errno. */

#define CHECK(expression) do { if ((expression) < 0) return errno; } while (0)

static void *thread_body(void *argument) { return argument; }

static int works_thread(void) {
    pthread_t thread;
    void *result = NULL;
    char token;
    int error = pthread_create(&thread, NULL, thread_body, &token);
    if (error == 0)
        error = pthread_join(thread, &result);
    return error != 0 ? error : result == &token ? 0 : EPROTO;
}

static int reaped(pid_t child) {
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EPROTO;
}

static int works_fork(void) {
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return reaped(child);
}

static int works_execveat(void) {
    pid_t child = fork();
    if (child == 0) {
        int self = open("/proc/self/exe", O_PATH | O_CLOEXEC);
        char *argv[] = {"syscalls", "--exit", NULL};
        char *envp[] = {NULL};
        syscall(SYS_execveat, self, "", argv, envp, AT_EMPTY_PATH);
        _exit(errno);
    }
    return reaped(child);
}

static int works_waitid(void) {
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    siginfo_t info;
    CHECK(child);
    CHECK(waitid(P_PID, (id_t)child, &info, WEXITED));
    return 0;
}

static int works_pidfd(void) {
    int fd = (int)syscall(NR_PIDFD_OPEN, getpid(), 0);
    CHECK(fd);
    CHECK(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    return close(fd);
}

static int works_memfd(void) {
    int fd = memfd_create("probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    CHECK(fd);
    CHECK(ftruncate(fd, 4096));
    CHECK(fallocate(fd, 0, 0, 8192));
    CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
    return close(fd);
}

static int works_seccomp(void) {
    uint32_t action = SECCOMP_RET_ERRNO;
    CHECK(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
    return 0;
}

static int works_landlock(void) {
    /* A kernel without Landlock says ENOSYS, one where it is not turned on EOPNOTSUPP: neither is a refusal. */
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version < 0 && errno == EPERM ? EPERM : 0;
}

static int works_prctl(void) {
    CHECK(prctl(PR_SET_NAME, "syscalls"));
    CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    return 0;
}

static int works_getrandom(void) {
    char bytes[16];
    CHECK(getrandom(bytes, sizeof bytes, 0));
    return 0;
}

static int works_statx(void) {
    struct statx buffer;
    CHECK(statx(AT_FDCWD, "/", 0, STATX_ALL, &buffer));
    return 0;
}

static int works_poll_epoll_eventfd(void) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int event = eventfd(1, EFD_CLOEXEC);
    struct epoll_event interest = {.events = EPOLLIN}, seen;
    CHECK(epoll);
    CHECK(event);
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, event, &interest));
    CHECK(epoll_wait(epoll, &seen, 1, 1000));
    struct timespec now = {0, 0};
    CHECK(syscall(SYS_epoll_pwait2, epoll, &seen, 1, &now, NULL, 0));
    struct pollfd entry = {.fd = event, .events = POLLIN};
    CHECK(ppoll(&entry, 1, &now, NULL));
    close(event);
    return close(epoll);
}

static int works_inotify(void) {
    int fd = inotify_init1(IN_CLOEXEC);
    CHECK(fd);
    CHECK(inotify_add_watch(fd, "/tmp", IN_CREATE));
    return close(fd);
}

static int works_signalfd_timerfd(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    CHECK(fd);
    close(fd);
    fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    CHECK(fd);
    struct itimerspec soon = {.it_value = {.tv_nsec = 1}};
    CHECK(timerfd_settime(fd, 0, &soon, NULL));
    uint64_t fired;
    CHECK(read(fd, &fired, sizeof fired));
    return close(fd);
}

static int works_timer(void) {
    struct sigevent none = {.sigev_notify = SIGEV_NONE};
    timer_t timer;
    CHECK(timer_create(CLOCK_MONOTONIC, &none, &timer));
    CHECK(timer_delete(timer));
    struct timespec moment = {0, 1};
    return clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
}

static int opens(int family, int type, int protocol) {
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);
    CHECK(fd);
    return close(fd);
}

static int works_unix(void) {
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    char byte = 'x', control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &pair[0], sizeof(int));
    CHECK(sendmsg(pair[0], &message, 0));
    CHECK(recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC));
    int passed;
    memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof passed);
    close(passed);
    close(pair[0]);
    close(pair[1]);
    return opens(AF_UNIX, SOCK_DGRAM, 0) | opens(AF_UNIX, SOCK_SEQPACKET, 0);
}

static int works_tcp(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
    CHECK(server);
    CHECK(bind(server, (struct sockaddr *)&address, length));
    CHECK(listen(server, 1));
    CHECK(getsockname(server, (struct sockaddr *)&address, &length));
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK(client);
    if (connect(client, (struct sockaddr *)&address, length) < 0 && errno != EINPROGRESS)
        return errno;
    int accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
    CHECK(accepted);
    CHECK(send(accepted, "x", 1, MSG_NOSIGNAL));
    close(accepted);
    close(client);
    return close(server);
}

static int works_inet6(void) {
    int error = opens(AF_INET6, SOCK_STREAM, 0);
    if (error == 0)
        error = opens(AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
    return error == EAFNOSUPPORT ? 0 : error; /* a host without IPv6 has nothing to refuse */
}

static int works_udp(void) {
    int error = opens(AF_INET, SOCK_DGRAM, 0);
    return error != 0 ? error : opens(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP);
}

static int works_netlink_route(void) {
    struct if_nameindex *list = if_nameindex();
    if (list == NULL)
        return errno;
    if_freenameindex(list);
    return opens(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}

static int works_files(void) {
    char directory[] = "/tmp/probe.XXXXXX";
    if (mkdtemp(directory) == NULL)
        return errno;
    int at = open(directory, O_DIRECTORY | O_CLOEXEC), fd, copy, ends[2];
    CHECK(at);
    CHECK(fd = openat(at, "a", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    CHECK(pwrite(fd, "content", 7, 0));
    CHECK(fsync(fd));
    CHECK(flock(fd, LOCK_EX));
    CHECK(copy = openat(at, "b", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    /* Some file systems have no copy_file_range; a refusal by the filter is EPERM. */
    if (copy_file_range(fd, NULL, copy, NULL, 7, 0) < 0 && errno != EOPNOTSUPP && errno != EXDEV && errno != EINVAL)
        return errno;
    off_t start = 0;
    CHECK(sendfile(copy, fd, &start, 7));
    CHECK(pipe2(ends, O_CLOEXEC));
    loff_t position = 0;
    CHECK(splice(fd, &position, ends[1], NULL, 7, 0));
    CHECK(syscall(SYS_renameat2, at, "b", at, "c", 1 /* RENAME_NOREPLACE */));
    CHECK(linkat(at, "c", at, "d", 0));
    CHECK(symlinkat("c", at, "e"));
    CHECK(mknodat(at, "fifo", S_IFIFO | 0600, 0));
    CHECK(mknodat(at, "file", S_IFREG | 0600, 0));
    CHECK(fchmodat(at, "c", 0640, 0));
    CHECK(fchownat(at, "c", getuid(), getgid(), 0));
    CHECK(utimensat(at, "c", NULL, 0));
    if (fsetxattr(fd, "user.probe", "1", 1, 0) < 0 && errno != EOPNOTSUPP)
        return errno;
    CHECK(syscall(NR_CLOSE_RANGE, ends[0], ends[1], 0));
    static const char *const names[] = {"a", "c", "d", "e", "fifo", "file"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK(unlinkat(at, names[i], 0));
    close(fd);
    close(copy);
    close(at);
    return rmdir(directory) < 0 ? errno : 0;
}

static int works_memory(void) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return errno;
    CHECK(madvise(page, 4096, MADV_DONTNEED));
    CHECK(mprotect(page, 4096, PROT_READ | PROT_EXEC));
    CHECK(mlock2(page, 4096, 0));
    page = mremap(page, 4096, 8192, MREMAP_MAYMOVE);
    return page == MAP_FAILED ? errno : munmap(page, 8192);
}

static int works_rseq(void) {
    /* glibc has registered one already; unknown flags reach the call's own check. */
    return syscall(SYS_rseq, NULL, 0, ~0, 0) < 0 && errno == EPERM ? EPERM : 0;
}

static int works_identity(void) {
    uid_t uid = getuid();
    gid_t gid = getgid();
    CHECK(setresuid(uid, uid, uid));
    CHECK(setresgid(gid, gid, gid));
    CHECK(setfsuid(uid));
    CHECK(setfsgid(gid));
    struct { uint32_t version; int pid; } header = {0x20080522, 0};
    struct { uint32_t effective, permitted, inheritable; } data[2];
    CHECK(syscall(SYS_capget, &header, data));
    CHECK(syscall(SYS_capset, &header, data));
    if (uid == 0)
        CHECK(syscall(SYS_setgroups, 0, NULL));
    return 0;
}

static int works_scheduling(void) {
    cpu_set_t set;
    CHECK(sched_getaffinity(0, sizeof set, &set));
    CHECK(sched_setaffinity(0, sizeof set, &set));
    CHECK(setpriority(PRIO_PROCESS, 0, 1));
    struct sched_param batch = {0};
    CHECK(sched_setscheduler(0, SCHED_BATCH, &batch));
    struct rlimit limit;
    CHECK(prlimit(0, RLIMIT_NOFILE, NULL, &limit));
    CHECK(prlimit(0, RLIMIT_NOFILE, &limit, NULL));
    CHECK(syscall(SYS_ioprio_set, 1, 0, 2 << 13));
    return 0;
}

static int works_pty(void) {
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(terminal);
    CHECK(unlockpt(terminal));
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    CHECK(ioctl(terminal, TIOCSWINSZ, &size));
    int number;
    CHECK(ioctl(terminal, TIOCGPTN, &number));
    return close(terminal);
}

static int works_ioctls(void) {
    for (unsigned long command = 0; command < 0x10000; command++)
        if (command != 0x5412 && command != 0x541c && command != 0x5423)
            if (ioctl(-1, command, BAD) == 0 || errno != EBADF)
                return errno;
    for (int bit = 16; bit < 32; bit++)
        if (ioctl(-1, 0x5412 | 1UL << bit, BAD) == 0 || errno != EBADF)
            return errno;
    return 0;
}

static int works_ipc(void) {
    int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    CHECK(id);
    CHECK(shmctl(id, IPC_RMID, NULL));
    struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
    mqd_t queue = mq_open("/probe", O_CREAT | O_RDWR, 0600, &attributes);
    CHECK(queue);
    CHECK(mq_unlink("/probe"));
    return mq_close(queue);
}

static int works_aio(void) {
    unsigned long context = 0;
    CHECK(syscall(SYS_io_setup, 1, &context));
    CHECK(syscall(SYS_io_destroy, context));
    return 0;
}

static int works_personality(void) {
    CHECK(personality(0xffffffff));
    CHECK(personality(PER_LINUX32));
    CHECK(personality(ADDR_NO_RANDOMIZE));
    CHECK(personality(PER_LINUX));
    return 0;
}

static int works_unknown(void) { /* a call from the future: absent, so that libraries fall back */
    return syscall(NR_FUTURE) == -1 && errno == ENOSYS ? 0 : errno;
}

static int works_futex_waitv(void) {
    return syscall(NR_FUTEX_WAITV, NULL, 0, 0, NULL, 0) < 0 && errno == EPERM ? EPERM : 0;
}

static int works_membarrier(void) {
    CHECK(syscall(SYS_membarrier, 0, 0, 0));
    return 0;
}

static const struct { const char *name; int (*works)(void); } allowed[] = {
    {"thread", works_thread}, {"fork", works_fork}, {"execveat", works_execveat}, {"waitid", works_waitid},
    {"pidfd", works_pidfd}, {"memfd", works_memfd}, {"seccomp", works_seccomp}, {"landlock", works_landlock},
    {"prctl", works_prctl}, {"getrandom", works_getrandom}, {"statx", works_statx},
    {"epoll", works_poll_epoll_eventfd}, {"inotify", works_inotify}, {"signalfd-timerfd", works_signalfd_timerfd},
    {"timer", works_timer}, {"unix", works_unix}, {"tcp", works_tcp}, {"udp", works_udp}, {"inet6", works_inet6},
    {"netlink-route", works_netlink_route}, {"files", works_files}, {"memory", works_memory}, {"rseq", works_rseq},
    {"membarrier", works_membarrier}, {"futex_waitv", works_futex_waitv}, {"identity", works_identity},
    {"scheduling", works_scheduling}, {"pty", works_pty}, {"ioctls", works_ioctls}, {"ipc", works_ipc},
    {"aio", works_aio}, {"personality", works_personality}, {"unknown-call", works_unknown},
};

static void try_allowed(void) {
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        report(allowed[i].name, errno_name(allowed[i].works()), "OK", "-");
#ifdef __x86_64__
    const char *result = foreign_getpid(0);
    /* SIGSEGV: a kernel without 32-bit emulation. */
    report("i386:getpid", strcmp(result, "SIGSEGV") == 0 ? "OK" : result, "OK", "-");
    if (strcmp(result, "OK") == 0) {
        attempt_i386(&(struct call){"i386:socket:AF_UNIX", "OK", "-", 359, {AF_UNIX, SOCK_STREAM, 0}});
        attempt_i386(&(struct call){"i386:socket:AF_INET", "OK", "-", 359, {AF_INET, SOCK_DGRAM, IPPROTO_UDP}});
    }
#endif
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--exit") == 0)
        return 0;
    if (argc == 2 && strcmp(argv[1], "--allowed") == 0)
        try_allowed();
    else if (argc == 1)
        try_refused();
    else {
        fputs("usage: syscalls [--allowed]\n", stderr);
        return 64;
    }
    return fflush(stdout) == 0 ? 0 : 74;
}
