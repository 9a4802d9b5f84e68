#!/bin/sh
# What surprises: mosquitto_publish() with QoS 1 and without a connection returns MOSQ_ERR_NO_CONN, "The client is not currently
#   connected", and keeps the message all the same: it is delivered when there is a connection. A program that takes the error
#   at its word and publishes again when it is connected delivers everything twice, in an order of its own.
# Why it matters: results of inspection are counted and trigger machines. A queue in front of libmosquitto, as okng's line has
#   one, may neither publish again after that error nor count the message as sent: the acknowledgement (on_publish) alone
#   tells, and the message's number, which is given though the call failed, is what it tells it by.
# Version: libmosquitto 2.0.11 (Debian 12, libmosquitto1 2.0.11-1.2+deb12u2).
# Source: mosquitto lib/actions.c, mosquitto_publish_v5: for QoS above 0 the message is queued by message__queue(), and
#   message__out_update sends it where there is a socket; the manual (mosquitto.h) lists MOSQ_ERR_NO_CONN as "if the client
#   isn't connected to a broker" and says nothing of the message.
# Output seen:
#   | publish ng-1: The client is not currently connected.
#   | publish ng-2: The client is not currently connected.
#   | connected, and published again as the error asked for: ng-1 ng-2
#   | acknowledged: 4
#   | heard: ng-1 ng-1 ng-2 ng-2 (sorted)
#
# Not part of CI: it downloads about 12 MB of Debian's packages into a folder that it removes again. Needs cc, and the apt-get
# and dpkg of a Debian 12 on x86-64, no rights. The broker listens on 127.0.0.1 alone.
set -eu
work=$(mktemp -d)
broker=
trap '[ -z "$broker" ] || kill "$broker"; rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root"
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null -o Debug::NoLocking=1 \
    -o "Dir::Cache::Archives=$work/archives" install 'mosquitto=2.0.11-1.2+deb12u2' 'libmosquitto-dev=2.0.11-1.2+deb12u2' \
    >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for package in "$work"/archives/*.deb; do dpkg -x "$package" "$work/root"; done
root=$work/root
libraries=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu
cat >"$work/show.c" <<'C'
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int acknowledged, heard, connected;
static char texts[16][8];

static void on_publish(struct mosquitto *m, void *user, int number)
{
    (void)m, (void)user, (void)number;
    acknowledged++;
}

static void on_message(struct mosquitto *m, void *user, const struct mosquitto_message *message)
{
    (void)m, (void)user;
    if (heard < 16) snprintf(texts[heard++], 8, "%.*s", message->payloadlen, (const char *)message->payload);
}

static void on_subscribe(struct mosquitto *m, void *user, int number, int count, const int *granted)
{
    (void)m, (void)user, (void)number, (void)count, (void)granted;
    connected++;
}

static void on_connect(struct mosquitto *m, void *user, int code)
{
    (void)m, (void)user;
    connected += code == 0;
}

static void wait_for(volatile int *what, int least)
{
    for (int i = 0; i < 1000 && *what < least; i++) usleep(10000);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

int main(int count, char **words)
{
    static const char *const results[] = {"ng-1", "ng-2"};
    const int port = atoi(words[count - 1]);
    mosquitto_lib_init();
    struct mosquitto *listener = mosquitto_new("listener", true, NULL), *line = mosquitto_new("line", true, NULL);
    mosquitto_message_callback_set(listener, on_message);
    mosquitto_subscribe_callback_set(listener, on_subscribe);
    mosquitto_connect(listener, "127.0.0.1", port, 10);
    mosquitto_subscribe(listener, NULL, "results", 1);
    mosquitto_loop_start(listener);
    wait_for(&connected, 1);
    mosquitto_publish_callback_set(line, on_publish);
    mosquitto_connect_callback_set(line, on_connect);
    for (int i = 0; i < 2; i++)
        printf("publish %s: %s\n", results[i],
               mosquitto_strerror(mosquitto_publish(line, NULL, "results", 4, results[i], 1, false)));
    connected = 0;
    mosquitto_connect(line, "127.0.0.1", port, 10);
    mosquitto_loop_start(line);
    wait_for(&connected, 1);
    printf("connected, and published again as the error asked for: ng-1 ng-2\n");
    for (int i = 0; i < 2; i++) mosquitto_publish(line, NULL, "results", 4, results[i], 1, false);
    wait_for(&acknowledged, 4);
    wait_for(&heard, 4);
    printf("acknowledged: %d\nheard:", acknowledged);
    qsort(texts, (size_t)heard, sizeof texts[0], by_text);
    for (int i = 0; i < heard; i++) printf(" %s", texts[i]);
    printf(" (sorted)\n");
    return 0;
}
C
cc -I"$root/usr/include" "$work/show.c" -o "$work/show" -L"$root/usr/lib/x86_64-linux-gnu" -lmosquitto \
    -Wl,--allow-shlib-undefined
port=$((20000 + $$ % 20000))
printf 'listener %d 127.0.0.1\nallow_anonymous true\nuser %s\n' "$port" "$(id -un)" >"$work/broker.conf"
run() { "$root/lib64/ld-linux-x86-64.so.2" --library-path "$libraries" "$@"; }
"$root/lib64/ld-linux-x86-64.so.2" --library-path "$libraries" "$root/usr/sbin/mosquitto" -c "$work/broker.conf" >"$work/broker.log" 2>&1 &
broker=$!
sleep 1
run "$work/show" "$port" >"$work/seen"
cat "$work/seen"
grep '^#   | ' "$0" | sed 's/^#   | //' | cmp - "$work/seen" && echo "as it was"
