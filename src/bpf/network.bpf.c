/*
 * Sockets: attached at the root of cgroup2, because a process moved there would leave any place below. What
 * belongs to no sandbox is let through at the first lookup.
 */
#include "event.h"

#include <bpf/bpf_endian.h>

enum { REFUSE, ALLOW, RAW_SOCKET = 3 };

static __always_inline __u64 sandbox_of_current(void) {
    __u32 tgid = bpf_get_current_pid_tgid() >> 32;
    __u64 *sandbox = bpf_map_lookup_elem(&processes, &tgid);
    return sandbox != NULL ? *sandbox : 0;
}

/* The verifier lets a program read the address of its own family only: so that is a constant. */
static __always_inline int tell_address(struct bpf_sock_addr *context, enum event_type type,
        const bool ipv4) {
    __u64 sandbox = sandbox_of_current();
    struct slot *slot = sandbox ? slot_of(sandbox) : NULL;
    struct event_socket *told = slot ? event_begin(slot, sandbox, type, sizeof *told, false) : NULL;
    if (told == NULL)
        return ALLOW;
    __u32 *words = (__u32 *)told->address;
    told->family = context->user_family;
    told->port = bpf_ntohs(context->user_port);
    told->kind = context->type;
    told->protocol = context->protocol;
    words[0] = ipv4 ? 0 : context->user_ip6[0];
    words[1] = ipv4 ? 0 : context->user_ip6[1];
    words[2] = ipv4 ? bpf_htonl(0xffff) : context->user_ip6[2];
    words[3] = ipv4 ? context->user_ip4 : context->user_ip6[3];
    event_end(told, 0);
    return ALLOW;
}

#define ADDRESS_PROGRAM(name, type, ipv4) \
    SEC("cgroup/" #name) int name(struct bpf_sock_addr *context) { return tell_address(context, type, ipv4); }
ADDRESS_PROGRAM(connect4, EVENT_CONNECT, true)
ADDRESS_PROGRAM(connect6, EVENT_CONNECT, false)
ADDRESS_PROGRAM(sendmsg4, EVENT_SEND, true)
ADDRESS_PROGRAM(sendmsg6, EVENT_SEND, false)
ADDRESS_PROGRAM(bind4, EVENT_BIND, true)
ADDRESS_PROGRAM(bind6, EVENT_BIND, false)

/* Only the IP families ask here, AF_PACKET does not: seccomp has to refuse that. */
SEC("cgroup/sock_create")
int sock_create(struct bpf_sock *context) {
    __u64 sandbox = sandbox_of_current();
    struct slot *slot = sandbox ? slot_of(sandbox) : NULL;
    if (slot == NULL)
        return ALLOW;
    bool refused = slot->flags & SLOT_REFUSE_RAW && context->type == RAW_SOCKET;
    struct event_socket *told = event_begin(slot, sandbox, EVENT_SOCKET, sizeof *told, refused);
    if (told != NULL) {
        told->family = context->family;
        told->port = 0;
        told->kind = context->type;
        told->protocol = context->protocol;
        __builtin_memset(told->address, 0, sizeof told->address);
        event_end(told, refused ? FLAG_REFUSED : 0);
    }
    return refused ? REFUSE : ALLOW;
}

char LICENSE[] SEC("license") = "GPL";
