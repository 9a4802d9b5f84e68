#include "serve/bank_notes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cache/disk.h"
#include "history/record.h"

/* Of a bank, as long as its files are as they were. */
typedef struct note {
    char name[OKNG_BANK_NAME_MAX + 1];
    okng_disk_state state;
    char *document;  /* JSON; NULL: it could not be described */
    okng_error why;  /* then */
    void *thumbnail; /* PNG; NULL: not asked for yet, or there is none */
    size_t thumbnail_size;
    okng_error no_thumbnail; /* why there is none; status OKNG_OK: not asked for yet */
    struct note *next;
} note;

struct okng_bank_notes {
    okng_cache *cache;
    pthread_mutex_t mutex; /* guards the list, and is held while a bank is described: one at a time is enough */
    note *first;
    size_t count;
};

/* ---- notes ------------------------------------------------------------------------------------------------------- */

okng_status okng_bank_notes_open(okng_bank_notes **out, okng_cache *cache, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (*out)->cache = cache;
    (void)pthread_mutex_init(&(*out)->mutex, NULL);
    return OKNG_OK;
}

static void free_note(note *n)
{
    okng_text_free(&n->document);
    okng_bytes_free(&n->thumbnail);
    free(n);
}

void okng_bank_notes_close(okng_bank_notes **notes)
{
    if (!notes || !*notes) return;
    while ((*notes)->first) {
        note *n = (*notes)->first;
        (*notes)->first = n->next;
        free_note(n);
    }
    (void)pthread_mutex_destroy(&(*notes)->mutex);
    free(*notes);
    *notes = NULL;
}

/* Takes the note of a bank out of the list; NULL where there is none. The mutex is held. */
static note *take_note(okng_bank_notes *notes, const char *name)
{
    note **at = &notes->first;
    while (*at && strcmp((*at)->name, name) != 0) at = &(*at)->next;
    note *n = *at;
    if (!n) return NULL;
    *at = n->next;
    notes->count--;
    return n;
}

/* The list is kept by use, and as long as there may be banks: those that are gone are the last of it. */
static void keep_note(okng_bank_notes *notes, note *n)
{
    n->next = notes->first;
    notes->first = n;
    if (++notes->count <= OKNG_DISK_BANKS) return;
    note **last = &notes->first;
    while ((*last)->next) last = &(*last)->next;
    free_note(*last);
    *last = NULL;
    notes->count--;
}

/* The note of the bank at `path` as it is now. The mutex is held. */
static okng_status look(okng_bank_notes *notes, const char *name, const char *path, note **out, okng_error *error)
{
    okng_disk_state state;
    OKNG_TRY(okng_disk_look(path, &state, error));
    note *n = take_note(notes, name);
    const bool transient = n && (n->why.status == OKNG_ERROR_MEMORY || n->why.status == OKNG_ERROR_BUSY);
    if (n && (n->state.mark != state.mark || transient)) {
        free_note(n);
        n = NULL;
    }
    if (!n) {
        n = calloc(1, sizeof *n);
        if (!n) return okng_fail_memory(error, sizeof *n);
        (void)snprintf(n->name, sizeof n->name, "%s", name);
        n->state = state;
        (void)okng_bank_describe(path, &n->document, &n->why);
    }
    keep_note(notes, n);
    *out = n;
    return OKNG_OK;
}

/* ---- what is told of them ---------------------------------------------------------------------------------------- */

/* The bank of number i of an ensemble, or of a bank with regions; NULL: there is none. */
static const json_t *part_of(const json_t *config, int i)
{
    char key[32];
    (void)snprintf(key, sizeof key, "%s-%d", json_object_get(config, "regions") ? "region" : "member", i);
    return json_object_get(config, key);
}

/* Of the first part where the bank has several. */
static const json_t *first_config(const json_t *config)
{
    const json_t *part = part_of(config, 1);
    return part ? part : config;
}

/* Rows of the file that says what was learnt, the first of "data": of "memory_bank.pt" those in "memory_bank". */
static json_int_t rows_of(const json_t *config)
{
    char key[OKNG_NAME_MAX];
    const char *file = json_string_value(json_array_get(json_object_get(config, "data"), 0));
    if (!file) return 0;
    (void)snprintf(key, sizeof key, "%.*s", (int)strcspn(file, "."), file);
    return json_integer_value(json_object_get(json_object_get(config, key), "rows"));
}

/* Of all parts where it has several. */
static json_int_t rows_of_all(const json_t *config)
{
    json_int_t rows = rows_of(config);
    const json_t *part;
    for (int i = 1; (part = part_of(config, i)); i++) rows += rows_of(part);
    return rows;
}

/* The row shares it with the document. */
static void put_known(json_t **row, const char *key, json_t *value)
{
    okng_json_put(row, key, value ? json_incref(value) : json_null());
}

/* "image_threshold" and its like, null where they are not known. */
static void put_described(json_t **row, const json_t *document)
{
    const json_t *config = json_object_get(document, "config"), *one = first_config(config);
    const json_t *tau = json_object_get(document, "tau");
    put_known(row, "method", json_object_get(one, "method"));
    put_known(row, "backbone", json_object_get(json_object_get(one, "options"), "backbone"));
    put_known(row, "pictures", json_object_get(one, "pictures"));
    okng_json_put(row, "rows", document ? json_integer(rows_of_all(config)) : json_null());
    put_known(row, "image_threshold", json_object_get(tau, "image"));
    put_known(row, "pixel_threshold", json_object_get(tau, "pixel"));
    put_known(row, "review", json_object_get(tau, "review"));
    put_known(row, "region_limits", json_object_get(tau, "region_limits"));
    okng_json_put(row, "regions", json_integer((json_int_t)json_array_size(json_object_get(config, "regions"))));
}

static json_t *row_of(const note *n, const json_t *document, const okng_cache_state *cached)
{
    char time[32];
    json_t *row = json_object();
    okng_json_put(&row, "name", json_string(n->name));
    put_described(&row, document);
    okng_json_put(&row, "bytes", json_integer((json_int_t)n->state.bytes));
    okng_json_put(&row, "modified", json_string(okng_time_text(n->state.modified, time)));
    okng_json_put(&row, "loaded", json_boolean(cached->loaded));
    const okng_error *why = !document ? &n->why : &cached->error;
    const bool damaged = why->status != OKNG_OK;
    okng_json_put(&row, "state", json_string(damaged ? "damaged" : "ready"));
    okng_json_put(&row, "why", damaged ? okng_json_any_text(why->message) : json_null());
    return row;
}

static okng_status parse(const note *n, json_t **document, okng_error *error)
{
    *document = NULL;
    return n->document ? okng_json_parse(document, n->document, strlen(n->document), n->name, NULL, error) : OKNG_OK;
}

okng_status okng_bank_notes_row(okng_bank_notes *notes, const char *name, json_t **row, okng_error *error)
{
    char *path;
    note *n;
    json_t *document = NULL;
    okng_cache_state cached;
    *row = NULL;
    OKNG_TRY(okng_disk_find(okng_cache_folder(notes->cache), name, &path, error));
    okng_cache_look(notes->cache, name, &cached);
    (void)pthread_mutex_lock(&notes->mutex);
    okng_status status = look(notes, name, path, &n, error);
    if (status == OKNG_OK) status = parse(n, &document, error);
    if (status == OKNG_OK) *row = row_of(n, document, &cached);
    (void)pthread_mutex_unlock(&notes->mutex);
    if (status == OKNG_OK && !*row) status = okng_fail_memory(error, sizeof *n);
    json_decref(document);
    free(path);
    return status;
}

okng_status okng_bank_notes_describe(okng_bank_notes *notes, const char *name, json_t **document, okng_error *error)
{
    char *path;
    note *n;
    *document = NULL;
    OKNG_TRY(okng_disk_find(okng_cache_folder(notes->cache), name, &path, error));
    (void)pthread_mutex_lock(&notes->mutex);
    okng_status status = look(notes, name, path, &n, error);
    if (status == OKNG_OK && !n->document) status = okng_fail(error, n->why.status, "%s", n->why.message);
    if (status == OKNG_OK) status = parse(n, document, error);
    (void)pthread_mutex_unlock(&notes->mutex);
    free(path);
    return status;
}

/* ---- thumbnails -------------------------------------------------------------------------------------------------- */

enum { THUMBNAIL = 256 }; /* pixels of the longer side */

/* The bank is opened aside: those in the cache are in use. */
static okng_status draw(note *n, const char *path, const char *picture, okng_error *error)
{
    okng_bank *bank;
    char *place = NULL;
    OKNG_TRY(okng_bank_open(&bank, path, NULL, error));
    okng_status status = okng_bank_picture_path(bank, picture, &place, error);
    okng_bank_close(&bank);
    if (status == OKNG_OK) {
        const okng_picture file = {.struct_size = sizeof file, .path = place};
        status = okng_picture_png(&file, THUMBNAIL, &n->thumbnail, &n->thumbnail_size, error);
    }
    okng_text_free(&place);
    return status;
}

static okng_status make_thumbnail(note *n, const char *path, okng_error *error)
{
    json_t *document;
    OKNG_TRY(parse(n, &document, error));
    const json_t *names = json_object_get(json_object_get(document, "tau"), "image_names");
    const char *picture = json_string_value(json_array_get(names, json_array_size(names) / 2));
    okng_status status =
        picture ? draw(n, path, picture, error)
                : okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: the bank does not know its pictures by name", n->name);
    json_decref(document);
    return status;
}

static okng_status take_thumbnail(note *n, const char *path, void **png, size_t *size, okng_error *error)
{
    if (!n->thumbnail && n->no_thumbnail.status == OKNG_OK) (void)make_thumbnail(n, path, &n->no_thumbnail);
    if (!n->thumbnail) return okng_fail(error, n->no_thumbnail.status, "%s", n->no_thumbnail.message);
    *png = malloc(n->thumbnail_size);
    if (!*png) return okng_fail_memory(error, n->thumbnail_size);
    memcpy(*png, n->thumbnail, n->thumbnail_size);
    *size = n->thumbnail_size;
    return OKNG_OK;
}

okng_status okng_bank_notes_thumbnail(okng_bank_notes *notes, const char *name, void **png, size_t *size,
                                      okng_error *error)
{
    char *path;
    note *n;
    *png = NULL;
    *size = 0;
    OKNG_TRY(okng_disk_find(okng_cache_folder(notes->cache), name, &path, error));
    (void)pthread_mutex_lock(&notes->mutex);
    okng_status status = look(notes, name, path, &n, error);
    if (status == OKNG_OK) status = take_thumbnail(n, path, png, size, error);
    (void)pthread_mutex_unlock(&notes->mutex);
    free(path);
    return status;
}
