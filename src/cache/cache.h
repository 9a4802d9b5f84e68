/* Open banks of one folder, by their names: the least recently used is closed where there are more than may be.
 *
 * A bank is loaded when it is first asked for, and again when its files have changed; who asks meanwhile waits for that
 * one load. A bank that cannot be loaded never takes the place of one that is open: the old one serves on, and the
 * state says why. One that is gone from the folder is gone from the cache; who holds it keeps it until he lets go. */
#ifndef OKNG_CACHE_CACHE_H
#define OKNG_CACHE_CACHE_H

#include <stdbool.h>

#include "base/error.h"
#include "cache/name.h"

/* May be shared by threads. */
typedef struct okng_cache okng_cache;

typedef struct okng_cache_options {
    const char *folder; /* of the banks: NAME or NAME.okng for each */
    int32_t max_banks;  /* that are open at a time; 0 = 3 */
    uint64_t max_bytes; /* of what they learnt, with the index of the search; 0 = as many as max_banks have */
} okng_cache_options;

enum { OKNG_CACHE_BANKS = 3 }; /* the default of max_banks */

/* Errors: NOT_FOUND (no such folder), ARGUMENT, MEMORY. */
okng_status okng_cache_open(okng_cache **out, const okng_cache_options *options, okng_error *error);
/* When every lease was dropped. NULL is fine; sets it to NULL. */
void okng_cache_close(okng_cache **cache);
/* The real path of the folder. */
const char *okng_cache_folder(const okng_cache *cache);

/* A bank that somebody uses: it stays open, whatever becomes of its files. Belongs to one thread at a time. */
typedef struct okng_lease okng_lease;

/* Bank `name` as it is on the disk now, loaded where need be. At most one bank more than the limits say is open for
 * each lease that is held. Errors: ARGUMENT (no good name; a link that leads out of the folder), NOT_FOUND, those of
 * okng_bank_open. */
okng_status okng_cache_take(okng_cache *cache, const char *name, okng_lease **out, okng_error *error);
const okng_bank *okng_lease_bank(const okng_lease *lease);
/* SHA-256, in hex, over the bank's documents, which hold the sums of all its data: the same for the same rows, options
 * and thresholds, wherever the bank lies and whatever it is called. Of a recipe that of its directory. */
const char *okng_lease_hash(const okng_lease *lease);
void okng_lease_drop(okng_lease **lease); /* NULL is fine; sets it to NULL */

/* Closes the bank of that name, for who has removed or renamed its files; leases stay. */
void okng_cache_forget(okng_cache *cache, const char *name);

/* What the cache knows of a bank without looking at the disk. */
typedef struct okng_cache_state {
    bool loaded, loading;
    char hash[65];    /* of the one that is loaded; "" */
    uint64_t bytes;   /* that it counts for; 0 where it is not loaded */
    okng_error error; /* why the files could not be loaded last; status OKNG_OK: they could */
} okng_cache_state;
void okng_cache_look(okng_cache *cache, const char *name, okng_cache_state *state);
/* Whether a picture for this bank would not wait for a load, as far as is known without looking at the disk. */
bool okng_cache_holds(okng_cache *cache, const char *name);

/* Since it was opened. */
typedef struct okng_cache_counts {
    uint64_t hits, loads, failures, evictions; /* takes of an open bank; loads that succeeded, that did not; closed to
                                                  make room */
    uint64_t open, bytes;                      /* banks that are in it now, and what they count for */
} okng_cache_counts;
okng_cache_counts okng_cache_count(okng_cache *cache);

#endif
