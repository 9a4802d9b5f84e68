/* Whether files are the same on two machines, without reading all of them. */
#ifndef OKNG_BASE_FINGERPRINT_H
#define OKNG_BASE_FINGERPRINT_H

#include <stdint.h>

#include "base/parcel.h"

/* Of a file's size and its first and last 64 KiB; 0 of what cannot be read. */
uint64_t okng_fingerprint_of_file(const char *path);
/* Of the names and fingerprints of all files in a folder and those below it, or of one file. 0 of what is not there.
 * Errors: IO, LIMIT (folders within each other more than 8 deep), MEMORY. */
okng_status okng_fingerprint_of_tree(const char *path, uint64_t *fingerprint, okng_error *error);

/* Packs paths [count] with the fingerprints of what is there, which `threads` threads take. Errors: MEMORY. */
okng_status okng_paths_put(okng_grown *parcel, const char *const *paths, size_t count, int threads, okng_error *error);
/* The paths again, okng_alloc'd, pointing into the parcel. Errors: FORMAT; MISMATCH, naming the first file that is
 * another one here, or is not there; MEMORY. */
okng_status okng_paths_take(okng_parcel *parcel, const char ***paths, size_t *count, int threads, okng_error *error);

#endif
