#include "afclip/checkpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sha256.h"
#include "base/utf8.h"

enum { FORMAT_VERSION = 1, HASH_DIGITS = 64, MOST_BLOCKS = 256, READ_TRIES = 200 };
static const char format_name[] = "okng afclip checkpoint";

static const char *const sources[] = {"", "trained", "imported"};

void okng_afclip_checkpoint_init(okng_afclip_checkpoint *checkpoint)
{
    *checkpoint = (okng_afclip_checkpoint){.taps = {-1, -1, -1, -1}};
}

void okng_afclip_checkpoint_free(okng_afclip_checkpoint *checkpoint)
{
    okng_afclip_learnt_free(&checkpoint->learnt);
    json_decref(checkpoint->training);
    okng_afclip_checkpoint_init(checkpoint);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Of a folder. */
typedef struct place {
    char *values, *next, *description, *lock;
} place;

static void place_free(place *p)
{
    free(p->values);
    free(p->next);
    free(p->description);
    free(p->lock);
    *p = (place){0};
}

static okng_status place_find(place *p, const char *folder, okng_error *error)
{
    *p = (place){0};
    if (!*folder) return okng_fail(error, OKNG_ERROR_ARGUMENT, "the checkpoint's folder has an empty name");
    p->values = okng_path_join(folder, OKNG_AFCLIP_FILE);
    p->description = okng_path_join(folder, OKNG_AFCLIP_CHECKPOINT_FILE);
    okng_status status = p->values && p->description ? OKNG_OK : okng_fail_memory(error, strlen(folder));
    if (status == OKNG_OK) status = okng_path_beside(&p->next, p->values, "next", error);
    if (status == OKNG_OK) status = okng_path_beside(&p->lock, p->description, "lock", error);
    if (status != OKNG_OK) place_free(p);
    return status;
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* ---- the description ------------------------------------------------------------------------- */

static bool is_hash(const char *text)
{
    return strlen(text) == HASH_DIGITS && strspn(text, "0123456789abcdef") == HASH_DIGITS;
}

static okng_status wrong(const char *path, const char *key, const char *expected, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"%s\" is not %s", path, key, expected);
}

/* A text that may be missing, which is then "". */
static okng_status read_text(const json_t *document, const char *path, const char *key, char *out, size_t size,
                             okng_error *error)
{
    const char *text = "";
    out[0] = '\0';
    if (json_object_get(document, key)) OKNG_TRY(okng_json_string(document, path, key, &text, error));
    if (strlen(text) >= size) return wrong(path, key, "a short text", error);
    memcpy(out, text, strlen(text) + 1);
    return OKNG_OK;
}

static okng_status read_hash(const json_t *document, const char *path, const char *key, char out[65], okng_error *error)
{
    OKNG_TRY(read_text(document, path, key, out, HASH_DIGITS + 1, error));
    return out[0] == '\0' || is_hash(out) ? OKNG_OK : wrong(path, key, "a SHA-256 of 64 hexadecimal digits", error);
}

static bool taps_rise(const int32_t *taps)
{
    for (int i = 0; i < OKNG_AFCLIP_TAPS; i++)
        if (taps[i] < (i > 0 ? taps[i - 1] + 1 : 0) || taps[i] >= MOST_BLOCKS) return false;
    return true;
}

static okng_status read_taps(const json_t *document, const char *path, int32_t *taps, okng_error *error)
{
    const json_t *list = json_object_get(document, "taps");
    if (!list) return OKNG_OK;
    bool fine = json_array_size(list) == OKNG_AFCLIP_TAPS;
    for (size_t i = 0; i < OKNG_AFCLIP_TAPS && fine; i++) {
        const json_t *tap = json_array_get(list, i);
        const json_int_t number = json_integer_value(tap);
        fine = json_is_integer(tap) && number >= 0 && number < MOST_BLOCKS;
        if (fine) taps[i] = (int32_t)number;
    }
    return fine && taps_rise(taps) ? OKNG_OK : wrong(path, "taps", "a list of 4 numbers of blocks that rise", error);
}

static okng_status read_source(const json_t *document, const char *path, okng_afclip_source *source, okng_error *error)
{
    const char *text;
    OKNG_TRY(okng_json_string(document, path, "source", &text, error));
    for (size_t i = 1; i < sizeof sources / sizeof *sources; i++)
        if (strcmp(text, sources[i]) == 0) {
            *source = (okng_afclip_source)i;
            return OKNG_OK;
        }
    return wrong(path, "source", "\"trained\" or \"imported\"", error);
}

static okng_status check_format(const json_t *document, const char *path, okng_error *error)
{
    const char *format;
    int64_t version = 0;
    OKNG_TRY(okng_json_string(document, path, "format", &format, error));
    if (strcmp(format, format_name) != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"format\" is \"%s\", expected \"%s\"", path, format,
                         format_name);
    OKNG_TRY(okng_json_integer(document, path, "version", 1, INT32_MAX, &version, error));
    if (version == FORMAT_VERSION) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: version %lld, this okng reads version %d; take a newer okng",
                     path, (long long)version, FORMAT_VERSION);
}

/* All but the values, whose widths are to be `widths`: W, Wt. */
static okng_status read_members(const json_t *document, const char *path, okng_afclip_checkpoint *out, int64_t *widths,
                                okng_error *error)
{
    int64_t resolution = 0;
    OKNG_TRY(check_format(document, path, error));
    OKNG_TRY(read_source(document, path, &out->source, error));
    OKNG_TRY(read_text(document, path, "backbone", out->backbone, sizeof out->backbone, error));
    OKNG_TRY(read_hash(document, path, "weights_sha256", out->weights_sha256, error));
    OKNG_TRY(read_hash(document, path, "sha256", out->sha256, error));
    if (!out->sha256[0]) return wrong(path, "sha256", "there", error);
    OKNG_TRY(read_taps(document, path, out->taps, error));
    if (json_object_get(document, "resolution"))
        OKNG_TRY(okng_json_integer(document, path, "resolution", 1, OKNG_AFCLIP_MAX_RESOLUTION, &resolution, error));
    out->resolution = (int32_t)resolution;
    OKNG_TRY(okng_json_integer(document, path, "width", 1, OKNG_AFCLIP_MAX_WIDTH, &widths[0], error));
    OKNG_TRY(okng_json_integer(document, path, "text_width", 1, OKNG_AFCLIP_MAX_WIDTH, &widths[1], error));
    out->training = json_incref(json_object_get(document, "training"));
    return OKNG_OK;
}

static okng_status read_description(const char *path, okng_afclip_checkpoint *out, int64_t *widths, okng_error *error)
{
    json_t *document;
    OKNG_TRY(okng_json_read(&document, path, &okng_json_small, error));
    okng_afclip_checkpoint_init(out);
    okng_status status = read_members(document, path, out, widths, error);
    json_decref(document);
    if (status != OKNG_OK) okng_afclip_checkpoint_free(out);
    return status;
}

/* NULL where memory is out. */
static json_t *describe(const okng_afclip_checkpoint *c, const char *sha256)
{
    json_t *document =
        json_pack("{s:s, s:i, s:s}", "format", format_name, "version", FORMAT_VERSION, "source", sources[c->source]);
    if (c->backbone[0]) okng_json_put(&document, "backbone", json_string(c->backbone));
    if (c->taps[0] >= 0)
        okng_json_put(&document, "taps", json_pack("[i, i, i, i]", c->taps[0], c->taps[1], c->taps[2], c->taps[3]));
    if (c->resolution > 0) okng_json_put(&document, "resolution", json_integer(c->resolution));
    if (c->weights_sha256[0]) okng_json_put(&document, "weights_sha256", json_string(c->weights_sha256));
    okng_json_put(&document, "width", json_integer(c->learnt.width));
    okng_json_put(&document, "text_width", json_integer(c->learnt.text_width));
    okng_json_put(&document, "sha256", json_string(sha256));
    if (c->training) okng_json_put(&document, "training", json_incref(c->training));
    return document;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The file where it is there; *out is NULL where it is not, or is no weight file, or its hash is not `sha256`. */
static okng_status open_described(okng_weights **out, const char *path, const char *sha256, okng_error *error)
{
    okng_error why = {.status = OKNG_OK};
    char found[65];
    *out = NULL;
    okng_status status = okng_weights_open(out, path, &why);
    if (status == OKNG_ERROR_MEMORY && error) *error = why;
    if (status != OKNG_OK) return status == OKNG_ERROR_MEMORY ? status : OKNG_OK;
    size_t size;
    const void *bytes = okng_weights_bytes(*out, &size);
    okng_sha256(bytes, size, found);
    if (strcmp(found, sha256) != 0) okng_weights_close(out);
    return OKNG_OK;
}

/* Under either name; once more under the first, which they may have got between the two looks. */
static okng_status open_values(okng_weights **out, const place *p, const char *sha256, okng_error *error)
{
    const char *const paths[] = {p->values, p->next, p->values};
    *out = NULL;
    for (size_t i = 0; i < sizeof paths / sizeof *paths && !*out; i++)
        OKNG_TRY(open_described(out, paths[i], sha256, error));
    return OKNG_OK;
}

/* Why there are no values that the description is of. */
static okng_status fail_values(const place *p, const char *sha256, okng_error *error)
{
    okng_weights *weights = NULL;
    OKNG_TRY(okng_weights_open(&weights, p->values, error));
    okng_weights_close(&weights);
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: is not the file that %s is of: it has another SHA-256, not %.12s...; take both files of one "
                     "checkpoint, or give this file alone as the checkpoint",
                     p->values, OKNG_AFCLIP_CHECKPOINT_FILE, sha256);
}

static okng_status take_values(okng_afclip_checkpoint *out, const okng_weights *file, const char *description,
                               const int64_t *widths, okng_error *error)
{
    OKNG_TRY(okng_afclip_learnt_read(&out->learnt, file, error));
    if (out->learnt.width == widths[0] && out->learnt.text_width == widths[1]) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: says widths of %lld and %lld, the values beside it have %d and %d", description,
                     (long long)widths[0], (long long)widths[1], (int)out->learnt.width, (int)out->learnt.text_width);
}

/* A description and its values; *again where the description was exchanged between the two. */
static okng_status read_once(okng_afclip_checkpoint *out, const place *p, bool *again, okng_error *error)
{
    int64_t widths[2] = {0, 0};
    okng_weights *file = NULL;
    *again = false;
    OKNG_TRY(read_description(p->description, out, widths, error));
    okng_status status = open_values(&file, p, out->sha256, error);
    if (status == OKNG_OK && file) status = take_values(out, file, p->description, widths, error);
    okng_weights_close(&file);
    if (status == OKNG_OK && out->learnt.width == 0) { /* no values were found */
        okng_afclip_checkpoint now;
        status = read_description(p->description, &now, widths, error);
        *again = status == OKNG_OK && strcmp(now.sha256, out->sha256) != 0;
        if (status == OKNG_OK) okng_afclip_checkpoint_free(&now);
        if (status == OKNG_OK && !*again) status = fail_values(p, out->sha256, error);
    }
    if (status != OKNG_OK || *again) okng_afclip_checkpoint_free(out);
    return status;
}

static okng_status read_folder(okng_afclip_checkpoint *out, const char *folder, okng_error *error)
{
    place p;
    bool again = true;
    OKNG_TRY(place_find(&p, folder, error));
    okng_status status = OKNG_OK;
    const bool there = is_there(p.description);
    if (!there && errno != ENOENT) /* nobody knows: a folder that may not be looked into, links in a circle */
        status = okng_fail_errno(error, "open", p.description);
    else if (!there)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND,
                           "%s: holds no %s, so it is no checkpoint; give a folder that `okng train afclip` or `okng "
                           "import afclip` wrote",
                           folder, OKNG_AFCLIP_CHECKPOINT_FILE);
    for (int tries = 0; status == OKNG_OK && again && tries < READ_TRIES; tries++)
        status = read_once(out, &p, &again, error);
    if (status == OKNG_OK && again)
        status = okng_fail(error, OKNG_ERROR_BUSY, "%s: is written again and again; try again later", folder);
    place_free(&p);
    return status;
}

/* What is no checkpoint at all may be one of the two files that were released, or the description. */
static okng_status explain(okng_status status, bool other_file, okng_error *error)
{
    if (!error || !other_file) return status;
    return okng_fail(
        error, status,
        "%s. A checkpoint is a folder that `okng train afclip` or, of the two released files, `okng import "
        "afclip` wrote, or the %s in it",
        error->message, OKNG_AFCLIP_FILE);
}

static okng_status read_file(okng_afclip_checkpoint *out, const char *path, okng_error *error)
{
    okng_weights *file;
    okng_status status = okng_weights_open(&file, path, error);
    if (status != OKNG_OK)
        return explain(status, status == OKNG_ERROR_FORMAT || status == OKNG_ERROR_UNSUPPORTED, error);
    status = okng_afclip_learnt_read(&out->learnt, file, error);
    if (status != OKNG_OK) status = explain(status, status == OKNG_ERROR_NOT_FOUND, error);
    size_t size;
    const void *bytes = okng_weights_bytes(file, &size);
    if (status == OKNG_OK) okng_sha256(bytes, size, out->sha256);
    okng_weights_close(&file);
    return status;
}

okng_status okng_afclip_checkpoint_open(okng_afclip_checkpoint *out, const char *path, okng_error *error)
{
    okng_afclip_checkpoint_init(out);
    return okng_is_folder(path) ? read_folder(out, path, error) : read_file(out, path, error);
}

/* ---- writing --------------------------------------------------------------------------------- */

static okng_status need(bool fine, const char *what, okng_error *error)
{
    return fine ? OKNG_OK : okng_fail(error, OKNG_ERROR_ARGUMENT, "the checkpoint's %s cannot be written", what);
}

static okng_status check_members(const okng_afclip_checkpoint *c, okng_error *error)
{
    OKNG_TRY(
        need(c->source == OKNG_AFCLIP_SOURCE_TRAINED || c->source == OKNG_AFCLIP_SOURCE_IMPORTED, "source", error));
    OKNG_TRY(need(okng_utf8_valid(c->backbone, strlen(c->backbone), NULL), "backbone", error));
    OKNG_TRY(need(!c->weights_sha256[0] || is_hash(c->weights_sha256), "hash of CLIP's weights", error));
    OKNG_TRY(need(c->taps[0] < 0 || taps_rise(c->taps), "taps", error));
    return need(c->resolution >= 0 && c->resolution <= OKNG_AFCLIP_MAX_RESOLUTION, "resolution", error);
}

static okng_status would_be_lost(const char *folder, const char *file, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: holds \"%s\" that is no part of a checkpoint of okng's and would be lost; choose an empty or "
                     "new folder",
                     folder, file);
}

/* A description that is damaged may be of a checkpoint, so a look at its words must do. */
static okng_status check_place(const place *p, const char *folder, okng_error *error)
{
    void *text = NULL;
    size_t size = 0;
    okng_error why = {.status = OKNG_OK};
    if (!is_there(p->description))
        return is_there(p->values) ? would_be_lost(folder, OKNG_AFCLIP_FILE, error) : OKNG_OK;
    okng_status status = okng_file_read(p->description, okng_json_small.bytes, &text, &size, &why);
    const bool ours = size > 0 && memmem(text, size, format_name, strlen(format_name)) != NULL;
    free(text);
    if (status == OKNG_ERROR_MEMORY && error) *error = why;
    if (status == OKNG_ERROR_MEMORY) return status;
    return ours ? OKNG_OK : would_be_lost(folder, OKNG_AFCLIP_CHECKPOINT_FILE, error);
}

okng_status okng_afclip_checkpoint_check_folder(const char *folder, okng_error *error)
{
    place p;
    OKNG_TRY(place_find(&p, folder, error));
    okng_status status = check_place(&p, folder, error);
    place_free(&p);
    return status;
}

/* Where a save was killed after it exchanged the description: gives its values their name, for ours take the other. */
static okng_status settle(const place *p, okng_error *error)
{
    okng_afclip_checkpoint there;
    okng_weights *file = NULL;
    int64_t widths[2];
    okng_error why = {.status = OKNG_OK};
    if (!is_there(p->next) || !is_there(p->description)) return OKNG_OK;
    okng_status status = read_description(p->description, &there, widths, &why);
    if (status == OKNG_ERROR_MEMORY && error) *error = why;
    if (status != OKNG_OK)
        return status == OKNG_ERROR_MEMORY ? status : OKNG_OK; /* damaged: there is nothing to lose */
    status = open_described(&file, p->values, there.sha256, error);
    if (status == OKNG_OK && !file) {
        status = open_described(&file, p->next, there.sha256, error);
        if (status == OKNG_OK && file && rename(p->next, p->values) != 0)
            status = okng_fail_errno(error, "write", p->values);
    }
    okng_weights_close(&file);
    okng_afclip_checkpoint_free(&there);
    return status;
}

static okng_status write_values(const okng_afclip_learnt *learnt, const char *path, char sha256[65], okng_error *error)
{
    okng_array arrays[OKNG_AFCLIP_PARAMS];
    okng_named_array tensors[OKNG_AFCLIP_PARAMS];
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        arrays[i] = okng_afclip_param_array(learnt, (okng_afclip_param)i);
        tensors[i] = (okng_named_array){okng_afclip_param_name((okng_afclip_param)i), &arrays[i]};
    }
    OKNG_TRY(okng_safetensors_write_arrays(path, tensors, OKNG_AFCLIP_PARAMS, error));
    OKNG_TRY(okng_flush_to_disk(path, error));
    return okng_file_sha256(path, sha256, error);
}

static okng_status write_locked(const okng_afclip_checkpoint *checkpoint, const place *p, const okng_lock *lock,
                                okng_error *error)
{
    char sha256[65];
    OKNG_TRY(settle(p, error));
    okng_status status = write_values(&checkpoint->learnt, p->next, sha256, error);
    if (status == OKNG_OK) status = okng_flush_parent(p->next, error);
    if (status == OKNG_OK) status = okng_lock_check(lock, error);
    if (status == OKNG_OK) {
        json_t *document = describe(checkpoint, sha256);
        status = okng_json_write(document, p->description, error);
        json_decref(document);
    }
    if (status != OKNG_OK) {
        (void)unlink(p->next);
        return status;
    }
    OKNG_TRY(okng_flush_parent(p->description, error)); /* the old values go once the disk has the new description */
    if (rename(p->next, p->values) != 0) return okng_fail_errno(error, "write", p->values);
    return okng_flush_parent(p->values, error);
}

okng_status okng_afclip_checkpoint_save(const okng_afclip_checkpoint *checkpoint, const char *folder, okng_error *error)
{
    place p;
    okng_lock lock = {.descriptor = -1};
    OKNG_TRY(check_members(checkpoint, error));
    OKNG_TRY(place_find(&p, folder, error));
    okng_status status = check_place(&p, folder, error);
    if (status == OKNG_OK) status = okng_make_folders(folder, error);
    if (status == OKNG_OK) status = okng_lock_take(&lock, p.lock, error);
    if (status == OKNG_OK) status = write_locked(checkpoint, &p, &lock, error);
    okng_lock_drop(&lock);
    place_free(&p);
    return status;
}
