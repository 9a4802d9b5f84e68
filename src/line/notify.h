/* Telling the service manager: systemd's protocol, which is a datagram to the socket that $NOTIFY_SOCKET names. */
#ifndef OKNG_LINE_NOTIFY_H
#define OKNG_LINE_NOTIFY_H

#include <stdbool.h>

/* Sends "READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=...", several with line feeds between them. False where nobody
 * asked for it or the socket does not take it; nothing else happens then. Never waits. Any thread. */
bool okng_notify(const char *text);

#endif
