#include "line/loaded.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/library.h"

static okng_status load(okng_loaded_library *library, okng_error *error)
{
    void *handle;
    OKNG_TRY(okng_library_load(&handle, library->file, error));
    if (!handle)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s needs the library %s: install the package %s",
                         okng_translate(library->purpose), library->file, library->package);
    for (const okng_loaded_function *function = library->functions; function->name; function++) {
        void *symbol = dlsym(handle, function->name);
        if (!symbol)
            return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                             "%s: the library %s has no function %s: another version is needed",
                             okng_translate(library->purpose), library->file, function->name);
        memcpy(function->place, &symbol, sizeof symbol); /* no cast: ISO C */
    }
    library->loaded = true;
    return OKNG_OK;
}

okng_status okng_loaded_need(okng_loaded_library *library, okng_error *error)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&mutex);
    okng_status status = library->loaded ? OKNG_OK : load(library, error);
    (void)pthread_mutex_unlock(&mutex);
    return status;
}
