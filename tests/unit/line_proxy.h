/* What stands between a line and somebody at the other end of a connection, and behaves as badly as a test wants. */
#ifndef OKNG_TESTS_LINE_PROXY_H
#define OKNG_TESTS_LINE_PROXY_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "test.h"

typedef enum proxy_mode {
    PROXY_FORWARD,
    PROXY_REFUSE,  /* hangs up at once */
    PROXY_SWALLOW, /* takes all and answers nothing */
    PROXY_NONSENSE,
    PROXY_DEAF /* what comes goes on, what is answered does not come back */
} proxy_mode;

typedef struct proxy {
    int listener, port, behind; /* ports; behind: where it leads to */
    atomic_int mode;            /* a change cuts what is open, but for DEAF */
    atomic_bool stop;
    pthread_t thread;
} proxy;

static inline struct sockaddr_in proxy_address(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A socket that listens at a port that was free, which *port gets. */
static inline int proxy_listen(int *port)
{
    struct sockaddr_in address = proxy_address(0);
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return listener;
}

/* -1: nobody is there. */
static inline int proxy_connect(int port)
{
    struct sockaddr_in address = proxy_address(port);
    const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) == 0) return connection;
    (void)close(connection);
    return -1;
}

/* False at the end of the connection. */
static inline bool proxy_pass(int from, int to, bool drop)
{
    char block[4096];
    const ssize_t got = recv(from, block, sizeof block, 0);
    if (got <= 0) return false;
    return drop || send(to, block, (size_t)got, MSG_NOSIGNAL) == got;
}

/* One connection, until its end or another mode. */
static inline void proxy_serve(proxy *p, int front)
{
    static const char nonsense[] =
        "\xff\xff\xff\xff\xff HTTP/1.1 418 I'm a teapot\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff";
    const int mode = atomic_load(&p->mode);
    if (mode == PROXY_REFUSE) return;
    if (mode == PROXY_NONSENSE) (void)send(front, nonsense, sizeof nonsense - 1, MSG_NOSIGNAL);
    const int back = mode == PROXY_FORWARD ? proxy_connect(p->behind) : -1;
    if (mode == PROXY_FORWARD && back < 0) return;
    for (;;) {
        const int now = atomic_load(&p->mode);
        struct pollfd polls[] = {{.fd = front, .events = POLLIN}, {.fd = back, .events = POLLIN}};
        if (atomic_load(&p->stop) || (now != mode && now != PROXY_DEAF)) break;
        if (poll(polls, 2, 5) <= 0) continue;
        if (polls[0].revents && !proxy_pass(front, back, back < 0)) break;
        if (polls[1].revents && !proxy_pass(back, front, now == PROXY_DEAF)) break;
    }
    if (back >= 0) (void)close(back);
}

static inline void *proxy_body(void *user)
{
    proxy *p = user;
    while (!atomic_load(&p->stop)) {
        struct pollfd listening = {.fd = p->listener, .events = POLLIN};
        if (poll(&listening, 1, 5) <= 0) continue;
        const int front = accept(p->listener, NULL, NULL);
        if (front < 0) continue;
        proxy_serve(p, front);
        (void)close(front);
    }
    return NULL;
}

static inline void proxy_start(proxy *p, int behind)
{
    *p = (proxy){.behind = behind};
    p->listener = proxy_listen(&p->port);
    assert_int_equal(pthread_create(&p->thread, NULL, proxy_body, p), 0);
}

static inline void proxy_stop(proxy *p)
{
    atomic_store(&p->stop, true);
    (void)pthread_join(p->thread, NULL);
    (void)close(p->listener);
}

#endif
