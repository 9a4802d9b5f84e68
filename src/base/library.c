#include "base/library.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "base/locale.h"
#include "base/memory_room.h"

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), of_end = strlen(end);
    return length >= of_end && strcmp(text + length - of_end, end) == 0;
}

enum { LARGEST = 64 << 20 }; /* bytes of a library that is loaded so: OpenBLAS has 36 MiB */

/* glibc composes "FILE: what failed: the system's word". The last part tells that memory was missing; the others hold
 * names, and "cannot allocate memory in static TLS block", which is about room that is fixed when the process starts.
 * A segment that cannot be mapped comes without the system's word, and may lie on a mount without exec. Where there is
 * no memory even to compose, what failed comes alone. */
static bool lacks_memory(const char *why)
{
    if (!why || !strstr(why, ": ") || ends_with(why, ": Cannot allocate memory")) return true;
    return ends_with(why, "failed to map segment from shared object") && !okng_memory_can_map(LARGEST);
}

okng_status okng_library_load(void **handle, const char *name, okng_error *error)
{
    locale_t before = okng_locale_enter(); /* the reason is told in English then */
    *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    const char *why = *handle ? NULL : dlerror();
    okng_locale_leave(before);
    if (*handle || (why && ends_with(why, ": No such file or directory"))) return OKNG_OK;
    if (lacks_memory(why)) return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory to load the library %s", name);
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "the library %s cannot be loaded: %s", name, why);
}
