#include "train/training.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "afclip/checkpoint.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "features/provenance.h"
#include "net/clip.h"
#include "net/graph.h"

void okng_training_tell(const okng_training *t, const okng_train_event *event)
{
    okng_train_event full = *event;
    full.struct_size = sizeof full;
    if (t->watch->listener) t->watch->listener(&full, t->watch->user);
}

void okng_training_close(okng_training *t)
{
    okng_train_machine_free(&t->machine);
    okng_train_tower_free(&t->tower);
    okng_weights_close(&t->weights);
    okng_afclip_words_free(&t->words);
    okng_train_set_close(&t->set);
    okng_token_cache_close(&t->cache);
    okng_train_state_free(&t->state);
    okng_lock_drop(&t->lock);
}

uint64_t okng_training_parameters(const okng_training *t)
{
    uint64_t count = 0;
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++)
        count += okng_afclip_param_count(&t->state.learnt, (okng_afclip_param)i);
    return count;
}

/* ---- the CLIP ------------------------------------------------------------------------------- */

okng_status okng_training_need_weights(okng_training *t, okng_error *error)
{
    char sha256[65];
    size_t size;
    if (t->weights) return OKNG_OK;
    OKNG_TRY(okng_graph_weights(&t->weights, t->build.backbone, t->build.weights, error));
    const void *bytes = okng_weights_bytes(t->weights, &size);
    okng_sha256(bytes, size, sha256);
    if (!t->weights_sha256[0]) memcpy(t->weights_sha256, sha256, sizeof sha256);
    if (strcmp(sha256, t->weights_sha256) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: was another file when the training began", t->build.weights);
}

/* The taps that are asked for, else those of the checkpoint that it begins with, else the network's own (NULL). */
static okng_status make_plan(okng_training *t, const int32_t *taps_of_start, okng_error *error)
{
    const int32_t count = t->build.tap_count, side = t->config->resolution;
    if (count > 0 && count != OKNG_AFCLIP_TAPS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "model.taps: found %d blocks, expected auto or %d", (int)count,
                         OKNG_AFCLIP_TAPS);
    return okng_afclip_plan_of(&t->plan, t->build.backbone, side, side, count > 0 ? t->build.taps : taps_of_start,
                               error);
}

/* A name, weights, what they were trained with, and the square that pictures are squashed to. */
static okng_status find_network(okng_training *t, okng_error *error)
{
    t->build = t->config->build;
    OKNG_TRY(okng_choose_network(&t->build, error));
    OKNG_TRY(okng_training_need_weights(t, error));
    OKNG_TRY(okng_options_by_weights(&t->build, t->weights, error));
    t->build.resize_mode = OKNG_RESIZE_EXACT;
    t->build.resize_height = t->build.resize_width = t->config->resolution;
    t->build.crop = 0;
    t->build.interpolation = OKNG_BICUBIC;
    return OKNG_OK;
}

static okng_status read_words(okng_training *t, okng_error *error)
{
    char vocabulary[OKNG_PATH_MAX];
    okng_afclip_ids ids;
    OKNG_TRY(okng_vocabulary_find(t->build.vocabulary, t->build.weights, vocabulary, error));
    OKNG_TRY(okng_afclip_ids_read(&ids, vocabulary, error));
    return okng_afclip_words_new(&t->words, t->weights, t->plan.text_width, &ids, error);
}

/* ---- where it goes -------------------------------------------------------------------------- */

static okng_status lock_folder(okng_training *t, okng_error *error)
{
    char *state = okng_path_join(t->config->out, OKNG_TRAIN_STATE_FILE), *path = NULL;
    okng_status status = state ? okng_make_folders(t->config->out, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = okng_path_beside(&path, state, "lock", error);
    if (status == OKNG_OK) status = okng_lock_take(&t->lock, path, error);
    free(state);
    free(path);
    return status;
}

/* A folder without a training in it must hold nothing that would be replaced. */
static okng_status check_empty(const char *folder, okng_error *error)
{
    static const char *const names[] = {OKNG_AFCLIP_CHECKPOINT_FILE, OKNG_AFCLIP_FILE, "losses.csv", "losses.svg",
                                        /* of banks: they could not be built anew then */
                                        "bank_config.json", "ensemble.json", "regions.json"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = okng_path_join(folder, names[i]);
        if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
        const bool there = access(path, F_OK) == 0;
        free(path);
        if (there)
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "%s: holds \"%s\" and no training that could go on; choose an empty or new folder", folder,
                             names[i]);
    }
    return OKNG_OK;
}

/* ---- where it begins ------------------------------------------------------------------------ */

static okng_status open_start(const okng_training *t, okng_afclip_checkpoint *start, okng_error *error)
{
    okng_clip_shape shape;
    okng_afclip_checkpoint_init(start);
    if (!t->config->start[0]) return OKNG_OK;
    OKNG_TRY(okng_clip_shape_of(t->build.backbone, &shape, error));
    OKNG_TRY(okng_afclip_checkpoint_open(start, t->config->start, error));
    return okng_afclip_learnt_check(&start->learnt, t->config->start, t->build.backbone, &shape, error);
}

static okng_status is_another(const okng_training *t, const char *what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: holds a training after step %zu that cannot go on so: %s; choose another folder",
                     t->config->out, t->state.curve.count, what);
}

static okng_status check_state(const okng_training *t, const char *options, const char *start_sha256, okng_error *error)
{
    char differs[512];
    const okng_train_state *s = &t->state;
    if (strcmp(s->options, options) != 0) {
        okng_train_config_differ(options, s->options, differs, sizeof differs);
        return is_another(t, differs, error);
    }
    if (strcmp(s->weights_sha256, t->weights_sha256) != 0) return is_another(t, "the CLIP's weights are others", error);
    if (strcmp(s->data_sha256, t->set.sha256) != 0)
        return is_another(t, "the pictures or their masks are others", error);
    if (strcmp(s->start_sha256, start_sha256) != 0) return is_another(t, "it began with other values", error);
    if (s->seen >= t->set.count || s->learnt.width != t->plan.width || s->learnt.text_width != t->plan.text_width)
        return is_another(t, "its file is of another training", error);
    const okng_train_event event = {.kind = OKNG_TRAIN_RESUMED, .text = t->config->out, .step = s->curve.count};
    okng_training_tell(t, &event);
    return OKNG_OK;
}

static okng_status begin_state(okng_training *t, const okng_afclip_checkpoint *start, char **options, okng_error *error)
{
    okng_train_state *s = &t->state;
    OKNG_TRY(check_empty(t->config->out, error));
    OKNG_TRY(okng_train_state_new(s, t->plan.width, t->plan.text_width, error));
    okng_afclip_learnt_draw(&s->learnt, t->config->seed);
    for (int i = 0; i < OKNG_AFCLIP_PARAMS && start->learnt.width > 0; i++)
        memcpy(s->learnt.values[i], start->learnt.values[i],
               okng_afclip_param_count(&s->learnt, (okng_afclip_param)i) * sizeof(float));
    s->options = *options;
    *options = NULL;
    memcpy(s->data_sha256, t->set.sha256, sizeof s->data_sha256);
    memcpy(s->weights_sha256, t->weights_sha256, sizeof s->weights_sha256);
    memcpy(s->start_sha256, start->sha256, sizeof s->start_sha256);
    s->order = okng_rng_new(t->config->seed, OKNG_STREAM_TRAIN_ORDER);
    return OKNG_OK;
}

static okng_status open_state(okng_training *t, const okng_afclip_checkpoint *start, okng_error *error)
{
    bool there;
    char *options;
    OKNG_TRY(okng_train_config_text(t->config, &options, error));
    okng_status status = okng_train_state_read(&t->state, t->config->out, &there, error);
    if (status == OKNG_OK)
        status = there ? check_state(t, options, start->sha256, error) : begin_state(t, start, &options, error);
    t->first_step = t->state.curve.count;
    free(options);
    return status;
}

/* ---- what works on it ----------------------------------------------------------------------- */

static json_t *cache_key(const okng_training *t)
{
    const okng_build_options *b = &t->build;
    char activation[32] = "", positions[32] = "";
    (void)okng_build_options_get(b, "activation", activation, sizeof activation, NULL);
    (void)okng_build_options_get(b, "positions", positions, sizeof positions, NULL);
    json_t *key = json_pack("{s:s, s:s, s:s, s:s, s:i, s:[i, i, i, i]}", "backbone", b->backbone, "weights_sha256",
                            t->weights_sha256, "activation", activation, "positions", positions, "resolution",
                            (int)t->config->resolution, "taps", (int)t->plan.taps[0], (int)t->plan.taps[1],
                            (int)t->plan.taps[2], (int)t->plan.taps[3]);
    for (int c = 0; c < 3; c++) {
        char name[16], value[32];
        (void)snprintf(name, sizeof name, "colour%d", c);
        (void)snprintf(value, sizeof value, "%.9g,%.9g", (double)b->mean[c], (double)b->std[c]);
        okng_json_put(&key, name, json_string(value));
    }
    return key;
}

static okng_status open_cache(okng_training *t, okng_error *error)
{
    if (!t->config->cache[0]) return OKNG_OK;
    json_t *key = cache_key(t);
    okng_status status = key ? okng_token_cache_open(&t->cache, t->config->cache, key, t->config->cache_type, &t->plan,
                                                     t->config->rebuild_cache, error)
                             : okng_fail_memory(error, sizeof *key);
    json_decref(key);
    return status;
}

static okng_status make_machine(okng_training *t, okng_error *error)
{
    const okng_train_config *c = t->config;
    const int64_t pictures = (int64_t)t->set.count < c->batch_size ? (int64_t)t->set.count : c->batch_size;
    const okng_train_machine_request request = {.backbone = t->build.backbone,
                                                .activation = t->build.activation,
                                                .height = c->resolution,
                                                .width = c->resolution,
                                                .plan = &t->plan,
                                                .words = &t->words,
                                                .rule = {c->lambda1, c->lambda2, 0.07, c->quirk == OKNG_QUIRK_ON},
                                                .pictures = pictures,
                                                .memory = c->memory,
                                                .threads = t->threads};
    OKNG_TRY(okng_train_machine_new(&t->machine, t->weights, &request, error));
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++)
        memcpy(okng_train_machine_values(t->machine, (okng_afclip_param)i), t->state.learnt.values[i],
               okng_afclip_param_count(&t->state.learnt, (okng_afclip_param)i) * sizeof(float));
    return OKNG_OK;
}

static okng_status open_by_start(okng_training *t, const okng_afclip_checkpoint *start, okng_error *error)
{
    OKNG_TRY(make_plan(t, start->taps[0] >= 0 ? start->taps : NULL, error));
    OKNG_TRY(read_words(t, error));
    OKNG_TRY(okng_train_set_open(&t->set, t->config, &t->plan, t->threads, t->watch->ticker, error));
    OKNG_TRY(lock_folder(t, error));
    OKNG_TRY(open_state(t, start, error));
    OKNG_TRY(open_cache(t, error));
    return make_machine(t, error);
}

okng_status okng_training_open(okng_training *t, const okng_train_config *config, const okng_train_watch *watch,
                               okng_error *error)
{
    okng_afclip_checkpoint start;
    *t = (okng_training){.config = config, .watch = watch, .lock = {.descriptor = -1}};
    t->threads = okng_thread_count(config->build.threads);
    OKNG_TRY(find_network(t, error));
    okng_status status = open_start(t, &start, error);
    if (status == OKNG_OK) status = open_by_start(t, &start, error);
    okng_afclip_checkpoint_free(&start);
    return status;
}
