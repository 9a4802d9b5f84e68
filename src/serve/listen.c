#include "serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static bool read_port(const char *text, int *port)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits]) return false;
    *port = atoi(text);
    return *port <= 65535;
}

okng_status okng_address_parse(okng_address *address, const char *text, okng_error *error)
{
    const char *colon = strrchr(text, ':');
    const char *host = text;
    size_t length = colon ? (size_t)(colon - text) : 0;
    bool bracketed = length >= 2 && text[0] == '[' && text[length - 1] == ']';
    if (bracketed) {
        host++;
        length -= 2;
    }
    if (!colon || !read_port(colon + 1, &address->port) || length >= sizeof address->host ||
        (!bracketed && memchr(host, ':', length)))
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "listen: found \"%s\", expected ADDRESS:PORT, such as 127.0.0.1:8080, [::1]:8080, or :8080 for "
            "every address",
            text);
    (void)snprintf(address->host, sizeof address->host, "%.*s", (int)length, host);
    return OKNG_OK;
}

bool okng_address_is_local(const okng_address *address)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address->host, &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
    if (inet_pton(AF_INET6, address->host, &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
    return strcmp(address->host, "localhost") == 0;
}

static int try_one(const struct addrinfo *at)
{
    int on = 1, off = 0, handle = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (handle < 0) return -1;
    (void)setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (at->ai_family == AF_INET6) (void)setsockopt(handle, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(handle, at->ai_addr, at->ai_addrlen) == 0 && listen(handle, BACKLOG) == 0) return handle;
    int reason = errno;
    (void)close(handle);
    errno = reason;
    return -1;
}

static int port_of(int handle)
{
    struct sockaddr_storage at;
    socklen_t size = sizeof at;
    if (getsockname(handle, (struct sockaddr *)&at, &size) != 0) return 0;
    if (at.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&at)->sin6_port);
    return ntohs(((struct sockaddr_in *)&at)->sin_port);
}

okng_status okng_listen(int *handle, int *port, const okng_address *address, okng_error *error)
{
    char service[16];
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found = NULL;
    (void)snprintf(service, sizeof service, "%d", address->port);
    /* "" is every address: of IPv6, which takes IPv4 in too, where the system has it. */
    if (!*address->host) wanted.ai_family = AF_INET6;
    int wrong = getaddrinfo(*address->host ? address->host : NULL, service, &wanted, &found);
    if (wrong)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "listen: there is no address \"%s\": %s", address->host,
                         gai_strerror(wrong));
    *handle = -1;
    for (struct addrinfo *at = found; at && *handle < 0; at = at->ai_next) *handle = try_one(at);
    int reason = errno;
    freeaddrinfo(found);
    if (*handle < 0 && !*address->host) {
        okng_address every = {.host = "0.0.0.0", .port = address->port};
        return okng_listen(handle, port, &every, error);
    }
    if (*handle < 0)
        return okng_fail(error, reason == EADDRINUSE ? OKNG_ERROR_BUSY : OKNG_ERROR_IO,
                         "listen: cannot listen on %s, port %d: %s", address->host, address->port,
                         okng_reason_text(reason));
    *port = port_of(*handle);
    return OKNG_OK;
}
