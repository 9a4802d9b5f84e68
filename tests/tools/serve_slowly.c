/* Serves one file by HTTP on 127.0.0.1, slowly, from any byte on, until it is killed: for downloads that break off.
 * Its ETag is made of the bytes; for If-Range with another all comes. Usage: serve_slowly FILE MICROSECONDS, of pause
 * after each byte. Prints its port. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char body[1 << 16];
static size_t size;
static char tag[24];

static void send_text(int client, const char *text)
{
    (void)!write(client, text, strlen(text));
}

static void answer(int client, useconds_t pause)
{
    char request[4096] = "", head[256];
    size_t used = 0;
    ssize_t got;
    while (!strstr(request, "\r\n\r\n") && used < sizeof request - 1 &&
           (got = read(client, request + used, sizeof request - 1 - used)) > 0)
        used += (size_t)got;
    const char *range = strcasestr(request, "\r\nrange: bytes=");
    size_t from = range ? strtoul(range + strlen("\r\nrange: bytes="), NULL, 10) : 0;
    const char *edition = strcasestr(request, "\r\nif-range: ");
    if (range && edition && strncmp(edition + strlen("\r\nif-range: "), tag, strlen(tag)) != 0) {
        range = NULL;
        from = 0;
    }
    if (from >= size) {
        send_text(client, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    }
    (void)snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nETag: %s\r\nConnection: close\r\n",
                   range ? "206 Partial Content" : "200 OK", size - from, tag);
    send_text(client, head);
    if (range) {
        (void)snprintf(head, sizeof head, "Content-Range: bytes %zu-%zu/%zu\r\n", from, size - 1, size);
        send_text(client, head);
    }
    send_text(client, "\r\n");
    (void)fprintf(stderr, "%zu\n", from);
    for (; from < size && write(client, body + from, 1) == 1; from++) (void)usleep(pause);
}

int main(int argc, char **argv)
{
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (!file) return 2;
    size = fread(body, 1, sizeof body, file);
    (void)fclose(file);
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) sum = 31 * sum + (unsigned char)body[i];
    (void)snprintf(tag, sizeof tag, "\"%08x\"", sum);
    (void)signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof place;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (server < 0 || bind(server, (struct sockaddr *)&place, length) != 0 || listen(server, 8) != 0 ||
        getsockname(server, (struct sockaddr *)&place, &length) != 0)
        return 1;
    printf("%d\n", ntohs(place.sin_port));
    (void)fflush(stdout);
    for (;;) {
        int client = accept(server, NULL, NULL);
        if (client < 0) return 1;
        answer(client, (useconds_t)atoi(argv[2]));
        (void)close(client);
    }
}
