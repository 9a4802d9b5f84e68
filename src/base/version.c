#include "okng/experimental.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

const char *okng_version(void)
{
    return TEXT(OKNG_VERSION_MAJOR) "." TEXT(OKNG_VERSION_MINOR) "." TEXT(OKNG_VERSION_PATCH);
}

const char *okng_status_text(okng_status status)
{
    switch (status) {
    case OKNG_OK:
        return "success";
    case OKNG_ERROR_ARGUMENT:
        return "invalid argument";
    case OKNG_ERROR_MEMORY:
        return "out of memory";
    case OKNG_ERROR_IO:
        return "input/output error";
    case OKNG_ERROR_FORMAT:
        return "damaged file";
    case OKNG_ERROR_UNSUPPORTED:
        return "unsupported";
    case OKNG_ERROR_LIMIT:
        return "over a limit";
    case OKNG_ERROR_MISMATCH:
        return "mismatch";
    case OKNG_ERROR_NOT_FOUND:
        return "not found";
    case OKNG_ERROR_BUSY:
        return "busy";
    case OKNG_ERROR_CANCELLED:
        return "cancelled";
    case OKNG_ERROR_INTERNAL:
        return "internal error";
    }
    return "unknown status";
}
