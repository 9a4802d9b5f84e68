/* Losses, gradients and steps of training beside what torch makes of the same weights in float64
 * (golden/make_afclip.py): with the gradient of the original program and without. */
#include "afclip/towers.h"
#include "clip_fixture.h"
#include "image/image.h"
#include "train/adam.h"
#include "train/machine.h"

enum { WHOLE = 1024, SAMPLES = 200, MOST = 4, CELLS_MOST = 64 };
static const double bound = 1e-4;

/* ---- one file ---- */

typedef struct golden {
    FILE *file;
    char backbone[OKNG_NAME_MAX];
    okng_activation activation;
    int height, width;
} golden;

static void open_golden(golden *g, const char *name, const char *what)
{
    char path[512], activation[32], format[64];
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/afclip/%s.txt", name);
    (void)snprintf(format, sizeof format, "%s %%63s %%31s %%d %%d", what);
    g->file = fopen(path, "r");
    assert_non_null(g->file);
    assert_int_equal(fscanf(g->file, format, g->backbone, activation, &g->height, &g->width), 4);
    g->activation = strcmp(activation, "quickgelu") == 0 ? OKNG_ACTIVATION_QUICKGELU : OKNG_ACTIVATION_GELU;
}

/* The value that the file has next, by its name: how many numbers of it follow. */
static size_t next_value(golden *g, const char *name, size_t count, double *largest)
{
    char found[2 * OKNG_NAME_MAX];
    unsigned long long expected_count;
    assert_int_equal(fscanf(g->file, " value %127s %llu %lf", found, &expected_count, largest), 3);
    assert_string_equal(found, name);
    assert_int_equal(expected_count, count);
    return count > WHOLE ? SAMPLES : count;
}

static double next_number(golden *g)
{
    double number;
    assert_int_equal(fscanf(g->file, "%lf", &number), 1);
    return number;
}

/* The worst difference over the largest number that is expected, the mean difference over it, and that number. */
typedef struct difference {
    double worst, mean, largest;
} difference;

static difference compare(golden *g, const char *name, const float *values, size_t count)
{
    double largest;
    difference d = {0};
    const size_t some = next_value(g, name, count, &largest);
    d.largest = largest;
    for (size_t k = 0; k < some; k++) {
        const size_t at = count > WHOLE ? okng_golden_mix(k) % count : k;
        const double off = fabs((double)values[at] - next_number(g)) / largest;
        d.worst = fmax(d.worst, off);
        d.mean += off / (double)some;
    }
    return d;
}

/* ---- what it is of ---- */

typedef struct batch {
    int pictures;
    int number[MOST], rectangle[MOST][4]; /* top, bottom, left, right */
    float labels[MOST], targets[MOST * CELLS_MOST];
    float *taps[MOST];
} batch;

static void read_batch(golden *g, batch *b, const char *name)
{
    char found[64];
    assert_int_equal(fscanf(g->file, " batch %63s %d", found, &b->pictures), 2);
    assert_string_equal(found, name);
    assert_true(b->pictures <= MOST);
    for (int i = 0; i < b->pictures; i++) {
        int *r = b->rectangle[i];
        assert_int_equal(fscanf(g->file, " picture %d %d %d %d %d", &b->number[i], &r[0], &r[1], &r[2], &r[3]), 5);
    }
}

typedef struct fixture {
    okng_weights *weights;
    okng_afclip_learnt learnt;
    okng_afclip_words words;
    okng_afclip_towers *towers;
    const okng_afclip_plan *plan;
    okng_train_machine *machine;
} fixture;

/* As make_afclip.py makes it. */
static void make_learnt(okng_afclip_learnt *learnt, const okng_clip_shape *shape)
{
    assert_ok(okng_afclip_learnt_new(learnt, shape->width, shape->text_width, error));
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        const okng_array array = okng_afclip_param_array(learnt, (okng_afclip_param)i);
        okng_param param = {.role = i == OKNG_AFCLIP_PARAM_NORM ? OKNG_ROLE_SCALE : OKNG_ROLE_WEIGHT,
                            .shape = {.rank = array.dims}};
        memcpy(param.shape.dims, array.shape, (size_t)array.dims * sizeof *array.shape);
        (void)snprintf(param.name, sizeof param.name, "%s", okng_afclip_param_name((okng_afclip_param)i));
        okng_golden_fill(&param, learnt->values[i]);
        const size_t count = okng_afclip_param_count(learnt, (okng_afclip_param)i);
        for (size_t k = 0; k < count && (i == OKNG_AFCLIP_PARAM_Q || i == OKNG_AFCLIP_PARAM_K); k++)
            learnt->values[i][k] *= 6;
    }
}

static void set_up(fixture *f, const golden *g)
{
    static const okng_afclip_ids ids = {.ids = {{49406, 2193, 44013, 269, 49407}, {49406, 593, 44013, 269, 49407}},
                                        .lengths = {5, 5}};
    okng_clip_shape shape;
    size_t size;
    *f = (fixture){0};
    assert_ok(okng_clip_shape_of(g->backbone, &shape, error));
    const unsigned char *bytes = kept_clip_bytes(g->backbone, IMAGE | TEXT, &size);
    assert_ok(okng_weights_open_memory(&f->weights, bytes, size, "clip.safetensors", error));
    make_learnt(&f->learnt, &shape);
    const okng_afclip_towers_request request = {.backbone = g->backbone,
                                                .activation = g->activation,
                                                .positions = OKNG_POSITIONS_AFCLIP,
                                                .height = g->height,
                                                .width = g->width};
    assert_ok(okng_afclip_towers_new(&f->towers, f->weights, &f->learnt, &request, error));
    f->plan = okng_afclip_towers_plan(f->towers);
    assert_true(f->plan->rows * f->plan->columns <= CELLS_MOST);
    assert_ok(okng_afclip_words_new(&f->words, f->weights, f->plan->text_width, &ids, error));
}

static void tear_down(fixture *f)
{
    okng_train_machine_free(&f->machine);
    okng_afclip_towers_free(&f->towers);
    okng_afclip_words_free(&f->words);
    okng_afclip_learnt_free(&f->learnt);
    okng_weights_close(&f->weights);
}

/* Pictures of numbers that come from their names. */
static void look_at(const fixture *f, const golden *g, batch *b)
{
    okng_afclip_session *session;
    const size_t pixels = 3 * (size_t)g->height * (size_t)g->width,
                 tap = (size_t)f->plan->tokens * (size_t)f->plan->width;
    float *tensor = floats((int64_t)pixels);
    assert_ok(okng_afclip_session_take(&session, f->towers, 1, error));
    for (int i = 0; i < b->pictures; i++) {
        char name[32];
        const float *taps[OKNG_AFCLIP_TAPS];
        (void)snprintf(name, sizeof name, "picture.%d", b->number[i]);
        const uint64_t hash = okng_golden_hash(name);
        for (size_t k = 0; k < pixels; k++) tensor[k] = okng_golden_uniform(hash, k) * 2.0f;
        b->taps[i] = floats((int64_t)(OKNG_AFCLIP_TAPS * tap));
        assert_ok(okng_afclip_session_look(session, tensor, taps, error));
        for (int t = 0; t < OKNG_AFCLIP_TAPS; t++) memcpy(b->taps[i] + (size_t)t * tap, taps[t], tap * sizeof(float));
    }
    okng_afclip_session_give(f->towers, session);
    free(tensor);
}

static void forget(batch *b)
{
    for (int i = 0; i < b->pictures; i++) free(b->taps[i]);
}

/* Labels and targets from the rectangles of defects. */
static void find_truth(const fixture *f, const golden *g, batch *b)
{
    const int cells = f->plan->rows * f->plan->columns;
    uint8_t *mask = malloc((size_t)(g->height * g->width));
    assert_non_null(mask);
    for (int i = 0; i < b->pictures; i++) {
        const int *r = b->rectangle[i];
        for (int y = 0; y < g->height; y++)
            for (int x = 0; x < g->width; x++)
                mask[y * g->width + x] = y >= r[0] && y < r[1] && x >= r[2] && x < r[3] ? 255 : 0;
        b->labels[i] = r[1] > r[0] ? 1 : 0;
        okng_targets_of(mask, g->height, g->width, f->plan->rows, f->plan->columns, b->targets + i * cells);
    }
    free(mask);
}

/* A machine with the golden values, in place of the one before. */
static void make_machine(fixture *f, const golden *g, bool quirk, uint64_t memory, int threads)
{
    const okng_train_machine_request request = {.backbone = g->backbone,
                                                .activation = g->activation,
                                                .height = g->height,
                                                .width = g->width,
                                                .plan = f->plan,
                                                .words = &f->words,
                                                .rule = {1, 1, 0.07, quirk},
                                                .pictures = MOST,
                                                .memory = memory,
                                                .threads = threads};
    okng_train_machine_free(&f->machine);
    assert_ok(okng_train_machine_new(&f->machine, f->weights, &request, error));
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        const okng_afclip_param param = (okng_afclip_param)i;
        memcpy(okng_train_machine_values(f->machine, param), f->learnt.values[i],
               okng_afclip_param_count(&f->learnt, param) * sizeof(float));
    }
}

static okng_loss_parts run(const fixture *f, const batch *b)
{
    okng_loss_parts parts;
    okng_train_machine_clear(f->machine);
    assert_ok(okng_train_machine_batch(f->machine, (const float *const *)b->taps, b->pictures, b->labels, b->targets, 1,
                                       &parts, error));
    return parts;
}

/* ---- gradients ---- */

/* Within 2e-4 of the largest gradient of the step: logits are sums of 12 cosines over 0.07, which makes 1e-6 of tokens
 * in float32 170 times as much. Those of the bias are sums over all tokens of both kinds, which nearly cancel, so that
 * what float32 makes of tokens shows in them: of their own largest they may be off by more. */
static void compare_gradients(golden *g, const fixture *f, const char *kind, const char *batch_name)
{
    double off = 0, largest = 0, worst = 0;
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        char name[2 * OKNG_NAME_MAX];
        const okng_afclip_param param = (okng_afclip_param)i;
        (void)snprintf(name, sizeof name, "gradient.%s.%s.%s", kind, batch_name, okng_afclip_param_name(param));
        const difference d = compare(g, name, okng_train_machine_gradient(f->machine, param),
                                     okng_train_machine_count(f->machine, param));
        if (d.worst > 10 * bound) fail_msg("%s: off by %.3g of its largest", name, d.worst);
        off = fmax(off, d.worst * d.largest);
        largest = fmax(largest, d.largest);
        worst = fmax(worst, d.worst);
    }
    print_message("%s, %s: gradients off by %.2g of the largest, one array by %.2g of its own\n", kind, batch_name,
                  off / largest, worst);
    assert_true(off <= 2 * bound * largest);
}

static void compare_losses(golden *g, const okng_loss_parts *parts, const char *batch_name)
{
    char name[64];
    double largest, alignment = 0;
    const float found[5] = {(float)parts->total, (float)parts->image, (float)parts->focal, (float)parts->l1,
                            (float)parts->alignment};
    (void)snprintf(name, sizeof name, "loss.%s", batch_name);
    assert_true(compare(g, name, found, 5).worst <= bound);
    (void)snprintf(name, sizeof name, "alignment.%s", batch_name);
    (void)next_value(g, name, OKNG_AFCLIP_STREAMS, &largest);
    for (int i = 0; i < OKNG_AFCLIP_STREAMS; i++) alignment += next_number(g) / OKNG_AFCLIP_STREAMS;
    assert_true(fabs(alignment - parts->alignment) <= bound * fmax(largest, 1e-3));
}

static void check_batch(golden *g, fixture *f, const char *batch_name, uint64_t memory)
{
    batch b;
    char name[64];
    read_batch(g, &b, batch_name);
    look_at(f, g, &b);
    find_truth(f, g, &b);
    (void)snprintf(name, sizeof name, "labels.%s", batch_name);
    double largest;
    for (size_t i = 0, some = next_value(g, name, (size_t)b.pictures, &largest); i < some; i++)
        assert_true((double)b.labels[i] == next_number(g));
    (void)snprintf(name, sizeof name, "targets.%s", batch_name);
    const size_t cells = (size_t)(b.pictures * f->plan->rows * f->plan->columns);
    for (size_t i = 0, some = next_value(g, name, cells, &largest); i < some; i++)
        assert_true((double)b.targets[i] == next_number(g));
    make_machine(f, g, true, memory, 2);
    const okng_loss_parts parts = run(f, &b);
    compare_losses(g, &parts, batch_name);
    compare_gradients(g, f, "quirk", batch_name);
    make_machine(f, g, false, memory, 2);
    const okng_loss_parts clean = run(f, &b);
    assert_memory_equal(&clean, &parts, sizeof parts);
    compare_gradients(g, f, "clean", batch_name);
    forget(&b);
}

static void gradients_are_torchs(void **state)
{
    (void)state;
    static const char *const names[] = {"mixed", "good", "bad"};
    golden g;
    fixture f;
    open_golden(&g, "training", "training");
    set_up(&f, &g);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) check_batch(&g, &f, names[i], (uint64_t)1 << 33);
    assert_int_equal(okng_train_machine_streams(f.machine), OKNG_AFCLIP_STREAMS);
    tear_down(&f);
    (void)fclose(g.file);
}

/* QuickGELU; and a few streams at a time, each computed twice. */
static void gradients_of_few_streams_are_torchs(void **state)
{
    (void)state;
    golden g;
    fixture f;
    open_golden(&g, "training-quick", "training");
    set_up(&f, &g);
    check_batch(&g, &f, "mixed", (uint64_t)20 << 20);
    assert_true(okng_train_machine_streams(f.machine) < OKNG_AFCLIP_STREAMS);
    tear_down(&f);
    (void)fclose(g.file);
}

/* ---- steps ---- */

static void steps_are_torchs(void **state)
{
    (void)state;
    golden g;
    fixture f;
    batch batches[2];
    int count;
    double rate;
    float losses[5 * 16];
    okng_adam moments[OKNG_AFCLIP_PARAMS];
    open_golden(&g, "steps", "steps");
    set_up(&f, &g);
    make_machine(&f, &g, true, (uint64_t)1 << 33, 1);
    assert_int_equal(fscanf(g.file, " adam %d %lf", &count, &rate), 2);
    assert_true(count <= 16);
    for (int i = 0; i < 2; i++) {
        read_batch(&g, &batches[i], i == 0 ? "mixed" : "next");
        look_at(&f, &g, &batches[i]);
        find_truth(&f, &g, &batches[i]);
    }
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++)
        assert_ok(okng_adam_new(&moments[i], okng_train_machine_count(f.machine, (okng_afclip_param)i), error));
    for (int step = 0; step < count; step++) {
        const okng_loss_parts p = run(&f, &batches[step % 2]);
        const float row[5] = {(float)p.total, (float)p.image, (float)p.focal, (float)p.l1, (float)p.alignment};
        memcpy(losses + 5 * step, row, sizeof row);
        for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++)
            okng_adam_step(&moments[i], (uint64_t)step + 1, rate,
                           okng_train_machine_gradient(f.machine, (okng_afclip_param)i),
                           okng_train_machine_values(f.machine, (okng_afclip_param)i));
    }
    assert_true(compare(&g, "loss", losses, 5 * (size_t)count).worst <= 1e-3);
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        char name[2 * OKNG_NAME_MAX];
        const okng_afclip_param param = (okng_afclip_param)i;
        float *values = okng_train_machine_values(f.machine, param);
        const size_t numbers = okng_train_machine_count(f.machine, param);
        (void)snprintf(name, sizeof name, "moved.%s", okng_afclip_param_name(param));
        for (size_t k = 0; k < numbers; k++) values[k] -= f.learnt.values[i][k];
        const difference d = compare(&g, name, values, numbers);
        print_message("%s: off by %.2g of the farthest, %.2g on average\n", name, d.worst, d.mean);
        assert_true(d.mean <= 1e-3);
        okng_adam_free(&moments[i]);
    }
    for (int i = 0; i < 2; i++) forget(&batches[i]);
    tear_down(&f);
    (void)fclose(g.file);
}

/* ---- targets ---- */

static void targets_are_torchs(void **state)
{
    (void)state;
    int height, width, side, cells, files = 0;
    unsigned long long sum, squares;
    FILE *file = fopen(OKNG_GOLDEN "/afclip/targets.txt", "r");
    assert_non_null(file);
    while (fscanf(file, " mask %d %d %d %d %llu %llu", &height, &width, &side, &cells, &sum, &squares) == 6) {
        okng_image mask, small;
        float *targets = floats((int64_t)cells * cells);
        unsigned long long found_sum = 0, found_squares = 0;
        assert_ok(okng_image_new(&mask, width, height, 1, error));
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) mask.pixels[y * width + x] = (7 * y + 13 * x + y * x) % 97 < 40 ? 255 : 0;
        assert_ok(okng_image_resize(&mask, side, side, OKNG_BICUBIC, &small, error));
        for (int i = 0; i < side * side; i++) {
            found_sum += small.pixels[i];
            found_squares += (unsigned long long)small.pixels[i] * small.pixels[i];
        }
        assert_int_equal(found_sum, sum);
        assert_int_equal(found_squares, squares);
        okng_targets_of(small.pixels, side, side, cells, cells, targets);
        for (int i = 0; i < cells * cells; i++) {
            double expected;
            assert_int_equal(fscanf(file, "%lf", &expected), 1);
            assert_true((double)targets[i] == expected);
        }
        okng_image_free(&mask);
        okng_image_free(&small);
        free(targets);
        files++;
    }
    assert_int_equal(files, 6);
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradients_are_torchs),
                                       cmocka_unit_test(gradients_of_few_streams_are_torchs),
                                       cmocka_unit_test(steps_are_torchs), cmocka_unit_test(targets_are_torchs)};
    return RUN_TESTS(tests);
}
