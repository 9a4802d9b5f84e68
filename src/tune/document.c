#include <math.h>

#include "base/json.h"
#include "eval/proportion.h"
#include "tune/tuning.h"

static const double confidence = 0.9;

static json_t *rung_json(const okng_rung *rung, const okng_tune_scores *scores)
{
    okng_interval found = okng_proportion_interval(rung->found, scores->bad_count, confidence);
    okng_interval alarms = okng_proportion_interval(rung->false_alarms, scores->good_count, confidence);
    return json_pack("{s:f, s:I, s:I, s:f, s:f, s:I, s:I, s:f, s:f, s:b, s:b, s:b}", "threshold",
                     (double)rung->threshold, "found", (json_int_t)rung->found, "ng", (json_int_t)scores->bad_count,
                     "found_low", found.low, "found_high", found.high, "false_alarms", (json_int_t)rung->false_alarms,
                     "good", (json_int_t)scores->good_count, "false_alarms_low", alarms.low, "false_alarms_high",
                     alarms.high, "in_force", rung->in_force, "computed", rung->computed, "proposed", rung->proposed);
}

static json_t *kind_json(const okng_tuned_kind *kind)
{
    json_t *ladder = json_array();
    for (size_t i = 0; i < kind->rung_count; i++) okng_json_add(&ladder, rung_json(&kind->rungs[i], &kind->scores));
    return json_pack("{s:o, s:o, s:o, s:b, s:o}", "in_force", okng_json_known((double)kind->in_force), "computed",
                     okng_json_known((double)kind->computed), "proposed", okng_json_known((double)kind->proposed),
                     "chosen", kind->chosen, "ladder", ladder);
}

static json_t *picture_json(const okng_tuned *picture)
{
    json_t *path = okng_json_any_text(picture->target->path);
    if (!picture->inspected)
        return json_pack("{s:o, s:i, s:o}", "path", path, "label", picture->bad, "error",
                         okng_json_any_text(picture->why));
    return json_pack("{s:o, s:i, s:f, s:o}", "path", path, "label", picture->bad, "image_score", (double)picture->score,
                     "pixel_score", okng_json_known((double)picture->pixel));
}

json_t *okng_tuning_document(const okng_tuning *t, bool written)
{
    static const char *const rules[] = {"balanced", "false-alarm", "miss", "f1"};
    bool rated = t->options.rule == OKNG_TUNE_FALSE_ALARM || t->options.rule == OKNG_TUNE_MISS;
    json_t *pictures = json_array();
    for (size_t i = 0; i < t->count; i++) okng_json_add(&pictures, picture_json(&t->pictures[i]));
    return json_pack("{s:o, s:s, s:o, s:{s:I, s:I}, s:I, s:I, s:o, s:o, s:o, s:b, s:o}", "bank",
                     okng_json_any_text(t->folder), "rule", rules[t->options.rule], "rate",
                     rated ? json_real(t->options.rate) : json_null(), "good", "bank", (json_int_t)t->tau->image_count,
                     "given", (json_int_t)(t->image.scores.good_count - t->tau->image_count), "ng",
                     (json_int_t)t->image.scores.bad_count, "skipped", (json_int_t)t->skipped, "image",
                     kind_json(&t->image), "pixel", kind_json(&t->pixel), "pictures", pictures, "written", written,
                     "page", t->options.page ? okng_json_any_text(t->options.page) : json_null());
}
