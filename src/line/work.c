/* What becomes of a frame: inspection, its record, its place in the spool. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "line/engine.h"
#include "line/envelope.h"

/* ---- the record -----------------------------------------------------------------------------------------------------
 */

/* Bytes of a sample row, for the hash of pixels; 0 of a format that this version does not know. */
static size_t row_bytes(const okng_picture *picture)
{
    const size_t width = (size_t)picture->width;
    switch (picture->format) {
    case OKNG_PIXEL_RGB8:
    case OKNG_PIXEL_BGR8:
        return 3 * width;
    case OKNG_PIXEL_BGRA8:
    case OKNG_PIXEL_RGBA8:
        return 4 * width;
    case OKNG_PIXEL_RGB16:
        return 6 * width;
    case OKNG_PIXEL_GREY8:
    case OKNG_PIXEL_BAYER_RG8:
    case OKNG_PIXEL_BAYER_GR8:
    case OKNG_PIXEL_BAYER_GB8:
    case OKNG_PIXEL_BAYER_BG8:
        return width;
    default:
        return 2 * width;
    }
}

/* Rows without what lies between them; malloc'd, NULL without memory. */
static uint8_t *packed_rows(const okng_picture *picture, size_t row)
{
    const uint8_t *pixels = picture->pixels;
    const size_t rows = (size_t)picture->height;
    uint8_t *packed = okng_alloc(rows, row);
    for (size_t y = 0; packed && y < rows; y++) memcpy(packed + y * row, pixels + (ptrdiff_t)y * picture->stride, row);
    return packed;
}

/* SHA-256 of the file that came, or of the pixels, tightly packed. */
static void hash_picture(const okng_picture *picture, char hex[OKNG_HASH_TEXT])
{
    if (picture->data) {
        okng_sha256(picture->data, picture->data_size, hex);
        return;
    }
    if (!picture->pixels) return;
    const size_t row = row_bytes(picture);
    const bool tight = picture->stride == 0 || picture->stride == (ptrdiff_t)row;
    uint8_t *packed = tight ? NULL : packed_rows(picture, row);
    if (tight || packed) okng_sha256(tight ? picture->pixels : packed, row * (size_t)picture->height, hex);
    free(packed);
}

static okng_status judge(okng_taken *taken, okng_record *record, okng_result **result, okng_error *error)
{
    okng_line *line = taken->source->line;
    const okng_line_inspector *inspector = &line->host.inspector;
    const double left = line->limit - (okng_clock() - taken->arrived);
    OKNG_TRY(inspector->inspect(inspector->user, taken->bank, &taken->frame.picture, left > 0 ? left : 0, result,
                                record->bank_hash, error));
    const double took = okng_clock() - taken->arrived;
    if (took > line->limit)
        return okng_fail(error, OKNG_ERROR_BUSY, "the verdict came after %.1f s, the limit is %.1f s", took,
                         line->limit);
    return okng_record_take_result(record, *result, error);
}

/* Fills the record; *result stays NULL where nothing was judged. */
static void inspect(okng_taken *taken, const char *refused, okng_record *record, okng_result **result)
{
    const okng_frame *frame = &taken->frame;
    okng_error error = {0};
    okng_record_init(record);
    if (frame->time != 0) record->time = frame->time;
    const char *source = okng_line_name(taken->source->config->settings);
    memcpy(record->bank, taken->bank, sizeof record->bank);
    record->recipe_number = (int32_t)taken->recipe;
    (void)snprintf(record->source, sizeof record->source, "%s", source);
    if (*frame->name)
        memcpy(record->picture, frame->name, sizeof record->picture);
    else
        (void)snprintf(record->picture, sizeof record->picture, "%s-%08llu", source, (unsigned long long)taken->number);
    hash_picture(&frame->picture, record->picture_hash);
    if (*frame->why)
        (void)snprintf(record->why, sizeof record->why, "%s", frame->why);
    else if (refused)
        (void)snprintf(record->why, sizeof record->why, "%s", okng_translate(refused));
    else if (judge(taken, record, result, &error) != OKNG_OK) {
        (void)snprintf(record->why, sizeof record->why, "%.*s", (int)sizeof record->why - 1, error.message);
        okng_result_free(result);
    }
    record->duration = (okng_clock() - taken->arrived) * 1000;
}

/* ---- files that go along ------------------------------------------------------------------------------------------
 */

typedef struct along {
    const char *folder;
    uint64_t bytes;
    unsigned made;
} along;

static okng_status keep_file(along *files, unsigned flag, const char *name, const void *data, size_t size,
                             okng_error *error)
{
    char *path = okng_path_join(files->folder, name);
    if (!path) return okng_fail_memory(error, strlen(files->folder));
    const okng_status status = okng_file_write_remakable(path, data, size, error);
    free(path);
    if (status != OKNG_OK) return status;
    files->bytes += size;
    files->made |= flag;
    return OKNG_OK;
}

static okng_status keep_drawn(along *files, const okng_result *result, unsigned flag, okng_result_picture kind,
                              const char *name, okng_error *error)
{
    void *bytes = NULL;
    size_t size = 0;
    OKNG_TRY(okng_result_png(result, kind, &bytes, &size, error));
    const okng_status status = keep_file(files, flag, name, bytes, size, error);
    okng_bytes_free(&bytes);
    return status;
}

static okng_status keep_scores(along *files, const okng_result *result, okng_error *error)
{
    char *json = NULL;
    OKNG_TRY(okng_result_json(result, &json, error));
    const okng_status status = keep_file(files, OKNG_WITH_SCORES, "scores.json", json, strlen(json), error);
    okng_text_free(&json);
    return status;
}

/* The file as it came, else a PNG of the pixels. */
static okng_status keep_picture(along *files, const okng_frame *frame, okng_error *error)
{
    if (frame->picture.data) {
        char name[32];
        const char *dot = strrchr(frame->name, '.');
        const bool plain = dot && strlen(dot) > 1 && strlen(dot) < 8 && !strchr(dot, '/');
        (void)snprintf(name, sizeof name, "picture%s", plain ? dot : "");
        return keep_file(files, OKNG_WITH_PICTURE, name, frame->picture.data, frame->picture.data_size, error);
    }
    if (!frame->picture.pixels) return OKNG_OK;
    void *bytes = NULL;
    size_t size = 0;
    OKNG_TRY(okng_picture_png(&frame->picture, 0, &bytes, &size, error));
    const okng_status status = keep_file(files, OKNG_WITH_PICTURE, "picture.png", bytes, size, error);
    okng_bytes_free(&bytes);
    return status;
}

static okng_status make_files(along *files, unsigned wanted, const okng_frame *frame, const okng_result *result,
                              okng_error *error)
{
    if (wanted & OKNG_WITH_PICTURE) OKNG_TRY(keep_picture(files, frame, error));
    if (!result) return OKNG_OK;
    if (wanted & OKNG_WITH_SCORES) OKNG_TRY(keep_scores(files, result, error));
    if (wanted & OKNG_WITH_OVERLAY)
        OKNG_TRY(keep_drawn(files, result, OKNG_WITH_OVERLAY, OKNG_PICTURE_OVERLAY, "overlay.png", error));
    if (wanted & OKNG_WITH_HEAT)
        OKNG_TRY(keep_drawn(files, result, OKNG_WITH_HEAT, OKNG_PICTURE_HEAT, "heat_gray.png", error));
    if (wanted & OKNG_WITH_MASK)
        OKNG_TRY(keep_drawn(files, result, OKNG_WITH_MASK, OKNG_PICTURE_MASK, "mask.png", error));
    return OKNG_OK;
}

/* What sinks want to go along with an entry of the spool. A picture that cannot be kept is told; the verdict is safe.
 */
static uint64_t keep_along(okng_line *line, uint64_t number, unsigned wanted, const okng_taken *taken,
                           const okng_result *result)
{
    okng_error error;
    char *folder = NULL;
    along files = {0};
    if (wanted == 0) return 0;
    okng_status status = okng_spool_make_files(line->spool, number, &folder, &error);
    files.folder = folder;
    if (status == OKNG_OK) status = make_files(&files, wanted, &taken->frame, result, &error);
    if (status != OKNG_OK) okng_line_tell(line, "files of a result could not be kept: %s", error.message);
    free(folder);
    return files.bytes + (files.made != 0); /* an empty file is one too */
}

/* ---- into the spool -----------------------------------------------------------------------------------------------
 */

static void note_spool(okng_line *line, const char *why)
{
    (void)pthread_mutex_lock(&line->lock);
    const bool failed = *why != '\0', before = line->spool_failed > 0;
    if (failed != before) line->spool_failed = failed ? okng_clock() : 0;
    (void)snprintf(line->spool_why, sizeof line->spool_why, "%s", why);
    (void)pthread_mutex_unlock(&line->lock);
    if (failed && !before) okng_line_tell(line, "results cannot be kept, pictures wait: %s", why);
    if (!failed && before) okng_line_tell(line, "results can be kept again");
}

/* Until the disk takes it. Pictures wait meanwhile, so that none goes by without a record; those of a live source that
 * find no room any more get one try (`once`), and are counted. False: the line stops, or once was in vain. */
static bool append(okng_line *line, const char *text, size_t size, okng_outcome outcome, bool once, uint64_t *number)
{
    for (;;) {
        okng_error error;
        if (okng_spool_append(line->spool, text, size, (uint32_t)outcome, number, &error) == OKNG_OK) {
            note_spool(line, "");
            return true;
        }
        note_spool(line, error.message);
        if (once || !okng_line_pause(line, 0.5)) return false;
    }
}

/* ---- the whole ----------------------------------------------------------------------------------------------------
 */

static void count(okng_taken *taken, const okng_record *record, bool recorded)
{
    okng_line *line = taken->source->line;
    (void)pthread_mutex_lock(&line->lock);
    line->counts[record->outcome]++;
    line->unrecorded += !recorded;
    line->inspect_seconds += record->duration / 1000;
    taken->source->not_inspected += record->outcome == OKNG_OUTCOME_NOT_INSPECTED;
    (void)pthread_mutex_unlock(&line->lock);
}

/* The frame is through. */
static void end(okng_taken *taken, const okng_record *record, bool recorded)
{
    okng_source_run *run = taken->source;
    okng_line *line = run->line;
    if (recorded && run->config->kind->done) run->config->kind->done(run->handle, &taken->frame, record);
    if (taken->frame.release) taken->frame.release(&taken->frame);
    (void)pthread_mutex_lock(&line->lock);
    run->in_flight--;
    (void)pthread_cond_broadcast(&line->changed);
    (void)pthread_mutex_unlock(&line->lock);
    free(taken);
}

/* A verdict that no queue holds is none for a machine: what it hears is that nothing was inspected. */
static void withdraw(okng_record *record, const char *why)
{
    record->outcome = OKNG_OUTCOME_NOT_INSPECTED;
    (void)snprintf(record->why, sizeof record->why, "%s", why);
}

static void deliver(okng_taken *taken, okng_record *record, const okng_result *result, bool once)
{
    okng_line *line = taken->source->line;
    okng_error error = {0};
    char *text = NULL;
    size_t size = 0, record_at = 0;
    uint64_t number = 0;
    const okng_envelope envelope = {.source = record->source, .key = taken->frame.key, .path = taken->frame.path};
    okng_status status = okng_envelope_write(&envelope, record, &text, &size, &record_at, &error);
    if (status != OKNG_OK) note_spool(line, error.message);
    const bool kept = status == OKNG_OK && append(line, text, size, record->outcome, once, &number);
    if (!kept) withdraw(record, okng_translate(N_("the result could not be kept on the disk")));
    const okng_line_result sent = {.record = record,
                                   .json = kept ? text + record_at : "",
                                   .json_size = kept ? size - record_at : 0,
                                   .path = taken->frame.path,
                                   .arrived = taken->arrived};
    okng_line_send_now(line, &sent);
    count(taken, record, kept);
    if (line->host.listener) line->host.listener(record, line->host.user);
    if (kept) {
        const unsigned wanted = okng_line_wanted_files(line, record->outcome);
        okng_spool_ready(line->spool, number, keep_along(line, number, wanted, taken, result));
    }
    end(taken, record, kept);
    free(text);
}

void okng_line_settle(okng_line *line, okng_taken *taken, const char *refused)
{
    okng_record record;
    okng_result *result = NULL;
    (void)line;
    inspect(taken, refused, &record, &result);
    deliver(taken, &record, result, refused != NULL);
    okng_result_free(&result);
    okng_record_free(&record);
}

void *okng_line_worker_thread(void *user)
{
    okng_worker_run *run = user;
    okng_taken *taken;
    while ((taken = okng_frame_queue_pop(&run->line->frames))) {
        (void)pthread_mutex_lock(&run->line->lock);
        run->since = okng_clock();
        (void)pthread_mutex_unlock(&run->line->lock);
        okng_line_settle(run->line, taken, NULL);
        (void)pthread_mutex_lock(&run->line->lock);
        run->since = 0;
        (void)pthread_mutex_unlock(&run->line->lock);
    }
    return NULL;
}
