/* okng --version: its own, what it stands on, and what of the CPU it uses. */
#include <curl/curl.h>

#include "cli.h"

enum { COLUMN = 14 };

int okng_cli_version(void)
{
    okng_error error;
    char *text = NULL;
    if (okng_build_info(&text, &error) != OKNG_OK) return okng_cli_fail(&error);
    json_t *info = okng_cli_json_parse(text), *value;
    okng_text_free(&text);
    if (!info) return okng_cli_error("out of memory");
    (void)printf("okng %s\n", okng_version());
    (void)printf("  %-*s %s\n", COLUMN, "kernels", json_string_value(json_object_get(info, "kernels")));
    (void)printf("  %-*s %s\n", COLUMN, "oneDNN uses", json_string_value(json_object_get(info, "onednn_isa")));
    (void)printf("  %-*s", COLUMN, "CPU has");
    size_t i;
    json_array_foreach(json_object_get(info, "cpu"), i, value)(void) printf(" %s", json_string_value(value));
    const char *name;
    (void)printf("\n  %-*s", COLUMN, "methods");
    json_object_foreach(json_object_get(info, "methods"), name, value)(void) printf(" %s", name);
    (void)printf("\n");
    json_object_foreach(json_object_get(info, "libraries"), name, value)(void)
        printf("  %-*s %s\n", COLUMN, name, json_string_value(value));
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    (void)printf("  %-*s %s\n", COLUMN, "libcurl", curl->version);
    json_decref(info);
    return EXIT_OKAY;
}
