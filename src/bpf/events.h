/*
 * What the BPF programs and the supervisor share: the records of the ring buffer and the maps' keys and
 * values. All offsets are fixed and asserted here; the Java side reads the same numbers.
 */
#pragma once

#include <linux/types.h>

enum { SLOTS = 256, NAME_SIZE = 256, CHAIN_SIZE = 768, CHAIN_USED = 512, ARGV_MAX = 32 << 10 };

enum event_type {
    EVENT_ENTER = 1, EVENT_FORK, EVENT_EXEC, EVENT_EXIT,        /* core.bpf.c */
    EVENT_SIGNAL, EVENT_MOVED,
    EVENT_CONNECT = 16, EVENT_SEND, EVENT_BIND, EVENT_SOCKET,   /* network.bpf.c */
    EVENT_SYSCALL = 32, EVENT_OPEN, EVENT_UNIX,                 /* syscalls.bpf.c */
    EVENT_CHANGE                                                /* lsm.bpf.c */
};

enum event_flag {
    FLAG_REFUSED = 1,          /* the kernel refused it because of us */
    /* its process was sent SIGKILL before it could go on; it was done, if not refused as well */
    FLAG_KILLED = 2,
    FLAG_CUT = 4,              /* argv is longer than ARGV_MAX */
    FLAG_UNREADABLE = 8,       /* argv could not be read */
    FLAG_CHAIN_CUT = 16,       /* a chain of names is longer than what is told of it */
    /* of an exit: the last thread still had children, who get another parent now */
    FLAG_LEAVES_CHILDREN = 32,
    FLAG_NEW_USER_NS = 64, FLAG_NEW_PID_NS = 128,  /* of a fork */
    FLAG_SECRET = 256, FLAG_START = 512  /* beside REFUSED or KILLED: for which mark of a place */
};

/* A sandbox is a slot and its generation there: a mark left from an earlier one counts for nobody. */
#define SANDBOX(slot, generation) ((__u64)(generation) << 32 | (slot))
#define SLOT_OF(sandbox) ((__u32)(sandbox))
#define GENERATION_OF(sandbox) ((__u32)((sandbox) >> 32))

enum drop { DROP_BUDGET, DROP_RING, DROP_MARK, DROP_STALE, DROPS };
enum slot_flag {
    SLOT_REFUSE_RAW = 1,   /* no raw or packet sockets */
    /* Who opens another's /proc/PID/mem is killed. With LSM, only descendants can be attached to as well. */
    SLOT_KILL_MEMORY = 2,
    /*
     * lsm.bpf.c is attached and tells of opens, before they are done: syscalls.bpf.c leaves them to it. Where
     * this is not set, LSM tells of what it refuses, and syscalls.bpf.c of what was opened.
     */
    SLOT_OPENS_BY_LSM = 4,
    SLOT_REFUSE_KERNEL = 8, /* no bpf(2), no modules or other code for the kernel; needs LSM */
    /* Neither place nor memory is a reason to refuse or kill: the engine's runtime is at work, also marked */
    SLOT_STARTING = 16,
    /* What the sandbox's policy says of files that are marked for it (PLACE_SECRET, PLACE_START). */
    SLOT_REFUSE_SECRETS = 32, SLOT_REFUSE_STARTS = 64, SLOT_KILL_SECRETS = 128, SLOT_KILL_STARTS = 256
};

/*
 * The state of one sandbox, in an array that the supervisor maps. A sandbox may have `limit` bytes of the
 * ring that the reader did not take yet; with limits that add up to less than the ring's size, none can take
 * what is another's. The counters only grow, also when the slot is given away again: who takes it notes where
 * they stand.
 */
struct slot {
    __u32 generation;      /* 0: nobody's */
    __u32 flags;
    __u64 limit;
    __u64 consumed;        /* by the reader, in the kernel's cost of a record: RING_COST */
    __u64 reserved[5];
    __u64 seq;             /* from here on the kernel's: how many events there were, told or not */
    __u64 produced;
    /* BUDGET and RING: events that have a number; MARK: processes; STALE: unnumbered events */
    __u64 dropped[DROPS];
    __u64 written_code;    /* how often pages of a file that had been written to were made executable */
    __u64 reserved2;
};
#define RING_COST(size) ((((__u64)(size) + 7) & ~7ULL) + 8)  /* with the ring's own header */

enum hierarchy { HIERARCHY_V2 = 1, HIERARCHY_PIDS };
struct cgroup_key { __u32 hierarchy, reserved; __u64 inode; };
/*
 * A file; all in a directory and in those right below it; or, with a name, that one in the directory. In an
 * overlay on two file systems only directories have the inode that stat(2) tells, so files in there go by
 * name.
 */
enum { PLACE_NAME = 48 };
struct place_key {
    __u32 device;          /* as in the kernel, major << 20 | minor */
    __u32 reserved;
    __u64 inode;
    char name[PLACE_NAME]; /* padded with NUL; longer ones can't be told apart by it */
};
/*
 * What is watched by how it is called, whatever the file system: in a directory with this name the file with
 * this one. An empty name: every file in such a directory. An empty directory: every file of this name. The
 * name "/": every file of the directories in such a directory. Names are of the directory entry that was
 * resolved, so neither links nor mounts give it another.
 */
enum { PARENT_NAME = 32 };
struct name_key {
    char parent[PARENT_NAME];  /* both padded with NUL; longer ones can't be told apart by it */
    char name[PLACE_NAME];
};
/*
 * BLOCK and DIRECTORY need LSM: elsewhere they do nothing. Where LSM is, KILL refuses, too, and the event has
 * both flags. DIRECTORY is for a directory that has something watched in it by both names, (directory, name):
 * no file is watched by it, but that the directory is renamed, or a link or a mount takes its place.
 *
 * SECRET, of what is read, and START, of what is written, leave it to the slot's flags what is done. Refused is
 * where LSM is; elsewhere who opened the file is killed before the call returns.
 */
enum place_flag { PLACE_READ = 1, PLACE_WRITE = 2, PLACE_KILL = 4, PLACE_BLOCK = 8, PLACE_DIRECTORY = 16,
    PLACE_SECRET = 32, PLACE_START = 64 };

/*
 * Begins every record. `seq` is taken by order of events of a sandbox on one CPU; records of two CPUs may be
 * in the ring the other way round. A number that never comes was dropped.
 */
struct event {
    __u16 type;
    __u16 flags;
    __u32 size;            /* of the bytes that are filled; the record may be longer */
    __u64 sandbox;
    __u64 seq;
    __u64 time;            /* CLOCK_BOOTTIME, ns */
    __u32 tgid, tid;       /* as the host sees them */
    __u64 start;           /* of tgid; the two together are one process for ever */
    __u32 ppid;
    __u32 uid, gid;        /* effective, as the host sees them */
    __u32 sid;
    char comm[16];
};

/* A file by what it is: no path, which would be the process's own view. */
struct file_id {
    __u32 device;
    __u32 links;
    __u64 inode;
    __u64 parent;
    __u64 magic;           /* of the file system */
};

/* Of ENTER, too: a process that came into a cgroup of the sandbox from outside. */
struct event_fork {
    /* of the parent; of ENTER, of who moved it or started it there: not of the sandbox */
    struct event event;
    __u32 tgid, pid_level;
    __u64 start;
};

/* Chains are names from the file up to the root of its mount tree, each ended by a NUL. */
struct event_exec {
    struct event event;
    struct file_id exe;    /* what runs: of a script, its interpreter */
    __u64 caps;            /* effective */
    __u32 argv_size;       /* what of it is in argv */
    __u32 argv_whole;
    __u32 argc;
    __u16 exe_size, cwd_size;
    char name[NAME_SIZE];  /* as execve was given it: of a script, the script */
    char exe_chain[CHAIN_SIZE];
    char cwd_chain[CHAIN_SIZE];
    char argv[];
};

struct event_exit {
    struct event event;
    __s32 status;          /* as wait(2) gives it */
    __u32 reserved;
    __u64 user, system;    /* ns of CPU */
    __u64 max_rss;         /* pages */
};

struct event_signal {
    struct event event;
    __s32 signal, result;
    __u32 tgid, uid;       /* whom it was sent to: a process that is not of the sandbox */
};

struct event_moved {
    struct event event;
    __u32 tid, reserved;   /* who was moved, perhaps by another */
    __u64 cgroup;
};

struct event_socket {
    struct event event;
    __u16 family, port;
    __u16 kind, protocol;
    __u8 address[16];      /* an IPv4 address is mapped to IPv6 */
};

enum abi { ABI_NATIVE, ABI_COMPAT, ABI_X32 };
struct event_syscall {
    struct event event;
    __u32 number, abi;
    __s64 result;
    __u64 args[6];
};

struct event_open {
    struct event event;
    struct file_id file;
    __s32 fd;
    __u32 open_flags;
    __u32 place;           /* the place_flags that matched */
    __u32 target;          /* of procfs: whose directory it is in */
    __u16 path_size, reserved[3];
    char path_chain[CHAIN_SIZE];
};

enum change { CHANGE_CREATE = 1, CHANGE_RENAME, CHANGE_LINK, CHANGE_SYMLINK, CHANGE_UNLINK, CHANGE_CHMOD,
    CHANGE_CHOWN, CHANGE_MOUNT };

/* A name in a directory, or what belongs to a file beside its content, was changed or was refused to be. */
struct event_change {
    struct event event;
    struct file_id file;
    __u32 change;
    __u16 path_size, from_size;
    char path_chain[CHAIN_SIZE];
    char from_chain[CHAIN_SIZE];  /* of a rename and a link */
};

/* A connection to a Unix socket whose listener is not of the sandbox, or, of datagrams, is unknown. */
struct event_unix {
    struct event event;
    struct file_id file;   /* what it is bound to; all 0 of an abstract name */
    __u32 peer, peer_uid;  /* who listens; peer 0: unknown */
    __u32 name_size;       /* as it was bound; an abstract name begins with a NUL */
    char name[108];
};

#define AT(type, field, offset) _Static_assert(__builtin_offsetof(struct type, field) == (offset), \
    #type "." #field)
AT(slot, consumed, 16); AT(slot, seq, 64); AT(slot, produced, 72); AT(slot, dropped, 80);
AT(slot, written_code, 112);
_Static_assert(sizeof(struct slot) == 128, "two cache lines, one for each writer");
AT(event, sandbox, 8); AT(event, seq, 16); AT(event, time, 24); AT(event, tgid, 32); AT(event, tid, 36);
AT(event, start, 40); AT(event, ppid, 48); AT(event, uid, 52); AT(event, gid, 56); AT(event, sid, 60);
AT(event, comm, 64); _Static_assert(sizeof(struct event) == 80, "event");
AT(file_id, links, 4); AT(file_id, inode, 8); AT(file_id, parent, 16); AT(file_id, magic, 24);
AT(event_fork, tgid, 80); AT(event_fork, start, 88); _Static_assert(sizeof(struct event_fork) == 96, "fork");
AT(event_exec, exe, 80); AT(event_exec, caps, 112); AT(event_exec, argv_size, 120);
AT(event_exec, argv_whole, 124); AT(event_exec, argc, 128); AT(event_exec, exe_size, 132);
AT(event_exec, cwd_size, 134); AT(event_exec, name, 136);
AT(event_exec, exe_chain, 392); AT(event_exec, cwd_chain, 1160); AT(event_exec, argv, 1928);
AT(event_exit, status, 80); AT(event_exit, user, 88); AT(event_exit, max_rss, 104);
_Static_assert(sizeof(struct event_exit) == 112 && sizeof(struct event_moved) == 96, "exit, moved");
_Static_assert(sizeof(struct event_signal) == 96 && sizeof(struct event_socket) == 104, "signal, socket");
_Static_assert(sizeof(struct event_syscall) == 144 && sizeof(struct event_open) == 904, "syscall, open");
AT(event_change, change, 112); AT(event_change, path_size, 116); AT(event_change, path_chain, 120);
AT(event_change, from_chain, 888); _Static_assert(sizeof(struct event_change) == 1656, "change");
_Static_assert(sizeof(struct event_unix) == 232 && sizeof(struct event_exec) == 1928, "unix, exec");
AT(event_signal, signal, 80); AT(event_signal, tgid, 88);
AT(event_moved, tid, 80); AT(event_moved, cgroup, 88);
AT(event_socket, family, 80); AT(event_socket, port, 82); AT(event_socket, kind, 84);
AT(event_socket, address, 88);
AT(event_syscall, number, 80); AT(event_syscall, result, 88); AT(event_syscall, args, 96);
AT(event_open, file, 80); AT(event_open, fd, 112); AT(event_open, place, 120); AT(event_open, path_size, 128);
AT(event_open, path_chain, 136);
AT(event_unix, file, 80); AT(event_unix, peer, 112); AT(event_unix, name_size, 120);
AT(event_unix, name, 124);
_Static_assert(sizeof(struct place_key) == 64 && sizeof(struct cgroup_key) == 16, "keys have no holes");
#undef AT
