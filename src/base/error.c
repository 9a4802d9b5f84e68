#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/utf8.h"

static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f) *text = '?';
}

/* What was cut off at the end of `message` must not end within a character. */
static void mend_end(char *message, size_t size)
{
    if (strlen(message) == size - 1) message[okng_utf8_cut(message, (int)size - 2)] = '\0';
}

okng_status okng_fail(okng_error *error, okng_status status, const char *format, ...)
{
    if (!error) return status;
    char message[sizeof error->message]; /* the arguments may point into error->message */
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, okng_translate_format(format), args);
    va_end(args);
    mend_end(message, sizeof message);
    make_printable(message);
    memcpy(error->message, message, sizeof message);
    error->status = status;
    return status;
}

okng_status okng_fail_memory(okng_error *error, size_t bytes)
{
    return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory: %zu bytes could not be had", bytes);
}

const char *okng_reason_text(int reason)
{
    const char *text = strerrordesc_np(reason);
    return text ? okng_translate(text) : "?";
}

okng_status okng_fail_errno(okng_error *error, const char *doing, const char *path)
{
    int reason = errno;
    okng_status status = reason == ENOENT ? OKNG_ERROR_NOT_FOUND : reason == ENOMEM ? OKNG_ERROR_MEMORY : OKNG_ERROR_IO;
    const char *what = okng_translate(doing), *why = okng_reason_text(reason);
    if (!path) return okng_fail(error, status, "cannot %s: %s", what, why);
    return okng_fail(error, status, "%s: cannot %s: %s", path, what, why);
}

okng_status okng_need(const void *pointer, const char *what, okng_error *error)
{
    return pointer ? OKNG_OK : okng_fail(error, OKNG_ERROR_ARGUMENT, "%s must not be NULL", what);
}

okng_status okng_error_context(okng_error *error, okng_status status, const char *format, ...)
{
    if (!error) return status;
    char context[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(context, sizeof context, okng_translate_format(format), args);
    va_end(args);
    mend_end(context, sizeof context);
    return okng_fail(error, status, "%s: %s", context, error->message);
}
