#include "model/build.h"

#include <math.h>

#include "features/placement.h"
#include "model/member.h"
#include "model/methods.h"

/* Along the longer side a patch shall not cover more pixels of a picture than this; of the pixels that are proposed for
 * it, more than GROWTH times those of now cost more than tiles of the pictures would. */
enum { FINE_PATCH = 16, GROWTH = 16 };

static void fill_sizes(const okng_bank_config *config, okng_build_report *report)
{
    okng_placement placed;
    report->input_height = config->input_height;
    report->input_width = config->input_width;
    report->picture_height = config->picture_height;
    report->picture_width = config->picture_width;
    report->aspects_differ = config->aspects_differ;
    if (config->grid_height < 1 ||
        okng_placement_of(&config->options, config->picture_width, config->picture_height, &placed, NULL) != OKNG_OK)
        return;
    double down = (double)placed.original_height / placed.resized_height;
    double across = (double)placed.original_width / placed.resized_width;
    report->patch_height = down * config->input_height / config->grid_height;
    report->patch_width = across * config->input_width / config->grid_width;
    double longer = fmax(report->patch_height, report->patch_width), finer = longer / FINE_PATCH;
    double now = (double)placed.resized_height * placed.resized_width;
    double most = fmin(now * GROWTH, (double)placed.original_height * placed.original_width);
    if (finer > 1 && most >= 2 * now) report->proposed_pixels = (int64_t)fmin(now * finer * finer, most);
}

void okng_build_report_fill(okng_build_report *report, const okng_member *member)
{
    const okng_bank_config *config = &member->file.config;
    report->pictures = config->pictures;
    report->patches = config->patches;
    report->rows = (uint64_t)okng_member_rows(member);
    report->dim = config->data_count > 0 ? (int32_t)config->data[0].dim : 0;
    report->pixel_tau = member->file.tau.pixel;
    report->image_tau = member->file.tau.image;
    fill_sizes(config, report);
}

okng_status okng_model_check_engine(const okng_build_options *options, okng_error *error)
{
    return okng_method_check_engine(options, error);
}

okng_status okng_model_build(const okng_lesson *lesson, const char *folder, const okng_build_options *options,
                             okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    const okng_method *method;
    okng_bank_writer writer;
    okng_member *member = NULL;
    okng_lesson known = *lesson;
    OKNG_TRY(okng_member_prepare(&method, &known, options, error));
    OKNG_TRY(okng_bank_writer_open(&writer, folder, okng_method_data_files(), error));
    okng_status status = okng_member_fit(&member, method, &known, options, ticker, report, error);
    if (status == OKNG_OK) status = okng_member_save(member, writer.building, error);
    if (status == OKNG_OK) status = okng_bank_writer_finish(&writer, error);
    if (status == OKNG_OK) okng_build_report_fill(report, member);
    okng_member_close(&member);
    okng_bank_writer_close(&writer);
    return status;
}
