#include "model/methods.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "afclip/afclip.h"
#include "patchcore/patchcore.h"
#include "subspace/subspace.h"
#include "winclip/winclip.h"

static const okng_method *const methods[] = {&okng_method_patchcore, &okng_method_subspace, &okng_method_winclip,
                                             &okng_method_afclip, &okng_method_miniclip};
enum { METHODS = sizeof methods / sizeof *methods };

okng_status okng_method_find(const okng_method **out, const char *name, okng_error *error)
{
    *out = NULL;
    char known[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < METHODS; i++) {
        if (strcmp(methods[i]->name, name) == 0) {
            *out = methods[i];
            return OKNG_OK;
        }
        int added = snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "", methods[i]->name);
        if (added > 0 && (size_t)added < sizeof known - length) length += (size_t)added;
    }
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "unknown method \"%.80s\"; there are %s", name, known);
}

const okng_method *okng_method_get(size_t i)
{
    return i < METHODS ? methods[i] : NULL;
}

static const char *data_files[METHODS * OKNG_BANK_DATA_MAX + 2];

static void gather_data_files(void)
{
    size_t count = 0;
    for (size_t i = 0; i < METHODS; i++)
        for (const char *const *file = methods[i]->data_files; *file; file++) data_files[count++] = *file;
    data_files[count] = OKNG_BANK_IGNORED_FILE;
}

const char *const *okng_method_data_files(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, gather_data_files);
    return data_files;
}
