#include "grow/grow.h"
#include "grow/report.h"
#include "method/groups.h"

/* A coreset of the option's own kind, but for a bank that kept all rows. */
static void take_options(okng_build_options *build, const okng_grow_options *options)
{
    if (options->coreset > 0) build->coreset = options->coreset;
    build->coreset_size = options->coreset_size;
    if (build->sampler == OKNG_SAMPLER_IDENTITY) build->sampler = OKNG_SAMPLER_GREEDY;
}

/* Which of the ledger's pictures are shots of one part. */
static okng_status find_groups(okng_groups *groups, const okng_grow_source *source, okng_error *error)
{
    const okng_picture_names *names = &source->ledger->names;
    const okng_pictures pictures = {.count = (size_t)names->count, .context = names, .name = okng_picture_names_get};
    return okng_groups_find(groups, source->file.config.options.group, &pictures, error);
}

static okng_status shrink(okng_grow_made *made, okng_grow_source *source, const char *bank_dir,
                          const okng_grow_options *options, okng_ticker *ticker, okng_grow_report *report,
                          okng_error *error)
{
    okng_build_report told = {0};
    okng_groups groups;
    OKNG_TRY(okng_grow_source_open(source, bank_dir, "take rows out of", error));
    if (!source->method->growing->shrink)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: a bank of %s has no rows that could be fewer", bank_dir,
                         source->method->name);
    okng_grow_made_begin(made, source, options->threads);
    take_options(&made->file.config.options, options);
    OKNG_TRY(find_groups(&groups, source, error));
    okng_status status = made->method->growing->shrink(&made->model, &made->file, &source->file, source->ledger,
                                                       &groups, NULL, ticker, &told, error);
    okng_groups_free(&groups);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", bank_dir);
    okng_grow_tell(report, source, made, &told);
    report->forgot_choice = okng_grow_has_choice(source);
    report->kept = (uint64_t)source->ledger->count;
    return okng_grow_made_finish(made, source, false, error);
}

okng_status okng_grow_shrink(const char *bank_dir, const okng_grow_options *options, okng_ticker *ticker,
                             okng_grow_report *report, okng_error *error)
{
    okng_grow_made made;
    okng_grow_source source = {0};
    OKNG_TRY(okng_grow_check(bank_dir, error));
    OKNG_TRY(okng_grow_made_open(&made, options->out_dir ? options->out_dir : bank_dir, error));
    okng_status status = shrink(&made, &source, bank_dir, options, ticker, report, error);
    okng_grow_made_close(&made);
    okng_grow_source_close(&source);
    return status;
}
