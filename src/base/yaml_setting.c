/* One key of a configuration, given on a command line. */
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"

enum { LONGEST = 4200 }; /* bytes of a value */

okng_status okng_yaml_add_setting(okng_yaml *layer, const char *text, const char *example, okng_error *error)
{
    char path[256], line[LONGEST + 16];
    const char *equal = strchr(text, '=');
    if (!equal || equal == text || (size_t)(equal - text) >= sizeof path)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "setting %.80s: expected key=value, as %s", text, example);
    (void)snprintf(path, sizeof path, "%.*s", (int)(equal - text), text);
    const char *value = equal + 1;
    if (strlen(value) >= LONGEST) return okng_fail(error, OKNG_ERROR_LIMIT, "setting %s: the value is too long", path);
    if (value[0] != '[') {
        bool null = strcmp(value, "null") == 0 || strcmp(value, "~") == 0;
        return okng_yaml_add(layer, path, null ? "" : value, null, error);
    }
    okng_yaml list;
    (void)snprintf(line, sizeof line, "value: %s", value);
    okng_status status = okng_yaml_read(&list, line, strlen(line), "setting", error);
    const okng_yaml_entry *entry = status == OKNG_OK ? okng_yaml_find(&list, "value") : NULL;
    if (status == OKNG_OK && (!entry || list.count != 1))
        status = okng_fail(error, OKNG_ERROR_ARGUMENT, "setting %s: expected one value", path);
    if (status == OKNG_OK) status = okng_yaml_add(layer, path, entry->value, false, error);
    okng_yaml_free(&list);
    return status;
}
