#include "line/modbus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "line/loaded.h"

#ifdef OKNG_HAVE_MODBUS
okng_modbus_functions okng_modbus;

static const okng_loaded_function functions[] = {
#define FUNCTION(name) {#name, &okng_modbus.name},
    OKNG_MODBUS_FUNCTIONS(FUNCTION)
#undef FUNCTION
        {0},
};

okng_status okng_modbus_load(okng_error *error)
{
    static okng_loaded_library library = {
        .file = "libmodbus.so.5", .package = "libmodbus5", .purpose = N_("Modbus TCP"), .functions = functions};
    return okng_loaded_need(&library, error);
}

int okng_modbus_socket(int file)
{
    enum { FIRST = 3 };
    if (file < FD_SETSIZE) return file;
    int low = fcntl(file, F_DUPFD_CLOEXEC, FIRST), reason = errno; /* the lowest number that is free */
    (void)close(file);
    if (low >= 0 && low < FD_SETSIZE) return low;
    if (low >= 0) {
        (void)close(low);
        reason = EMFILE;
    }
    errno = reason;
    return -1;
}
#else
okng_status okng_modbus_load(okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "this okng was built without Modbus TCP: it needs one that was built where the package "
                     "libmodbus-dev is installed");
}
#endif

okng_status okng_modbus_address(const char *text, char host[256], char port[8], okng_error *error)
{
    const char *name = text, *end = text + strcspn(text, ":"), *behind = end;
    if (*text == '[') { /* IPv6 */
        name = text + 1;
        end = strchr(text, ']');
        behind = end ? end + 1 : NULL;
    }
    const char *number = behind && *behind == ':' ? behind + 1 : "502";
    char *rest;
    long value = strtol(number, &rest, 10);
    bool good = behind && (*behind == ':' || *behind == '\0') && end > name && end - name < 256 && *rest == '\0' &&
                rest != number && value >= 0 && value <= 65535;
    if (!good) return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s is no address: expected HOST or HOST:PORT", text);
    (void)snprintf(host, 256, "%.*s", (int)(end - name), name);
    (void)snprintf(port, 8, "%ld", value);
    return OKNG_OK;
}
