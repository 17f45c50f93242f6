// Loads a TCP connection, or makes many. One thread; no part of what Mayfly ships.
//
// load serve ADDRESS PORT           takes all that it is sent, and answers the first of it with one byte
// load stream ADDRESS PORT SECONDS  prints bytes and nanoseconds until the last byte had arrived
// load connect ADDRESS PORT SECONDS prints connections and nanoseconds; each is begun, and reset
// load exchange ADDRESS PORT SECONDS  idem, with a byte from the server in between
//
// What is sent begins with a TLS ClientHello for the name in LOAD_NAME, where there is one: a gate lets it pass then.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, EVENTS = 256 };

static char piece[PIECE];
static unsigned char hello[512];
static size_t hello_length;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

static struct sockaddr_in address_of(char **arguments)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1]))};
	if (inet_pton(AF_INET, arguments[0], &address.sin_addr) != 1) {
		fprintf(stderr, "not an address: %s\n", arguments[0]);
		exit(64);
	}
	return address;
}

static void put16(size_t value)
{
	hello[hello_length++] = (unsigned char)(value >> 8);
	hello[hello_length++] = (unsigned char)value;
}

// RFC 8446, section 4.1.2: as short as may be, with the server name (RFC 6066, section 3).
static void make_hello(const char *name)
{
	size_t length = strlen(name);
	if (length == 0 || length > 200) {
		return;
	}
	size_t extension = length + 5;
	size_t extensions = extension + 4 + 7;
	size_t body = 2 + 32 + 1 + 4 + 2 + 2 + extensions;
	hello[hello_length++] = 22;
	put16(0x0301);
	put16(body + 4);
	hello[hello_length++] = 1;
	hello[hello_length++] = 0;
	put16(body);
	put16(0x0303);
	memset(hello + hello_length, 7, 32);
	hello_length += 32;
	hello[hello_length++] = 0;
	put16(2);
	put16(0x1301);
	put16(0x0100);
	put16(extensions);
	put16(0);
	put16(extension);
	put16(length + 3);
	hello[hello_length++] = 0;
	put16(length);
	memcpy(hello + hello_length, name, length);
	hello_length += length;
	put16(43);
	put16(3);
	hello[hello_length++] = 2;
	put16(0x0304);
}

static void serve(const struct sockaddr_in *address)
{
	int one = 1;
	int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int queue = epoll_create1(0);
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(server, (const struct sockaddr *)address, sizeof *address) != 0 || listen(server, 4096) != 0) {
		fail("listen");
	}
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)server};
	epoll_ctl(queue, EPOLL_CTL_ADD, server, &event);
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(queue, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			int peer = (int)(events[i].data.u64 & 0xffffffff);
			if (peer == server) {
				while ((peer = accept4(server, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
					event.events = EPOLLIN;
					event.data.u64 = (uint64_t)peer;
					epoll_ctl(queue, EPOLL_CTL_ADD, peer, &event);
				}
				continue;
			}
			// MSG_TRUNC: the bytes are counted and not copied (tcp(7)).
			ssize_t got = recv(peer, NULL, 4 * PIECE, MSG_TRUNC);
			if (got > 0 && events[i].data.u64 >> 32 == 0) {
				event.events = EPOLLIN;
				event.data.u64 = (uint64_t)peer | 1ULL << 32;
				epoll_ctl(queue, EPOLL_CTL_MOD, peer, &event);
				send(peer, "!", 1, MSG_NOSIGNAL);
			} else if (got == 0 || (got < 0 && errno != EAGAIN)) {
				close(peer);
			}
		}
	}
}

static int dial(const struct sockaddr_in *address)
{
	int peer = socket(AF_INET, SOCK_STREAM, 0);
	if (peer < 0 || connect(peer, (const struct sockaddr *)address, sizeof *address) != 0) {
		fail("connect");
	}
	return peer;
}

static void send_all(int peer, const void *bytes, size_t length)
{
	for (size_t at = 0; at < length;) {
		ssize_t sent = send(peer, (const char *)bytes + at, length - at, MSG_NOSIGNAL);
		if (sent < 0) {
			fail("send");
		}
		at += (size_t)sent;
	}
}

static void stream(const struct sockaddr_in *address, uint64_t time)
{
	int peer = dial(address);
	send_all(peer, hello, hello_length);
	uint64_t bytes = 0;
	uint64_t start = now();
	while (now() - start < time) {
		send_all(peer, piece, PIECE);
		bytes += PIECE;
	}
	shutdown(peer, SHUT_WR);
	while (recv(peer, piece, 16, 0) > 0) {
	}
	printf("%llu %llu\n", (unsigned long long)bytes, (unsigned long long)(now() - start));
}

static void connections(const struct sockaddr_in *address, uint64_t time, int exchange)
{
	struct linger reset = {.l_onoff = 1};
	uint64_t count = 0;
	uint64_t start = now();
	while (now() - start < time) {
		int peer = dial(address);
		if (exchange) {
			send_all(peer, hello_length ? (const void *)hello : piece, hello_length ? hello_length : 1);
			if (recv(peer, piece, 1, 0) != 1) {
				fail("recv");
			}
		}
		// So that no port waits for its time: there are not enough of them.
		setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		close(peer);
		count++;
	}
	printf("%llu %llu\n", (unsigned long long)count, (unsigned long long)(now() - start));
}

int main(int count, char **arguments)
{
	if (count < 4) {
		fprintf(stderr, "usage: load serve|stream|connect|exchange ADDRESS PORT [SECONDS]\n");
		return 64;
	}
	struct sockaddr_in address = address_of(arguments + 2);
	uint64_t time = count > 4 ? (uint64_t)(atof(arguments[4]) * 1e9) : 0;
	const char *name = getenv("LOAD_NAME");
	make_hello(name ? name : "");
	if (strcmp(arguments[1], "serve") == 0) {
		serve(&address);
	} else if (strcmp(arguments[1], "stream") == 0) {
		stream(&address, time);
	} else {
		connections(&address, time, strcmp(arguments[1], "exchange") == 0);
	}
	return 0;
}
