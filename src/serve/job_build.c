/* A bank of good pictures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "serve/bank_router.h"
#include "serve/job.h"
#include "serve/job_result.h"

enum { MOST_EVENTS = 200, MOST_REGIONS = 16, ROI_TEXT = 2048 };

/* ---- options ----------------------------------------------------------------------------------------------------- */

/* What is the server's own to say. */
static const char *const own[] = {"threads", "max-memory", "max-pixels", "device"};

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (name[k] && (name[k] == names[i][k] || (name[k] == '_' && names[i][k] == '-'))) k++;
        if (!name[k] && !names[i][k]) return true;
    }
    return false;
}

/* The row of an option; false: there is none. */
static bool find_row(const char *name, okng_option_info *row)
{
    for (size_t i = 0; i < okng_option_count(OKNG_OPTIONS_BUILD); i++) {
        okng_init(row);
        if (okng_option_get(OKNG_OPTIONS_BUILD, i, row, NULL) == OKNG_OK && is_among(name, &row->name, 1)) return true;
    }
    return false;
}

/* Whether its value may name a file of this machine: the table of options says so, for those that come later too. */
static bool takes_path(const char *name)
{
    static const char *const words[] = {"FILE", "DIR", "IMG"};
    okng_option_info row;
    if (!find_row(name, &row) || !row.values) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(row.values, words[i])) return true;
    return false;
}

/* A file below the folder that may be read. A name without a slash is none: prompts "a". */
static okng_status check_path(const char *name, const char *value, const okng_serve_options *options, okng_error *error)
{
    char *root = NULL, *real = NULL;
    if (!*value || (strcmp(name, "prompts") == 0 && !strchr(value, '/'))) return OKNG_OK;
    if (options->root) OKNG_TRY(okng_real_path(&root, options->root, error));
    okng_status status = root ? okng_real_path(&real, value, error) : OKNG_OK;
    const bool inside = root && real && value[0] == '/' && okng_path_inside(real, root);
    free(real);
    free(root);
    if (status != OKNG_OK || inside) return status;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "options: %s: the server reads files below the folder of --root alone, by their whole path", name);
}

/* A value as text: numbers and switches may come as such. */
static const char *text_of(const json_t *value, char text[64])
{
    if (json_is_boolean(value)) return json_is_true(value) ? "true" : "false";
    if (json_is_integer(value))
        (void)snprintf(text, 64, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        (void)snprintf(text, 64, "%.17g", json_real_value(value));
    else
        return json_string_value(value);
    return text;
}

static okng_status set_option(okng_build_options *build, const char *name, const json_t *value,
                              const okng_serve_options *options, okng_error *error)
{
    char room[64];
    const char *text = text_of(value, room);
    if (!text) return okng_fail(error, OKNG_ERROR_ARGUMENT, "options: %.60s: expected a text or a number", name);
    if (is_among(name, own, sizeof own / sizeof *own))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "options: %s is the server's own to say", name);
    if (takes_path(name)) OKNG_TRY(check_path(name, text, options, error));
    okng_status status = okng_build_options_set(build, name, text, error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "options");
}

/* Those that set others go first: the table says which. */
static int32_t rank_of(const char *name)
{
    okng_option_info row;
    return find_row(name, &row) ? row.first : 0;
}

static okng_status take_options(const json_t *asked, const okng_serve_options *options, okng_build_options *build,
                                okng_error *error)
{
    json_t *given = json_object_get(asked, "options");
    const char *name;
    json_t *value;
    okng_build_options_init(build);
    build->max_pixels = (uint64_t)options->max_pixels;
    if (!given || json_is_null(given)) return OKNG_OK;
    if (!json_is_object(given)) return okng_fail(error, OKNG_ERROR_ARGUMENT, "options: expected an object");
    for (int32_t rank = 2; rank >= 0; rank--) json_object_foreach(given, name, value)
        {
            if (rank_of(name) == rank) OKNG_TRY(set_option(build, name, value, options, error));
        }
    return OKNG_OK;
}

/* ---- regions ----------------------------------------------------------------------------------------------------- */

static okng_status add_region(const json_t *region, char text[ROI_TEXT], okng_error *error)
{
    static const char *const keys[] = {"x", "y", "width", "height"};
    const char *name = json_string_value(json_object_get(region, "name"));
    long long numbers[4];
    if (!name || !*name || strpbrk(name, "=;,\" /\\")) /* as the option wants it */
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "regions: each needs a name without blanks and any of = ; , \" / \\");
    for (int i = 0; i < 4; i++) {
        const json_t *number = json_object_get(region, keys[i]);
        if (!json_is_number(number) || !(fabs(json_number_value(number)) < 1e6))
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "regions: %s: %s: expected pixels", name, keys[i]);
        numbers[i] = llround(json_number_value(number));
    }
    const size_t used = strlen(text);
    const int added = snprintf(text + used, ROI_TEXT - used, "%s%s=%lld,%lld,%lld,%lld", used > 0 ? ";" : "", name,
                               numbers[0], numbers[1], numbers[2], numbers[3]);
    if (added > 0 && (size_t)added < ROI_TEXT - used) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT, "regions: their names are too long");
}

/* Regions as the option roi has them. */
static okng_status take_regions(const json_t *asked, okng_build_options *build, okng_error *error)
{
    json_t *regions = json_object_get(asked, "regions"), *region;
    char text[ROI_TEXT] = "", threshold[64];
    size_t i;
    if (!regions || json_is_null(regions)) return OKNG_OK;
    if (!json_is_array(regions) || json_array_size(regions) > MOST_REGIONS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "regions: expected an array of at most %d", MOST_REGIONS);
    if (json_array_size(regions) == 0) return OKNG_OK;
    json_array_foreach(regions, i, region) OKNG_TRY(add_region(region, text, error));
    OKNG_TRY(okng_build_options_set(build, "roi", text, error));
    const char *least = text_of(json_object_get(json_array_get(regions, 0), "threshold"), threshold);
    return least ? okng_build_options_set(build, "roi-threshold", least, error) : OKNG_OK;
}

static okng_status check(const json_t *asked, const okng_serve_options *options, okng_error *error)
{
    okng_build_options build;
    OKNG_TRY(take_options(asked, options, &build, error));
    OKNG_TRY(take_regions(asked, &build, error));
    return okng_choose_network(&build, error);
}

/* ---- building ---------------------------------------------------------------------------------------------------- */

/* Warnings and pictures that were left out. */
static void hear(const okng_build_event *event, void *user)
{
    okng_job_heard *heard = user;
    if (heard->count++ >= MOST_EVENTS) return;
    json_t *one = json_object();
    okng_json_put(&one, "code", json_string(event->code));
    okng_json_put(&one, "picture", event->picture ? okng_json_any_text(event->picture) : json_null());
    okng_json_put(&one, "text", okng_json_any_text(event->text));
    okng_json_add(&heard->events, one);
}

static int pass_on(const okng_progress *progress, void *user)
{
    const okng_job_heard *heard = user;
    return heard->run->progress(progress, heard->run->user);
}

static okng_status need_no_recipe(const okng_job_run *run, okng_error *error)
{
    char *path = NULL;
    if (asprintf(&path, "%s.okng", run->path) < 0) return okng_fail_memory(error, strlen(run->path));
    struct stat info;
    const bool packed = stat(path, &info) == 0 && !okng_is_folder(run->path);
    free(path);
    if (!packed) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s is a recipe, which is not built anew; delete it first, or choose another name", run->bank);
}

static okng_status build(okng_job_run *run, okng_error *error)
{
    okng_build_options options;
    okng_build_folder_options folder;
    okng_build_report report;
    okng_job_heard heard = {.run = run, .events = json_array()};
    okng_status status = take_options(run->asked, run->serve->options, &options, error);
    if (status == OKNG_OK) status = take_regions(run->asked, &options, error);
    if (status == OKNG_OK) status = need_no_recipe(run, error);
    options.threads = run->threads;
    okng_init(&folder);
    folder.build = &options;
    folder.skip_bad = 1;
    okng_init(&report);
    if (status == OKNG_OK)
        status = okng_build_folder(run->pictures, run->path, &folder, pass_on, hear, &heard, &report, error);
    if (status == OKNG_OK) status = okng_job_tell_bank(run, error);
    if (status == OKNG_OK) okng_bank_router_keep_up(run->serve->router); /* while the pictures are there */
    okng_json_put(&run->result, "skipped", json_integer((json_int_t)report.skipped));
    okng_json_put(&run->result, "not_found", okng_job_not_found(heard.events));
    okng_json_put(&run->result, "warnings", heard.events);
    return status;
}

const okng_job_kind okng_job_build = {
    .name = "build", .needs_pictures = true, .changes = true, .noted = "bank built", .check = check, .run = build};
