/* The language of the environment, from the catalogues that lie where the command does. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* From the folder of the command on: as it is installed, as it is built. */
static const char *const places[] = {OKNG_LOCALE_FROM_BIN, "share/locale"};

void okng_cli_take_language(void)
{
    char self[OKNG_PATH_MAX], folder[OKNG_PATH_MAX + 64];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0) return;
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    if (!slash) return;
    *slash = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0] && strcmp(okng_language(), "en") == 0; i++) {
        okng_error error;
        (void)snprintf(folder, sizeof folder, "%s/%s", self, places[i]);
        if (okng_set_language(folder, NULL, &error) != OKNG_OK) (void)okng_cli_error("%s", error.message);
    }
}
