/* A step of training beside what torch makes of the same weights in float64 (golden/make_afclip.py): losses, every
 * gradient with the quirk of the original program and without, and where Adam's steps lead. With OKNG_TEST_LONG a step
 * at the shape of ViT-L-14-336 and 518 pixels (make test-long). */
#include "afclip/towers.h"
#include "clip_fixture.h"
#include "image/image.h"
#include "train/adam.h"
#include "train/machine.h"

enum { WHOLE = 1024, SAMPLES = 200, MOST = 4 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { BATCHES = 1 }; /* the others, and further steps, go the same ways */
#else
enum { BATCHES = 3 };
#endif

static const double bound = 1e-4; /* of the largest */

/* ---- one file ---- */

typedef struct golden {
    FILE *file;
    char backbone[OKNG_NAME_MAX];
    okng_activation activation;
    int side;
} golden;

static void open_golden(golden *g, const char *kind, const char *path)
{
    char found[32], activation[32];
    g->file = fopen(path, "r");
    assert_non_null(g->file);
    assert_int_equal(fscanf(g->file, "%31s %63s %31s %d %d", found, g->backbone, activation, &g->side, &g->side), 5);
    assert_string_equal(found, kind);
    g->activation = strcmp(activation, "quickgelu") == 0 ? OKNG_ACTIVATION_QUICKGELU : OKNG_ACTIVATION_GELU;
}

static const char *golden_path(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/afclip/%s.txt", name);
    return path;
}

static double next_number(golden *g)
{
    double number;
    assert_int_equal(fscanf(g->file, "%lf", &number), 1);
    return number;
}

/* The largest difference of the value that comes next in the file, by its name, and its own largest number. */
static double worst_of(golden *g, const char *name, const float *values, size_t count, double *largest)
{
    char found[OKNG_NAME_MAX];
    unsigned long long expected;
    double worst = 0;
    assert_int_equal(fscanf(g->file, " value %63s %llu %lf", found, &expected, largest), 3);
    assert_string_equal(found, name);
    assert_int_equal(expected, count);
    for (size_t k = 0; k < (count > WHOLE ? SAMPLES : count); k++)
        worst = fmax(worst, fabs((double)values[count > WHOLE ? okng_golden_mix(k) % count : k] - next_number(g)));
    return worst;
}

static void compare(golden *g, const char *name, const float *values, size_t count, double relative)
{
    double largest;
    const double worst = worst_of(g, name, values, count, &largest);
    print_message("%s: off by %.2g of the largest, %.3g\n", name, largest > 0 ? worst / largest : worst, largest);
    assert_true(worst <= relative * largest);
}

/* ---- pictures ---- */

typedef struct batch {
    char name[32];
    int pictures, numbers[MOST];
    int box[MOST][4]; /* of the defect: top, bottom, left, right */
    float labels[MOST], *targets, *taps[MOST];
} batch;

static void read_batch(golden *g, batch *b)
{
    assert_int_equal(fscanf(g->file, " batch %31s %d", b->name, &b->pictures), 2);
    assert_in_range(b->pictures, 1, MOST);
    for (int i = 0; i < b->pictures; i++) {
        int *box = b->box[i];
        assert_int_equal(fscanf(g->file, " picture %d %d %d %d %d", &b->numbers[i], box, box + 1, box + 2, box + 3), 5);
    }
}

/* Labels and targets, as a mask of the input's size gives them. */
static void make_truth(batch *b, const okng_afclip_plan *plan, int side)
{
    const size_t cells = (size_t)plan->rows * (size_t)plan->columns;
    uint8_t *mask = malloc((size_t)side * (size_t)side);
    b->targets = floats((int64_t)(cells * (size_t)b->pictures));
    assert_non_null(mask);
    for (int i = 0; i < b->pictures; i++) {
        const int *box = b->box[i];
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                mask[y * side + x] = y >= box[0] && y < box[1] && x >= box[2] && x < box[3] ? 255 : 0;
        b->labels[i] = box[1] > box[0] ? 1 : 0;
        okng_targets_of(mask, side, side, plan->rows, plan->columns, b->targets + (size_t)i * cells);
    }
    free(mask);
}

/* ---- the networks ---- */

typedef struct fixture {
    okng_weights *weights;
    okng_afclip_learnt learnt;
    okng_afclip_words words;
    okng_afclip_towers *towers;
    const okng_afclip_plan *plan;
    okng_afclip_session *session;
    okng_train_machine *machine;
} fixture;

static void fill_learnt(okng_afclip_learnt *learnt)
{
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

static void set_values(fixture *f)
{
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++)
        memcpy(okng_train_machine_values(f->machine, (okng_afclip_param)i), f->learnt.values[i],
               okng_train_machine_count(f->machine, (okng_afclip_param)i) * sizeof(float));
}

/* memory: what limits how many streams go through the adapter at a time. */
static void make_machine(fixture *f, const golden *g, bool quirk, uint64_t memory, int threads)
{
    okng_train_machine_free(&f->machine);
    const okng_train_machine_request request = {
        .backbone = g->backbone,
        .activation = g->activation,
        .height = g->side,
        .width = g->side,
        .plan = f->plan,
        .words = &f->words,
        .rule = {.lambda1 = 1, .lambda2 = 1, .temperature = 0.07, .quirk = quirk},
        .pictures = MOST,
        .memory = memory,
        .threads = threads};
    assert_ok(okng_train_machine_new(&f->machine, f->weights, &request, error));
    set_values(f);
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
    assert_ok(okng_afclip_learnt_new(&f->learnt, shape.width, shape.text_width, error));
    fill_learnt(&f->learnt);
    const okng_afclip_towers_request request = {.backbone = g->backbone,
                                                .activation = g->activation,
                                                .positions = OKNG_POSITIONS_AFCLIP,
                                                .winograd = true,
                                                .height = g->side,
                                                .width = g->side};
    assert_ok(okng_afclip_towers_new(&f->towers, f->weights, &f->learnt, &request, error));
    f->plan = okng_afclip_towers_plan(f->towers);
    assert_ok(okng_afclip_words_new(&f->words, f->weights, f->plan->text_width, &ids, error));
    assert_ok(okng_afclip_session_take(&f->session, f->towers, 2, error));
}

static void tear_down(fixture *f)
{
    okng_train_machine_free(&f->machine);
    okng_afclip_session_give(f->towers, f->session);
    okng_afclip_towers_free(&f->towers);
    okng_afclip_words_free(&f->words);
    okng_afclip_learnt_free(&f->learnt);
    okng_weights_close(&f->weights);
}

/* taps [4, T, W] of each picture. */
static void look(fixture *f, const golden *g, batch *b)
{
    const size_t pixels = 3 * (size_t)g->side * (size_t)g->side, tap = (size_t)f->plan->tokens * (size_t)f->plan->width;
    float *tensor = floats((int64_t)pixels);
    for (int i = 0; i < b->pictures; i++) {
        const float *taps[OKNG_AFCLIP_TAPS];
        char name[32];
        (void)snprintf(name, sizeof name, "picture.%d", b->numbers[i]);
        const uint64_t hash = okng_golden_hash(name);
        for (size_t k = 0; k < pixels; k++) tensor[k] = okng_golden_uniform(hash, k) * 2.0f;
        assert_ok(okng_afclip_session_look(f->session, tensor, taps, error));
        b->taps[i] = floats((int64_t)(OKNG_AFCLIP_TAPS * tap));
        for (int k = 0; k < OKNG_AFCLIP_TAPS; k++) memcpy(b->taps[i] + (size_t)k * tap, taps[k], tap * sizeof(float));
    }
    free(tensor);
    make_truth(b, f->plan, g->side);
}

static void free_batch(batch *b)
{
    for (int i = 0; i < b->pictures; i++) free(b->taps[i]);
    free(b->targets);
}

/* The losses of a batch, whose gradients are the machine's then. */
static void run(fixture *f, const batch *b, float losses[5])
{
    okng_loss_parts parts;
    okng_train_machine_clear(f->machine);
    assert_ok(okng_train_machine_batch(f->machine, (const float *const *)b->taps, b->pictures, b->labels, b->targets, 1,
                                       &parts, error));
    const double all[] = {parts.total, parts.image, parts.focal, parts.l1, parts.alignment};
    for (int i = 0; i < 5; i++) losses[i] = (float)all[i];
}

/* ---- tests ---- */

static void compare_gradients(golden *g, fixture *f, const char *kind, const char *of)
{
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        char name[OKNG_NAME_MAX];
        const okng_afclip_param param = (okng_afclip_param)i;
        (void)snprintf(name, sizeof name, "gradient.%s.%s.%s", kind, of, okng_afclip_param_name(param));
        compare(g, name, okng_train_machine_gradient(f->machine, param), okng_train_machine_count(f->machine, param),
                bound);
    }
}

static void skip_value(golden *g, size_t count)
{
    char found[OKNG_NAME_MAX];
    assert_int_equal(fscanf(g->file, " value %63s %*u %*f", found), 1);
    for (size_t i = 0; i < count; i++) (void)next_number(g);
}

static void check_batch(golden *g, fixture *f, uint64_t memory)
{
    static const char *const kinds[] = {"quirk", "clean"};
    batch b = {0};
    float losses[5], again[5];
    char name[OKNG_NAME_MAX];
    read_batch(g, &b);
    look(f, g, &b);
    (void)snprintf(name, sizeof name, "labels.%s", b.name);
    compare(g, name, b.labels, (size_t)b.pictures, 0);
    (void)snprintf(name, sizeof name, "targets.%s", b.name);
    compare(g, name, b.targets, (size_t)b.pictures * (size_t)(f->plan->tokens - 1), 0);
    for (int k = 0; k < 2; k++) {
        make_machine(f, g, k == 0, memory, 2);
        run(f, &b, k == 0 ? losses : again);
        if (k == 0) {
            (void)snprintf(name, sizeof name, "loss.%s", b.name);
            compare(g, name, losses, 5, bound);
            skip_value(g, OKNG_AFCLIP_STREAMS); /* the alignment of each, which is nobody's but the losses' */
        }
        compare_gradients(g, f, kinds[k], b.name);
    }
    assert_memory_equal(losses, again, sizeof losses); /* the quirk is one of the gradient alone */
    free_batch(&b);
}

static void check(const char *path, int batches, uint64_t memory)
{
    golden g;
    fixture f;
    open_golden(&g, "training", path);
    set_up(&f, &g);
    for (int i = 0; i < batches; i++) check_batch(&g, &f, memory);
    tear_down(&f);
    (void)fclose(g.file);
}

static void losses_and_gradients_equal_torch(void **state)
{
    (void)state;
    check(golden_path("training"), BATCHES, UINT64_MAX);
}

/* One stream at a time, so that the losses see them one after the other. */
static void those_of_streams_apart_equal_torch(void **state)
{
    (void)state;
    golden g;
    fixture f;
    open_golden(&g, "training", golden_path("training-quick"));
    set_up(&f, &g);
    uint64_t memory = 1 << 16;
    okng_train_machine *machine = NULL;
    okng_error refused;
    for (okng_status status = OKNG_ERROR_LIMIT; status == OKNG_ERROR_LIMIT; memory += memory / 4) {
        const okng_train_machine_request request = {.backbone = g.backbone,
                                                    .activation = g.activation,
                                                    .height = g.side,
                                                    .width = g.side,
                                                    .plan = f.plan,
                                                    .words = &f.words,
                                                    .rule = {.lambda1 = 1, .lambda2 = 1, .temperature = 0.07},
                                                    .pictures = MOST,
                                                    .memory = memory,
                                                    .threads = 1};
        status = okng_train_machine_new(&machine, f.weights, &request, &refused);
        if (status == OKNG_OK) assert_int_equal(okng_train_machine_streams(machine), 1);
        okng_train_machine_free(&machine);
        if (status == OKNG_OK) break;
    }
    check_batch(&g, &f, memory);
    tear_down(&f);
    (void)fclose(g.file);
}

/* Where a gradient is nearly 0 Adam moves by what rounding left of it, as far as anywhere else: a few numbers of an
 * array may be off by that, all others must not. */
static void compare_moves(golden *g, fixture *f, okng_afclip_param param)
{
    const float *before = f->learnt.values[param], *after = okng_train_machine_values(f->machine, param);
    const size_t count = okng_train_machine_count(f->machine, param);
    float *moved = floats((int64_t)count);
    for (size_t i = 0; i < count; i++) moved[i] = after[i] - before[i];
    char found[OKNG_NAME_MAX];
    unsigned long long expected;
    double largest, square = 0, of = 0;
    assert_int_equal(fscanf(g->file, " value %63s %llu %lf", found, &expected, &largest), 3);
    assert_string_equal(found + strlen("moved."), okng_afclip_param_name(param));
    assert_int_equal(expected, count);
    size_t off = 0, some = count > WHOLE ? SAMPLES : count;
    double worst = 0;
    for (size_t k = 0; k < some; k++) {
        const double wanted = next_number(g),
                     is = fabs((double)moved[count > WHOLE ? okng_golden_mix(k) % count : k] - wanted);
        off += is > 1e-3 * largest;
        worst = fmax(worst, is);
        square += is * is;
        of += wanted * wanted;
    }
    print_message("%s: moved by %.3g, off by %.2g of it; %zu of %zu numbers by more than 1e-3\n", found, largest,
                  sqrt(square / of), off, some);
    assert_true(worst <= 1e-3);             /* as the specification has it */
    assert_true(sqrt(square / of) <= 1e-3); /* of how far it went */
    assert_true(off * 20 <= some);
    free(moved);
}

static void five_steps_lead_where_torch_comes(void **state)
{
    (void)state;
    golden g;
    fixture f;
    batch batches[2] = {0};
    okng_adam moments[OKNG_AFCLIP_PARAMS] = {0};
    int steps;
    double rate;
    if (BATCHES == 1) skip();
    open_golden(&g, "steps", golden_path("steps"));
    assert_int_equal(fscanf(g.file, " adam %d %lf", &steps, &rate), 2);
    set_up(&f, &g);
    for (int i = 0; i < 2; i++) {
        read_batch(&g, &batches[i]);
        look(&f, &g, &batches[i]);
    }
    make_machine(&f, &g, true, UINT64_MAX, 2);
    float *losses = floats(5 * (int64_t)steps);
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++)
        assert_ok(okng_adam_new(&moments[i], okng_train_machine_count(f.machine, (okng_afclip_param)i), error));
    for (int s = 0; s < steps; s++) {
        run(&f, &batches[s % 2], losses + (size_t)s * 5);
        for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++)
            okng_adam_step(&moments[i], (uint64_t)s + 1, rate,
                           okng_train_machine_gradient(f.machine, (okng_afclip_param)i),
                           okng_train_machine_values(f.machine, (okng_afclip_param)i));
    }
    compare(&g, "loss", losses, 5 * (size_t)steps, bound);
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        compare_moves(&g, &f, (okng_afclip_param)i);
        okng_adam_free(&moments[i]);
    }
    free(losses);
    for (int i = 0; i < 2; i++) free_batch(&batches[i]);
    tear_down(&f);
    (void)fclose(g.file);
}

/* Masks that Pillow resized are those of image/; here what becomes of them. */
static void targets_equal_torch(void **state)
{
    (void)state;
    FILE *file = fopen(golden_path("targets"), "r");
    int height, width, side, cells, seen = 0;
    assert_non_null(file);
    while (fscanf(file, " mask %d %d %d %d %*u %*u", &height, &width, &side, &cells) == 4) {
        float *targets = floats((int64_t)cells * cells);
        uint8_t *mask = malloc((size_t)height * (size_t)width);
        okng_image small = {0};
        assert_non_null(mask);
        for (int64_t y = 0; y < height; y++)
            for (int64_t x = 0; x < width; x++) mask[y * width + x] = (7 * y + 13 * x + y * x) % 97 < 40 ? 255 : 0;
        const okng_image image = {.width = width, .height = height, .channels = 1, .pixels = mask};
        assert_ok(okng_image_resize(&image, side, side, OKNG_BICUBIC, &small, error));
        okng_targets_of(small.pixels, side, side, cells, cells, targets);
        for (int i = 0; i < cells * cells; i++) {
            double expected;
            assert_int_equal(fscanf(file, "%lf", &expected), 1);
            assert_true((double)targets[i] == expected);
        }
        okng_image_free(&small);
        free(targets);
        free(mask);
        seen++;
    }
    assert_int_equal(seen, 6);
    (void)fclose(file);
}

static void a_step_of_vit_l_equals_torch(void **state)
{
    (void)state;
    if (!getenv("OKNG_TEST_LONG")) {
        print_message("SKIP %s: make test-long runs it\n", __func__);
        skip();
    }
    check(golden_path("vit-l"), 1, UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_and_gradients_equal_torch),  cmocka_unit_test(those_of_streams_apart_equal_torch),
        cmocka_unit_test(five_steps_lead_where_torch_comes), cmocka_unit_test(targets_equal_torch),
        cmocka_unit_test(a_step_of_vit_l_equals_torch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
