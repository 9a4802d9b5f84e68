#include "model/build.h"

#include "base/parallel.h"
#include "model/member.h"
#include "model/methods.h"

static void fill_report(const okng_member *member, okng_build_report *report)
{
    const okng_bank_config *config = &member->file.config;
    report->pictures = config->pictures;
    report->patches = config->patches;
    report->rows = (uint64_t)okng_member_rows(member);
    report->dim = config->data_count > 0 ? (int32_t)config->data[0].dim : 0;
    report->pixel_tau = member->file.tau.pixel;
    report->image_tau = member->file.tau.image;
}

okng_status okng_model_build(const okng_lesson *lesson, const char *folder, const okng_build_options *options,
                             okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    const okng_method *method;
    okng_bank_writer writer;
    okng_member *member = NULL;
    OKNG_TRY(okng_method_find(&method, options->method, error));
    OKNG_TRY(okng_method_check(method, lesson, error));
    OKNG_TRY(okng_method_check_options(method, options, error));
    OKNG_TRY(okng_bank_writer_open(&writer, folder, okng_method_data_files(), error));
    okng_lesson known = *lesson;
    okng_build_options chosen = *options;
    okng_status status = okng_pictures_find_depth(&lesson->pictures, &chosen, okng_thread_count(options->threads),
                                                  &report->other_bit_depth, error);
    known.pictures.bit_depth = chosen.bit_depth;
    if (chosen.turns == 1) known.pictures.shrink = &chosen; /* turning wants the whole picture */
    report->bit_depth = okng_bits_of(chosen.bit_depth);
    if (status == OKNG_OK) status = okng_member_fit(&member, method, &known, &chosen, ticker, report, error);
    if (status == OKNG_OK) status = okng_member_save(member, writer.building, error);
    if (status == OKNG_OK) status = okng_bank_writer_finish(&writer, error);
    if (status == OKNG_OK) fill_report(member, report);
    okng_member_close(&member);
    okng_bank_writer_close(&writer);
    return status;
}
