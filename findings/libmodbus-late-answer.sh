#!/bin/sh
# What surprises: one answer that comes later than the time-out ends a connection of libmodbus for good. The request fails with
#   "Connection timed out", as it should. The late answer then lies in the socket, the next request takes it for its own, sees
#   the transaction number of the one before and fails with "Invalid data", and leaves its own answer there for the request
#   after it. All requests from then on fail so, though the device answers each at once. Nothing is wrong in
#   between: the connection stands, and every number that comes is right.
#   MODBUS_ERROR_RECOVERY_PROTOCOL, which flushes, helps from the second request on; MODBUS_ERROR_RECOVERY_LINK, which
#   connects anew, from the first. The default is neither.
# Why it matters: a PLC is late once a day, when it loads a program or its cycle is long. A machine that only tries again, as one would
#   with any other time-out, stands until somebody restarts it. okng gives the connection up after any failure and makes a new one.
# Version: libmodbus 3.1.6 (Debian 12, libmodbus5 3.1.6-2.1).
# Source: libmodbus src/modbus.c, check_confirmation: after _modbus_tcp_pre_check_confirmation has failed (EMBBADDATA) only
#   MODBUS_ERROR_RECOVERY_PROTOCOL flushes.
# Output seen (the device answers the second request after 400 ms, all others at once; the time-out is 200 ms, and 300 ms lie
# between requests; register N holds 100 + N):
#   | libmodbus 3.1.6
#   | no recovery: 100; Connection timed out; Invalid data; Invalid data; Invalid data; Invalid data
#   | recovery of the link: 100; Connection timed out; 102; 103; 104; 105
#   | recovery of the protocol: 100; Connection timed out; Invalid data; 103; 104; 105
#
# Not part of CI: it downloads about 100 kB of Debian's packages into a folder that it removes again. Needs the apt-get and
# dpkg of a Debian 12, a C compiler, and no rights.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root"
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null -o Debug::NoLocking=1 \
    -o "Dir::Cache::Archives=$work/archives" install 'libmodbus5=3.1.6*' 'libmodbus-dev=3.1.6*' \
    >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for package in "$work"/archives/libmodbus*.deb; do dpkg -x "$package" "$work/root"; done

cat >"$work/late.c" <<'C'
#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int listener;
static modbus_t *device;

/* Answers, the second time of a connection late. */
static void *answer(void *unused)
{
    unsigned char request[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_mapping_t *mapping = modbus_mapping_new(0, 0, 16, 0);
    for (int i = 0; i < 16; i++) mapping->tab_registers[i] = (unsigned short)(100 + i);
    while (modbus_tcp_accept(device, &listener) >= 0) {
        int size, count = 0;
        while ((size = modbus_receive(device, request)) > 0) {
            if (count++ == 1) usleep(400000);
            modbus_reply(device, request, size, mapping);
        }
        modbus_close(device);
    }
    return unused;
}

static void ask(const char *what, int port, modbus_error_recovery_mode recovery)
{
    char service[8];
    snprintf(service, sizeof service, "%d", port);
    modbus_t *client = modbus_new_tcp_pi("127.0.0.1", service);
    modbus_set_response_timeout(client, 0, 200000);
    modbus_set_error_recovery(client, recovery);
    printf("%s:", what);
    if (modbus_connect(client) != 0) printf(" %s", modbus_strerror(errno));
    for (int i = 0; i < 6; i++) {
        unsigned short value;
        if (modbus_read_registers(client, i, 1, &value) == 1)
            printf(" %u%s", value, i < 5 ? ";" : "\n");
        else
            printf(" %s%s", modbus_strerror(errno), i < 5 ? ";" : "\n");
        usleep(300000);
    }
    modbus_close(client);
    modbus_free(client);
}

int main(void)
{
    pthread_t thread;
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    printf("libmodbus %u.%u.%u\n", libmodbus_version_major, libmodbus_version_minor, libmodbus_version_micro);
    device = modbus_new_tcp_pi("127.0.0.1", "0");
    listener = modbus_tcp_pi_listen(device, 1);
    getsockname(listener, (struct sockaddr *)&address, &size);
    pthread_create(&thread, NULL, answer, NULL);
    ask("no recovery", ntohs(address.sin_port), MODBUS_ERROR_RECOVERY_NONE);
    ask("recovery of the link", ntohs(address.sin_port), MODBUS_ERROR_RECOVERY_LINK);
    ask("recovery of the protocol", ntohs(address.sin_port), MODBUS_ERROR_RECOVERY_PROTOCOL);
    return 0;
}
C
library=$(find "$work/root/usr/lib" -name 'libmodbus.so.5' | head -1)
cc -o "$work/late" "$work/late.c" -I"$work/root/usr/include/modbus" "$library" -Wl,-rpath,"$(dirname "$library")" -lpthread
timeout 60 "$work/late" >"$work/seen"
sed -n 's/^#   | //p' "$0" >"$work/expected"
cat "$work/seen"
diff "$work/expected" "$work/seen" >/dev/null || { echo "this is not what was seen before:"; cat "$work/expected"; exit 1; }
