/*
 * The system calls that are told of when they return, by number: native, and of x86's 32-bit table, which has
 * numbers of its own below 403.
 */
#pragma once

#include <asm/unistd.h>

enum { NUMBERS = 512 };
/* The open calls differ in where their flags are; the first of them is told as a call, too. */
enum watch { WATCH_CALL = 1, WATCH_PRCTL, WATCH_SOCKET, WATCH_CLONE, WATCH_CONNECT, WATCH_MPROTECT,
    WATCH_HANDLE, WATCH_OPEN, WATCH_OPENAT, WATCH_OPENAT2, WATCH_CREAT, WATCH_MEMFD };

const volatile __u8 watched[NUMBERS] = {
    [__NR_ptrace] = WATCH_CALL, [__NR_process_vm_readv] = WATCH_CALL, [__NR_process_vm_writev] = WATCH_CALL,
    [__NR_pidfd_getfd] = WATCH_CALL, [__NR_setns] = WATCH_CALL, [__NR_unshare] = WATCH_CALL,
    [__NR_mount] = WATCH_CALL, [__NR_umount2] = WATCH_CALL, [__NR_pivot_root] = WATCH_CALL,
    [__NR_chroot] = WATCH_CALL, [__NR_open_tree] = WATCH_CALL, [__NR_move_mount] = WATCH_CALL,
    [__NR_fsopen] = WATCH_CALL, [__NR_fspick] = WATCH_CALL, [__NR_fsconfig] = WATCH_CALL,
    [__NR_fsmount] = WATCH_CALL, [__NR_mount_setattr] = WATCH_CALL, [__NR_init_module] = WATCH_CALL,
    [__NR_finit_module] = WATCH_CALL, [__NR_delete_module] = WATCH_CALL, [__NR_bpf] = WATCH_CALL,
    [__NR_perf_event_open] = WATCH_CALL, [__NR_userfaultfd] = WATCH_CALL, [__NR_keyctl] = WATCH_CALL,
    [__NR_add_key] = WATCH_CALL, [__NR_request_key] = WATCH_CALL, [__NR_memfd_create] = WATCH_MEMFD,
    [__NR_execveat] = WATCH_CALL, [__NR_io_uring_setup] = WATCH_CALL, [__NR_setuid] = WATCH_CALL,
    [__NR_setreuid] = WATCH_CALL, [__NR_setresuid] = WATCH_CALL, [__NR_setgid] = WATCH_CALL,
    [__NR_setregid] = WATCH_CALL, [__NR_setresgid] = WATCH_CALL, [__NR_setgroups] = WATCH_CALL,
    [__NR_setfsuid] = WATCH_CALL, [__NR_setfsgid] = WATCH_CALL, [__NR_capset] = WATCH_CALL,
    [__NR_setsid] = WATCH_CALL, [__NR_listen] = WATCH_CALL, [__NR_accept] = WATCH_CALL,
    [__NR_accept4] = WATCH_CALL, [__NR_prctl] = WATCH_PRCTL, [__NR_socket] = WATCH_SOCKET,
    [__NR_connect] = WATCH_CONNECT, [__NR_openat] = WATCH_OPENAT, [__NR_openat2] = WATCH_OPENAT2,
    [__NR_open_by_handle_at] = WATCH_HANDLE, [__NR_mprotect] = WATCH_MPROTECT,
    [__NR_pkey_mprotect] = WATCH_MPROTECT, [__NR_clone] = WATCH_CLONE,
#ifdef __NR_open
    [__NR_open] = WATCH_OPEN, [__NR_creat] = WATCH_CREAT,
#endif
};

/* In the order of the lines above, as <asm/unistd_32.h> numbers them. */
const volatile __u8 watched_compat[NUMBERS] = {
    [26] = WATCH_CALL, [347] = WATCH_CALL, [348] = WATCH_CALL, [438] = WATCH_CALL, [346] = WATCH_CALL,
    [310] = WATCH_CALL, [21] = WATCH_CALL, [22] = WATCH_CALL, [52] = WATCH_CALL, [217] = WATCH_CALL,
    [61] = WATCH_CALL, [428 ... 433] = WATCH_CALL, [442] = WATCH_CALL, [128] = WATCH_CALL, [350] = WATCH_CALL,
    [129] = WATCH_CALL, [357] = WATCH_CALL, [336] = WATCH_CALL, [374] = WATCH_CALL,
    [286 ... 288] = WATCH_CALL, [356] = WATCH_MEMFD, [358] = WATCH_CALL, [425] = WATCH_CALL,
    [23] = WATCH_CALL, [70] = WATCH_CALL, [164] = WATCH_CALL, [46] = WATCH_CALL, [71] = WATCH_CALL,
    [170] = WATCH_CALL, [203 ... 204] = WATCH_CALL, [206] = WATCH_CALL, [208] = WATCH_CALL,
    [210] = WATCH_CALL, [213 ... 216] = WATCH_CALL, [138 ... 139] = WATCH_CALL, [81] = WATCH_CALL,
    [185] = WATCH_CALL, [66] = WATCH_CALL, [102] = WATCH_CALL, [363] = WATCH_CALL, [364] = WATCH_CALL,
    [172] = WATCH_PRCTL, [359] = WATCH_SOCKET, [362] = WATCH_CONNECT, [295] = WATCH_OPENAT,
    [437] = WATCH_OPENAT2, [342] = WATCH_HANDLE, [125] = WATCH_MPROTECT,
    [380] = WATCH_MPROTECT, [120] = WATCH_CLONE, [5] = WATCH_OPEN, [8] = WATCH_CREAT,
};
