/* Pictures added to a bank: of an upload or a folder, or those of inspections that a person has judged. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "history/history.h"
#include "serve/job.h"
#include "serve/job_result.h"

enum { MOST_INSPECTIONS = 10000 };

static okng_status check(const json_t *asked, const okng_serve_options *options, okng_error *error)
{
    const json_t *ids = json_object_get(asked, "inspections");
    (void)options;
    if (!ids) {
        if (json_object_get(asked, "upload") || json_object_get(asked, "folder")) return OKNG_OK;
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "upload: it is missing, or folder, or inspections");
    }
    if (json_object_get(asked, "upload") || json_object_get(asked, "folder"))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "inspections: give these or an upload or a folder");
    if (!json_is_array(ids) || json_array_size(ids) == 0 || json_array_size(ids) > MOST_INSPECTIONS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "inspections: expected an array of 1 to %d ids", MOST_INSPECTIONS);
    return OKNG_OK;
}

/* The picture as the history kept it; its name says which inspection it is of. */
static okng_status copy_picture(const okng_job_run *run, const char *id, const char *folder, okng_error *error)
{
    char from[OKNG_PATH_MAX], *to = NULL;
    void *data = NULL;
    size_t size = 0;
    okng_status status = okng_history_picture_path(run->serve->history, id, OKNG_KEPT_PICTURE, from, error);
    if (status != OKNG_OK)
        return okng_error_context(error, status, "inspections: the picture of %.40s is not kept", id);
    const char *dot = strrchr(from, '.'), *slash = strrchr(from, '/');
    if (asprintf(&to, "%s/%s%s", folder, id, dot && slash && dot > slash ? dot : "") < 0)
        return okng_fail_memory(error, strlen(folder));
    status = okng_file_read(from, 1u << 30, &data, &size, error);
    if (status == OKNG_OK) status = okng_file_write(to, data, size, error);
    free(data);
    free(to);
    return status;
}

/* All of the bank itself: others may be of another part. And all judged OK: what else is learnt as good is found by no
 * later inspection. */
static okng_status check_record(const okng_job_run *run, const char *id, okng_error *error)
{
    okng_record record;
    if (!id) return okng_fail(error, OKNG_ERROR_ARGUMENT, "inspections: expected ids, which are strings");
    OKNG_TRY(okng_history_find(run->serve->history, id, &record, error));
    const bool same = strcmp(record.bank, run->bank) == 0, good = record.judged == OKNG_OUTCOME_OK;
    okng_record_free(&record);
    if (!same) return okng_fail(error, OKNG_ERROR_ARGUMENT, "inspections: %.40s is of another bank", id);
    if (good) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "inspections: %.40s is not judged OK, and a bank learns good parts alone; judge it first", id);
}

static okng_status copy_inspections(const okng_job_run *run, const json_t *ids, const char *folder, okng_error *error)
{
    const size_t count = json_array_size(ids);
    if (!run->serve->history)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "inspections: this server was built without SQLite, and has no history");
    OKNG_TRY(okng_make_folders(folder, error));
    for (size_t i = 0; i < count; i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        OKNG_TRY(okng_job_step(run, "pictures", i, count, error));
        OKNG_TRY(check_record(run, id, error));
        OKNG_TRY(copy_picture(run, id, folder, error));
    }
    return OKNG_OK;
}

static okng_status add_folder(okng_job_run *run, const char *folder, okng_error *error)
{
    okng_grow_options options;
    okng_grow_report report;
    okng_init(&options);
    options.threads = run->threads;
    okng_init(&report);
    OKNG_TRY(okng_bank_add(run->path, folder, &options, run->progress, run->user, &report, error));
    okng_json_put(&run->result, "added", json_integer((json_int_t)report.added));
    okng_json_put(&run->result, "known", json_integer((json_int_t)report.known));
    return okng_job_tell_bank(run, error);
}

static okng_status add(okng_job_run *run, okng_error *error)
{
    const json_t *ids = json_object_get(run->asked, "inspections");
    if (!ids) return add_folder(run, run->pictures, error);
    char *folder = okng_path_join(run->folder, "pictures");
    if (!folder) return okng_fail_memory(error, strlen(run->folder));
    okng_status status = copy_inspections(run, ids, folder, error);
    if (status == OKNG_OK) status = add_folder(run, folder, error);
    free(folder);
    return status;
}

const okng_job_kind okng_job_add = {
    .name = "add", .needs_bank = true, .changes = true, .noted = "pictures added", .check = check, .run = add};
