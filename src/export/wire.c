#include "export/wire.h"

#include <string.h>

okng_wire okng_wire_of(okng_span bytes)
{
    static const uint8_t nothing[1];
    const uint8_t *at = bytes.data ? bytes.data : nothing;
    return (okng_wire){at, at + bytes.size, false};
}

static bool damaged(okng_wire *wire)
{
    wire->damaged = true;
    wire->at = wire->end;
    return false;
}

bool okng_wire_number(okng_wire *wire, uint64_t *value)
{
    *value = 0;
    if (wire->at == wire->end) return false;
    for (unsigned shift = 0; shift < 64 && wire->at < wire->end; shift += 7) {
        const uint8_t byte = *wire->at++;
        *value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return true;
    }
    return damaged(wire);
}

static bool fixed(okng_wire *wire, size_t bytes, uint64_t *value)
{
    *value = 0;
    if ((size_t)(wire->end - wire->at) < bytes) return damaged(wire);
    for (size_t i = 0; i < bytes; i++) *value |= (uint64_t)wire->at[i] << (8 * i);
    wire->at += bytes;
    return true;
}

static bool bytes_of(okng_wire *wire, okng_span *bytes)
{
    uint64_t size;
    if (!okng_wire_number(wire, &size) || size > (uint64_t)(wire->end - wire->at)) return damaged(wire);
    *bytes = (okng_span){wire->at, (size_t)size};
    wire->at += size;
    return true;
}

bool okng_wire_next(okng_wire *wire, okng_wire_field *field)
{
    uint64_t tag;
    *field = (okng_wire_field){0};
    if (!okng_wire_number(wire, &tag)) return false;
    if (tag >> 3 == 0 || tag >> 3 > UINT32_MAX) return damaged(wire);
    field->number = (uint32_t)(tag >> 3);
    field->type = OKNG_WIRE_NUMBER;
    switch (tag & 7) {
    case 0:
        return okng_wire_number(wire, &field->value) || damaged(wire);
    case 1:
        return fixed(wire, 8, &field->value);
    case 5:
        return fixed(wire, 4, &field->value);
    case 2:
        field->type = OKNG_WIRE_BYTES;
        return bytes_of(wire, &field->bytes);
    default: /* groups, which nobody writes any more */
        return damaged(wire);
    }
}

bool okng_span_is(okng_span span, const char *text)
{
    return span.size == strlen(text) && memcmp(span.data, text, span.size) == 0;
}

bool okng_span_equal(okng_span a, okng_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}
