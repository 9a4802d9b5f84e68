#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

#include "base/locale.h"

okng_status okng_library_load(void **handle, const char *name, okng_error *error)
{
    locale_t before = okng_locale_enter(); /* the reason is told in English then */
    *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    const char *why = *handle ? NULL : dlerror();
    okng_locale_leave(before);
    if (*handle || (why && strstr(why, "No such file"))) return OKNG_OK;
    if (!why || strstr(why, "memory") || strstr(why, "map segment"))
        return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory to load the library %s", name);
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "the library %s cannot be loaded: %s", name, why);
}
