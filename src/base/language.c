/* Which language messages and pages have. */
#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/file.h"

enum { MAX_CATALOGUE = 4 << 20, NAME_SIZE = 32 }; /* bytes */

/* A catalogue stays for as long as the process, as texts from it may be anywhere. */
typedef struct loaded {
    struct loaded *next;
    char name[NAME_SIZE]; /* of the language; the path tells it, so it never changes */
    char *path;
    void *data;
    okng_catalogue catalogue;
} loaded;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static loaded *all;
static _Atomic(const char *) in_use = "en"; /* the name of one of them */

/* ---- catalogues ----------------------------------------------------------------------------- */

static void release(loaded *item)
{
    if (!item) return;
    free(item->path);
    free(item->data);
    free(item);
}

static okng_status read_catalogue(loaded *item, const char *path, okng_error *error)
{
    size_t size;
    item->path = strdup(path);
    if (!item->path) return okng_fail_memory(error, strlen(path) + 1);
    OKNG_TRY(okng_file_read(path, MAX_CATALOGUE, &item->data, &size, error));
    if (item->data && okng_catalogue_init(&item->catalogue, item->data, size)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: not a catalogue of messages, expected a .mo file of gettext's msgfmt", path);
}

static okng_status load(const char *path, const char *name, loaded **out, okng_error *error)
{
    for (*out = all; *out && strcmp((*out)->path, path) != 0;) *out = (*out)->next;
    if (*out) return OKNG_OK;
    loaded *item = calloc(1, sizeof *item);
    okng_status status = item ? read_catalogue(item, path, error) : okng_fail_memory(error, sizeof *item);
    if (status != OKNG_OK) {
        release(item);
        return status;
    }
    (void)snprintf(item->name, sizeof item->name, "%s", name);
    item->next = all;
    all = item;
    *out = item;
    return OKNG_OK;
}

/* ---- names ---------------------------------------------------------------------------------- */

static bool is_plain(const char *locale)
{
    return strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0;
}

/* What the environment asks for, in gettext's order; "" = English. */
static const char *asked(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *locale = NULL, *list = getenv("LANGUAGE");
    for (size_t i = 0; i < sizeof variables / sizeof variables[0] && (!locale || !*locale); i++)
        locale = getenv(variables[i]);
    if (!locale || !*locale || is_plain(locale)) return "";
    return list && *list ? list : locale;
}

/* "ko_KR" of "ko_KR.UTF-8@x"; false where it is no name, or texts in UTF-8 are not wanted. */
static bool take_name(const char *item, size_t length, char name[NAME_SIZE])
{
    size_t end = 0;
    while (end < length && (isalnum((unsigned char)item[end]) || item[end] == '_')) end++;
    if (end == 0 || end >= NAME_SIZE) return false;
    memcpy(name, item, end);
    name[end] = '\0';
    if (end == length || item[end] == '@') return true;
    const char *codeset = item + end + 1;
    size_t rest = length - end - 1;
    return item[end] == '.' && ((rest >= 5 && strncasecmp(codeset, "UTF-8", 5) == 0) ||
                                (rest >= 4 && strncasecmp(codeset, "utf8", 4) == 0));
}

/* True where folder/NAME/LC_MESSAGES/okng.mo is there; its path, for free(). */
static bool has_catalogue(const char *folder, const char *name, char **path)
{
    char below[NAME_SIZE + sizeof "/LC_MESSAGES/okng.mo"];
    (void)snprintf(below, sizeof below, "%s/LC_MESSAGES/okng.mo", name);
    *path = okng_path_join(folder, below);
    if (*path && access(*path, R_OK) == 0) return true;
    free(*path);
    *path = NULL;
    return false;
}

/* The first of "ko_KR:fr" that there is; *path NULL = English. `name` becomes the catalogue's. */
static void choose(const char *folder, const char *list, char name[NAME_SIZE], char **path)
{
    *path = NULL;
    for (size_t length; *list; list += length + (list[length] == ':')) {
        length = strcspn(list, ":");
        if (!take_name(list, length, name)) continue;
        if (is_plain(name) || strncmp(name, "en", strcspn(name, "_")) == 0) return;
        if (has_catalogue(folder, name, path)) return;
        name[strcspn(name, "_")] = '\0';
        if (has_catalogue(folder, name, path)) return;
    }
}

/* ---- the choice ----------------------------------------------------------------------------- */

okng_status okng_set_language(const char *folder, const char *language, okng_error *error)
{
    OKNG_TRY(okng_need(folder, "folder", error));
    char name[NAME_SIZE] = "", *path;
    loaded *item = NULL;
    okng_status status = OKNG_OK;
    (void)pthread_mutex_lock(&mutex);
    choose(folder, language ? language : asked(), name, &path);
    if (path) status = load(path, name, &item, error);
    if (status == OKNG_OK) {
        atomic_store(&in_use, item ? item->name : "en");
        okng_catalogue_use(item ? &item->catalogue : NULL);
    }
    (void)pthread_mutex_unlock(&mutex);
    free(path);
    return status;
}

const char *okng_language(void)
{
    return atomic_load(&in_use);
}
