#include "base/grown.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_ROOM = 256 };

bool okng_grown_add(okng_grown *grown, const void *bytes, size_t size)
{
    size_t need;
    if (grown->wanted > 0) return false;
    if (!okng_add_size(grown->size, size, &need) || !okng_add_size(need, FIRST_ROOM, &need)) need = SIZE_MAX;
    void *data = grown->data;
    if (!okng_grow(&data, &grown->room, need, 1)) {
        grown->wanted = need;
        return false;
    }
    grown->data = data;
    if (size > 0) memcpy(grown->data + grown->size, bytes, size);
    grown->size += size;
    return true;
}

okng_status okng_grown_take(okng_grown *grown, char **out, size_t *size, okng_error *error)
{
    bool whole = okng_grown_add(grown, "", 1);
    size_t wanted = grown->wanted;
    *out = whole ? grown->data : NULL;
    if (whole && size) *size = grown->size - 1;
    if (whole) grown->data = NULL;
    free(grown->data);
    *grown = (okng_grown){0};
    return whole ? OKNG_OK : okng_fail_memory(error, wanted);
}

/* 0 is an error to stdio, whose stream has failed from then on. */
static ssize_t add_printed(void *grown, const char *bytes, size_t size)
{
    return okng_grown_add(grown, bytes, size) ? (ssize_t)size : 0;
}

FILE *okng_grown_stream(okng_grown *grown)
{
    return fopencookie(grown, "w", (cookie_io_functions_t){.write = add_printed});
}

okng_status okng_grown_close(okng_grown *grown, FILE *stream, char **out, size_t *size, okng_error *error)
{
    bool whole = stream && !ferror(stream);
    if (stream && fclose(stream) != 0) whole = false;
    if (!whole && grown->wanted == 0) grown->wanted = BUFSIZ; /* of the stream itself */
    return okng_grown_take(grown, out, size, error);
}
