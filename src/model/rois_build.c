#include "model/rois_build.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bank/tau.h"
#include "base/file.h"
#include "base/memory.h"
#include "model/member.h"
#include "model/methods.h"

/* ---- pictures of a region ---------------------------------------------------------------------------------------- */

/* Region `roi` of each of the pictures, cut out; they have the names of the pictures that they are of. */
typedef struct region_list {
    const okng_located *located;
    size_t roi;
} region_list;

static size_t whole_of(const okng_located *located, size_t i)
{
    return located->index ? located->index[i] : i;
}

static const char *region_name(const void *context, size_t i)
{
    const okng_located *located = ((const region_list *)context)->located;
    return okng_pictures_name(located->all, whole_of(located, i));
}

/* From the whole picture in its own size, as it was looked for. */
static okng_status region_load(const void *context, size_t i, okng_decoding *how, okng_image *rgb, okng_error *error)
{
    const region_list *list = context;
    const okng_located *located = list->located;
    const okng_pictures *all = located->all;
    const okng_roi_box *box = &located->file->rois.boxes[list->roi];
    okng_decoding whole_how = {.max_pixels = how->max_pixels, .bit_depth = how->bit_depth};
    okng_image whole;
    OKNG_TRY(all->load(all->context, whole_of(located, i), &whole_how, &whole, error));
    how->depth = whole_how.depth;
    okng_status status = okng_cut_out(&whole, &located->found[i][list->roi].pose, box->width, box->height, rgb, error);
    okng_image_free(&whole);
    return status;
}

static okng_status region_look(const void *context, size_t i, okng_decoding *how, okng_error *error)
{
    const okng_located *located = ((const region_list *)context)->located;
    return located->all->look(located->all->context, whole_of(located, i), how, error);
}

static okng_status region_size(const void *context, size_t i, uint64_t max_pixels, int32_t *width, int32_t *height,
                               okng_error *error)
{
    const region_list *list = context;
    const okng_roi_box *box = &list->located->file->rois.boxes[list->roi];
    (void)i;
    (void)max_pixels;
    (void)error;
    *width = box->width;
    *height = box->height;
    return OKNG_OK;
}

static okng_pictures pictures_of(const region_list *context)
{
    const okng_pictures *all = context->located->all;
    return (okng_pictures){.count = context->located->count,
                           .root = all->root,
                           .context = context,
                           .name = region_name,
                           .load = region_load,
                           .look = all->look ? region_look : NULL,
                           .bit_depth = all->bit_depth,
                           .size = region_size};
}

/* ---- thresholds of all regions together -------------------------------------------------------------------------- */

static float to_first(const okng_tau *first, const okng_tau *own)
{
    const float factor = first->image / own->image;
    return first->image > 0 && own->image > 0 && isfinite(factor) ? factor : 1;
}

typedef struct named_score {
    float score;
    const char *name; /* borrowed */
} named_score;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const named_score *)a)->name, ((const named_score *)b)->name);
}

static int by_score(const void *a, const void *b)
{
    const named_score *left = a, *right = b;
    if (left->score != right->score) return left->score < right->score ? -1 : 1;
    return by_name(a, b);
}

/* The scores of a region's bank by their pictures' names, brought to the first region's scale. */
static void list_scores(const okng_tau *first, const okng_tau *own, named_score *out)
{
    const float factor = to_first(first, own);
    for (size_t i = 0; i < own->image_count; i++)
        out[i] = (named_score){own->image_scores[i] * factor, own->image_names[i]};
    qsort(out, own->image_count, sizeof *out, by_name);
}

/* The highest of each picture's scores into joined [first->image_count], `other` is room for as many; false where not
 * every region's bank holds one score of each. */
static bool join_scores(okng_member *const *members, size_t count, named_score *joined, named_score *other)
{
    const okng_tau *first = &members[0]->file.tau;
    const size_t scores = first->image_count;
    list_scores(first, first, joined);
    for (size_t i = 1; i < scores; i++)
        if (by_name(&joined[i - 1], &joined[i]) == 0) return false;
    for (size_t m = 1; m < count; m++) {
        const okng_tau *own = &members[m]->file.tau;
        if (!own->image_names || own->image_count != scores) return false;
        list_scores(first, own, other);
        for (size_t i = 0; i < scores; i++) {
            if (by_name(&joined[i], &other[i]) != 0) return false;
            joined[i].score = fmaxf(joined[i].score, other[i].score);
        }
    }
    qsort(joined, scores, sizeof *joined, by_score);
    return true;
}

/* tau.json of several regions: the thresholds of the first, and scores of good pictures by all of them. */
static okng_status write_joined(okng_member *const *members, size_t count, const char *path, okng_error *error)
{
    const okng_tau *first = &members[0]->file.tau;
    const size_t scores = first->image_names ? first->image_count : 0;
    okng_tau all = *first;
    named_score *joined = okng_alloc(scores, 2 * sizeof *joined);
    all.image_scores = okng_alloc(scores, sizeof *all.image_scores);
    all.image_names = okng_alloc(scores, sizeof *all.image_names);
    all.image_doubts = NULL; /* those of one region are not those of a picture */
    okng_status status = OKNG_OK;
    if (joined && all.image_scores && all.image_names) {
        all.image_count = scores > 0 && join_scores(members, count, joined, joined + scores) ? scores : 0;
        for (size_t i = 0; i < all.image_count; i++) {
            all.image_scores[i] = joined[i].score;
            all.image_names[i] = (char *)(uintptr_t)joined[i].name;
        }
        status = okng_tau_write(&all, &members[0]->file.config.options, path, error);
    } else {
        status = okng_fail_memory(error, scores * 2 * sizeof *joined);
    }
    free(joined);
    free(all.image_scores);
    free((void *)all.image_names);
    return status;
}

static okng_status write_thresholds(okng_member *const *members, size_t count, const char *folder, okng_error *error)
{
    char *path = okng_path_join(folder, OKNG_BANK_TAU_FILE);
    if (!path) return okng_fail_memory(error, strlen(folder));
    okng_status status = count == 1
                             ? okng_tau_write(&members[0]->file.tau, &members[0]->file.config.options, path, error)
                             : write_joined(members, count, path, error);
    free(path);
    return status;
}

/* ---- building ---------------------------------------------------------------------------------------------------- */

static okng_status save_region(okng_member *member, const char *building, size_t i, okng_error *error)
{
    char name[OKNG_NAME_MAX];
    char *folder = okng_path_join(building, okng_rois_part_name(i, name, sizeof name));
    if (!folder) return okng_fail_memory(error, strlen(building));
    okng_status status = mkdir(folder, 0777) == 0 ? OKNG_OK : okng_fail_errno(error, "make the folder", folder);
    if (status == OKNG_OK) status = okng_member_save(member, folder, error);
    free(folder);
    return status;
}

/* What learning one region took; the regions have the same stages. */
static void add_report(okng_build_report *all, const okng_build_report *own)
{
    all->spilled += own->spilled;
    all->bit_depth = own->bit_depth;
    all->other_bit_depth = own->other_bit_depth;
    all->stage_count = own->stage_count;
    for (int32_t i = 0; i < own->stage_count; i++) {
        all->stages[i].name = own->stages[i].name;
        all->stages[i].seconds += own->stages[i].seconds;
    }
}

static okng_status build_region(const okng_located *located, size_t i, const char *building,
                                const okng_build_options *options, okng_ticker *ticker, okng_build_report *report,
                                okng_member **out, okng_error *error)
{
    const region_list list = {located, i};
    const okng_method *method;
    const okng_roi_box *box = &located->file->rois.boxes[i];
    okng_lesson lesson = {.pictures = pictures_of(&list),
                          .part = {box->x, box->y, box->width, box->height},
                          .whole_width = located->file->picture_width,
                          .whole_height = located->file->picture_height};
    okng_build_report own = {.struct_size = sizeof own};
    okng_build_options cut = *options; /* its pictures are the region */
    cut.roi[0] = cut.roi_from[0] = '\0';
    OKNG_TRY(okng_member_prepare(&method, &lesson, &cut, error));
    OKNG_TRY(okng_member_fit(out, method, &lesson, &cut, ticker, &own, error));
    add_report(report, &own);
    return save_region(*out, building, i, error);
}

static okng_status build_all(const okng_located *located, const char *building, const okng_build_options *options,
                             okng_ticker *ticker, okng_build_report *report, okng_member **members, okng_error *error)
{
    const okng_rois *rois = &located->file->rois;
    for (size_t i = 0; i < rois->count; i++) {
        const okng_status status = build_region(located, i, building, options, ticker, report, &members[i], error);
        if (status != OKNG_OK && status != OKNG_ERROR_CANCELLED && status != OKNG_ERROR_MEMORY)
            return okng_error_context(error, status, "region %s", rois->boxes[i].name);
        if (status != OKNG_OK) return status;
    }
    OKNG_TRY(write_thresholds(members, rois->count, building, error));
    return okng_rois_file_write(located->file, building, error);
}

static void fill_report(okng_build_report *report, okng_member *const *members, const okng_rois_file *file)
{
    okng_build_report_fill(report, members[0]);
    for (size_t i = 1; i < file->rois.count; i++) {
        report->rows += (uint64_t)okng_member_rows(members[i]);
        report->patches += members[i]->file.config.patches;
    }
}

okng_status okng_model_build_rois(const okng_located *located, const char *folder, const okng_build_options *options,
                                  okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    okng_bank_writer writer;
    okng_member *members[OKNG_ROIS_MAX] = {NULL};
    OKNG_TRY(okng_bank_writer_open(&writer, folder, okng_method_data_files(), error));
    okng_status status = build_all(located, writer.building, options, ticker, report, members, error);
    if (status == OKNG_OK) status = okng_bank_writer_finish(&writer, error);
    if (status == OKNG_OK) fill_report(report, members, located->file);
    for (size_t i = 0; i < OKNG_ROIS_MAX; i++) okng_member_close(&members[i]);
    okng_bank_writer_close(&writer);
    return status;
}
