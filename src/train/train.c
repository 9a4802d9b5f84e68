#include "train/train.h"

#include "base/memory.h"
#include "train/training.h"

static void fill_report(const okng_training *t, okng_train_report *report)
{
    const okng_loss_curve *curve = &t->state.curve;
    report->steps = curve->count;
    report->first_step = t->first_step;
    report->pictures = t->set.count;
    report->bad = t->set.bad;
    report->categories = t->set.categories;
    report->parameters = okng_training_parameters(t);
    report->streams = okng_train_machine_streams(t->machine);
    report->loss = curve->count > 0 ? curve->rows[curve->count - 1].parts.total : 0;
    report->mean = okng_loss_curve_mean(curve);
    report->seconds = t->seconds;
    report->cache_bytes = t->cache.folder ? t->set.count * okng_token_cache_bytes(&t->cache) : 0;
    report->peak_bytes = okng_memory_peak();
}

okng_status okng_train_run(const okng_train_config *config, const okng_train_watch *watch, okng_train_report *report,
                           okng_error *error)
{
    okng_training t;
    okng_status status = okng_training_open(&t, config, watch, error);
    if (status == OKNG_OK) status = okng_training_fill_cache(&t, error);
    if (status == OKNG_OK) status = okng_training_loop(&t, error);
    if (status == OKNG_OK) fill_report(&t, report);
    okng_training_close(&t);
    return status;
}
