/* What AF-CLIP learns, and the folders that keep it. */
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "afclip/checkpoint.h"
#include "base/file.h"
#include "base/sha256.h"
#include "test.h"

enum { W = 6, WT = 5 };

static char folder[64], path[160];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/okng_afclip_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static const char *in(const char *name)
{
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_text(const char *name, const char *text)
{
    assert_ok(okng_file_write(in(name), text, strlen(text), error));
}

static char *read_text(const char *name)
{
    void *data;
    size_t size;
    char *text;
    assert_ok(okng_file_read(in(name), 1 << 20, &data, &size, error));
    assert_non_null(text = calloc(1, size + 1));
    memcpy(text, data, size);
    free(data);
    return text;
}

/* A checkpoint that knows everything; `seed` makes its values. */
static void make(okng_afclip_checkpoint *c, uint64_t seed)
{
    okng_afclip_checkpoint_init(c);
    assert_ok(okng_afclip_learnt_new(&c->learnt, W, WT, error));
    okng_afclip_learnt_draw(&c->learnt, seed);
    c->source = OKNG_AFCLIP_SOURCE_TRAINED;
    strcpy(c->backbone, "clip-tinyclip-8m-16");
    okng_sha256("weights", 7, c->weights_sha256);
    for (int i = 0; i < 4; i++) c->taps[i] = 2 + 3 * i;
    c->resolution = 96;
    c->training = json_pack("{s:s, s:i}", "data", "tile", "steps", 7);
}

static void save(uint64_t seed)
{
    okng_afclip_checkpoint c;
    make(&c, seed);
    assert_ok(okng_afclip_checkpoint_save(&c, folder, error));
    okng_afclip_checkpoint_free(&c);
}

static void assert_values(const okng_afclip_learnt *learnt, uint64_t seed)
{
    okng_afclip_checkpoint c;
    make(&c, seed);
    assert_int_equal(learnt->width, W);
    assert_int_equal(learnt->text_width, WT);
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++)
        assert_memory_equal(learnt->values[p], c.learnt.values[p],
                            okng_afclip_param_count(learnt, (okng_afclip_param)p) * sizeof(float));
    okng_afclip_checkpoint_free(&c);
}

static void assert_holds(uint64_t seed)
{
    okng_afclip_checkpoint c;
    assert_ok(okng_afclip_checkpoint_open(&c, folder, error));
    assert_values(&c.learnt, seed);
    okng_afclip_checkpoint_free(&c);
}

static int entries(void)
{
    int count = 0;
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing));) count += entry->d_name[0] != '.' || entry->d_name[1] > '.';
    (void)closedir(listing);
    return count;
}

/* ---- what is learnt -------------------------------------------------------------------------- */

static void counts_of_the_paper(void **state)
{
    (void)state;
    static const struct {
        int32_t width;
        size_t adapter;
    } expected[] = {{1024, 2100224}, {768, 1575168}, {640, 1312640}, {512, 1050112}, {256, 525056}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        okng_afclip_learnt learnt;
        assert_ok(okng_afclip_learnt_new(&learnt, expected[i].width, 512, error));
        size_t adapter = 0;
        for (int p = OKNG_AFCLIP_PARAM_Q; p < OKNG_AFCLIP_PARAMS; p++)
            adapter += okng_afclip_param_count(&learnt, (okng_afclip_param)p);
        assert_int_equal(adapter, expected[i].adapter);
        assert_int_equal(okng_afclip_param_count(&learnt, OKNG_AFCLIP_PARAM_PROMPT), 12 * 512);
        okng_afclip_learnt_free(&learnt);
    }
    okng_afclip_learnt learnt;
    assert_fails(OKNG_ERROR_LIMIT, "tokens of texts of 0 numbers", okng_afclip_learnt_new(&learnt, 8, 0, error));
    assert_fails(OKNG_ERROR_LIMIT, "expected 1 to 4096", okng_afclip_learnt_new(&learnt, 4097, 8, error));
    assert_null(learnt.values[0]);
}

static void moments(const okng_afclip_learnt *learnt, okng_afclip_param param, double *mean, double *deviation,
                    double *largest)
{
    const size_t count = okng_afclip_param_count(learnt, param);
    double sum = 0, squares = 0;
    *largest = 0;
    for (size_t i = 0; i < count; i++) {
        const double value = (double)learnt->values[param][i];
        sum += value;
        squares += value * value;
        *largest = fmax(*largest, fabs(value));
    }
    *mean = sum / (double)count;
    *deviation = sqrt(squares / (double)count);
}

static void draws_as_the_original(void **state)
{
    (void)state;
    okng_afclip_learnt learnt;
    double mean, deviation, largest;
    assert_ok(okng_afclip_learnt_new(&learnt, 768, 512, error));
    okng_afclip_learnt_draw(&learnt, 122);
    moments(&learnt, OKNG_AFCLIP_PARAM_PROMPT, &mean, &deviation, &largest);
    assert_true(fabs(mean) < 5e-4 && fabs(deviation - 0.01) < 3e-4 && largest < 0.06);
    for (okng_afclip_param p = OKNG_AFCLIP_PARAM_Q; p <= OKNG_AFCLIP_PARAM_OUT_BIAS; p++) {
        const double bound = 1 / sqrt(p <= OKNG_AFCLIP_PARAM_V ? 768 : 512);
        moments(&learnt, p, &mean, &deviation, &largest);
        assert_true(largest <= bound && largest > 0.99 * bound);
        assert_true(fabs(mean) < 0.05 * bound);
        assert_true(fabs(deviation - bound / sqrt(3)) < 0.03 * bound);
    }
    assert_memory_not_equal(learnt.values[OKNG_AFCLIP_PARAM_Q], learnt.values[OKNG_AFCLIP_PARAM_K], 4096);
    for (int i = 0; i < 768; i++) {
        assert_true(learnt.values[OKNG_AFCLIP_PARAM_NORM][i] == 1.0f);
        assert_true(learnt.values[OKNG_AFCLIP_PARAM_NORM_BIAS][i] == 0.0f);
    }
    okng_afclip_learnt_free(&learnt);
}

/* ---- folders --------------------------------------------------------------------------------- */

static void a_folder_gives_back_what_was_saved(void **state)
{
    (void)state;
    okng_afclip_checkpoint written, read;
    make(&written, 1);
    assert_ok(okng_afclip_checkpoint_save(&written, in("a/b/"), error));
    assert_ok(okng_afclip_checkpoint_open(&read, in("a/b"), error));
    assert_values(&read.learnt, 1);
    assert_int_equal(read.source, OKNG_AFCLIP_SOURCE_TRAINED);
    assert_string_equal(read.backbone, written.backbone);
    assert_string_equal(read.weights_sha256, written.weights_sha256);
    assert_memory_equal(read.taps, written.taps, sizeof read.taps);
    assert_int_equal(read.resolution, 96);
    assert_true(json_equal(read.training, written.training));
    char sha256[65];
    assert_ok(okng_file_sha256(in("a/b/afclip.safetensors"), sha256, error));
    assert_string_equal(read.sha256, sha256);
    okng_afclip_checkpoint_free(&read);
    /* the file alone */
    assert_ok(okng_afclip_checkpoint_open(&read, path, error));
    assert_values(&read.learnt, 1);
    assert_string_equal(read.sha256, sha256);
    assert_int_equal(read.source, OKNG_AFCLIP_SOURCE_UNKNOWN);
    assert_string_equal(read.backbone, "");
    assert_int_equal(read.taps[0], -1);
    okng_afclip_checkpoint_free(&read);
    okng_afclip_checkpoint_free(&written);
}

static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    okng_afclip_checkpoint c, read;
    make(&c, 2);
    json_decref(c.training);
    c.training = NULL;
    c.source = OKNG_AFCLIP_SOURCE_IMPORTED;
    c.backbone[0] = c.weights_sha256[0] = '\0';
    c.resolution = 0;
    for (int i = 0; i < 4; i++) c.taps[i] = -1;
    assert_ok(okng_afclip_checkpoint_save(&c, folder, error));
    char *text = read_text("checkpoint.json");
    static const char *const absent[] = {"backbone", "taps", "resolution", "weights_sha256", "training"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) assert_null(strstr(text, absent[i]));
    free(text);
    assert_ok(okng_afclip_checkpoint_open(&read, folder, error));
    assert_int_equal(read.source, OKNG_AFCLIP_SOURCE_IMPORTED);
    assert_int_equal(read.taps[3], -1);
    assert_null(read.training);
    okng_afclip_checkpoint_free(&read);
    okng_afclip_checkpoint_free(&c);
}

static void saving_again_replaces(void **state)
{
    (void)state;
    save(1);
    write_text("losses.csv", "step,loss\n");
    save(2);
    assert_holds(2);
    assert_int_equal(entries(), 3);
    free(read_text("losses.csv"));
}

static void nothing_of_others_is_lost(void **state)
{
    (void)state;
    okng_afclip_checkpoint c;
    make(&c, 1);
    write_text("afclip.safetensors", "mine");
    assert_fails(OKNG_ERROR_ARGUMENT, "holds \"afclip.safetensors\" that is no part of a checkpoint",
                 okng_afclip_checkpoint_save(&c, folder, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "would be lost", okng_afclip_checkpoint_check_folder(folder, error));
    assert_int_equal(unlink(in("afclip.safetensors")), 0);
    write_text("checkpoint.json", "{\"epoch\": 3}");
    assert_fails(OKNG_ERROR_ARGUMENT, "holds \"checkpoint.json\" that is no part of a checkpoint",
                 okng_afclip_checkpoint_save(&c, folder, error));
    char *text = read_text("checkpoint.json");
    assert_string_equal(text, "{\"epoch\": 3}");
    free(text);
    write_text("file", "");
    assert_fails(OKNG_ERROR_IO, "file: is a file, expected a folder",
                 okng_afclip_checkpoint_save(&c, in("file"), error));
    assert_fails(OKNG_ERROR_ARGUMENT, "empty name", okng_afclip_checkpoint_save(&c, "", error));
    okng_afclip_checkpoint_free(&c);
}

static void members_out_of_range_are_refused(void **state)
{
    (void)state;
    okng_afclip_checkpoint c;
    make(&c, 1);
    c.source = OKNG_AFCLIP_SOURCE_UNKNOWN;
    assert_fails(OKNG_ERROR_ARGUMENT, "source", okng_afclip_checkpoint_save(&c, folder, error));
    c.source = OKNG_AFCLIP_SOURCE_TRAINED;
    c.taps[3] = c.taps[2];
    assert_fails(OKNG_ERROR_ARGUMENT, "taps", okng_afclip_checkpoint_save(&c, folder, error));
    c.taps[3] = c.taps[2] + 1;
    c.weights_sha256[3] = 'G';
    assert_fails(OKNG_ERROR_ARGUMENT, "hash", okng_afclip_checkpoint_save(&c, folder, error));
    c.weights_sha256[3] = '0';
    c.resolution = -1;
    assert_fails(OKNG_ERROR_ARGUMENT, "resolution", okng_afclip_checkpoint_save(&c, folder, error));
    assert_int_equal(entries(), 0);
    okng_afclip_checkpoint_free(&c);
}

/* ---- killed and interrupted ------------------------------------------------------------------ */

static void move(const char *from, const char *to)
{
    char first[160];
    strcpy(first, in(from));
    assert_int_equal(rename(first, in(to)), 0);
}

/* The three moments at which a save can be cut off. */
static void a_cut_off_save_leaves_the_old_or_the_new(void **state)
{
    (void)state;
    static const char next[] = ".afclip.safetensors.okng-next";
    save(1);
    move("afclip.safetensors", "old.safetensors");
    move("checkpoint.json", "old.json");
    save(2);
    move("afclip.safetensors", "new.safetensors");
    move("checkpoint.json", "new.json");
    /* the new values are there, not their description */
    move("old.safetensors", "afclip.safetensors");
    move("old.json", "checkpoint.json");
    move("new.safetensors", next);
    assert_holds(1);
    /* the description is exchanged */
    move("checkpoint.json", "old.json");
    move("new.json", "checkpoint.json");
    assert_holds(2);
    /* which the next save must not lose where it is cut off before its own description */
    okng_afclip_checkpoint c;
    make(&c, 3);
    struct stat info;
    assert_int_equal(mkdir(in("..checkpoint.json.okng-tmp"), 0777), 0); /* in nobody's way */
    assert_ok(okng_afclip_checkpoint_save(&c, folder, error));
    assert_int_equal(stat(in(next), &info), -1);
    assert_holds(3);
    okng_afclip_checkpoint_free(&c);
}

/* The next save puts the values that were cut off in their place before it writes its own. */
static void a_failed_save_leaves_what_a_killed_one_left(void **state)
{
    (void)state;
    save(1);
    move("afclip.safetensors", ".afclip.safetensors.okng-next"); /* as after the exchange of the description */
    assert_holds(1);
    okng_afclip_checkpoint c;
    make(&c, 2);
    json_decref(c.training);
    c.training = json_string_nocheck("\xff"); /* no text: its description cannot be written */
    okng_error error = {0};
    assert_int_not_equal(okng_afclip_checkpoint_save(&c, folder, &error), OKNG_OK);
    assert_holds(1);
    assert_int_equal(entries(), 2);
    okng_afclip_checkpoint_free(&c);
}

/* A process that saves one and the other until it is killed, or a save fails. It must not come back into the tests. */
static pid_t start_saving(void)
{
    okng_afclip_checkpoint both[2];
    make(&both[0], 1);
    make(&both[1], 2);
    int saved[2];
    char byte;
    assert_int_equal(pipe(saved), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(60);
        for (int i = 0; okng_afclip_checkpoint_save(&both[i], folder, NULL) == OKNG_OK; i = 1 - i)
            if (saved[1] >= 0 && write(saved[1], "", 1) == 1) saved[1] = -1;
        _exit(1);
    }
    (void)close(saved[1]);
    assert_int_equal(read(saved[0], &byte, 1), 1); /* it is at its second */
    (void)close(saved[0]);
    for (int i = 0; i < 2; i++) okng_afclip_checkpoint_free(&both[i]);
    assert_true(child > 0);
    return child;
}

/* It was alive until now: no save failed. */
static void stop_saving(pid_t child)
{
    int status;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void kill_at_any_moment(void **state)
{
    (void)state;
    save(1);
    for (int round = 0; round < 25; round++) {
        pid_t child = start_saving();
        (void)usleep((useconds_t)(177 * round));
        stop_saving(child);
        okng_afclip_checkpoint c;
        assert_ok(okng_afclip_checkpoint_open(&c, folder, error));
        okng_afclip_checkpoint one;
        make(&one, 1);
        const bool first = memcmp(c.learnt.values[1], one.learnt.values[1], 512 * W * sizeof(float)) == 0;
        assert_values(&c.learnt, first ? 1 : 2);
        okng_afclip_checkpoint_free(&one);
        okng_afclip_checkpoint_free(&c);
    }
    save(2); /* what was left is in nobody's way */
    assert_holds(2);
    assert_int_equal(entries(), 2);
}

/* Somebody reads while somebody writes. */
static void readers_never_see_a_mixture(void **state)
{
    (void)state;
    save(1);
    pid_t child = start_saving();
    for (int i = 0; i < 150; i++) {
        okng_afclip_checkpoint c;
        assert_ok(okng_afclip_checkpoint_open(&c, folder, error));
        okng_afclip_checkpoint_free(&c);
    }
    stop_saving(child);
}

/* ---- damaged and hostile --------------------------------------------------------------------- */

static void write_tensors(const okng_afclip_learnt *learnt, int changed, const okng_array *array, const char *name)
{
    okng_array arrays[OKNG_AFCLIP_PARAMS];
    okng_named_array tensors[OKNG_AFCLIP_PARAMS];
    size_t count = 0;
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++) {
        arrays[p] = p == changed && array ? *array : okng_afclip_param_array(learnt, (okng_afclip_param)p);
        const char *own = okng_afclip_param_name((okng_afclip_param)p);
        if (p == changed && !array && !name) continue;
        tensors[count++] = (okng_named_array){p == changed && name ? name : own, &arrays[p]};
    }
    assert_ok(okng_safetensors_write_arrays(in("x.safetensors"), tensors, count, error));
}

static void wrong_tensors_are_named(void **state)
{
    (void)state;
    static float numbers[OKNG_AFCLIP_INNER * 2 * W];
    static const struct {
        int param;
        okng_array array;
        const char *message;
    } wrong[] = {
        {OKNG_AFCLIP_PARAM_PROMPT,
         {OKNG_F32, 2, {10, WT}, numbers, 200},
         "x.safetensors: tensor \"prompt\" is float32 [10, 5], expected 12 vectors"},
        {OKNG_AFCLIP_PARAM_PROMPT, {OKNG_F32, 1, {12}, numbers, 48}, "is float32 [12], expected 12 vectors"},
        {OKNG_AFCLIP_PARAM_PROMPT, {OKNG_F32, 3, {2, 12, WT}, numbers, 480}, "is float32 [2, 12, 5], expected"},
        {OKNG_AFCLIP_PARAM_PROMPT, {OKNG_I32, 2, {12, WT}, numbers, 240}, "is int32 [12, 5], expected 12 vectors of"},
        {OKNG_AFCLIP_PARAM_Q,
         {OKNG_F32, 2, {256, W}, numbers, 6144},
         "\"attention.attn.to_q.weight\" is float32 [256, 6], expected a matrix of floating type: [512, width"},
        {OKNG_AFCLIP_PARAM_V,
         {OKNG_F32, 2, {512, 2 * W}, numbers, 24576},
         "\"attention.attn.to_v.weight\" is float32 [512, 12], expected float32 [512, 6]"},
        {OKNG_AFCLIP_PARAM_OUT,
         {OKNG_F32, 2, {512, W}, numbers, 12288},
         "is float32 [512, 6], expected float32 [6, 512]"},
        {OKNG_AFCLIP_PARAM_NORM, {OKNG_F32, 1, {W + 1}, numbers, 28}, "is float32 [7], expected float32 [6]"},
    };
    okng_afclip_checkpoint c, read;
    make(&c, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_tensors(&c.learnt, wrong[i].param, &wrong[i].array, NULL);
        assert_fails(OKNG_ERROR_FORMAT, wrong[i].message, okng_afclip_checkpoint_open(&read, path, error));
        assert_null(read.learnt.values[0]);
    }
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++) {
        write_tensors(&c.learnt, p, NULL, NULL);
        assert_fails(OKNG_ERROR_NOT_FOUND, okng_afclip_param_name((okng_afclip_param)p),
                     okng_afclip_checkpoint_open(&read, path, error));
        const size_t last = okng_afclip_param_count(&c.learnt, (okng_afclip_param)p) - 1;
        const float before = c.learnt.values[p][last];
        c.learnt.values[p][last] = p % 2 ? NAN : INFINITY;
        write_tensors(&c.learnt, -1, NULL, NULL);
        assert_fails(OKNG_ERROR_FORMAT, "is not finite", okng_afclip_checkpoint_open(&read, path, error));
        c.learnt.values[p][last] = before;
    }
    okng_afclip_checkpoint_free(&c);
}

static void names_and_types_of_the_original(void **state)
{
    (void)state;
    okng_afclip_checkpoint c, read;
    make(&c, 1);
    okng_array prompt = {OKNG_F32, 3, {1, 12, WT}, c.learnt.values[0], 240};
    write_tensors(&c.learnt, OKNG_AFCLIP_PARAM_PROMPT, &prompt, NULL);
    assert_ok(okng_afclip_checkpoint_open(&read, path, error));
    assert_values(&read.learnt, 1);
    okng_afclip_checkpoint_free(&read);
    write_tensors(&c.learnt, OKNG_AFCLIP_PARAM_OUT, NULL, "adaptor.attention.attn.to_out.0.weight");
    assert_ok(okng_afclip_checkpoint_open(&read, path, error));
    assert_values(&read.learnt, 1);
    okng_afclip_checkpoint_free(&read);
    static const uint16_t halves[W] = {0x3c00, 0x4000, 0xbc00, 0, 0x3800, 0x3c01};
    okng_array norm = {OKNG_F16, 1, {W}, (void *)(uintptr_t)halves, sizeof halves};
    write_tensors(&c.learnt, OKNG_AFCLIP_PARAM_NORM, &norm, NULL);
    assert_ok(okng_afclip_checkpoint_open(&read, path, error));
    assert_true(read.learnt.values[OKNG_AFCLIP_PARAM_NORM][2] == -1.0f);
    assert_true(read.learnt.values[OKNG_AFCLIP_PARAM_NORM][5] == 1.0009765625f);
    okng_afclip_checkpoint_free(&read);
    okng_afclip_checkpoint_free(&c);
}

/* checkpoint.json with `from` replaced by `to`. */
static void edit(const char *from, const char *to)
{
    char *text = read_text("checkpoint.json"), changed[4096];
    char *at = strstr(text, from);
    assert_non_null(at);
    (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    write_text("checkpoint.json", changed);
    free(text);
}

static void wrong_descriptions_are_named(void **state)
{
    (void)state;
    static const struct {
        okng_status status;
        const char *from, *to, *message;
    } wrong[] = {
        {OKNG_ERROR_FORMAT, "okng afclip checkpoint", "a bank", "\"format\" is \"a bank\", expected"},
        {OKNG_ERROR_FORMAT, "\"format\"", "\"formats\"", "\"format\" is missing"},
        {OKNG_ERROR_UNSUPPORTED, "\"version\": 1", "\"version\": 2", "version 2, this okng reads version 1"},
        {OKNG_ERROR_FORMAT, "\"trained\"", "\"found\"", "\"source\" is not \"trained\" or \"imported\""},
        {OKNG_ERROR_FORMAT, "\"clip-tinyclip-8m-16\"", "7", "\"backbone\" is of the wrong kind"},
        {OKNG_ERROR_FORMAT, "clip-tinyclip-8m-16", "0123456789012345678901234567890123456789012345678901234567890123",
         "\"backbone\" is not a short text"},
        {OKNG_ERROR_FORMAT, "\"weights_sha256\": \"", "\"weights_sha256\": \"0", "is not a short text"},
        {OKNG_ERROR_FORMAT, "\"resolution\": 96", "\"resolution\": 0", "\"resolution\" is of the wrong kind or out of"},
        {OKNG_ERROR_FORMAT, "\"width\": 6", "\"width\": 4097", "\"width\" is of the wrong kind or out of range"},
        {OKNG_ERROR_MISMATCH, "\"width\": 6", "\"width\": 7",
         "says widths of 7 and 5, the values beside it have 6 and 5"},
        {OKNG_ERROR_MISMATCH, "\"text_width\": 5", "\"text_width\": 6", "says widths of 6 and 6"},
        {OKNG_ERROR_FORMAT, "    11\n", "    8\n", "\"taps\" is not a list of 4 numbers of blocks that rise"},
        {OKNG_ERROR_FORMAT, "    11\n", "    256\n", "\"taps\" is not"},
        {OKNG_ERROR_FORMAT, "    11\n", "    11, 12\n", "\"taps\" is not"},
        {OKNG_ERROR_FORMAT, "\"sha256\"", "\"other\"", "\"sha256\" is not there"},
        {OKNG_ERROR_FORMAT, "{", "[", "checkpoint.json"},
    };
    okng_afclip_checkpoint read;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        save(1);
        if (i == 14) edit("\"weights_sha256\"", "\"weights\"");
        edit(wrong[i].from, wrong[i].to);
        assert_fails(wrong[i].status, wrong[i].message, okng_afclip_checkpoint_open(&read, folder, error));
        assert_true(!read.training && !read.learnt.values[0]);
        if (i != 0) continue; /* one that is damaged is replaced; one that is another's is not */
        assert_int_equal(unlink(in("checkpoint.json")), 0);
        assert_int_equal(unlink(in("afclip.safetensors")), 0);
    }
}

static void values_of_another_description(void **state)
{
    (void)state;
    okng_afclip_checkpoint read;
    save(1);
    move("checkpoint.json", "first.json");
    move("afclip.safetensors", "first.safetensors");
    save(2);
    move("first.json", "checkpoint.json");
    assert_fails(OKNG_ERROR_MISMATCH, "afclip.safetensors: is not the file that checkpoint.json is of",
                 okng_afclip_checkpoint_open(&read, folder, error));
    assert_int_equal(unlink(in("afclip.safetensors")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "afclip.safetensors", okng_afclip_checkpoint_open(&read, folder, error));
    write_text("afclip.safetensors", "cut");
    assert_fails(OKNG_ERROR_FORMAT, "afclip.safetensors: is no weight file",
                 okng_afclip_checkpoint_open(&read, folder, error));
    assert_int_equal(unlink(in("checkpoint.json")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "holds no checkpoint.json, so it is no checkpoint",
                 okng_afclip_checkpoint_open(&read, folder, error));
    assert_int_equal(symlink("checkpoint.json", in("checkpoint.json")), 0);
    assert_fails(OKNG_ERROR_IO, "checkpoint.json: cannot open", okng_afclip_checkpoint_open(&read, folder, error));
    assert_int_equal(unlink(in("checkpoint.json")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "nowhere", okng_afclip_checkpoint_open(&read, in("nowhere"), error));
}

static void another_width_than_clips(void **state)
{
    (void)state;
    okng_afclip_checkpoint c;
    make(&c, 1);
    okng_clip_shape shape = {.width = W, .text_width = WT};
    assert_ok(okng_afclip_learnt_check(&c.learnt, "DIR", "clip-x", &shape, error));
    shape.width = 768;
    assert_fails(OKNG_ERROR_MISMATCH, "DIR: its adapter takes tokens of 6 numbers, those of clip-x have 768",
                 okng_afclip_learnt_check(&c.learnt, "DIR", "clip-x", &shape, error));
    shape.width = W;
    shape.text_width = 512;
    assert_fails(OKNG_ERROR_MISMATCH, "vectors of its prompt have 5 numbers, tokens of texts of clip-x have 512",
                 okng_afclip_learnt_check(&c.learnt, "DIR", "clip-x", &shape, error));
    okng_afclip_checkpoint_free(&c);
}

static void numbers_too_large_are_named(void **state)
{
    (void)state;
    const okng_clip_shape shape = {.width = W, .text_width = WT};
    okng_afclip_checkpoint c;
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++) {
        char message[160];
        make(&c, 1);
        float *last = c.learnt.values[p] + okng_afclip_param_count(&c.learnt, (okng_afclip_param)p) - 1;
        *last = -1000;
        assert_ok(okng_afclip_learnt_check(&c.learnt, "DIR", "clip-x", &shape, error));
        *last = p % 2 ? 1e30f : -1000.5f;
        (void)snprintf(message, sizeof message, "tensor \"%s\" is %s, expected at most 1000 either side of 0",
                       okng_afclip_param_name((okng_afclip_param)p), p % 2 ? "1e+30" : "-1000.5");
        assert_fails(OKNG_ERROR_MISMATCH, message, okng_afclip_learnt_check(&c.learnt, "DIR", "clip-x", &shape, error));
        okng_afclip_checkpoint_free(&c);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_the_paper),
        cmocka_unit_test(draws_as_the_original),
        CASE(a_folder_gives_back_what_was_saved),
        CASE(what_is_not_known_is_left_out),
        CASE(saving_again_replaces),
        CASE(nothing_of_others_is_lost),
        CASE(members_out_of_range_are_refused),
        CASE(a_cut_off_save_leaves_the_old_or_the_new),
        CASE(a_failed_save_leaves_what_a_killed_one_left),
        CASE(kill_at_any_moment),
        CASE(readers_never_see_a_mixture),
        CASE(wrong_tensors_are_named),
        CASE(names_and_types_of_the_original),
        CASE(wrong_descriptions_are_named),
        CASE(values_of_another_description),
        cmocka_unit_test(another_width_than_clips),
        cmocka_unit_test(numbers_too_large_are_named),
    };
    return RUN_TESTS(tests);
}
