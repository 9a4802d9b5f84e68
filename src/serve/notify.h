/* What systemd is told of the server (Type=notify): by a socket that it names in the environment, else nobody is told.
 */
#ifndef OKNG_SERVE_NOTIFY_H
#define OKNG_SERVE_NOTIFY_H

/* "READY=1", "STOPPING=1". */
void okng_notify_system(const char *state);

#endif
