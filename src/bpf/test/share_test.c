/* A flood in one sandbox costs itself its events, which are counted, and no other sandbox any. */
#include "watch.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { CALLERS = 4, CALLS = 10000 };

static int flood(void *many) {
    for (int i = 0; i < *(int *)many; i++) {
        pid_t pid = vfork();
        if (pid == 0) {
            execl("/bin/true", "true", NULL);
            _exit(127);
        }
        waitpid(pid, NULL, 0);
    }
    return 0;
}

/* Nobody reads the ring meanwhile. */
static void run_unread(const struct sandbox *sandbox, int many) {
    int status;
    pid_t pid = start(sandbox, flood, &many);
    check(waitpid(pid, &status, 0) == pid && status == 0, "%d processes run without a reader", many);
}

static int raw_socket(void *unused) {
    (void)unused;
    return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0;
}

static void run_unread_socket(const struct sandbox *sandbox) {
    int status;
    pid_t pid = start(sandbox, raw_socket, NULL);
    check(waitpid(pid, &status, 0) == pid && status == 0, "a raw socket is refused");
}

static void a_flood_costs_only_its_own(__u64 ring) {
    struct sandbox flooded, quiet;
    forget();
    sandbox_open(&flooded, IN_BOTH, ring / 2 - 1);
    sandbox_open(&quiet, IN_BOTH, ring / 2 - 1);
    run_unread(&flooded, 600);
    flooded.slot->flags = SLOT_REFUSE_RAW;
    run_unread_socket(&flooded);
    run_unread(&quiet, 20);
    drain();
    __u64 lost = sandbox_dropped(&flooded, DROP_BUDGET);
    check(lost > 300 && count(&flooded, 0) + lost == 600 * 3 + 2 + 4,
        "%llu events over the budget are counted",
        lost);
    check(count(&quiet, EVENT_EXEC) == 20 && count(&quiet, 0) == 62,
        "the sandbox beside it has all of its events");
    check(sandbox_dropped(&quiet, DROP_BUDGET) == 0 && sandbox_dropped(&quiet, DROP_RING) == 0,
        "and lost none");
    check(sandbox_dropped(&flooded, DROP_RING) == 0, "the ring itself had room all the time");
    check(count(&flooded, EVENT_SOCKET) == 1, "what was refused is told after the flood, too");
    size_t before = count(&flooded, EVENT_EXEC);
    run_unread(&flooded, 20);
    drain();
    check(count(&flooded, EVENT_EXEC) == before + 20, "what was read is the flooded one's to use again");
    sandbox_close(&flooded);
    sandbox_close(&quiet);
}

static void shares_are_why(__u64 ring) {
    struct sandbox flooded, quiet;
    forget();
    sandbox_open(&flooded, IN_BOTH, 4 * ring);
    sandbox_open(&quiet, IN_BOTH, ring / 2);
    run_unread(&flooded, 600);
    run_unread(&quiet, 20);
    drain();
    check(sandbox_dropped(&quiet, DROP_RING) > 0, "control: where one may have it all, another loses");
    check(sandbox_dropped(&flooded, DROP_RING) > 0, "control: and the full ring is counted as such");
    sandbox_close(&flooded);
    sandbox_close(&quiet);
}

static int call_often(void *unused) {
    (void)unused;
    for (int i = 0; i < CALLS; i++)
        syscall(SYS_setgid, 0);
    return 0;
}

/* On all processors at once. */
static void numbers_are_given_once(void) {
    struct sandbox sandbox;
    forget();
    sandbox_open(&sandbox, IN_BOTH, 1 << 19);
    for (int i = 0; i < CALLERS; i++)
        start(&sandbox, call_often, NULL);
    reap_all();
    __u64 lost = sandbox_dropped(&sandbox, DROP_BUDGET);
    check(count(&sandbox, 0) + lost == CALLERS * (CALLS + 2),
        "%zu events told and %llu lost are all there were",
        count(&sandbox, 0), lost);
    sandbox_close(&sandbox);
}

static int exec_when_told(void *pipe) {
    char byte;
    return read(*(int *)pipe, &byte, 1) == 1 ? execl("/bin/true", "true", NULL) : 1;
}

static void a_mark_dies_with_its_sandbox(void) {
    struct sandbox sandbox, heir;
    int ends[2];
    forget();
    if (pipe(ends) != 0)
        die("pipe");
    sandbox_open(&sandbox, IN_BOTH, 1 << 16);
    start(&sandbox, exec_when_told, ends);
    heir = sandbox;
    heir.id += SANDBOX(0, 1000);
    sandbox.slot->generation = GENERATION_OF(heir.id);
    __u64 stale = stale_events();
    check(write(ends[1], "", 1) == 1, "the process goes on");
    reap_all();
    check(count(&heir, 0) == 0, "whoever has the slot now is not told of what was there before");
    check(stale_events() > stale, "but it is counted");
    sandbox_close(&sandbox);
    close(ends[0]);
    close(ends[1]);
}

struct move { const struct sandbox *to; int told; };

static int move_when_told(void *argument) {
    const struct move *move = argument;
    char byte;
    if (read(move->told, &byte, 1) != 1)
        return 1;
    for (int i = 0; i < 2; i++)
        if (move->to->cgroup[i][0] != 0)
            cgroup_enter(move->to->cgroup[i]);
    return execl("/bin/true", "true", NULL);
}

/* To another sandbox, where its own is gone (`dead`) or still there. */
static void a_mark_gives_way_only_when_dead(bool dead) {
    struct sandbox from, to;
    int ends[2];
    forget();
    if (pipe(ends) != 0)
        die("pipe");
    sandbox_open(&from, IN_BOTH, 1 << 16);
    sandbox_open(&to, IN_BOTH, 1 << 16);
    start(&from, move_when_told, &(struct move){&to, ends[0]});
    while (from.slot->seq == from.seq)
        poll(NULL, 0, 1);
    if (dead)
        from.slot->generation = 0;
    check(write(ends[1], "", 1) == 1, "the process goes on");
    reap_all();
    check(count(&to, EVENT_ENTER) == dead && count(&to, EVENT_EXEC) == dead, "it is the new sandbox's: %d",
        dead);
    check(count(&from, EVENT_EXEC) == !dead, "it is still the old one's: %d", !dead);
    sandbox_close(&to);
    sandbox_close(&from);
    close(ends[0]);
    close(ends[1]);
}

void share_test(__u64 ring) {
    a_flood_costs_only_its_own(ring);
    shares_are_why(ring);
    numbers_are_given_once();
    a_mark_dies_with_its_sandbox();
    a_mark_gives_way_only_when_dead(true);
    a_mark_gives_way_only_when_dead(false);
}
