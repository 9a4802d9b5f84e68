/* Training by the public function, on made weights and a made data set: what is told, what stopping keeps, what a
 * checkpoint to begin with must be; and that a step is the sum of its parts. */
#include "afclip/checkpoint.h"
#include "fixture.h"
#include "made_clip.h"
#include "test.h"

static char root[64] = "/tmp/okng-test-train-XXXXXX";

static int make_world(void **state)
{
    (void)state;
    char mvtec[96];
    if (!mkdtemp(root)) return -1;
    (void)snprintf(mvtec, sizeof mvtec, "%s/mvtec", root);
    const bool made = made_clip(root, "clip-tinyclip-8m-16 tiny.safetensors --f16") &&
                      made_clip(root, "--vocabulary bpe_simple_vocab_16e6.txt.gz") &&
                      fixture_write_dataset(mvtec, NULL) == OKNG_OK;
    return made ? 0 : -1;
}

static int remove_world(void **state)
{
    (void)state;
    return okng_test_remove_tree(root);
}

/* What was heard. */
typedef struct heard {
    uint64_t steps, saved, resumed, cached, last;
    double first_loss;
    uint64_t stop_at; /* steps; 0: never */
    uint64_t masks, tokens;
} heard;

static void listen(const okng_train_event *event, void *user)
{
    heard *h = user;
    assert_int_equal(event->struct_size, sizeof *event);
    if (event->kind == OKNG_TRAIN_CACHE) h->cached = event->pictures;
    if (event->kind == OKNG_TRAIN_RESUMED) h->resumed = event->step;
    if (event->kind == OKNG_TRAIN_SAVED) h->saved++;
    if (event->kind != OKNG_TRAIN_STEP) return;
    assert_int_equal(event->step, h->last + 1);
    assert_true(fabs(event->loss - event->image - event->focal - event->l1 - event->alignment) < 1e-12);
    assert_true(event->pictures_per_second > 0 && event->seconds_left >= 0);
    if (h->steps == 0) h->first_loss = event->loss;
    h->last = event->step;
    h->steps++;
}

static int watch(const okng_progress *progress, void *user)
{
    heard *h = user;
    if (strcmp(progress->stage, "masks") == 0) h->masks = progress->done;
    if (strcmp(progress->stage, "tokens") == 0) h->tokens = progress->done;
    return h->stop_at > 0 && strcmp(progress->stage, "training") == 0 && progress->done >= h->stop_at;
}

/* Trains with settings up to NULL on top of small ones. */
static okng_status train(const char *const *more, heard *h, okng_train_report *report, okng_error *error)
{
    char texts[4][128];
    const char *settings[24];
    size_t count = 0;
    (void)snprintf(texts[0], sizeof texts[0], "data.root=%s/mvtec", root);
    (void)snprintf(texts[1], sizeof texts[1], "model.weights=%s/tiny.safetensors", root);
    for (size_t i = 0; i < 2; i++) settings[count++] = texts[i];
    settings[count++] = "model.backbone=clip-tinyclip-8m-16";
    settings[count++] = "model.resolution=32";
    settings[count++] = "model.threads=1";
    settings[count++] = "training.batch_size=4";
    for (; *more; more++) settings[count++] = *more;
    const okng_train_options options = {.struct_size = sizeof options, .settings = settings, .setting_count = count};
    return okng_train_afclip(&options, watch, listen, h, report, error);
}

static const char *out(const char *name)
{
    static char texts[8][128];
    static int next;
    char *text = texts[next++ % 8];
    (void)snprintf(text, sizeof texts[0], "training.out=%s/%s", root, name);
    return text;
}

static bool same(const char *a, const char *b, const char *file)
{
    char command[512];
    (void)snprintf(command, sizeof command, "cmp -s %s/%s/%s %s/%s/%s", root, a, file, root, b, file);
    return system(command) == 0;
}

static void test_what_is_told_and_kept(void **state)
{
    (void)state;
    okng_train_report report = {.struct_size = sizeof report};
    heard h = {0};
    assert_ok(train((const char *const[]){out("whole"), "training.checkpoint_every=2", NULL}, &h, &report, error));
    assert_true(report.steps == 6 && report.first_step == 0 && report.pictures == 12 && report.bad == 6);
    assert_true(report.categories == 2 && report.parameters == 528128 && report.streams == 12);
    assert_true(report.cache_bytes == 0 && report.seconds > 0 && report.loss > 0 && report.mean > 0);
    assert_true(h.steps == 6 && h.saved == 3 && h.resumed == 0 && h.cached == 0 && h.masks == 12);

    heard stopped = {.stop_at = 3};
    assert_fails(OKNG_ERROR_CANCELLED, "after step 3",
                 train((const char *const[]){out("parts"), NULL}, &stopped, NULL, error));
    assert_true(stopped.steps == 3 && stopped.saved == 1);
    heard rest = {.last = 3};
    char cache[128];
    (void)snprintf(cache, sizeof cache, "training.cache=%s/cache", root);
    assert_ok(train((const char *const[]){out("parts"), cache, NULL}, &rest, &report, error));
    assert_true(rest.resumed == 3 && rest.steps == 3 && rest.cached == 12 && rest.tokens == 12);
    assert_true(report.first_step == 3 && report.steps == 6 && report.cache_bytes > 0);
    static const char *const files[] = {"afclip.safetensors", "checkpoint.json", "training.safetensors", "losses.csv",
                                        "losses.svg"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (!same("whole", "parts", files[i])) fail_msg("%s differs", files[i]);
}

static void test_damaged_tokens_are_made_anew(void **state)
{
    (void)state;
    char command[256], cache[128];
    (void)snprintf(command, sizeof command, "for f in %s/cache/*.safetensors; do truncate -s 100 $f; done", root);
    (void)snprintf(cache, sizeof cache, "training.cache=%s/cache", root);
    assert_int_equal(system(command), 0);
    heard h = {0};
    assert_ok(train((const char *const[]){out("anew"), cache, NULL}, &h, NULL, error));
    assert_true(same("whole", "anew", "afclip.safetensors"));
}

static void test_fewer_streams_at_a_time(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* as test_train_golden does it */
#endif
    okng_train_report report = {.struct_size = sizeof report};
    heard all = {0}, few = {0};
    assert_ok(train(
        (const char *const[]){out("few"), "model.resolution=96", "training.memory=20M", "training.max_steps=1", NULL},
        &few, &report, error));
    assert_true(report.streams < 12);
    assert_ok(train((const char *const[]){out("all"), "model.resolution=96", "training.max_steps=1", NULL}, &all,
                    &report, error));
    assert_true(report.streams == 12 && fabs(all.first_loss - few.first_loss) < 1e-6);
}

static void test_where_it_begins(void **state)
{
    (void)state;
    char path[128], setting[160];
    okng_afclip_checkpoint made;
    okng_afclip_checkpoint_init(&made);
    assert_ok(okng_afclip_learnt_new(&made.learnt, 512, 512, error));
    okng_afclip_learnt_draw(&made.learnt, 1);
    made.source = OKNG_AFCLIP_SOURCE_TRAINED;
    (void)snprintf(path, sizeof path, "%s/wide", root);
    assert_ok(okng_afclip_checkpoint_save(&made, path, error));
    okng_afclip_checkpoint_free(&made);
    heard h = {0};
    (void)snprintf(setting, sizeof setting, "model.start=%s", path);
    assert_fails(OKNG_ERROR_MISMATCH, "512", train((const char *const[]){out("x"), setting, NULL}, &h, NULL, error));
    /* from where another training ended: its values, and nothing else of it */
    (void)snprintf(setting, sizeof setting, "model.start=%s/whole", root);
    assert_ok(train((const char *const[]){out("second"), setting, "training.max_steps=1", "training.lr=0", NULL}, &h,
                    NULL, error));
    assert_true(same("whole", "second", "afclip.safetensors"));
    assert_false(same("whole", "second", "checkpoint.json"));
}

/* The loss of a step of three batches is the mean of what they have one by one where nothing moves. */
static void test_accumulation(void **state)
{
    (void)state;
    heard together = {0}, apart = {0};
    okng_train_report report = {.struct_size = sizeof report};
    assert_ok(train((const char *const[]){out("together"), "training.accumulation=3", "training.epochs=1", NULL},
                    &together, &report, error));
    assert_int_equal(report.steps, 1);
    assert_ok(
        train((const char *const[]){out("apart"), "training.lr=0", "training.epochs=1", NULL}, &apart, &report, error));
    assert_int_equal(report.steps, 3);
    assert_true(fabs(together.first_loss - report.mean) < 1e-12);
}

static void test_refused(void **state)
{
    (void)state;
    heard h = {0};
    okng_train_report uninitialised = {0};
    okng_train_options options = {0};
    assert_fails(OKNG_ERROR_ARGUMENT, "", okng_train_afclip(NULL, NULL, NULL, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "", okng_train_afclip(&options, NULL, NULL, NULL, NULL, error));
    options.struct_size = sizeof options;
    assert_fails(OKNG_ERROR_ARGUMENT, "", okng_train_afclip(&options, NULL, NULL, NULL, &uninitialised, error));
    options.setting_count = 1;
    assert_fails(OKNG_ERROR_ARGUMENT, "the settings", okng_train_afclip(&options, NULL, NULL, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "no category",
                 train((const char *const[]){out("x"), "data.categories=nut", NULL}, &h, NULL, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "none.pt",
                 train((const char *const[]){out("x"), "model.weights=none.pt", NULL}, &h, NULL, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "",
                 train((const char *const[]){out("x"), "model.start=none", NULL}, &h, NULL, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_told_and_kept),
        cmocka_unit_test(test_damaged_tokens_are_made_anew),
        cmocka_unit_test(test_fewer_streams_at_a_time),
        cmocka_unit_test(test_where_it_begins),
        cmocka_unit_test(test_accumulation),
        cmocka_unit_test(test_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_world, remove_world);
}
