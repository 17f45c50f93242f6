#include "watch.h"

#include <glob.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>

enum { OBJECTS = 4, PROGRAMS_MAX = 64, HELD = 1 << 16, PROGRAMS = 13, LSM_PROGRAMS = 20 };

static const char *const names[OBJECTS] = {"core", "network", "syscalls", "lsm"};
static const char *const roots[2][2] = {{"/sys/fs/cgroup/unified", "/sys/fs/cgroup"},
    {"/sys/fs/cgroup/pids", ""}};
static struct bpf_object *objects[OBJECTS];
static struct bpf_link *links[PROGRAMS_MAX];
static __u32 programs[PROGRAMS_MAX];
static int object_count, program_count, passed, failed;
static struct slot *slots;
static uint64_t *consumer, *producer, ring_mask;
static uint8_t *records;
static size_t page;
static __u32 generation, next_slot = 1;

struct event **seen;
size_t seen_count;

void check(bool holds, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    holds ? passed++ : failed++;
    if (!holds) {
        printf("FAILED: ");
        vprintf(format, arguments);
        printf("\n");
    }
    va_end(arguments);
}

int checks_failed(void) {
    printf("monitor: %d checks passed, %d failed\n", passed, failed);
    return failed;
}

_Noreturn void die(const char *what) {
    printf("monitor: %s: %s\n", what, strerror(errno));
    exit(2);
}

const char *cgroup_root(enum hierarchy hierarchy) {
    struct statfs is;
    __typeof__(is.f_type) wanted = hierarchy == HIERARCHY_V2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC;
    for (int i = 0; i < 2; i++)
        if (statfs(roots[hierarchy - 1][i], &is) == 0 && is.f_type == wanted)
            return roots[hierarchy - 1][i];
    return NULL;
}

bool hierarchy_there(enum hierarchy hierarchy) { return cgroup_root(hierarchy) != NULL; }

int watch_map(const char *name) {
    for (int i = 0; i < object_count; i++) {
        struct bpf_map *map = bpf_object__find_map_by_name(objects[i], name);
        if (map != NULL)
            return bpf_map__fd(map);
    }
    die(name);
}

/* A map that an object before has, too, is that one. */
static void share_maps(int object, __u64 ring_size) {
    struct bpf_map *map, *had;
    bpf_object__for_each_map(map, objects[object]) {
        if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF)
            bpf_map__set_max_entries(map, (__u32)ring_size);
        if (!bpf_map__is_internal(map) && object > 0
            && (had = bpf_object__find_map_by_name(objects[0], bpf_map__name(map))) != NULL
            && bpf_map__reuse_fd(map, bpf_map__fd(had)) != 0)
            die("bpf_map__reuse_fd");
    }
}

static void attach_all(int object, int root) {
    struct bpf_program *program;
    bpf_object__for_each_program(program, objects[object]) {
        struct bpf_prog_info info = {0};
        __u32 size = sizeof info;
        bool of_cgroup = bpf_program__type(program) != BPF_PROG_TYPE_TRACING
            && bpf_program__type(program) != BPF_PROG_TYPE_LSM;
        struct bpf_link *link = of_cgroup ? bpf_program__attach_cgroup(program, root)
            : bpf_program__attach(program);
        if (link == NULL || bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) != 0)
            die(bpf_program__name(program));
        links[program_count] = link;
        programs[program_count++] = info.id;
    }
}

static void *map_or_die(int fd, size_t size, int protection, size_t from) {
    void *at = mmap(NULL, size, protection, MAP_SHARED, fd, (off_t)from);
    return at != MAP_FAILED ? at : (die("mmap"), NULL);
}

static int silent(enum libbpf_print_level level, const char *format, va_list arguments) {
    (void)level, (void)format, (void)arguments;
    return 0;
}

int lsm_error(const char *folder) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.bpf.o", folder, names[OBJECTS - 1]);
    libbpf_print_fn_t print = libbpf_set_print(silent);
    struct bpf_object *object = bpf_object__open(path);
    if (object == NULL)
        die(path);
    int error = bpf_object__load(object);
    bpf_object__close(object);
    libbpf_set_print(print);
    return -error;
}

void watch_pin(const char *directory) {
    char path[PATH_MAX];
    for (int i = 0; i < program_count; i++) {
        snprintf(path, sizeof path, "%s/%d", directory, i);
        if (bpf_link__pin(links[i], path) != 0)
            die(path);
    }
}

void watch_open(const char *folder, __u64 ring_size, bool with_lsm) {
    char path[PATH_MAX];
    object_count = with_lsm ? OBJECTS : OBJECTS - 1;
    int root = hierarchy_there(HIERARCHY_V2) ? open(cgroup_root(HIERARCHY_V2), O_RDONLY | O_CLOEXEC) : -1;
    for (int i = 0; i < object_count; i++) {
        snprintf(path, sizeof path, "%s/%s.bpf.o", folder, names[i]);
        if ((objects[i] = bpf_object__open(path)) == NULL)
            die(path);
        share_maps(i, ring_size);
        if (bpf_object__load(objects[i]) != 0)
            die(path);
    }
    page = (size_t)sysconf(_SC_PAGESIZE);
    ring_mask = ring_size - 1;
    slots = map_or_die(watch_map("slots"), SLOTS * sizeof *slots, PROT_READ | PROT_WRITE, 0);
    consumer = map_or_die(watch_map("events"), page, PROT_READ | PROT_WRITE, 0);
    producer = map_or_die(watch_map("events"), page + 2 * ring_size, PROT_READ, page);
    records = (uint8_t *)producer + page;
    seen = calloc(HELD, sizeof *seen);
    prctl(PR_SET_CHILD_SUBREAPER, 1);  /* daemons come back to be waited for */
    for (int i = 0; i < object_count; i++)
        attach_all(i, root);
    close(root);
    check(program_count == PROGRAMS + (with_lsm ? LSM_PROGRAMS : 0), "%d programs are attached",
        program_count);
}

void watch_close(void) {
    struct timespec moment = {.tv_nsec = 10000000};
    __u32 left = 0;
    drain();
    check(*consumer == __atomic_load_n(producer, __ATOMIC_ACQUIRE), "the ring is empty");
    forget();
    free(seen);
    next_slot = 1;
    munmap(slots, SLOTS * sizeof *slots);
    munmap(consumer, page);
    munmap(producer, page + 2 * (ring_mask + 1));
    for (int i = 0; i < program_count; i++)
        check(bpf_link__destroy(links[i]) == 0, "a link is undone");
    for (int i = 0; i < object_count; i++)
        bpf_object__close(objects[i]);
    /* the kernel frees them a little later */
    for (int tries = 0; tries < 300 && (tries == 0 || left > 0); tries++) {
        left = 0;
        for (int i = 0; i < program_count; i++) {
            int fd = bpf_prog_get_fd_by_id(programs[i]);
            left += fd >= 0;
            close(fd);
        }
        if (left > 0)
            nanosleep(&moment, NULL);
    }
    program_count = 0;
    check(left == 0, "%u programs are left in the kernel", left);
    check(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "no process is left");
}

static void cgroup_make(struct sandbox *sandbox, enum hierarchy hierarchy) {
    struct stat is;
    struct cgroup_key key = {.hierarchy = hierarchy};
    char *directory = sandbox->cgroup[hierarchy - 1];
    snprintf(directory, 128, "%s/mayfly-test-%d-%u", cgroup_root(hierarchy), getpid(), SLOT_OF(sandbox->id));
    if (mkdir(directory, 0755) != 0 || stat(directory, &is) != 0)
        die(directory);
    key.inode = is.st_ino;
    if (bpf_map_update_elem(watch_map("cgroups"), &key, &sandbox->id, BPF_NOEXIST) != 0)
        die("the map of cgroups");
}

static void cgroup_clear(const char *directory) {
    char path[PATH_MAX];
    pid_t pid;
    for (int tries = 0; tries < 100 && rmdir(directory) != 0; tries++) {
        snprintf(path, sizeof path, "%s/cgroup.procs", directory);
        FILE *processes = fopen(path, "re");
        while (processes != NULL && fscanf(processes, "%d", &pid) == 1)
            kill(pid, SIGKILL);
        if (processes != NULL)
            fclose(processes);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
        poll(NULL, 0, 10);
    }
}

void cgroups_clear(pid_t pid) {
    char pattern[128];
    for (enum hierarchy which = HIERARCHY_V2; which <= HIERARCHY_PIDS; which++) {
        glob_t found = {0};
        snprintf(pattern, sizeof pattern, "%s/mayfly-test-%d-*",
            hierarchy_there(which) ? cgroup_root(which) : "", pid);
        glob(pattern, 0, NULL, &found);
        for (size_t i = 0; i < found.gl_pathc; i++)
            cgroup_clear(found.gl_pathv[i]);
        globfree(&found);
    }
}

void sandbox_open(struct sandbox *sandbox, unsigned hierarchies, __u64 limit) {
    *sandbox = (struct sandbox){.id = SANDBOX(next_slot, ++generation), .slot = slots + next_slot};
    next_slot = next_slot % (SLOTS - 1) + 1;
    sandbox->seq = sandbox->slot->seq;
    memcpy(sandbox->dropped, sandbox->slot->dropped, sizeof sandbox->dropped);
    sandbox->slot->limit = limit;
    sandbox->slot->flags = 0;
    __atomic_store_n(&sandbox->slot->generation, GENERATION_OF(sandbox->id), __ATOMIC_RELEASE);
    for (enum hierarchy which = HIERARCHY_V2; which <= HIERARCHY_PIDS; which++)
        if (hierarchies & 1u << (which - 1) && hierarchy_there(which))
            cgroup_make(sandbox, which);
}

__u64 sandbox_dropped(const struct sandbox *sandbox, enum drop drop) {
    return sandbox->slot->dropped[drop] - sandbox->dropped[drop];
}

void sandbox_close(struct sandbox *sandbox) {
    __u64 numbers = sandbox->slot->seq - sandbox->seq, told = 0;
    drain();
    char *had = calloc(numbers + 1, 1);
    for (size_t i = 0; i < seen_count; i++) {
        if (seen[i]->sandbox != sandbox->id)
            continue;
        __u64 number = seen[i]->seq - sandbox->seq;
        check(number < numbers && !had[number], "number %llu comes once", seen[i]->seq);
        told += number < numbers && !had[number]++;
    }
    free(had);
    __u64 dropped = sandbox_dropped(sandbox, DROP_BUDGET) + sandbox_dropped(sandbox, DROP_RING);
    check(told + dropped == numbers, "%llu told and %llu dropped are all %llu", told, dropped, numbers);
    check(sandbox_dropped(sandbox, DROP_MARK) == 0, "all processes were marked");
    check(sandbox->slot->produced == sandbox->slot->consumed,
        "the sandbox's share of the ring is free again");
    for (int i = 0; i < 2; i++) {
        struct stat is;
        struct cgroup_key key = {.hierarchy = i + 1};
        if (sandbox->cgroup[i][0] == 0)
            continue;
        key.inode = stat(sandbox->cgroup[i], &is) == 0 ? is.st_ino : 0;
        check(bpf_map_delete_elem(watch_map("cgroups"), &key) == 0, "the cgroup was in the map");
        check(rmdir(sandbox->cgroup[i]) == 0, "%s is empty: %s", sandbox->cgroup[i], strerror(errno));
    }
    sandbox->slot->generation = 0;
}

static struct place_key key_of(const char *path) {
    struct stat is;
    if (stat(path, &is) != 0)
        die(path);
    return (struct place_key){.device = (__u32)(major(is.st_dev) << 20 | minor(is.st_dev)),
        .inode = is.st_ino};
}

static void set_said(const char *map, const void *key, __u32 flags) {
    if ((flags == 0 ? bpf_map_delete_elem(watch_map(map), key)
            : bpf_map_update_elem(watch_map(map), key, &flags, BPF_ANY)) != 0)
        die(map);
}

void watch_place(const char *path, __u32 flags) {
    struct place_key key = key_of(path);
    set_said("places", &key, flags);
}

void watch_name(const char *directory, const char *name, __u32 flags) {
    struct place_key key = key_of(directory);
    strncpy(key.name, name, sizeof key.name - 1);
    set_said("places", &key, flags);
}

void watch_called(const char *directory, const char *name, __u32 flags) {
    struct name_key key = {0};
    strncpy(key.parent, directory, sizeof key.parent - 1);
    strncpy(key.name, name, sizeof key.name - 1);
    set_said("names", &key, flags);
}

void touch(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        die(path);
    close(fd);
}

void cgroup_enter(const char *directory) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/cgroup.procs", directory);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1)
        die(path);
    close(fd);
}

pid_t start(const struct sandbox *sandbox, body *body, void *argument) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid != 0)
        return pid > 0 ? pid : (die("fork"), -1);
    for (int i = 0; sandbox != NULL && i < 2; i++)
        if (sandbox->cgroup[i][0] != 0)
            cgroup_enter(sandbox->cgroup[i]);
    _exit(body(argument));
}

int run(const struct sandbox *sandbox, body *body, void *argument) {
    int status = -1;
    pid_t pid = start(sandbox, body, argument);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        poll(NULL, 0, 1);
        drain();
    }
    reap_all();
    return status;
}

void reap_all(void) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
        if (pid == 0)
            poll(NULL, 0, 1);
        drain();
    }
    drain();
}

void drain(void) {
    uint64_t at = *consumer, end = __atomic_load_n(producer, __ATOMIC_ACQUIRE);
    while (at < end) {
        uint8_t *record = records + (at & ring_mask);
        uint32_t header = __atomic_load_n((uint32_t *)record, __ATOMIC_ACQUIRE), size = header & 0x3fffffff;
        if (header & BPF_RINGBUF_BUSY_BIT)
            return;
        struct event *event = (struct event *)(record + BPF_RINGBUF_HDR_SZ);
        if (seen_count == HELD || event->size > size || event->size < sizeof *event)
            die("a record that can't be");
        seen[seen_count] = malloc(event->size);
        memcpy(seen[seen_count], event, event->size);
        at += RING_COST(size);
        __atomic_store_n(consumer, at, __ATOMIC_RELEASE);
        slots[SLOT_OF(seen[seen_count++]->sandbox)].consumed += RING_COST(size);
    }
}

bool woken(int milliseconds) {
    struct pollfd ring = {.fd = watch_map("events"), .events = POLLIN};
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int ready = poll(&ring, 1, milliseconds);  /* looks once more when its time is over */
    clock_gettime(CLOCK_MONOTONIC, &after);
    long took = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    return ready == 1 && took < milliseconds;
}

__u64 stale_events(void) { return slots[0].dropped[DROP_STALE]; }

void forget(void) {
    while (seen_count > 0)
        free(seen[--seen_count]);
}

size_t count(const struct sandbox *sandbox, int type) {
    size_t many = 0;
    for (size_t i = 0; i < seen_count; i++)
        many += (sandbox == NULL || seen[i]->sandbox == sandbox->id) && (type == 0 || seen[i]->type == type);
    return many;
}

const void *only(const struct sandbox *sandbox, int type) {
    const struct event *found = NULL;
    for (size_t i = 0; i < seen_count; i++)
        if (seen[i]->sandbox == sandbox->id && seen[i]->type == type)
            found = seen[i];
    return count(sandbox, type) == 1 ? found : NULL;
}
