/* Sockets of a sandbox: what they are made as, and whom they reach for. In a network of the test's own. */
#include "watch.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { SHARE = 1 << 20 };

static void own_network(void) {
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = unshare(CLONE_NEWNET) == 0 ? socket(AF_INET, SOCK_DGRAM, 0) : -1;
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &loopback) != 0)
        _exit(100);
    close(fd);
}

static struct sockaddr_in at4(uint16_t port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static struct sockaddr_in6 at6(uint16_t port) {
    return (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port),
        .sin6_addr = IN6ADDR_LOOPBACK_INIT};
}

static int reach_out(void *unused) {
    (void)unused;
    own_network();
    if (hierarchy_there(HIERARCHY_V2))
        cgroup_enter(cgroup_root(HIERARCHY_V2));
    struct sockaddr_in to4 = at4(1001), bound4 = at4(1003), send4 = at4(1005);
    struct sockaddr_in6 to6 = at6(1002), bound6 = at6(1004), send6 = at6(1006);
    int tcp4 = socket(AF_INET, SOCK_STREAM, 0), tcp6 = socket(AF_INET6, SOCK_STREAM, 0);
    int udp4 = socket(AF_INET, SOCK_DGRAM, 0), udp6 = socket(AF_INET6, SOCK_DGRAM, 0);
    if (connect(tcp4, (void *)&to4, sizeof to4) == 0 || errno != ECONNREFUSED)
        return 1;
    if (connect(tcp6, (void *)&to6, sizeof to6) == 0 || errno != ECONNREFUSED)
        return 2;
    if (bind(udp4, (void *)&bound4, sizeof bound4) != 0 || bind(udp6, (void *)&bound6, sizeof bound6) != 0)
        return 3;
    if (sendto(udp4, "", 1, 0, (void *)&send4, sizeof send4) != 1
        || sendto(udp6, "", 1, 0, (void *)&send6, sizeof send6) != 1)
        return 4;
    return 0;
}

static const struct event_socket *find(const struct sandbox *sandbox, int type, uint16_t port) {
    for (size_t i = 0; i < seen_count; i++) {
        const struct event_socket *socket = (const struct event_socket *)seen[i];
        if (seen[i]->sandbox == sandbox->id && seen[i]->type == type && socket->port == port)
            return socket;
    }
    return NULL;
}

static void tells_of_addresses(void) {
    static const struct { int type; uint16_t family, port, kind; } wanted[] = {
        {EVENT_CONNECT, AF_INET, 1001, SOCK_STREAM}, {EVENT_CONNECT, AF_INET6, 1002, SOCK_STREAM},
        {EVENT_BIND, AF_INET, 1003, SOCK_DGRAM}, {EVENT_BIND, AF_INET6, 1004, SOCK_DGRAM},
        {EVENT_SEND, AF_INET, 1005, SOCK_DGRAM}, {EVENT_SEND, AF_INET6, 1006, SOCK_DGRAM}};
    static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, six[16] = {[15] = 1};
    struct sandbox sandbox;
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    check(run(NULL, reach_out, NULL) == 0 && count(NULL, 0) == 0, "nothing of a socket in no sandbox");
    int status = run(&sandbox, reach_out, NULL);
    check(status == 0, "the same from the sandbox, moved to the root of cgroup2: %d", status >> 8);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct event_socket *told = find(&sandbox, wanted[i].type, wanted[i].port);
        check(told != NULL && told->family == wanted[i].family && told->kind == wanted[i].kind
            && memcmp(told->address, wanted[i].family == AF_INET ? mapped : six, 16) == 0, "to port %d",
            wanted[i].port);
    }
    check(count(&sandbox, EVENT_CONNECT) == 2 && count(&sandbox, EVENT_SEND) == 2
        && count(&sandbox, EVENT_BIND) == 2 && count(&sandbox, EVENT_SOCKET) == 5,
        "each once, and the five sockets");
    sandbox_close(&sandbox);
}

static socklen_t size_of(const struct sockaddr_un *address) {
    bool abstract = address->sun_path[0] == 0;  /* then a NUL is before the name, else one is behind it */
    return (socklen_t)(sizeof address->sun_family + 1 + strlen(address->sun_path + abstract));
}

/* Connects to who listens there; or, from its own socket elsewhere, to itself. */
static int connect_unix(void *argument) {
    const struct sockaddr_un *to = argument;
    int client = socket(AF_UNIX, SOCK_STREAM, 0), server = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un own = {.sun_family = AF_UNIX};
    socklen_t size = sizeof own;
    if (connect(client, argument, size_of(to)) != 0)
        return 1;
    if (bind(server, (void *)&own, sizeof own.sun_family) != 0 || listen(server, 1) != 0
        || getsockname(server, (void *)&own, &size) != 0)
        return 2;
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&own, size) == 0 ? 0 : 3;
}

static void tells_of_unix_sockets_outside(void) {
    struct sockaddr_un bound[2] = {{.sun_family = AF_UNIX}, {.sun_family = AF_UNIX, .sun_path = "\0mfly"}};
    struct sandbox sandbox;
    snprintf(bound[0].sun_path, sizeof bound[0].sun_path, SCRATCH "/socket");
    for (int i = 0; i < 2; i++) {
        struct stat is = {0};
        socklen_t size = size_of(bound + i);
        int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bind(server, (void *)&bound[i], size) != 0 || listen(server, 4) != 0)
            die("a socket to connect to");
        forget();
        sandbox_open(&sandbox, IN_BOTH, SHARE);
        check(run(NULL, connect_unix, bound + i) == 0 && count(NULL, 0) == 0, "control: from no sandbox");
        check(run(&sandbox, connect_unix, bound + i) == 0, "it connects to the one outside, and to its own");
        const struct event_unix *told = only(&sandbox, EVENT_UNIX);
        check(told != NULL && told->peer == (__u32)getpid() && told->peer_uid == 0,
            "only the one outside is told of");
        if (i == 0)
            check(stat(bound[i].sun_path, &is) == 0 && unlink(bound[i].sun_path) == 0, "the socket's file");
        check(told != NULL && told->file.inode == is.st_ino
            && told->name_size == size - sizeof bound[i].sun_family
            && memcmp(told->name, bound[i].sun_path, told->name_size) == 0, "by its file and name");
        sandbox_close(&sandbox);
        close(server);
    }
}

static int raw_socket(void *unused) {
    (void)unused;
    return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0 ? 1 : errno == EPERM ? 2 : 3;
}

static void refuses_raw_sockets(void) {
    struct sandbox sandbox;
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    check(run(&sandbox, raw_socket, NULL) == 1 << 8, "control: a raw socket where they are not refused");
    const struct event_socket *told = only(&sandbox, EVENT_SOCKET);
    check(told != NULL && told->event.flags == 0 && told->kind == SOCK_RAW
        && told->protocol == IPPROTO_ICMP, "is told of");
    sandbox.slot->flags = SLOT_REFUSE_RAW;
    check(run(&sandbox, raw_socket, NULL) == 2 << 8, "EPERM for a raw socket");
    size_t refused = 0;
    for (size_t i = 0; i < seen_count; i++)
        refused += seen[i]->flags == FLAG_REFUSED && seen[i]->type == EVENT_SOCKET;
    const struct event_syscall *call = only(&sandbox, EVENT_SYSCALL);
    check(refused == 1 && count(&sandbox, EVENT_SOCKET) == 2, "is told of as refused");
    check(call != NULL && call->number == SYS_socket && call->result == -EPERM, "and as a call that failed");
    check(run(NULL, raw_socket, NULL) == 1 << 8, "control: who is in no sandbox may have one");
    sandbox_close(&sandbox);
}

struct waiter { int kind, go, done; };

static int socket_when_told(void *argument) {
    struct waiter *waiter = argument;
    char byte;
    if (read(waiter->go, &byte, 1) != 1)
        return 1;
    poll(NULL, 0, 50);  /* the parent waits for the ring by then */
    socket(AF_INET, waiter->kind, waiter->kind == SOCK_RAW ? IPPROTO_ICMP : 0);
    return read(waiter->done, &byte, 1) == 1 ? 0 : 1;
}

static bool wakes(struct sandbox *sandbox, int kind, int milliseconds) {
    int go[2], done[2];
    if (pipe(go) != 0 || pipe(done) != 0)
        die("pipe");
    start(sandbox, socket_when_told, &(struct waiter){kind, go[0], done[0]});
    drain();
    check(write(go[1], "", 1) == 1, "go");
    bool was = woken(milliseconds);
    check(write(done[1], "", 1) == 1, "done");
    reap_all();
    for (int i = 0; i < 2; i++) {
        close(go[i]);
        close(done[i]);
    }
    return was;
}

static void wakes_for_what_is_refused(void) {
    struct sandbox sandbox;
    forget();
    sandbox_open(&sandbox, IN_BOTH, SHARE);
    sandbox.slot->flags = SLOT_REFUSE_RAW;
    check(wakes(&sandbox, SOCK_RAW, 10000), "a refusal wakes the reader");
    check(!wakes(&sandbox, SOCK_DGRAM, 300), "control: what is ordinary waits until the reader looks");
    check(count(&sandbox, EVENT_SOCKET) == 2, "both are told of");
    sandbox_close(&sandbox);
}

void network_test(void) {
    if (!hierarchy_there(HIERARCHY_V2))
        die("no cgroup2 to attach to");
    tells_of_addresses();
    tells_of_unix_sockets_outside();
    refuses_raw_sockets();
    wakes_for_what_is_refused();
}
