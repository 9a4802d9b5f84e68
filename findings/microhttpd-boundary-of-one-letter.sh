#!/bin/sh
# What surprises: libmicrohttpd's reader of forms takes no boundary of one letter. RFC 2046 allows 1 to 70; for one
#   MHD_create_post_processor answers NULL, as it does where memory is out, and says nothing to its error log.
# Why it matters: who writes a client or a test by hand writes "boundary=x". A server that takes NULL for "no memory" answers 500 or 503, and its
#   operator looks for memory; one that takes it for "no form" tells a client with a valid request that it has no boundary. okng answers 400
#   (src/serve/body.c).
# Version: Debian 12, libmicrohttpd-dev 0.9.75-6.
# Source: libmicrohttpd src/microhttpd/postprocessor.c, MHD_create_post_processor(): "blen < 2"; RFC 2046, 5.1.1: "boundary := 0*69<bchars>
#   bcharsnospace".
# Output seen:
#   | libmicrohttpd 0.9.75
#   | boundary of 1: refused, 0 parts
#   | boundary of 2: taken, 1 parts
#   | boundary of 70: taken, 1 parts
#
# Needs cc, pkg-config and libmicrohttpd-dev. Talks to 127.0.0.1 alone. Writes below $TMPDIR alone, and removes it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/show.c" <<'C'
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int parts;
static const char *came;

static enum MHD_Result take(void *user, enum MHD_ValueKind kind, const char *key, const char *file, const char *type, const char *coding,
                            const char *data, uint64_t offset, size_t size)
{
    (void)user, (void)kind, (void)key, (void)file, (void)type, (void)coding, (void)data, (void)size;
    parts += offset == 0;
    return MHD_YES;
}

static enum MHD_Result answer(void *user, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                              const char *data, size_t *size, void **state)
{
    (void)user, (void)url, (void)method, (void)version;
    if (!*state) {
        struct MHD_PostProcessor *form = MHD_create_post_processor(connection, 4096, take, NULL);
        came = form ? "taken" : "refused";
        *state = form ? (void *)form : (void *)&parts;
        return MHD_YES;
    }
    if (*size > 0) {
        if (*state != &parts) MHD_post_process(*state, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (*state != &parts) MHD_destroy_post_processor(*state);
    struct MHD_Response *response = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return queued;
}

static void ask(int port, size_t length)
{
    char boundary[80] = "", body[400], request[800], reply[400];
    memset(boundary, 'x', length);
    int size = snprintf(body, sizeof body, "--%s\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--%s--\r\n", boundary, boundary);
    snprintf(request, sizeof request,
             "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=%s\r\nContent-Length: %d\r\n\r\n%s",
             boundary, size, body);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    parts = 0;
    came = "not asked";
    if (connect(descriptor, (struct sockaddr *)&to, sizeof to) == 0 && write(descriptor, request, strlen(request)) > 0)
        while (read(descriptor, reply, sizeof reply) > 0) {
        }
    close(descriptor);
    printf("boundary of %zu: %s, %d parts\n", length, came, parts);
}

int main(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, &here,
                                                 MHD_OPTION_END);
    if (!daemon) return 1;
    int port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    printf("libmicrohttpd %s\n", MHD_get_version());
    ask(port, 1);
    ask(port, 2);
    ask(port, 70);
    MHD_stop_daemon(daemon);
    return 0;
}
C
cc -o "$work/show" "$work/show.c" $(pkg-config --cflags --libs libmicrohttpd)
"$work/show" | tee "$work/out"
grep -q '^boundary of 1: refused, 0 parts$' "$work/out"
grep -q '^boundary of 2: taken, 1 parts$' "$work/out"
grep -q '^boundary of 70: taken, 1 parts$' "$work/out"
