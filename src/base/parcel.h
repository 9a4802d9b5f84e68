/* Values packed one behind the other, for another process of the same program on a machine of the same kind. What comes
 * is read with bounds: a parcel that is too short gives zeros, and says so at the end. */
#ifndef OKNG_BASE_PARCEL_H
#define OKNG_BASE_PARCEL_H

#include "base/grown.h"

/* Packing: adds to `parcel`, which begins zeroed; where memory is out, parcel->wanted tells (okng_parcel_packed). */
void okng_parcel_put(okng_grown *parcel, const void *value, size_t size);
/* A size and so many bytes; `bytes` may be NULL where size is 0. */
void okng_parcel_put_block(okng_grown *parcel, const void *bytes, size_t size);
void okng_parcel_put_text(okng_grown *parcel, const char *text); /* NULL is kept apart from "" */
/* MEMORY where something that was put is missing. */
okng_status okng_parcel_packed(const okng_grown *parcel, okng_error *error);

/* What is left to be read of a parcel; the bytes are borrowed. */
typedef struct okng_parcel {
    const char *next;
    size_t left;
    bool broken; /* more was asked for than there was */
} okng_parcel;

/* Copies the next value, or zeros. */
void okng_parcel_take(okng_parcel *parcel, void *value, size_t size);
/* The next block, inside the parcel and not aligned; NULL and 0 where it is not whole. */
const void *okng_parcel_take_block(okng_parcel *parcel, size_t *size);
const char *okng_parcel_take_text(okng_parcel *parcel);
/* FORMAT where the parcel was too short, or holds more than was read. */
okng_status okng_parcel_end(const okng_parcel *parcel, okng_error *error);

#endif
