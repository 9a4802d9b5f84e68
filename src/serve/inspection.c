#include "serve/inspection.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/sha256.h"
#include "cache/queue.h"
#include "history/history.h"

enum { DRAWN = 2 }; /* pictures that the history may get besides the one that was sent */

const okng_query okng_inspection_query[] = {
    OKNG_INSPECTION_QUERY,
    {0},
};
enum { OWN_PARAMETERS = 2 }; /* those before the options of okng infer */

/* What is answered. */
typedef enum returned { JSON, OVERLAY, HEAT, MASK, MAP, RETURNED } returned;
static const char *const returned_names[RETURNED] = {"json", "overlay", "heat", "mask", "map"};

/* A request on its way, and what came of it. */
typedef struct inspection {
    okng_serve *serve;
    const char *bank;
    okng_picture picture;
    okng_inspect_options options;
    returned wanted;
    bool records;
    bool began; /* the bank was there: what went wrong then is the picture's */
    okng_record record;
    char *json;  /* as okng infer writes it */
    void *bytes; /* what is answered in place of it, malloc'd */
    size_t size;
    okng_array *map;    /* likewise */
    void *drawn[DRAWN]; /* PNGs for the history: overlay, heat; NULL: not kept */
    size_t drawn_size[DRAWN];
    okng_error unrecorded; /* why the history has it not; status OKNG_OK: it has, or was not to */
} inspection;

/* ---- what is asked for ------------------------------------------------------------------------------------------- */

static bool take_returned(const okng_request *request, returned *wanted, okng_reply *reply)
{
    const char *text = okng_request_query(request, "return");
    *wanted = JSON;
    if (!text) return true;
    for (int i = 0; i < RETURNED; i++) {
        if (strcmp(text, returned_names[i]) != 0) continue;
        *wanted = (returned)i;
        return true;
    }
    okng_reply_problem(reply, 400, "wrong-parameter", "return: found \"%s\", expected json, overlay, heat, mask or map",
                       text);
    return false;
}

static bool take_options(const okng_serve *serve, const okng_request *request, okng_inspect_options *options,
                         okng_reply *reply)
{
    okng_error error;
    okng_inspect_options_init(options);
    options->max_pixels = (uint64_t)serve->options->max_pixels;
    for (const okng_query *q = okng_inspection_query + OWN_PARAMETERS; q->name; q++) {
        const char *value = okng_request_query(request, q->name);
        if (!value || okng_inspect_options_set(options, q->name, value, &error) == OKNG_OK) continue;
        okng_reply_problem(reply, 400, "wrong-parameter", "%s", error.message);
        return false;
    }
    return true;
}

static bool take_request(const okng_request *request, inspection *in, okng_reply *reply)
{
    const void *data;
    const char *name, *record = okng_request_query(request, "record");
    if (record && strcmp(record, "0") != 0 && strcmp(record, "1") != 0) {
        okng_reply_problem(reply, 400, "wrong-parameter", "record: found \"%s\", expected 0 or 1", record);
        return false;
    }
    if (!take_returned(request, &in->wanted, reply) || !take_options(in->serve, request, &in->options, reply))
        return false;
    okng_init(&in->picture);
    if (!okng_request_picture(request, &data, &in->picture.data_size, &name, reply)) return false;
    in->picture.data = data;
    in->records = in->serve->history && (!record || *record == '1');
    okng_record_init(&in->record);
    (void)snprintf(in->record.bank, sizeof in->record.bank, "%s", in->bank);
    (void)snprintf(in->record.source, sizeof in->record.source, "http");
    (void)snprintf(in->record.picture, sizeof in->record.picture, "%.*s", (int)sizeof in->record.picture - 1, name);
    if (in->records) okng_sha256(data, in->picture.data_size, in->record.picture_hash);
    return true;
}

/* ---- the work, on a thread of the queue -------------------------------------------------------------------------- */

static okng_status copy_map(const okng_result *result, okng_array **map, okng_error *error)
{
    int32_t width, height;
    const float *values = okng_result_map(result, &width, &height);
    OKNG_TRY(okng_array_new(map, OKNG_F32, 2, (const int64_t[]){height, width}, error));
    memcpy(okng_array_data(*map), values, (size_t)height * (size_t)width * sizeof *values);
    return OKNG_OK;
}

static okng_status draw(const okng_result *result, okng_result_picture kind, void **bytes, size_t *size,
                        okng_error *error)
{
    return *bytes ? OKNG_OK : okng_result_png(result, kind, bytes, size, error);
}

static okng_status make_answer(const okng_result *result, inspection *in, okng_error *error)
{
    OKNG_TRY(okng_result_json(result, &in->json, error));
    switch (in->wanted) {
    case OVERLAY:
        return draw(result, OKNG_PICTURE_OVERLAY, &in->bytes, &in->size, error);
    case HEAT:
        return draw(result, OKNG_PICTURE_HEAT_COLOUR, &in->bytes, &in->size, error);
    case MASK:
        return draw(result, OKNG_PICTURE_MASK, &in->bytes, &in->size, error);
    case MAP:
        return copy_map(result, &in->map, error);
    default:
        return OKNG_OK;
    }
}

static okng_status draw_for_history(const okng_result *result, inspection *in, okng_error *error)
{
    if (!in->records || !okng_history_keeps(in->serve->history, in->record.outcome)) return OKNG_OK;
    OKNG_TRY(draw(result, OKNG_PICTURE_OVERLAY, &in->drawn[0], &in->drawn_size[0], error));
    return draw(result, OKNG_PICTURE_HEAT_COLOUR, &in->drawn[1], &in->drawn_size[1], error);
}

static okng_status inspect(void *context, const okng_bank *bank, const char *hash, int32_t threads, okng_error *error)
{
    inspection *in = context;
    okng_result *result;
    const double began = okng_clock();
    in->began = true;
    in->options.threads = threads;
    memcpy(in->record.bank_hash, hash, sizeof in->record.bank_hash);
    OKNG_TRY(okng_inspect(&result, bank, &in->picture, &in->options, error));
    in->record.duration = 1e3 * (okng_clock() - began);
    okng_status status = okng_record_take_result(&in->record, result, error);
    if (status == OKNG_OK) status = make_answer(result, in, error);
    if (status == OKNG_OK) status = draw_for_history(result, in, error);
    okng_result_free(&result);
    return status;
}

/* ---- the history ------------------------------------------------------------------------------------------------- */

static const okng_meter unrecorded = {
    OKNG_METER_COUNTER, "okng_unrecorded_total", "inspections that the history could not take", {0}};
static const okng_meter inspections = {
    OKNG_METER_COUNTER, "okng_inspections_total", "inspections by bank and verdict", {"bank", "verdict"}};
static const okng_meter seconds = {OKNG_METER_HISTOGRAM,
                                   "okng_inspection_seconds",
                                   "from having the picture to having the verdict, without waiting",
                                   {"bank"}};

static void record(inspection *in, double deadline)
{
    okng_meters *meters = in->serve->meters;
    okng_meters_add(meters, &inspections, in->bank, okng_outcome_text(in->record.outcome), 1);
    if (!isnan(in->record.duration)) okng_meters_observe(meters, &seconds, in->bank, NULL, in->record.duration / 1e3);
    if (!in->records) return;
    const okng_history_picture pictures[] = {{OKNG_KEPT_PICTURE, in->picture.data, in->picture.data_size},
                                             {OKNG_KEPT_OVERLAY, in->drawn[0], in->drawn_size[0]},
                                             {OKNG_KEPT_HEAT, in->drawn[1], in->drawn_size[1]}};
    const double left = fmax(0, deadline - okng_clock());
    if (okng_history_add(in->serve->history, &in->record, pictures, in->drawn[0] ? 3 : 1, left, &in->unrecorded) ==
        OKNG_OK)
        in->unrecorded.status = OKNG_OK;
    else
        okng_meters_add(meters, &unrecorded, NULL, NULL, 1);
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

/* "id": of the record, null where there is none; "unrecorded": why there should be one. */
static json_t *about_record(const inspection *in, json_t *more)
{
    const bool known = in->records && in->unrecorded.status == OKNG_OK;
    json_t *about = more ? more : json_object();
    okng_json_put(&about, "id", known ? json_string(in->record.id) : json_null());
    if (in->unrecorded.status != OKNG_OK)
        okng_json_put(&about, "unrecorded", okng_json_any_text(in->unrecorded.message));
    return about;
}

/* The text of okng infer, byte for byte, with the members of `about` (taken) at its end. */
static void answer_json(inspection *in, json_t *about, okng_reply *reply)
{
    char *members = NULL, *text = NULL;
    const okng_status status = okng_json_text(about, OKNG_JSON_PRETTY, "the answer", &members, NULL, NULL);
    json_decref(about);
    size_t length = strlen(in->json);
    while (length > 0 && in->json[length - 1] != '}') length--;
    while (length > 1 && (in->json[length - 2] == '\n' || in->json[length - 2] == ' ')) length--;
    /* {A} and {B} as {A, B}: both begin their members on a line of their own. */
    const int written = status == OKNG_OK ? asprintf(&text, "%.*s,%s\n", (int)length - 1, in->json, members + 1) : -1;
    free(members);
    okng_reply_bytes(reply, 200, "application/json", written < 0 ? NULL : text, written < 0 ? 1 : (size_t)written);
}

/* The map as the file that okng infer writes. */
static okng_status write_map(const okng_array *map, int *descriptor, okng_error *error)
{
    char folder[] = "/tmp/okng-map-XXXXXX", path[sizeof folder + 16];
    if (!mkdtemp(folder)) return okng_fail_errno(error, "make", folder);
    (void)snprintf(path, sizeof path, "%s/map.npy", folder);
    okng_status status = okng_array_write_npy(map, path, error);
    *descriptor = status == OKNG_OK ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (status == OKNG_OK && *descriptor < 0) status = okng_fail_errno(error, "open", path);
    (void)unlink(path);
    (void)rmdir(folder);
    return status;
}

/* The numbers, in a header. */
static json_t *head_of(const inspection *in, json_t *about)
{
    json_t *head = json_object();
    okng_json_put(&head, "verdict", json_string(okng_outcome_text(in->record.outcome)));
    okng_json_put(&head, "score", okng_json_known(in->record.score));
    okng_json_put(&head, "image_threshold", okng_json_known(in->record.image_threshold));
    okng_json_merge(&head, about);
    return head;
}

static void answer_map(inspection *in, json_t *about, okng_reply *reply)
{
    okng_error error;
    int descriptor = -1;
    if (write_map(in->map, &descriptor, &error) != OKNG_OK) {
        json_decref(about);
        okng_reply_error(reply, &error);
        return;
    }
    okng_reply_descriptor(reply, "application/x-npy", descriptor, NULL);
    okng_reply_header_json(reply, "X-Okng-Result", head_of(in, about));
}

static void answer_png(inspection *in, json_t *about, okng_reply *reply)
{
    okng_reply_bytes(reply, 200, "image/png", in->bytes, in->size);
    in->bytes = NULL;
    okng_reply_header_json(reply, "X-Okng-Result", head_of(in, about));
}

static void answer_busy(okng_serve *serve, const okng_error *error, okng_reply *reply)
{
    char seconds_text[16];
    (void)snprintf(seconds_text, sizeof seconds_text, "%d", (int)okng_queue_retry_after(serve->queue));
    okng_reply_problem(reply, 503, "busy", "%s", error->message);
    okng_reply_header(reply, "Retry-After", seconds_text);
}

static void answer_failure(inspection *in, const okng_error *error, okng_reply *reply)
{
    if (error->status == OKNG_ERROR_BUSY && !in->began)
        answer_busy(in->serve, error, reply);
    else if (error->status == OKNG_ERROR_NOT_FOUND && !in->began)
        okng_reply_problem(reply, 404, "bank-not-found", "%s", error->message);
    else if (error->status == OKNG_ERROR_ARGUMENT || error->status == OKNG_ERROR_MEMORY || in->began)
        okng_reply_error(reply, error);
    else
        okng_reply_problem(reply, 500, "bank-not-usable", "%s", error->message);
}

/* A picture that cannot be judged is none that is OK: the history has it too. */
static void note_failure(inspection *in, const okng_error *error, double deadline)
{
    const bool of_picture = error->status == OKNG_ERROR_FORMAT || error->status == OKNG_ERROR_MISMATCH ||
                            error->status == OKNG_ERROR_UNSUPPORTED || error->status == OKNG_ERROR_LIMIT;
    if (!in->began || !of_picture) return;
    in->record.outcome = OKNG_OUTCOME_NOT_INSPECTED;
    (void)snprintf(in->record.why, sizeof in->record.why, "%.*s", (int)sizeof in->record.why - 1, error->message);
    record(in, deadline);
}

static void release(inspection *in)
{
    okng_record_free(&in->record);
    okng_text_free(&in->json);
    okng_bytes_free(&in->bytes);
    okng_array_free(&in->map);
    for (int i = 0; i < DRAWN; i++) okng_bytes_free(&in->drawn[i]);
}

void okng_inspection_answer(okng_serve *serve, const okng_request *request, const char *name, json_t *more,
                            okng_reply *reply)
{
    okng_error error;
    inspection in = {.serve = serve, .bank = name};
    if (!take_request(request, &in, reply)) {
        json_decref(more);
        return;
    }
    const double patience = fmax(0, request->deadline - okng_clock());
    if (okng_queue_run(serve->queue, name, inspect, &in, patience, &error) != OKNG_OK) {
        note_failure(&in, &error, request->deadline);
        answer_failure(&in, &error, reply);
        json_decref(more);
    } else {
        record(&in, request->deadline);
        json_t *about = about_record(&in, more);
        if (in.wanted == JSON)
            answer_json(&in, about, reply);
        else if (in.wanted == MAP)
            answer_map(&in, about, reply);
        else
            answer_png(&in, about, reply);
    }
    release(&in);
}

void okng_inspection_note_failure(okng_serve *serve, const okng_request *request, const okng_error *why)
{
    inspection in = {.serve = serve, .bank = "", .began = true};
    okng_reply unused = {.descriptor = -1}; /* what is wrong with the request, which is answered already */
    if (take_request(request, &in, &unused)) note_failure(&in, why, request->deadline);
    okng_reply_clear(&unused);
    release(&in);
}
