/* Protobuf's wire format, read where it lies: one field after the other, of bytes that nobody vouches for. */
#ifndef OKNG_EXPORT_WIRE_H
#define OKNG_EXPORT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that belong to somebody else; a name where it is one has no NUL. */
typedef struct okng_span {
    const uint8_t *data;
    size_t size;
} okng_span;

typedef struct okng_wire {
    const uint8_t *at, *end;
    bool damaged;
} okng_wire;

enum { OKNG_WIRE_NUMBER = 0, OKNG_WIRE_BYTES = 2 }; /* types of a field */

typedef struct okng_wire_field {
    uint32_t number;
    int type;       /* fixed sizes count as OKNG_WIRE_NUMBER */
    uint64_t value; /* of a number */
    okng_span bytes;
} okng_wire_field;

okng_wire okng_wire_of(okng_span bytes);
/* The next field; false at the end, and where the bytes are damaged, which stays known. */
bool okng_wire_next(okng_wire *wire, okng_wire_field *field);
/* The next number without a tag, of a packed list. */
bool okng_wire_number(okng_wire *wire, uint64_t *value);

bool okng_span_is(okng_span span, const char *text);
bool okng_span_equal(okng_span a, okng_span b);

#endif
