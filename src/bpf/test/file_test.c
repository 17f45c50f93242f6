/* Opened files by what they are: by whatever name, watched places are told of, and no others. */
#include "watch.h"

#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>

enum { SHARE = 1 << 20, DEEP = 40 };

static const char *const made[] = {"place", "place/sub", "plain", "alias"};

enum how { OPENAT, OPENAT2, CREAT };
struct attempt { const char *name; int flags; bool told; enum how how; };

static int try_open(void *attempt) {
    const struct attempt *this = attempt;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) != 0
        || mount("place", "alias", NULL, MS_BIND, NULL) != 0)
        return 1;
    struct open_how how = {.flags = (__u64)this->flags};
    int fd = this->how == CREAT ? creat(this->name, 0600)
        : this->how == OPENAT ? open(this->name, this->flags, 0600)
        : (int)syscall(SYS_openat2, AT_FDCWD, this->name, &how, sizeof how);
    return fd >= 0 ? 0 : 2;
}

static void tells_of_writes(void) {
    static const struct attempt attempts[] = {
        {"place/new", O_WRONLY | O_CREAT, true, OPENAT}, {"place/file", O_RDWR, true, OPENAT},
        {"place/file", O_RDONLY, false, OPENAT}, {"place/file", O_RDONLY | O_TRUNC, true, OPENAT},
        {"plain/../place/sub/deep", O_WRONLY | O_CREAT, true, OPENAT}, {"plain/link", O_WRONLY, true, OPENAT},
        {"alias/file", O_WRONLY, true, OPENAT}, {"place", O_WRONLY | O_TMPFILE, true, OPENAT},
        {"plain/other", O_WRONLY | O_CREAT, false, OPENAT}, {"plain/hard", O_WRONLY, true, OPENAT},
        {"secret", O_RDONLY, true, OPENAT}, {"secret", O_WRONLY, false, OPENAT},
        {"place/file", O_WRONLY, true, OPENAT2}, {"place/file", O_RDONLY | O_TRUNC, true, OPENAT2},
        {"place/file", O_RDONLY, false, OPENAT2}, {"place/file", O_WRONLY, true, CREAT},
        {"plain/other", O_WRONLY, false, CREAT}};
    struct sandbox sandbox;
    watch_place("place", PLACE_WRITE);
    watch_place("place/file", PLACE_WRITE);
    watch_place("secret", PLACE_READ);
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        struct attempt attempt = attempts[i];
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        int status = run(&sandbox, try_open, &attempt);
        check(status == 0, "%s can be opened: %d", attempt.name, status >> 8);
        const struct event_open *open = only(&sandbox, EVENT_OPEN);
        check((open != NULL) == attempt.told, "%s with %#x is told of: %d", attempt.name, attempt.flags,
            attempt.told);
        bool read = strcmp(attempt.name, "secret") == 0;
        check(open == NULL || (open->place == (read ? PLACE_READ : PLACE_WRITE) && open->event.flags == 0
            && (attempt.flags & O_TMPFILE) == (open->open_flags & O_TMPFILE & (unsigned)attempt.flags)),
            "%s: how, and that it is no more than told of", attempt.name);
        sandbox_close(&sandbox);
    }
    run(NULL, try_open, &(struct attempt){"place/file", O_RDWR, false, OPENAT});
    forget();
    watch_place("place", 0);
    watch_place("place/file", 0);
    watch_place("secret", 0);
}

static int write_one(void *name) { return open(name, O_WRONLY | O_CREAT, 0600) >= 0 ? 0 : 1; }

/* As a container has it: what stat(2) says in there is what a place is known by. */
static void tells_of_writes_in_an_overlay(const char *lower, const char *how) {
    static const char *const dirs[] = {"alias/upper", "alias/upper/both", "alias/upper/up", "alias/work",
        "alias/merged"};
    static const char *const places[] = {"alias/merged/both", "alias/merged/low", "alias/merged/up"};
    struct sandbox sandbox;
    char name[128], options[128];
    check(mount("tmpfs", "alias", "tmpfs", 0, NULL) == 0, "a place for the overlay");
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        if (mkdir(dirs[i], 0700) != 0)
            die(dirs[i]);
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", lower, i == 0 ? "" : i == 1 ? "/both" : "/low");
        if (mkdir(name, 0700) != 0)
            die(name);
    }
    strcat(name, "/old");
    touch(name);
    snprintf(options, sizeof options, "lowerdir=%s,upperdir=alias/upper,workdir=alias/work", lower);
    if (mount("overlay", "alias/merged", "overlay", 0, options) != 0)
        die("overlay");
    for (int i = 0; i < 3; i++) {
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        watch_place(places[i], PLACE_WRITE);
        snprintf(name, sizeof name, "%s%s", places[i], i == 1 ? "/old" : "/new");
        check(run(&sandbox, write_one, name) == 0 && run(&sandbox, write_one, "alias/merged/other") == 0,
            "%s", name);
        const struct event_open *open = only(&sandbox, EVENT_OPEN);
        check(open != NULL && open->place == PLACE_WRITE
            && strcmp(open->path_chain, strrchr(name, '/') + 1) == 0,
            "%s: a write to %s is told of, one beside it not", how, name);
        watch_place(places[i], 0);
        sandbox_close(&sandbox);
    }
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    watch_name("alias/merged/low", "old", PLACE_WRITE);
    check(run(&sandbox, write_one, "alias/merged/low/old") == 0 && only(&sandbox, EVENT_OPEN) != NULL,
        "%s: so is a file by its name in there", how);
    check(run(&sandbox, write_one, "alias/merged/low/old2") == 0 && count(&sandbox, EVENT_OPEN) == 1,
        "%s: control: and no other name", how);
    watch_name("alias/merged/low", "old", 0);
    sandbox_close(&sandbox);
    check(umount("alias/merged") == 0, "the overlay is gone");
    check(umount("alias") == 0, "and what it was on");
}

static int open_one(void *name) { return open(name, O_RDONLY) >= 0 ? 0 : 1; }

static int read_and_tell(void *pipe) {
    int fd = open("secret", O_RDONLY);
    return fd >= 0 && write(((int *)pipe)[1], "x", 1) == 1 ? 0 : 1;
}

static void kills_before_a_byte_is_read(void) {
    struct sandbox sandbox;
    char byte;
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) != 0)
        die("pipe");
    static const struct { __u32 place, slot; bool kill; } said[] = {
        {0, 0, false}, {PLACE_KILL, 0, true}, {PLACE_SECRET, 0, false}, {PLACE_SECRET, SLOT_KILL_SECRETS, true},
        {PLACE_SECRET, SLOT_REFUSE_SECRETS, true}, {PLACE_SECRET, SLOT_REFUSE_STARTS | SLOT_KILL_STARTS, false},
        {PLACE_START, SLOT_REFUSE_STARTS | SLOT_KILL_STARTS, false}, {0, SLOT_KILL_SECRETS, false},
        {PLACE_KILL | PLACE_SECRET, SLOT_KILL_SECRETS | SLOT_STARTING, false}};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        bool kill = said[i].kill;
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        sandbox.slot->flags = said[i].slot;
        watch_place("secret", PLACE_READ | said[i].place);
        int status = run(&sandbox, read_and_tell, ends);
        check(kill ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : status == 0, "%#x with %#x: killed: %d",
            said[i].place, said[i].slot, kill);
        check((read(ends[0], &byte, 1) == 1) == !kill, "it went on: %d", !kill);
        const struct event_open *open = only(&sandbox, EVENT_OPEN);
        bool marked = kill && said[i].place & PLACE_SECRET;
        check(open != NULL && open->event.flags == ((kill ? FLAG_KILLED : 0) | (marked ? FLAG_SECRET : 0))
            && strcmp(open->path_chain, "secret") == 0,
            "what it opened is told of, and why it was killed");
        check(run(NULL, read_and_tell, ends) == 0 && read(ends[0], &byte, 1) == 1, "control: in no sandbox");
        sandbox_close(&sandbox);
    }
    watch_place("secret", 0);
    close(ends[0]);
    close(ends[1]);
}

/* Of one place each sandbox has it as its own policy says. */
static void kills_writers_where_said(void) {
    struct sandbox strict, other;
    forget();
    sandbox_open(&strict, IN_BOTH, SHARE);
    sandbox_open(&other, IN_BOTH, SHARE);
    strict.slot->flags = SLOT_REFUSE_STARTS;
    other.slot->flags = SLOT_REFUSE_SECRETS;
    watch_place("place", PLACE_READ | PLACE_WRITE | PLACE_START);
    int status = run(&strict, write_one, "place/file");
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "who writes is killed: %#x", status);
    check(run(&strict, open_one, "place/file") == 0, "control: who reads is not");
    check(run(&other, write_one, "place/file") == 0, "control: nor is who may write");
    watch_place("place", 0);
    sandbox_close(&other);
    sandbox_close(&strict);
}

static void *open_own(void *done) {
    *(int *)done = open("/proc/thread-self/environ", O_RDONLY);
    return NULL;
}

static int open_in_a_thread(void *unused) {
    (void)unused;
    pthread_t thread;
    int done = -1;
    pthread_create(&thread, NULL, open_own, &done);
    pthread_join(thread, NULL);
    return done >= 0 ? 0 : 1;
}

static void tells_of_others_in_proc(void) {
    struct sandbox sandbox;
    char environ[64], memory[64];
    snprintf(environ, sizeof environ, "/proc/%d/environ", getpid());
    snprintf(memory, sizeof memory, "/proc/%d/mem", getpid());
    char *others[] = {environ, memory}, harmless[64];
    snprintf(harmless, sizeof harmless, "/proc/%d/status", getpid());
    for (int i = 0; i < 2; i++) {
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        check(run(&sandbox, open_one, others[i]) == 0, "%s can be opened", others[i]);
        const struct event_open *open = only(&sandbox, EVENT_OPEN);
        check(open != NULL && open->target == (__u32)getpid()
            && strcmp(open->path_chain, strrchr(others[i], '/') + 1) == 0,
            "and is told of, with whose it is");
        check(run(&sandbox, open_one, "/proc/self/environ") == 0
            && run(&sandbox, open_one, "/proc/self/mem") == 0
            && run(&sandbox, open_one, "/proc/thread-self/environ") == 0
            && run(&sandbox, open_in_a_thread, NULL) == 0 && run(&sandbox, open_one, "/proc/meminfo") == 0
            && run(&sandbox, open_one, harmless) == 0 && count(&sandbox, EVENT_OPEN) == 1,
            "control: one's own, and what tells little");
        sandbox_close(&sandbox);
    }
}

static int exec_memory(void *program) {
    int from = open("/bin/true", O_RDONLY | O_CLOEXEC), to = memfd_create("hidden", MFD_CLOEXEC);
    struct stat is;
    if (from < 0 || to < 0 || fstat(from, &is) != 0)
        return 1;
    void *bytes = mmap(NULL, (size_t)is.st_size, PROT_READ, MAP_PRIVATE, from, 0);
    if (bytes == MAP_FAILED || write(to, bytes, (size_t)is.st_size) != is.st_size)
        return 2;
    return (int)syscall(SYS_execveat, to, "", (char *[]){program, NULL}, NULL, AT_EMPTY_PATH);
}

static void tells_of_programs_without_a_file(void) {
    struct sandbox sandbox;
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    check(run(&sandbox, exec_memory, "innocent") == 0, "a program runs from memory");
    const struct event_open *open = only(&sandbox, EVENT_OPEN);
    const struct event_exec *exec = only(&sandbox, EVENT_EXEC);
    check(open != NULL && strcmp(open->path_chain, "memfd:hidden") == 0, "the memory is told of");
    check(exec != NULL && open != NULL && exec->exe.inode == open->file.inode && exec->exe.links == 0
        && strcmp(exec->exe_chain, "memfd:hidden") == 0 && strcmp(exec->argv, "innocent") == 0,
        "so is what runs of it");
    sandbox_close(&sandbox);
}

static int exec_in(void *place) {
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) != 0
        || mount("place", "alias", NULL, MS_BIND, NULL) != 0)
        return 1;
    for (int i = 0; place == NULL && i < DEEP; i++)
        if ((mkdir("d", 0700) != 0 && errno != EEXIST) || chdir("d") != 0)
            return 2;
    return place != NULL && chdir(place) != 0 ? 3 : execl("/bin/true", "true", NULL);
}

static void tells_where_it_runs(void) {
    static const char *const places[] = {"place/sub", "alias/sub", NULL};
    struct sandbox sandbox;
    for (int i = 0; i < 3; i++) {
        char wanted[CHAIN_SIZE] = {0};
        size_t size = 0;
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        check(run(&sandbox, exec_in, (void *)places[i]) == 0, "it runs in %s",
            places[i] ? places[i] : "the depth");
        if (places[i] == NULL)
            while (size < 2 * 24)
                size += (size_t)sprintf(wanted + size, "d") + 1;
        else
            size = 1 + (size_t)sprintf(wanted, "sub%c%.5s%c%s", 0, places[i], 0, &SCRATCH[1]);
        const struct event_exec *exec = only(&sandbox, EVENT_EXEC);
        check(exec != NULL && exec->cwd_size == size && memcmp(exec->cwd_chain, wanted, size) == 0
            && exec->event.flags == (places[i] == NULL ? FLAG_CHAIN_CUT : 0), "and is told of there: %zu",
            size);
        sandbox_close(&sandbox);
    }
}

void file_test(void) {
    if (chdir(SCRATCH) != 0)
        die(SCRATCH);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (mkdir(made[i], 0700) != 0)
            die(made[i]);
    touch("place/file");
    touch("secret");
    if (symlink("../place/file", "plain/link") != 0 || link("place/file", "plain/hard") != 0)
        die("links");
    tells_of_writes();
    tells_of_writes_in_an_overlay("alias/lower", "on one file system");
    tells_of_writes_in_an_overlay("lower", "on two");
    kills_before_a_byte_is_read();
    kills_writers_where_said();
    tells_of_others_in_proc();
    tells_of_programs_without_a_file();
    tells_where_it_runs();
    check(chdir("/") == 0, "out of there");
}
