/* Banks: the list, one of them, its thresholds and its name, the bin. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"
#include "cache/disk.h"
#include "serve/audit.h"
#include "serve/bank_bin.h"
#include "serve/bank_notes.h"
#include "serve/jobs.h"
#include "serve/routes.h"
#include "serve/serve.h"

enum { HISTOGRAM_BINS = 32, SMALL_BODY = 65536 };

/* A bank that is not there, one whose place is taken, and all else. */
static void refuse(okng_reply *reply, const okng_error *error)
{
    if (error->status == OKNG_ERROR_NOT_FOUND)
        okng_reply_problem(reply, 404, "bank-not-found", "%s", error->message);
    else if (error->status == OKNG_ERROR_MISMATCH)
        okng_reply_problem(reply, 409, "name-taken", "%s", error->message);
    else
        okng_reply_error(reply, error);
}

/* What was done stays done where it cannot be noted; who asked must know. */
static bool note(okng_serve *serve, const okng_request *request, const char *what, const char *bank, json_t *before,
                 json_t *after, okng_reply *reply)
{
    okng_error error;
    if (okng_audit(serve, request->user, what, bank, before, after, &error) == OKNG_OK) return true;
    okng_reply_problem(reply, 500, "not-in-history", "it was done, but could not be noted in the history: %s",
                       error.message);
    return false;
}

static void tell(okng_serve *serve, const char *name, const char *what)
{
    json_t *event = json_object();
    okng_json_put(&event, "bank", json_string(name));
    okng_json_put(&event, "what", json_string(what));
    okng_events_publish(serve->events, "bank", name, event);
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static okng_status add_rows(okng_serve *serve, const okng_disk_bank *banks, size_t count, json_t **list,
                            okng_error *error)
{
    for (size_t i = 0; i < count; i++) {
        json_t *row;
        okng_status status = okng_bank_notes_row(serve->notes, banks[i].name, &row, error);
        if (status == OKNG_ERROR_NOT_FOUND || status == OKNG_ERROR_ARGUMENT) continue; /* gone now; leads out */
        if (status != OKNG_OK) return status;
        if (okng_jobs_change(serve->jobs, banks[i].name)) okng_json_put(&row, "state", json_string("building"));
        okng_json_add(list, row);
    }
    return OKNG_OK;
}

static void get_banks(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)request;
    okng_error error;
    okng_disk_bank *banks;
    size_t count;
    json_t *list = json_array();
    okng_status status = okng_disk_list(okng_cache_folder(serve->cache), &banks, &count, &error);
    if (status == OKNG_OK) status = add_rows(serve, banks, count, &list, &error);
    free(banks);
    if (status != OKNG_OK) {
        json_decref(list);
        okng_reply_error(reply, &error);
        return;
    }
    json_t *document = json_object();
    okng_json_put(&document, "banks", list);
    okng_reply_json(reply, 200, document);
}

/* ---- one --------------------------------------------------------------------------------------------------------- */

/* {"low", "high", "counts"} of scores in rising order: bins of one width, the last with its upper end. */
static json_t *histogram_of(const json_t *scores)
{
    const size_t count = json_array_size(scores);
    json_int_t counts[HISTOGRAM_BINS] = {0};
    if (count == 0) return json_null();
    const double low = json_number_value(json_array_get(scores, 0));
    const double high = json_number_value(json_array_get(scores, count - 1));
    const double width = (high - low) / HISTOGRAM_BINS;
    for (size_t i = 0; i < count; i++) {
        const double place = width > 0 ? (json_number_value(json_array_get(scores, i)) - low) / width : 0;
        counts[place < 0 ? 0 : place >= HISTOGRAM_BINS ? HISTOGRAM_BINS - 1 : (int)place]++;
    }
    json_t *list = json_array(), *histogram = json_object();
    for (int i = 0; i < HISTOGRAM_BINS; i++) okng_json_add(&list, json_integer(counts[i]));
    okng_json_put(&histogram, "low", json_real(low));
    okng_json_put(&histogram, "high", json_real(high));
    okng_json_put(&histogram, "counts", list);
    return histogram;
}

static okng_status hash_of(const okng_serve *serve, const char *name, char hash[65], okng_error *error)
{
    char *path;
    OKNG_TRY(okng_disk_find(okng_cache_folder(serve->cache), name, &path, error));
    okng_status status = okng_disk_hash(path, hash, error);
    free(path);
    return status;
}

/* The row of the list, the description, and what pages draw. */
static okng_status describe(okng_serve *serve, const char *name, json_t **out, okng_error *error)
{
    json_t *document, *row;
    char hash[65];
    *out = NULL;
    OKNG_TRY(okng_bank_notes_describe(serve->notes, name, &document, error));
    okng_status status = okng_bank_notes_row(serve->notes, name, &row, error);
    if (status == OKNG_OK) status = hash_of(serve, name, hash, error);
    if (status != OKNG_OK) {
        json_decref(document);
        return status;
    }
    json_t *scores = json_object_get(json_object_get(document, "tau"), "image_scores");
    okng_json_put(&row, "hash", json_string(hash));
    okng_json_put(&row, "histogram", histogram_of(scores));
    okng_json_put(&row, "scores", scores ? json_incref(scores) : json_array());
    okng_json_merge(&row, document);
    *out = row;
    return OKNG_OK;
}

static void answer_bank(okng_serve *serve, const char *name, okng_reply *reply)
{
    okng_error error;
    json_t *document;
    if (describe(serve, name, &document, &error) == OKNG_OK)
        okng_reply_json(reply, 200, document);
    else
        refuse(reply, &error);
}

static void get_bank(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    answer_bank(serve, okng_request_capture(request, "name"), reply);
}

static void get_thumbnail(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    void *png;
    size_t size;
    if (okng_bank_notes_thumbnail(serve->notes, okng_request_capture(request, "name"), &png, &size, &error) == OKNG_OK)
        okng_reply_bytes(reply, 200, "image/png", png, size);
    else if (error.status == OKNG_ERROR_NOT_FOUND)
        okng_reply_problem(reply, 404, "picture-not-found", "%s", error.message);
    else
        okng_reply_error(reply, &error);
}

/* ---- thresholds and names ---------------------------------------------------------------------------------------- */

/* What a PATCH asks for. */
typedef struct wanted {
    const char *name; /* NULL: it stays */
    okng_bank_choice choice;
    bool chooses;
} wanted;

static okng_status take_number(const json_t *body, const char *key, int32_t *sets, float *value, okng_error *error)
{
    const json_t *found = json_object_get(body, key);
    if (!found) return OKNG_OK;
    if (!json_is_number(found) || !isfinite((float)json_number_value(found)))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: expected a finite number", key);
    *sets = 1;
    *value = (float)json_number_value(found);
    return OKNG_OK;
}

static okng_status take_review(const json_t *body, okng_bank_choice *choice, okng_error *error)
{
    const json_t *found = json_object_get(body, "review");
    if (!found) return OKNG_OK;
    choice->sets_review = 1;
    choice->review[0] = choice->review[1] = NAN;
    if (json_is_null(found)) return OKNG_OK;
    const json_t *low = json_array_get(found, 0), *high = json_array_get(found, 1);
    if (json_array_size(found) != 2 || !json_is_number(low) || !json_is_number(high))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "review: expected [low, high], or null for no band");
    choice->review[0] = (float)json_number_value(low);
    choice->review[1] = (float)json_number_value(high);
    return OKNG_OK;
}

/* null: none is kept. */
static okng_status take_limit(const json_t *body, const char *key, int32_t *sets, double none, double *value,
                              okng_error *error)
{
    const json_t *found = json_object_get(body, key);
    if (!found) return OKNG_OK;
    *sets = 1;
    *value = none;
    if (json_is_null(found)) return OKNG_OK;
    *value = json_number_value(found);
    if (json_is_number(found) && *value >= 0 && *value < 1e15) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: expected a number from 0 on, or null for none", key);
}

static okng_status take_limits(const json_t *body, okng_bank_choice *choice, okng_error *error)
{
    double area = -1, count = -1;
    OKNG_TRY(take_limit(body, "min_area", &choice->sets_min_area, -1, &area, error));
    OKNG_TRY(take_limit(body, "max_length", &choice->sets_max_length, (double)NAN, &choice->max_length, error));
    OKNG_TRY(take_limit(body, "max_count", &choice->sets_max_count, -1, &count, error));
    choice->min_area = (int64_t)area;
    choice->max_count = (int64_t)count;
    return OKNG_OK;
}

static okng_status check_keys(const json_t *body, okng_error *error)
{
    static const char *const known[] = {"name",  "image",    "pixel",      "review",
                                        "reset", "min_area", "max_length", "max_count"};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)body, key, value)
    {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(known[i], key) != 0) i++;
        if (i == sizeof known / sizeof *known)
            return okng_fail(
                error, OKNG_ERROR_ARGUMENT,
                "\"%.40s\" is not known, expected name, image, pixel, review, min_area, max_length, max_count or reset",
                key);
    }
    return json_object_size(body) > 0 ? OKNG_OK
                                      : okng_fail(error, OKNG_ERROR_ARGUMENT,
                                                  "nothing is asked for, expected name, image, pixel, review, "
                                                  "min_area, max_length, max_count or reset");
}

static okng_status take_wanted(const json_t *body, const char *by, wanted *out, okng_error *error)
{
    *out = (wanted){.choice = {.struct_size = sizeof out->choice, .by = by}};
    OKNG_TRY(check_keys(body, error));
    const json_t *name = json_object_get(body, "name"), *reset = json_object_get(body, "reset");
    if (name && !(out->name = json_string_value(name)))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "name: expected a string");
    if (reset && !json_is_boolean(reset)) return okng_fail(error, OKNG_ERROR_ARGUMENT, "reset: expected true or false");
    out->choice.reset = json_is_true(reset);
    OKNG_TRY(take_number(body, "image", &out->choice.sets_image, &out->choice.image, error));
    OKNG_TRY(take_number(body, "pixel", &out->choice.sets_pixel, &out->choice.pixel, error));
    OKNG_TRY(take_review(body, &out->choice, error));
    OKNG_TRY(take_limits(body, &out->choice, error));
    const okng_bank_choice *c = &out->choice;
    out->chooses = c->reset || c->sets_image || c->sets_pixel || c->sets_review || c->sets_min_area ||
                   c->sets_max_length || c->sets_max_count;
    return OKNG_OK;
}

/* {"image", "pixel", "review"} that are in force, for the audit. */
static json_t *thresholds_of(okng_serve *serve, const char *name)
{
    json_t *row;
    if (okng_bank_notes_row(serve->notes, name, &row, NULL) != OKNG_OK) return NULL;
    json_t *found = json_object();
    okng_json_put(&found, "image", json_incref(json_object_get(row, "image_threshold")));
    okng_json_put(&found, "pixel", json_incref(json_object_get(row, "pixel_threshold")));
    okng_json_put(&found, "review", json_incref(json_object_get(row, "review")));
    okng_json_put(&found, "region_limits", json_incref(json_object_get(row, "region_limits")));
    json_decref(row);
    return found;
}

static bool set_thresholds(okng_serve *serve, const okng_request *request, const char *name, const wanted *asked,
                           okng_reply *reply)
{
    okng_error error;
    char *path;
    json_t *before = thresholds_of(serve, name);
    okng_status status = okng_disk_find(okng_cache_folder(serve->cache), name, &path, &error);
    if (status == OKNG_OK) status = okng_bank_choose(path, &asked->choice, &error);
    free(path);
    if (status != OKNG_OK) {
        json_decref(before);
        refuse(reply, &error);
        return false;
    }
    tell(serve, name, "thresholds");
    return note(serve, request, "threshold", name, before, thresholds_of(serve, name), reply);
}

static json_t *name_json(const char *name)
{
    json_t *object = json_object();
    okng_json_put(&object, "name", json_string(name));
    return object;
}

static bool rename_bank(okng_serve *serve, const okng_request *request, const char *name, const char *to,
                        okng_reply *reply)
{
    okng_error error;
    if (okng_bank_rename(okng_cache_folder(serve->cache), name, to, &error) != OKNG_OK) {
        refuse(reply, &error);
        return false;
    }
    okng_cache_forget(serve->cache, name);
    tell(serve, name, "renamed");
    return note(serve, request, "bank renamed", to, name_json(name), name_json(to), reply);
}

static void change_bank(okng_serve *serve, const okng_request *request, const json_t *body, okng_reply *reply)
{
    const char *name = okng_request_capture(request, "name");
    okng_error error;
    wanted asked;
    if (take_wanted(body, request->user, &asked, &error) != OKNG_OK) {
        okng_reply_problem(reply, 400, "wrong-body", "%s", error.message);
        return;
    }
    const bool renames = asked.name && strcmp(asked.name, name) != 0;
    /* Seen before anything is changed: who reads a 400 or a 409 takes it that all is as it was. */
    if (renames && okng_bank_need_free(okng_cache_folder(serve->cache), asked.name, &error) != OKNG_OK) {
        refuse(reply, &error);
        return;
    }
    if (asked.chooses && !set_thresholds(serve, request, name, &asked, reply)) return;
    if (renames && !rename_bank(serve, request, name, asked.name, reply)) return;
    answer_bank(serve, renames ? asked.name : name, reply);
}

static void patch_bank(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    json_t *body;
    if (!okng_request_json(request, &body, reply)) return;
    change_bank(serve, request, body, reply);
    json_decref(body);
}

/* ---- the bin ----------------------------------------------------------------------------------------------------- */

static void delete_bank(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    const char *name = okng_request_capture(request, "name");
    char id[OKNG_ID_TEXT];
    okng_error error;
    if (okng_bank_discard(okng_cache_folder(serve->cache), name, request->user, id, &error) != OKNG_OK) {
        refuse(reply, &error);
        return;
    }
    okng_cache_forget(serve->cache, name);
    tell(serve, name, "deleted");
    json_t *after = json_object();
    okng_json_put(&after, "bin", json_string(id));
    if (note(serve, request, "bank deleted", name, NULL, after, reply)) okng_reply_status(reply, 204);
}

static void get_bin(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)request;
    okng_error error;
    json_t *list, *document = json_object();
    if (okng_bank_bin_list(okng_cache_folder(serve->cache), &list, &error) != OKNG_OK) {
        json_decref(list);
        json_decref(document);
        okng_reply_error(reply, &error);
        return;
    }
    okng_json_put(&document, "bin", list);
    okng_reply_json(reply, 200, document);
}

static void restore_bank(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    char name[OKNG_BANK_NAME_MAX + 1];
    okng_error error;
    if (okng_bank_restore(okng_cache_folder(serve->cache), okng_request_capture(request, "id"), name, &error) !=
        OKNG_OK) {
        refuse(reply, &error);
        return;
    }
    tell(serve, name, "restored");
    if (note(serve, request, "bank restored", name, NULL, NULL, reply)) answer_bank(serve, name, reply);
}

static void destroy_bank(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    char name[OKNG_BANK_NAME_MAX + 1];
    okng_error error;
    if (okng_bank_destroy(okng_cache_folder(serve->cache), okng_request_capture(request, "id"), name, &error) !=
        OKNG_OK) {
        refuse(reply, &error);
        return;
    }
    if (note(serve, request, "bank destroyed", name, NULL, NULL, reply)) okng_reply_status(reply, 204);
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static const okng_route routes[] = {
    {"GET", "/v1/banks", OKNG_ROLE_OPERATOR, 0, "The banks, damaged ones too", NULL, NULL, "200:application/json:Banks",
     0, get_banks},
    {"GET", "/v1/banks/{name}", OKNG_ROLE_OPERATOR, 0, "A bank: options, thresholds, scores of its good pictures", NULL,
     NULL, "200:application/json:BankDescription", 0, get_bank},
    {"GET", "/v1/banks/{name}/thumbnail", OKNG_ROLE_OPERATOR, 0, "A small picture of a good part", NULL, NULL,
     "200:image/png", 0, get_thumbnail},
    {"PATCH", "/v1/banks/{name}", OKNG_ROLE_ENGINEER, 0,
     "Sets thresholds and review band, takes the computed ones again, or renames; each is noted in the history", NULL,
     "application/json:BankChange", "200:application/json:BankDescription", SMALL_BODY, patch_bank},
    {"DELETE", "/v1/banks/{name}", OKNG_ROLE_ENGINEER, 0, "Puts a bank into the bin", NULL, NULL, "204", 0,
     delete_bank},
    {"GET", "/v1/bin", OKNG_ROLE_ENGINEER, 0, "Banks in the bin, the last first", NULL, NULL,
     "200:application/json:Bin", 0, get_bin},
    {"POST", "/v1/bin/{id}/restore", OKNG_ROLE_ENGINEER, 0, "Brings a bank back under the name that it had", NULL, NULL,
     "200:application/json:BankDescription", 0, restore_bank},
    {"DELETE", "/v1/bin/{id}", OKNG_ROLE_ADMIN, 0, "Deletes a bank for good", NULL, NULL, "204", 0, destroy_bank},
};

static const okng_schema schemas[] = {
    {"Banks", "banks:[Bank]"},
    {"Bank",
     "name:string method:string|null backbone:string|null pictures:integer|null rows:integer|null bytes:integer "
     "modified:string image_threshold:number|null pixel_threshold:number|null review:[number]|null "
     "region_limits:object|null regions:integer "
     "loaded:boolean state:ready|building|damaged why:string|null"},
    {"BankDescription",
     "name:string method:string|null backbone:string|null pictures:integer|null rows:integer|null bytes:integer "
     "modified:string image_threshold:number|null pixel_threshold:number|null review:[number]|null "
     "region_limits:object|null loaded:boolean state:ready|building|damaged why:string|null hash:string "
     "histogram:Histogram|null scores:[number] "
     "config:object tau:object files:object"},
    {"Histogram", "low:number high:number counts:[integer]"},
    {"BankChange", "name?:string image?:number pixel?:number review?:[number]|null min_area?:integer|null "
                   "max_length?:number|null max_count?:integer|null reset?:boolean"},
    {"Bin", "bin:[DeletedBank]"},
    {"DeletedBank", "id:string name:string time:string by:string bytes:integer"},
};

const okng_route_table okng_routes_banks = {
    .tag = "banks",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
