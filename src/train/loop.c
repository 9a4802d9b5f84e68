/* Steps: gradients of a batch, or several, and Adam's move against them; now and then all is saved. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "afclip/checkpoint.h"
#include "base/clock.h"
#include "base/memory.h"
#include "train/training.h"

/* Steps in all. */
static uint64_t steps_of(const okng_training *t)
{
    const uint64_t group = (uint64_t)t->config->batch_size * (uint64_t)t->config->accumulation,
                   steps = (t->set.count + group - 1) / group * (uint64_t)t->config->epochs,
                   most = (uint64_t)t->config->max_steps;
    return most > 0 && most < steps ? most : steps;
}

/* ---- saving --------------------------------------------------------------------------------- */

/* {"training.lr": "0.0001", ...} of the lines of state.options. */
static json_t *options_json(const char *text)
{
    json_t *all = json_object();
    while (*text) {
        const size_t line = strcspn(text, "\n"), key = strcspn(text, "=\n");
        char name[64];
        (void)snprintf(name, sizeof name, "%.*s", (int)key, text);
        if (key < line) okng_json_put(&all, name, json_stringn(text + key + 1, line - key - 1));
        text += line + (text[line] == '\n');
    }
    return all;
}

/* Nothing that another run of the same would not say: no times, no paths. */
static json_t *facts(const okng_training *t)
{
    const okng_train_state *s = &t->state;
    json_t *names = json_array();
    for (size_t i = 0; i < t->set.categories; i++) okng_json_add(&names, okng_json_any_text(t->set.names[i]));
    json_t *all =
        json_pack("{s:s, s:o, s:I, s:I, s:s, s:I, s:I}", "dataset", t->config->dataset, "categories", names, "pictures",
                  (json_int_t)t->set.count, "bad", (json_int_t)t->set.bad, "data_sha256", t->set.sha256, "steps",
                  (json_int_t)s->curve.count, "parameters", (json_int_t)okng_training_parameters(t));
    if (s->start_sha256[0]) okng_json_put(&all, "start_sha256", json_string(s->start_sha256));
    okng_json_put(&all, "mean_loss", okng_json_known(okng_loss_curve_mean(&s->curve)));
    okng_json_put(&all, "options", options_json(s->options));
    return all;
}

static okng_status save_checkpoint(const okng_training *t, okng_error *error)
{
    okng_afclip_checkpoint checkpoint;
    okng_afclip_checkpoint_init(&checkpoint);
    checkpoint.learnt = t->state.learnt; /* borrowed */
    checkpoint.source = OKNG_AFCLIP_SOURCE_TRAINED;
    (void)snprintf(checkpoint.backbone, sizeof checkpoint.backbone, "%s", t->build.backbone);
    memcpy(checkpoint.weights_sha256, t->weights_sha256, sizeof checkpoint.weights_sha256);
    memcpy(checkpoint.taps, t->plan.taps, sizeof checkpoint.taps);
    checkpoint.resolution = t->config->resolution;
    checkpoint.training = facts(t);
    okng_status status = checkpoint.training ? okng_afclip_checkpoint_save(&checkpoint, t->config->out, error)
                                             : okng_fail_memory(error, sizeof checkpoint);
    json_decref(checkpoint.training);
    return status;
}

/* A checkpoint of other values could not be opened. */
static okng_status check_values(const okng_training *t, okng_error *error)
{
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++) {
        const float *values = okng_train_machine_values(t->machine, (okng_afclip_param)p);
        const size_t count = okng_train_machine_count(t->machine, (okng_afclip_param)p);
        for (size_t i = 0; i < count; i++)
            if (!(fabsf(values[i]) <= OKNG_AFCLIP_MAX_VALUE))
                return okng_fail(error, OKNG_ERROR_MISMATCH,
                                 "step %zu: %s has come to %g, and a checkpoint holds at most %d either side of 0, so "
                                 "the training ended; what was saved before stays. A lower training.lr may help; it is "
                                 "%g",
                                 t->state.curve.count, okng_afclip_param_name((okng_afclip_param)p), (double)values[i],
                                 OKNG_AFCLIP_MAX_VALUE, t->config->rate);
    }
    return OKNG_OK;
}

/* The state first: the others come from it. */
static okng_status save(okng_training *t, okng_error *error)
{
    OKNG_TRY(check_values(t, error));
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++)
        memcpy(t->state.learnt.values[i], okng_train_machine_values(t->machine, (okng_afclip_param)i),
               okng_afclip_param_count(&t->state.learnt, (okng_afclip_param)i) * sizeof(float));
    OKNG_TRY(okng_train_state_write(&t->state, t->config->out, error));
    OKNG_TRY(okng_loss_curve_write(&t->state.curve, t->config->out, error));
    OKNG_TRY(save_checkpoint(t, error));
    const okng_train_event event = {
        .kind = OKNG_TRAIN_SAVED, .text = t->config->out, .step = t->state.curve.count, .steps = steps_of(t)};
    okng_training_tell(t, &event);
    return OKNG_OK;
}

/* ---- steps ---------------------------------------------------------------------------------- */

/* Room for what a batch needs, and the epoch's order of pictures. */
typedef struct course {
    okng_training *t;
    size_t batch, group; /* pictures of a batch, of a step */
    size_t floats;       /* of a picture's taps */
    float *memory;       /* [batch, floats] */
    const float **taps;  /* [batch] */
    float *labels;       /* [batch] */
    float *targets;      /* [batch, cells] */
    size_t *order;       /* [set.count] */
    okng_rng after;      /* the generator behind this epoch's order */
} course;

static void course_free(course *c)
{
    free(c->memory);
    free(c->taps);
    free(c->labels);
    free(c->targets);
    free(c->order);
}

static okng_status course_new(course *c, okng_training *t, okng_error *error)
{
    const size_t cells = (size_t)t->plan.rows * (size_t)t->plan.columns, count = t->set.count,
                 batch = (size_t)t->config->batch_size;
    *c = (course){.t = t, .batch = batch < count ? batch : count};
    c->group = batch * (size_t)t->config->accumulation;
    c->floats = OKNG_AFCLIP_TAPS * (size_t)t->plan.tokens * (size_t)t->plan.width;
    c->memory = okng_alloc(c->batch * c->floats, sizeof *c->memory);
    c->taps = okng_alloc(c->batch, sizeof *c->taps);
    c->labels = okng_alloc(c->batch, sizeof *c->labels);
    c->targets = okng_alloc(c->batch * cells, sizeof *c->targets);
    c->order = okng_alloc(count, sizeof *c->order);
    if (c->memory && c->taps && c->labels && c->targets && c->order) return OKNG_OK;
    return okng_fail_memory(error, c->batch * c->floats * sizeof *c->memory);
}

static void shuffle(course *c)
{
    okng_rng rng = c->t->state.order;
    const size_t count = c->t->set.count;
    for (size_t i = 0; i < count; i++) c->order[i] = i;
    for (size_t i = count - 1; i > 0; i--) {
        const size_t other = (size_t)okng_rng_below(&rng, i + 1), kept = c->order[i];
        c->order[i] = c->order[other];
        c->order[other] = kept;
    }
    c->after = rng;
}

/* The batch from picture `first` of the epoch on: gradients of its share of the step. */
static okng_status run_batch(course *c, size_t first, size_t count, double share, okng_loss_parts *sum,
                             okng_error *error)
{
    okng_training *t = c->t;
    okng_loss_parts parts;
    const size_t cells = (size_t)t->plan.rows * (size_t)t->plan.columns;
    for (size_t i = 0; i < count; i++) {
        const size_t picture = c->order[first + i];
        float *taps = c->memory + i * c->floats;
        OKNG_TRY(okng_training_tokens(t, picture, taps, error));
        c->taps[i] = taps;
        c->labels[i] = t->set.labels[picture];
        memcpy(c->targets + i * cells, t->set.targets + picture * cells, cells * sizeof(float));
    }
    OKNG_TRY(
        okng_train_machine_batch(t->machine, c->taps, (int64_t)count, c->labels, c->targets, share, &parts, error));
    sum->total += share * parts.total;
    sum->image += share * parts.image;
    sum->focal += share * parts.focal;
    sum->l1 += share * parts.l1;
    sum->alignment += share * parts.alignment;
    return OKNG_OK;
}

/* NULL where the loss and all gradients are finite; else what is not. */
static const char *what_is_not_finite(const okng_training *t, const okng_loss_parts *parts)
{
    if (!isfinite(parts->total)) return "the loss";
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++) {
        const float *gradient = okng_train_machine_gradient(t->machine, (okng_afclip_param)p);
        const size_t count = okng_train_machine_count(t->machine, (okng_afclip_param)p);
        for (size_t i = 0; i < count; i++)
            if (!isfinite(gradient[i])) return okng_afclip_param_name((okng_afclip_param)p);
    }
    return NULL;
}

static okng_status move(okng_training *t, const okng_loss_parts *parts, okng_error *error)
{
    const uint64_t step = t->state.curve.count + 1;
    const char *wrong = what_is_not_finite(t, parts);
    if (wrong)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "step %llu: %s is not finite, so the training ended; what was saved before stays. A lower "
                         "training.lr may help; it is %g",
                         (unsigned long long)step, wrong, t->config->rate);
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++)
        okng_adam_step(&t->state.moments[p], step, t->config->rate,
                       okng_train_machine_gradient(t->machine, (okng_afclip_param)p),
                       okng_train_machine_values(t->machine, (okng_afclip_param)p));
    return OKNG_OK;
}

static void tell_step(const okng_training *t, const okng_loss_row *row, double pictures_here)
{
    const uint64_t step = t->state.curve.count, steps = steps_of(t), here = step - t->first_step;
    const okng_train_event event = {.kind = OKNG_TRAIN_STEP,
                                    .step = step,
                                    .steps = steps,
                                    .epoch = (uint64_t)row->epoch,
                                    .pictures = (uint64_t)row->pictures,
                                    .loss = row->parts.total,
                                    .mean = okng_loss_curve_mean(&t->state.curve),
                                    .image = row->parts.image,
                                    .focal = row->parts.focal,
                                    .l1 = row->parts.l1,
                                    .alignment = row->parts.alignment,
                                    .pictures_per_second = t->seconds > 0 ? pictures_here / t->seconds : 0,
                                    .seconds_left = t->seconds / (double)here * (double)(steps - step)};
    okng_training_tell(t, &event);
}

static okng_status make_step(course *c, okng_loss_row *row, okng_error *error)
{
    okng_training *t = c->t;
    okng_train_state *s = &t->state;
    const size_t first = (size_t)s->seen, left = t->set.count - first, count = left < c->group ? left : c->group;
    *row = (okng_loss_row){.epoch = (double)s->epoch + 1, .pictures = (double)count};
    if (first == 0 || t->first_step == s->curve.count) shuffle(c); /* of a new epoch, or of one that goes on */
    okng_train_machine_clear(t->machine);
    for (size_t done = 0; done < count; done += c->batch) {
        const size_t some = count - done < c->batch ? count - done : c->batch;
        OKNG_TRY(run_batch(c, first + done, some, (double)some / (double)count, &row->parts, error));
    }
    OKNG_TRY(move(t, &row->parts, error));
    OKNG_TRY(okng_loss_curve_add(&s->curve, row, error));
    s->seen += count;
    if (s->seen < t->set.count) return OKNG_OK;
    s->seen = 0;
    s->epoch++;
    s->order = c->after;
    return OKNG_OK;
}

static okng_status stopped(okng_training *t, okng_error *error)
{
    if (t->state.curve.count > t->first_step) OKNG_TRY(save(t, error));
    return okng_fail(error, OKNG_ERROR_CANCELLED, "the training was cancelled after step %zu; started again it goes on",
                     t->state.curve.count);
}

static okng_status run_course(course *c, okng_error *error)
{
    okng_training *t = c->t;
    const uint64_t steps = steps_of(t), every = (uint64_t)t->config->checkpoint_every;
    double pictures = 0;
    okng_ticker_stage(t->watch->ticker, "training", steps);
    bool goes_on = okng_ticker_advance(t->watch->ticker, t->first_step < steps ? t->first_step : steps);
    while (goes_on && t->state.curve.count < steps) {
        okng_loss_row row;
        const double began = okng_clock();
        OKNG_TRY(make_step(c, &row, error));
        t->seconds += okng_clock() - began;
        pictures += row.pictures;
        tell_step(t, &row, pictures);
        goes_on = okng_ticker_advance(t->watch->ticker, 1);
        const uint64_t step = t->state.curve.count;
        if (goes_on && step < steps && every > 0 && step % every == 0) OKNG_TRY(save(t, error));
    }
    return goes_on ? save(t, error) : stopped(t, error);
}

okng_status okng_training_loop(okng_training *t, okng_error *error)
{
    course c;
    okng_status status = course_new(&c, t, error);
    if (status == OKNG_OK) status = run_course(&c, error);
    course_free(&c);
    return status;
}
