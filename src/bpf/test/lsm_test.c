/* What LSM refuses: each act where it is refused, where it is only told of, and by who is in no sandbox. */
#include "watch.h"

#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { SHARE = 1 << 20 };

#define ROOM SCRATCH "/lsm"  /* a file system of its own for each attempt */

static const char *const made[] = {"cron.d", "empty.d", ".ssh", ".aws", "plain", "plain/sub"};
static const char *const touched[] = {"cron.d/old", ".ssh/authorized_keys", ".aws/credentials", "plain/file"};

/* Each of them 0, or the error that it met. */
static int result_of(long result) { return result >= 0 ? 0 : errno; }

static int create(void) { return result_of(open("cron.d/new", O_WRONLY | O_CREAT, 0600)); }
static int write_old(void) { return result_of(open("cron.d/old", O_WRONLY)); }
static int write_and_read_old(void) { return result_of(open("cron.d/old", O_RDWR)); }
static int write_by_link(void) { return result_of(open("plain/link", O_WRONLY)); }
static int write_by_hard_link(void) { return result_of(open("plain/hard", O_WRONLY)); }
static int write_relative(void) { return result_of(chdir("cron.d")) ?: result_of(open("old", O_WRONLY)); }
static int write_without_name(void) { return result_of(open("cron.d", O_WRONLY | O_TMPFILE, 0600)); }
static int truncate_by_open(void) { return result_of(open("cron.d/old", O_RDONLY | O_TRUNC)); }
static int truncate_by_name(void) { return result_of(truncate("cron.d/old", 0)); }

static int write_by_openat2(void) {
    struct open_how how = {.flags = O_WRONLY, .resolve = RESOLVE_BENEATH};
    return result_of(syscall(SYS_openat2, AT_FDCWD, "cron.d/old", &how, sizeof how));
}

static int write_by_mount(void) {
    return result_of(mount("cron.d", "plain/sub", NULL, MS_BIND, NULL))
        ?: result_of(open("plain/sub/old", O_WRONLY));
}

static int write_by_file_mount(void) {
    return result_of(mount("cron.d/old", "plain/file", NULL, MS_BIND, NULL))
        ?: result_of(open("plain/file", O_WRONLY));
}

static int write_by_handle(void) {
    union { struct file_handle handle; char room[sizeof(struct file_handle) + MAX_HANDLE_SZ]; } of;
    int id;
    of.handle.handle_bytes = MAX_HANDLE_SZ;
    return result_of(name_to_handle_at(AT_FDCWD, "cron.d/old", &of.handle, &id, 0))
        ?: result_of(open_by_handle_at(AT_FDCWD, &of.handle, O_WRONLY));
}

/* In a thread of the kernel's. */
static int write_by_ring(void) {
    struct io_uring_params of = {0};
    int ring = (int)syscall(SYS_io_uring_setup, 2, &of);
    char *queue = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    char *done = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
    struct io_uring_sqe *entry = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
    if (ring < 0 || queue == MAP_FAILED || done == MAP_FAILED || entry == MAP_FAILED)
        return errno;
    *entry = (struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .flags = IOSQE_ASYNC, .fd = AT_FDCWD,
        .addr = (__u64)(uintptr_t)"cron.d/old", .open_flags = O_WRONLY};
    __atomic_store_n((unsigned *)(queue + of.sq_off.tail), 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
        return errno;
    int result = ((struct io_uring_cqe *)(done + of.cq_off.cqes))->res;
    return result < 0 ? -result : 0;
}

static int make_fifo(void) { return result_of(mknod("cron.d/fifo", S_IFIFO | 0600, 0)); }
static int make_file(void) { return result_of(mknod("cron.d/file", S_IFREG | 0600, 0)); }
static int make_directory(void) { return result_of(mkdir("cron.d/in", 0700)); }
static int make_symlink(void) { return result_of(symlink("../plain/file", "cron.d/link")); }

static int make_socket(void) {
    struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "cron.d/socket"};
    return result_of(bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&at, sizeof at));
}

static int link_in(void) { return result_of(link("plain/file", "cron.d/link")); }
static int link_out(void) { return result_of(link("cron.d/old", "plain/out")); }
static int link_secret_out(void) { return result_of(link(".aws/credentials", "plain/out")); }

static int link_what_had_no_name(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", open("plain", O_WRONLY | O_TMPFILE, 0600));
    return result_of(linkat(AT_FDCWD, path, AT_FDCWD, "cron.d/new", AT_SYMLINK_FOLLOW));
}

static int rename_in(void) { return result_of(rename("plain/file", "cron.d/new")); }
static int rename_over(void) { return result_of(rename("plain/file", "cron.d/old")); }
static int rename_out(void) { return result_of(rename("cron.d/old", "plain/out")); }
static int rename_secret_out(void) { return result_of(rename(".aws/credentials", "plain/out")); }
static int rename_directory(void) { return result_of(rename("cron.d", "plain/cron.d2")); }
static int rename_to_directory(void) { return result_of(rename("plain/sub", "at.d")); }
static int rename_named_directory(void) { return result_of(rename(".ssh", "plain/ssh")); }
static int rename_to_named_directory(void) { return result_of(rename("plain/sub", ".gnupg")); }
static int link_to_named_directory(void) { return result_of(symlink("plain/sub", ".gnupg")); }

static int exchange(void) {
    return result_of(renameat2(AT_FDCWD, "plain/file", AT_FDCWD, "cron.d/old", RENAME_EXCHANGE));
}

static int exchange_secret(void) {
    return result_of(renameat2(AT_FDCWD, "plain/file", AT_FDCWD, ".aws/credentials", RENAME_EXCHANGE));
}

static int exchange_directories(void) {
    return result_of(renameat2(AT_FDCWD, "plain/sub", AT_FDCWD, "cron.d", RENAME_EXCHANGE));
}

static int remove_file(void) { return result_of(unlink("cron.d/old")); }
static int remove_directory(void) { return result_of(rmdir("empty.d")); }
static int change_mode(void) { return result_of(chmod("cron.d/old", 04777)); }
static int change_mode_of_directory(void) { return result_of(chmod("cron.d", 0777)); }
static int change_owner(void) { return result_of(chown("cron.d/old", 1, 1)); }
static int mount_over(void) { return result_of(mount("tmpfs", "cron.d", "tmpfs", 0, NULL)); }
static int mount_over_file(void) { return result_of(mount("plain/file", "cron.d/old", NULL, MS_BIND, NULL)); }
static int mount_over_named(void) { return result_of(mount("plain/sub", ".ssh", NULL, MS_BIND, NULL)); }

static int move_mount_over(void) {
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "plain/sub", 1 /* OPEN_TREE_CLONE */);
    return result_of(tree)
        ?: result_of(syscall(SYS_move_mount, tree, "", AT_FDCWD, "cron.d", 4 /* MOVE_MOUNT_F_EMPTY_PATH */));
}

static int read_secret(void) { return result_of(open(".aws/credentials", O_RDONLY)); }

static const struct act {
    const char *called;
    int (*act)(void);
    int type, change;
} acts[] = {
    {"create", create, EVENT_CHANGE, CHANGE_CREATE}, {"write", write_old, EVENT_OPEN, 0},
    {"write and read", write_and_read_old, EVENT_OPEN, 0},
    {"write by a symlink", write_by_link, EVENT_OPEN, 0},
    {"write by a hard link", write_by_hard_link, EVENT_OPEN, 0},
    {"write by a relative name", write_relative, EVENT_OPEN, 0},
    {"write what has no name", write_without_name, EVENT_OPEN, 0},
    {"truncate by open", truncate_by_open, EVENT_OPEN, 0},
    {"truncate", truncate_by_name, EVENT_OPEN, 0},
    {"write by openat2", write_by_openat2, EVENT_OPEN, 0},
    {"write by a mount", write_by_mount, EVENT_OPEN, 0},
    {"write by a mount of a file", write_by_file_mount, EVENT_OPEN, 0},
    {"write by a handle", write_by_handle, EVENT_OPEN, 0},
    {"write by io_uring", write_by_ring, EVENT_OPEN, 0},
    {"make a fifo", make_fifo, EVENT_CHANGE, CHANGE_CREATE},
    {"make a file", make_file, EVENT_CHANGE, CHANGE_CREATE},
    {"make a directory", make_directory, EVENT_CHANGE, CHANGE_CREATE},
    {"make a symlink", make_symlink, EVENT_CHANGE, CHANGE_SYMLINK},
    {"make a socket", make_socket, EVENT_CHANGE, CHANGE_CREATE},
    {"link into it", link_in, EVENT_CHANGE, CHANGE_LINK},
    {"link out of it", link_out, EVENT_CHANGE, CHANGE_LINK},
    {"link a secret out", link_secret_out, EVENT_CHANGE, CHANGE_LINK},
    {"link what had no name into it", link_what_had_no_name, EVENT_CHANGE, CHANGE_LINK},
    {"rename into it", rename_in, EVENT_CHANGE, CHANGE_RENAME},
    {"rename over a file", rename_over, EVENT_CHANGE, CHANGE_RENAME},
    {"rename out of it", rename_out, EVENT_CHANGE, CHANGE_RENAME},
    {"rename a secret out", rename_secret_out, EVENT_CHANGE, CHANGE_RENAME},
    {"rename the directory", rename_directory, EVENT_CHANGE, CHANGE_RENAME},
    {"rename to the directory's name", rename_to_directory, EVENT_CHANGE, CHANGE_RENAME},
    {"rename the directory of a watched name", rename_named_directory, EVENT_CHANGE, CHANGE_RENAME},
    {"rename to the directory of a watched name", rename_to_named_directory, EVENT_CHANGE, CHANGE_RENAME},
    {"symlink as the directory of a watched name", link_to_named_directory, EVENT_CHANGE, CHANGE_SYMLINK},
    {"exchange files", exchange, EVENT_CHANGE, CHANGE_RENAME},
    {"exchange a secret", exchange_secret, EVENT_CHANGE, CHANGE_RENAME},
    {"exchange directories", exchange_directories, EVENT_CHANGE, CHANGE_RENAME},
    {"remove a file", remove_file, EVENT_CHANGE, CHANGE_UNLINK},
    {"remove the directory", remove_directory, EVENT_CHANGE, CHANGE_UNLINK},
    {"change a mode", change_mode, EVENT_CHANGE, CHANGE_CHMOD},
    {"change the directory's mode", change_mode_of_directory, EVENT_CHANGE, CHANGE_CHMOD},
    {"change an owner", change_owner, EVENT_CHANGE, CHANGE_CHOWN},
    {"mount over it", mount_over, EVENT_CHANGE, CHANGE_MOUNT},
    {"mount over a file", mount_over_file, EVENT_CHANGE, CHANGE_MOUNT},
    {"mount over the directory of a watched name", mount_over_named, EVENT_CHANGE, CHANGE_MOUNT},
    {"move a mount over it", move_mount_over, EVENT_CHANGE, CHANGE_MOUNT},
    {"read a secret", read_secret, EVENT_OPEN, 0},
};

static int do_act(void *act) {
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) != 0)
        return 255;
    return ((const struct act *)act)->act();
}

static void make_room(void) {
    if (mount("tmpfs", ROOM, "tmpfs", 0, NULL) != 0 || chdir(ROOM) != 0)
        die(ROOM);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (mkdir(made[i], 0700) != 0)
            die(made[i]);
    for (size_t i = 0; i < sizeof touched / sizeof *touched; i++)
        touch(touched[i]);
    if (symlink("../cron.d/old", "plain/link") != 0 || link("cron.d/old", "plain/hard") != 0)
        die("links");
}

static void leave_room(void) {
    check(chdir("/") == 0 && umount2(ROOM, MNT_DETACH) == 0, "the room is left");
}

/* Of those that are told of with these flags, how many, and the last one. */
static size_t told_of(const struct sandbox *sandbox, __u16 flags, const struct event **last) {
    size_t many = 0;
    for (size_t i = 0; i < seen_count; i++) {
        bool file = seen[i]->type == EVENT_OPEN || seen[i]->type == EVENT_CHANGE;
        if (seen[i]->sandbox != sandbox->id || !file || seen[i]->flags != flags)
            continue;
        many++;
        *last = seen[i];
    }
    return many;
}

static bool is_of(const struct event *event, const struct act *act) {
    return event->type == act->type && (act->type == EVENT_OPEN
        || ((const struct event_change *)event)->change == (unsigned)act->change);
}

static int one_of(const struct sandbox *sandbox, const struct act *act) {
    make_room();
    int status = run(sandbox, do_act, (void *)act);
    leave_room();
    return status;
}

static void set_places(__u32 more) {
    watch_called("cron.d", "", PLACE_WRITE | more);
    watch_called("at.d", "", PLACE_WRITE | more);
    watch_called("empty.d", "", PLACE_WRITE | more);
    watch_called(".ssh", "authorized_keys", PLACE_WRITE | more);
    watch_called("", ".ssh", PLACE_DIRECTORY | more);
    watch_called("", ".gnupg", PLACE_DIRECTORY | more);
    watch_called(".aws", "credentials", PLACE_READ | more);
}

static void no_places(void) {
    static const char *const gone[][2] = {{"cron.d", ""}, {"at.d", ""}, {"empty.d", ""},
        {".ssh", "authorized_keys"}, {"", ".ssh"}, {"", ".gnupg"}, {".aws", "credentials"}};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        watch_called(gone[i][0], gone[i][1], 0);
}

static void refuses(const struct act *act) {
    struct sandbox sandbox;
    const struct event *last = NULL;
    forget();
    set_places(PLACE_BLOCK);
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    int status = one_of(&sandbox, act);
    check(status == EPERM << 8, "%s: refused: %#x", act->called, status);
    check(told_of(&sandbox, FLAG_REFUSED, &last) == 1 && is_of(last, act), "%s: is told of as refused",
        act->called);
    status = one_of(NULL, act);
    check(status == 0, "%s: control: who is in no sandbox: %#x", act->called, status);
    sandbox.slot->flags = SLOT_STARTING;
    check(one_of(&sandbox, act) == 0, "%s: control: nor is the engine refused it", act->called);
    sandbox_close(&sandbox);

    forget();
    set_places(0);
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    sandbox.slot->flags = SLOT_OPENS_BY_LSM;
    status = one_of(&sandbox, act);
    bool found = false;
    check(status == 0, "%s: control: where it is only told of: %#x", act->called, status);
    size_t many = told_of(&sandbox, 0, &last);
    for (size_t i = 0; i < seen_count; i++)
        found |= is_of(seen[i], act);
    check(found && many == (act->act == create ? 2 : 1), "%s: is told of once: %zu", act->called, many);
    check(told_of(&sandbox, FLAG_REFUSED, &last) == 0, "%s: and no more than told", act->called);
    sandbox_close(&sandbox);

    forget();
    set_places(PLACE_KILL);
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    status = one_of(&sandbox, act);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s: killed: %#x", act->called, status);
    check(told_of(&sandbox, FLAG_REFUSED | FLAG_KILLED, &last) == 1 && is_of(last, act),
        "%s: is told of as killed", act->called);
    sandbox_close(&sandbox);
    no_places();
}

/* What a place is marked for is refused in the sandboxes whose policy says so, and in no others. */
static void refuses_where_said(const struct act *act) {
    static const __u32 all = SLOT_REFUSE_SECRETS | SLOT_REFUSE_STARTS;
    struct sandbox strict, other;
    const struct event *last = NULL;
    forget();
    set_places(PLACE_SECRET | PLACE_START);
    sandbox_open(&strict, IN_BOTH, SHARE);
    sandbox_open(&other, IN_BOTH, SHARE);
    strict.slot->flags = all | SLOT_OPENS_BY_LSM;
    other.slot->flags = SLOT_OPENS_BY_LSM;
    int status = one_of(&strict, act);
    size_t many = told_of(&strict, FLAG_REFUSED | FLAG_SECRET, &last) + told_of(&strict, FLAG_REFUSED | FLAG_START,
        &last) + told_of(&strict, FLAG_REFUSED | FLAG_SECRET | FLAG_START, &last);
    check(status == EPERM << 8 && many == 1 && is_of(last, act), "%s: refused where the slot says so: %#x",
        act->called, status);
    check(one_of(&other, act) == 0, "%s: control: and not beside it", act->called);
    strict.slot->flags = SLOT_KILL_SECRETS | SLOT_KILL_STARTS;
    status = one_of(&strict, act);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s: killed where it says that: %#x", act->called,
        status);
    sandbox_close(&other);
    sandbox_close(&strict);
    no_places();
}

/* Secrets are for reading, and what is started for writing: the one mark is not the other. */
static void tells_the_marks_apart(void) {
    static const struct { __u32 mark, slot; int (*act)(void); bool refused; } cases[] = {
        {PLACE_SECRET, SLOT_REFUSE_SECRETS, read_secret, true},
        {PLACE_SECRET, SLOT_REFUSE_STARTS, read_secret, false},
        {PLACE_START, SLOT_REFUSE_SECRETS, write_old, false},
        {PLACE_START, SLOT_REFUSE_STARTS, write_old, true},
        {PLACE_SECRET, SLOT_REFUSE_SECRETS | SLOT_REFUSE_STARTS, write_old, false},
        {PLACE_START, SLOT_REFUSE_SECRETS | SLOT_REFUSE_STARTS, read_secret, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sandbox sandbox;
        forget();
        set_places(cases[i].mark);
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        sandbox.slot->flags = cases[i].slot;
        int status = one_of(&sandbox, &(struct act){"", cases[i].act, EVENT_OPEN, 0});
        check(status == (cases[i].refused ? EPERM << 8 : 0), "marked %#x, asked %#x: %#x", cases[i].mark,
            cases[i].slot, status);
        sandbox_close(&sandbox);
    }
    no_places();
}

/* A package's program may be called as a directory that has something watched in it. */
static int rename_file_as_directory(void) {
    return result_of(rename("plain/file", "plain/.gnupg")) ?: result_of(rename("plain/.gnupg", "plain/.ssh"))
        ?: result_of(rename("plain/.ssh", "plain/cron.d"));
}

static int link_as_directory_of_secrets(void) { return result_of(symlink("plain/file", "plain/.aws")); }

static void leaves_names_of_files_alone(void) {
    static const struct { __u32 mark, slot; int (*act)(void); } cases[] = {
        {PLACE_BLOCK, 0, rename_file_as_directory},
        {PLACE_SECRET, SLOT_REFUSE_SECRETS, rename_file_as_directory},
        {PLACE_SECRET, SLOT_REFUSE_SECRETS, link_as_directory_of_secrets}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sandbox sandbox;
        forget();
        set_places(cases[i].mark);
        watch_called("", ".aws", PLACE_DIRECTORY | cases[i].mark);
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        sandbox.slot->flags = cases[i].slot;
        int status = one_of(&sandbox, &(struct act){"", cases[i].act, EVENT_CHANGE, 0});
        check(status == 0, "case %zu of names of files: %#x", i, status);
        sandbox_close(&sandbox);
    }
    watch_called("", ".aws", 0);
    no_places();
}

static int write_in_overlay(void *unused) {
    (void)unused;
    return result_of(open("merged/cron.d/old", O_RDWR))
        ?: result_of(open("merged/.aws/credentials", O_RDONLY))
        ?: result_of(chmod("merged/.aws/credentials", 0640));
}

/* The file below is opened, too, and its copy is made by who changes it: that is not asked about again. */
static void asks_once_of_an_overlay(void) {
    struct sandbox sandbox;
    const struct event *last = NULL;
    set_places(0);
    make_room();
    if (mkdir("upper", 0700) != 0 || mkdir("work", 0700) != 0 || mkdir("merged", 0700) != 0
        || mkdir("lower", 0700) != 0 || rename("cron.d", "lower/cron.d") != 0
        || rename(".aws", "lower/.aws") != 0
        || mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work") != 0)
        die("an overlay");
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    sandbox.slot->flags = SLOT_OPENS_BY_LSM;
    check(run(&sandbox, write_in_overlay, NULL) == 0, "control: files in an overlay are opened and copied");
    size_t many = told_of(&sandbox, 0, &last);
    check(many == 2, "the two opens are told of once each: %zu", many);
    set_places(PLACE_BLOCK);
    check(run(&sandbox, write_in_overlay, NULL) == EPERM << 8 && told_of(&sandbox, FLAG_REFUSED, &last) == 1,
        "a write in an overlay is refused, and told of once");
    sandbox_close(&sandbox);
    no_places();
    umount2("merged", MNT_DETACH);
    leave_room();
}

void lsm_test(void) {
    if (mkdir(ROOM, 0700) != 0)
        die(ROOM);
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        refuses(acts + i);
        refuses_where_said(acts + i);
    }
    tells_the_marks_apart();
    leaves_names_of_files_alone();
    asks_once_of_an_overlay();
}
