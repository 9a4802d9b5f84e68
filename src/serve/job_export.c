/* A bank as a file to take away: a model for another runtime, or a recipe. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cache/cache.h"
#include "serve/job.h"

/* ---- export ------------------------------------------------------------------------------------------------------ */

static okng_status take_export(const json_t *asked, okng_export_options *options, okng_error *error)
{
    okng_init(options);
    OKNG_TRY(okng_job_text(asked, "format", &options->format, error));
    OKNG_TRY(okng_job_text(asked, "precision", &options->precision, error));
    const char *format = options->format ? options->format : "onnx";
    if (strcmp(format, "onnx") == 0 || strcmp(format, "openvino") == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "format: found \"%.40s\", expected onnx or openvino", format);
}

static okng_status check_export(const json_t *asked, const okng_serve_options *serve, okng_error *error)
{
    okng_export_options options;
    (void)serve;
    return take_export(asked, &options, error);
}

/* A model of several files lies in a folder of its own: what is there to download is a list of files. */
static okng_status move_up(const char *files, const char *name, okng_error *error)
{
    struct dirent **entries = NULL;
    char *folder = okng_path_join(files, name);
    if (!folder) return okng_fail_memory(error, strlen(files));
    const int count = okng_is_folder(folder) ? scandir(folder, &entries, NULL, NULL) : 0;
    okng_status status = OKNG_OK;
    for (int i = 0; i < count; i++) {
        const char *entry = entries[i]->d_name;
        char *from = okng_path_join(folder, entry), *to = okng_path_join(files, entry);
        if (status == OKNG_OK && (!from || !to)) status = okng_fail_memory(error, strlen(folder));
        if (status == OKNG_OK && entry[0] != '.' && rename(from, to) != 0)
            status = okng_fail_errno(error, "move", from);
        free(to);
        free(from);
        free(entries[i]);
    }
    free(entries);
    if (count > 0) (void)rmdir(folder);
    free(folder);
    return status;
}

static okng_status export_bank(okng_job_run *run, okng_error *error)
{
    okng_export_options options;
    okng_export_report report;
    okng_lease *lease;
    OKNG_TRY(take_export(run->asked, &options, error));
    OKNG_TRY(okng_job_step(run, "exporting", 0, 1, error));
    OKNG_TRY(okng_cache_take(run->serve->cache, run->bank, &lease, error));
    options.out = run->files;
    options.name = run->bank;
    okng_init(&report);
    okng_status status = okng_bank_export(okng_lease_bank(lease), &options, &report, error);
    okng_lease_drop(&lease);
    if (status == OKNG_OK) status = move_up(run->files, run->bank, error);
    if (status != OKNG_OK) return status;
    okng_json_put(&run->result, "bytes", json_integer((json_int_t)(report.bytes + report.data_bytes)));
    okng_json_put(&run->result, "opset", json_integer(report.opset));
    okng_json_put(&run->result, "operators", json_integer((json_int_t)report.operators));
    return OKNG_OK;
}

const okng_job_kind okng_job_export = {.name = "export", .needs_bank = true, .check = check_export, .run = export_bank};

/* ---- recipes ----------------------------------------------------------------------------------------------------- */

static okng_status check_pack(const json_t *asked, const okng_serve_options *serve, okng_error *error)
{
    static const char *const known[] = {"fp32", "fp16", "bf16", "int8"};
    const char *precision;
    (void)serve;
    OKNG_TRY(okng_job_text(asked, "precision", &precision, error));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!precision || strcmp(precision, known[i]) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "precision: found \"%.40s\", expected fp32, fp16, bf16 or int8",
                     precision);
}

static okng_status pack(okng_job_run *run, okng_error *error)
{
    okng_pack_options options;
    char *out = NULL;
    okng_init(&options);
    options.threads = run->threads;
    OKNG_TRY(okng_job_text(run->asked, "precision", &options.precision, error));
    OKNG_TRY(okng_job_step(run, "packing", 0, 1, error));
    if (asprintf(&out, "%s/%s.okng", run->files, run->bank) < 0) return okng_fail_memory(error, strlen(run->files));
    okng_status status = okng_recipe_pack(run->path, out, &options, error);
    free(out);
    return status;
}

const okng_job_kind okng_job_pack = {.name = "pack", .needs_bank = true, .check = check_pack, .run = pack};
