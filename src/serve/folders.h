/* Folders of the server's own: made, filled, removed whole. */
#ifndef OKNG_SERVE_FOLDERS_H
#define OKNG_SERVE_FOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { OKNG_ID_TEXT = 33 }; /* bytes of an id, NUL included: 32 hex digits */

/* A new id, later ones after earlier ones. IO where the system has no random bytes. */
okng_status okng_id_make(char id[OKNG_ID_TEXT], okng_error *error);
/* Whether it could be one: ids from outside become parts of paths. */
bool okng_id_is_good(const char *id);

/* Removes a folder with all that is in it, links themselves and not what they lead to. Missing is fine. */
okng_status okng_folder_remove(const char *path, okng_error *error);
/* Bytes of all files below it. */
uint64_t okng_folder_bytes(const char *path);
/* LIMIT where the disk that `path` is on has not `bytes` and the reserve of OKNG_DISK_RESERVE left. */
#define OKNG_DISK_RESERVE (64u << 20)
okng_status okng_folder_need_room(const char *path, uint64_t bytes, okng_error *error);

#endif
