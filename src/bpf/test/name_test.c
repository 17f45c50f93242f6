/* Files watched by how they and their directories are called; and other processes' memory in /proc. */
#include "watch.h"

#include <linux/openat2.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>

enum { SHARE = 1 << 20, LINKS = 50 };

#define LONG "a-name-of-more-than-47-bytes-of-which-the-rest-is"

static const char *const made[] = {"names", "names/cron.d", "names/cron.d/sub", "names/.ssh", "names/plain",
    "names/gcloud", "names/gcloud/configs", "names/gcloud/configs/deep", "names/alias"};
static const char *const touched[] = {"names/cron.d/old", "names/.ssh/authorized_keys", "names/.ssh/known",
    "names/plain/file", "names/gcloud/configs/default", "names/gcloud/configs/deep/x", "names/gcloud/x"};

struct attempt { const char *name; int flags; bool told; long call; };

static const struct attempt attempts[] = {
    {"names/cron.d/new", O_WRONLY | O_CREAT, true, SYS_openat},
    {"names/cron.d/old", O_RDWR, true, SYS_openat},
    {"names/cron.d/old", O_RDONLY | O_TRUNC, true, SYS_openat},
    {"names/cron.d/old", O_RDONLY, false, SYS_openat}, {"names/cron.d/old", O_PATH, false, SYS_openat},
    {"names/cron.d/sub/x", O_WRONLY | O_CREAT, false, SYS_openat},
    {"names/plain/../cron.d/old", O_WRONLY, true, SYS_openat2},
    {"names/alias/old", O_WRONLY, true, SYS_openat},
    {"names/alias/other", 0, true, SYS_creat}, {"names/cron.d", O_WRONLY | O_TMPFILE, true, SYS_openat},
    {"names/plain", O_WRONLY | O_TMPFILE, false, SYS_openat},
    {"names/plain/.bashrc", O_WRONLY | O_CREAT, true, SYS_openat},
    {".bashrc", O_WRONLY | O_CREAT, true, SYS_openat}, {"names/plain/.bashrc2", 0, false, SYS_creat},
    {"names/.ssh/authorized_keys", O_WRONLY, true, SYS_openat},
    {"names/.ssh/known", O_WRONLY, false, SYS_openat},
    {"names/plain/authorized_keys", 0, false, SYS_creat}, {"names/plain/link", O_WRONLY, true, SYS_openat},
    {"names/plain/hard", O_WRONLY, true, SYS_openat}, {"names/plain/hard2", O_WRONLY, false, SYS_openat},
    {"names/gcloud/configs/default", O_RDONLY, true, SYS_openat},
    {"names/gcloud/configs", O_RDONLY, false, SYS_openat}, {"names/gcloud/x", O_RDONLY, false, SYS_openat},
    {"names/gcloud/configs/deep", O_RDONLY | O_DIRECTORY, false, SYS_openat},
    {"names/gcloud/configs/deep/x", O_RDONLY, false, SYS_openat},
    {"names/plain/" LONG "-left", 0, true, SYS_creat}, {"names/plain/" LONG "-out", 0, true, SYS_creat},
    {"names/plain/a-name-of-more", 0, false, SYS_creat}};

static int own_mounts(const char *from, const char *to) {
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0
        && mount(from, to, NULL, MS_BIND, NULL) == 0 ? 0 : 1;
}

static long call_open(long call, const char *name, int flags) {
    struct open_how how = {.flags = (__u64)flags};
    return call == SYS_creat ? creat(name, 0600)
        : call == SYS_openat2 ? syscall(call, AT_FDCWD, name, &how, sizeof how)
        : syscall(call, AT_FDCWD, name, flags, 0600);
}

static int try_open(void *attempt) {
    const struct attempt *this = attempt;
    if (own_mounts("names/cron.d", "names/alias") != 0)
        return 1;
    return call_open(this->call, this->name, this->flags) >= 0 ? 0 : 2;
}

static bool chain_is(const struct event_open *open, const char *name) {
    char wanted[CHAIN_SIZE] = {0}, copy[128];
    size_t size = 0;
    snprintf(copy, sizeof copy, "%s/%s", SCRATCH, name);
    for (char *slash; (slash = strrchr(copy, '/')) != NULL; *slash = 0)
        size += (size_t)sprintf(wanted + size, "%s", slash + 1) + 1;
    return open->path_size == size && memcmp(open->path_chain, wanted, size) == 0;
}

static void tells_of_opens_by_name(void) {
    struct sandbox sandbox;
    watch_called("cron.d", "", PLACE_WRITE);
    watch_called("", ".bashrc", PLACE_WRITE);
    watch_called(".ssh", "authorized_keys", PLACE_WRITE);
    watch_called("gcloud", "/", PLACE_READ);
    watch_called("", LONG, PLACE_WRITE);
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        struct attempt attempt = attempts[i];
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        int status = run(&sandbox, try_open, &attempt);
        check(status == 0, "%s can be opened: %d", attempt.name, status >> 8);
        const struct event_open *open = only(&sandbox, EVENT_OPEN);
        check((open != NULL) == attempt.told, "%s with %#x is told of: %d", attempt.name, attempt.flags,
            attempt.told);
        bool read = strstr(attempt.name, "gcloud") != NULL;
        check(open == NULL || (open->place == (read ? PLACE_READ : PLACE_WRITE) && open->event.flags == 0),
            "%s: how, and that it is no more than told of", attempt.name);
        if (strcmp(attempt.name, "names/cron.d/new") == 0 || read)
            check(open == NULL || chain_is(open, attempt.name), "%s: where it is", attempt.name);
        if (strcmp(attempt.name, "names/plain/hard") == 0)
            check(open == NULL || chain_is(open, "names/.ssh/authorized_keys"), "by the watched of two names");
        if (attempt.flags & O_TMPFILE & ~O_DIRECTORY)
            check(open == NULL || (open->path_chain[0] == '#'
                && strcmp(open->path_chain + strlen(open->path_chain) + 1, "cron.d") == 0),
                "what has no name yet is told of with its directory");
        sandbox_close(&sandbox);
    }
    run(NULL, try_open, &(struct attempt){"names/cron.d/old", O_RDWR, false, SYS_openat});
    check(count(NULL, EVENT_OPEN) == 0, "control: in no sandbox");
}

/* The one that is watched was the first, and is the last that is found. */
static void tells_of_many_names(void) {
    struct sandbox sandbox;
    char name[64];
    watch_called(".ssh", "authorized_keys", PLACE_WRITE);
    for (int i = 0; i < LINKS; i++) {
        snprintf(name, sizeof name, "names/plain/link-%d", i);
        if (link("names/.ssh/authorized_keys", name) != 0)
            die(name);
    }
    struct attempt attempt = {name, O_WRONLY, true, SYS_openat};
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    check(run(&sandbox, try_open, &attempt) == 0, "one of many names is opened");
    const struct event_open *open = only(&sandbox, EVENT_OPEN);
    check(open != NULL && chain_is(open, "names/.ssh/authorized_keys"), "and told of by the watched one");
    sandbox_close(&sandbox);
    for (int i = 0; i < LINKS; i++) {
        snprintf(name, sizeof name, "names/plain/link-%d", i);
        if (unlink(name) != 0)
            die(name);
    }
}

static int write_and_tell(void *pipe) {
    int fd = open("names/.ssh/authorized_keys", O_WRONLY);
    return fd >= 0 && write(((int *)pipe)[1], "x", 1) == 1 ? 0 : 1;
}

static void kills_by_name(void) {
    struct sandbox sandbox;
    char byte;
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) != 0)
        die("pipe");
    for (int i = 0; i <= 2; i++) {
        bool kill = i == 2;
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        sandbox.slot->flags = i == 1 ? SLOT_STARTING : 0;
        watch_called(".ssh", "authorized_keys", PLACE_WRITE | (i > 0 ? PLACE_KILL : 0));
        int status = run(&sandbox, write_and_tell, ends);
        check(kill ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : status == 0, "killed by name: %d",
            kill);
        check((read(ends[0], &byte, 1) == 1) == !kill, "it went on: %d", !kill);
        const struct event_open *open = only(&sandbox, EVENT_OPEN);
        check(open != NULL && open->event.flags == (kill ? FLAG_KILLED : 0)
            && chain_is(open, "names/.ssh/authorized_keys"), "and is told of");
        sandbox_close(&sandbox);
    }
    close(ends[0]);
    close(ends[1]);
}

/* Ways to one file of /proc/PID. */
enum way { DIRECT, BY_OPENAT2, BY_TASK, BY_LINK, BY_MOUNT, BY_DIRECTORY, BY_ROOT, BY_32_BIT, WAYS };
struct look { enum way way; const char *file; pid_t pid; int *pipe; };

static long open_32_bit(const char *name) {
    long result = -1;
#ifdef __x86_64__
    char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    strcpy(low, name);
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(5L), "b"(low), "c"((long)O_RDONLY), "d"(0L) : "memory");
#endif
    return result;
}

static int null_32_bit(void *unused) {
    (void)unused;
    return open_32_bit("/dev/null") >= 0 ? 0 : 1;
}

static long look_at(const struct look *look) {
    char path[128];
    snprintf(path, sizeof path, "%s/proc/%d/%s", look->way == BY_ROOT ? "/proc/self/root" : "", look->pid,
        look->file);
    if (look->way == BY_TASK)
        snprintf(path, sizeof path, "/proc/%d/task/%d/%s", look->pid, look->pid, look->file);
    if (look->way == BY_LINK && (symlink(path, "names/link") != 0 || strcpy(path, "names/link") == NULL))
        return -1;
    if (look->way == BY_MOUNT && (own_mounts(path, "names/plain/file") != 0
        || strcpy(path, "names/plain/file") == NULL))
        return -1;
    if (look->way == BY_DIRECTORY) {
        snprintf(path, sizeof path, "/proc/%d", look->pid);
        return openat(open(path, O_PATH), look->file, O_RDONLY);
    }
    return look->way == BY_32_BIT ? open_32_bit(path)
        : call_open(look->way == BY_OPENAT2 ? SYS_openat2 : SYS_openat, path, O_RDONLY);
}

static int look_and_tell(void *look) {
    const struct look *this = look;
    return look_at(this) >= 0 && write(this->pipe[1], "x", 1) == 1 ? 0 : 1;
}

static int look_at_own(void *look) {
    struct look own = *(const struct look *)look;
    own.pid = getpid();
    return look_at(&own) >= 0 ? 0 : 1;
}

static void kills_who_opens_memory(enum way way, bool kill) {
    struct sandbox sandbox;
    char byte;
    int ends[2];
    struct look look = {way, "mem", getpid(), ends};
    if (pipe2(ends, O_NONBLOCK) != 0)
        die("pipe");
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    sandbox.slot->flags = kill ? SLOT_KILL_MEMORY : 0;
    int status = run(&sandbox, look_and_tell, &look);
    unlink("names/link");
    check(kill ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : status == 0,
        "way %d to another's memory is fatal: %d", way, kill);
    check((read(ends[0], &byte, 1) == 1) == !kill, "way %d: it went on: %d", way, !kill);
    const struct event_open *open = only(&sandbox, EVENT_OPEN);
    check(open != NULL && open->event.flags == (kill ? FLAG_KILLED : 0) && open->target == (__u32)getpid()
        && strcmp(open->path_chain, way == BY_MOUNT ? "file" : "mem") == 0,
        "way %d is told of, with whose memory it is", way);
    check(run(&sandbox, look_at_own, &look) == 0 && count(&sandbox, EVENT_OPEN) == 1,
        "way %d: control: one's own memory", way);
    unlink("names/link");
    look.file = "environ";
    check(run(&sandbox, look_and_tell, &look) == 0 && count(&sandbox, EVENT_OPEN) == 2,
        "way %d: control: what is no memory", way);
    unlink("names/link");
    sandbox_close(&sandbox);
    close(ends[0]);
    close(ends[1]);
}

void name_test(void) {
    if (chdir(SCRATCH) != 0)
        die(SCRATCH);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (mkdir(made[i], 0700) != 0)
            die(made[i]);
    for (size_t i = 0; i < sizeof touched / sizeof *touched; i++)
        touch(touched[i]);
    if (symlink("../.ssh/authorized_keys", "names/plain/link") != 0
        || link("names/.ssh/authorized_keys", "names/plain/hard") != 0
        || link("names/.ssh/known", "names/plain/hard2") != 0)
        die("links");
    tells_of_opens_by_name();
    tells_of_many_names();
    kills_by_name();
    bool has_32_bit = run(NULL, null_32_bit, NULL) == 0;
    for (enum way way = 0; way < (has_32_bit ? WAYS : BY_32_BIT); way++) {
        kills_who_opens_memory(way, false);
        kills_who_opens_memory(way, true);
    }
    watch_called("cron.d", "", 0);
    watch_called("", ".bashrc", 0);
    watch_called(".ssh", "authorized_keys", 0);
    watch_called("gcloud", "/", 0);
    watch_called("", LONG, 0);
    check(chdir("/") == 0, "out of there");
}
