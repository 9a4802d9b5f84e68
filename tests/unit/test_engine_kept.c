/* Packed weights on disk: the same bits, nothing of a damaged or foreign file, a bound, kills and several writers. */
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "engine/kept.h"
#include "engine_fixture.h"

#define SHA "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static char home[] = "/tmp/okng-test-kept-XXXXXX";
static const okng_engine_options two = {.threads = 2, .winograd = true};

static int make_home(void **state)
{
    (void)state;
    return mkdtemp(home) && setenv("XDG_CACHE_HOME", home, 1) == 0 && unsetenv("OKNG_KEEP") == 0 ? 0 : -1;
}

static int remove_home(void **state)
{
    (void)state;
    return okng_test_remove_tree(home);
}

/* The kept files; their paths, at most 8. */
static size_t list(char paths[8][256])
{
    char pattern[256];
    glob_t found;
    size_t count = 0;
    (void)snprintf(pattern, sizeof pattern, "%s/okng/kept/*.weights", home);
    if (glob(pattern, 0, NULL, &found) == 0)
        for (; count < found.gl_pathc && count < 8; count++)
            (void)snprintf(paths[count], 256, "%s", found.gl_pathv[count]);
    globfree(&found);
    return count;
}

static void forget_all(void)
{
    char paths[8][256];
    for (size_t count = list(paths); count > 0;) assert_int_equal(unlink(paths[--count]), 0);
}

static void keep(const fixture *f, const okng_engine_options *options, const char *sha256)
{
    okng_engine *engine;
    assert_ok(okng_engine_compile(&engine, f->graph, f->weights, options, error));
    okng_engine_keep(engine, sha256);
    okng_engine_free(&engine);
}

static okng_engine_kept *open_kept(const fixture *f, const okng_engine_options *options, const char *sha256)
{
    okng_engine_kept *kept;
    assert_ok(okng_engine_kept_open(&kept, f->graph, options, sha256, error));
    return kept;
}

/* Without weights. */
static features run_kept(fixture *f, const okng_engine_options *options, const okng_engine_kept *kept)
{
    okng_engine_options with = *options;
    with.kept = kept;
    okng_weights *weights = f->weights;
    f->weights = NULL;
    features out = run_with(f, &with);
    f->weights = weights;
    return out;
}

/* ---- what is the same ---- */

static void check_bits(const char *backbone, const char *const *layers, int batch, int side)
{
    fixture f = open_fixture(backbone, layers, 2, batch, side, side, NULL);
    features packed = run_with(&f, &two);
    keep(&f, &two, SHA);
    okng_engine_kept *kept = open_kept(&f, &two, SHA);
    assert_non_null(kept);
    for (int threads = 1; threads <= 3; threads++) {
        okng_engine_options options = two;
        options.threads = threads;
        features out = run_kept(&f, &options, kept);
        assert_same_bits(&f, &packed, &out);
        free_features(&out);
    }
    okng_engine_kept_close(&kept);
    assert_null(kept);
    free_features(&packed);
    close_fixture(&f);
    forget_all();
}

static void bits_are_those_of_packing_anew(void **state)
{
    (void)state;
    static const char *const blocks[] = {"blocks.1", "blocks.2"};
    check_bits("resnet18", two_layers, 1, 64);
    check_bits("resnet18", two_layers, 3, 97);
    check_bits("resnext50_32x4d", two_layers, 1, 64);
    check_bits("vit_tiny_patch16_224", blocks, 2, 112);
    if (!SANITIZED) check_bits("wide_resnet50_2", two_layers, 1, 97);
}

static void nothing_of_another_network_is_taken(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet18", two_layers, 2, 1, 64, 64, NULL);
    fixture larger = open_fixture("resnet18", two_layers, 2, 1, 96, 64, NULL);
    fixture shorter = open_fixture("resnet18", two_layers, 1, 1, 64, 64, NULL);
    okng_engine_options direct = two, int8 = two;
    direct.winograd = false;
    int8.precision = OKNG_PRECISION_INT8;
    keep(&f, &two, SHA);
    assert_null(open_kept(&f, &two, OTHER));
    assert_null(open_kept(&larger, &two, SHA));
    assert_null(open_kept(&shorter, &two, SHA));
    assert_null(open_kept(&f, &direct, SHA));
    assert_null(open_kept(&f, &int8, SHA));
    assert_null(open_kept(&f, &(okng_engine_options){.device = "onnxruntime", .threads = 1}, SHA));
    okng_engine_kept *kept = open_kept(&f, &two, SHA);
    assert_non_null(kept);
    okng_engine_kept_close(&kept);
    close_fixture(&f);
    close_fixture(&larger);
    close_fixture(&shorter);
    forget_all();
}

/* ---- damage ---- */

static void flip(const char *path, off_t at)
{
    unsigned char byte;
    const int file = open(path, O_RDWR);
    assert_true(file >= 0);
    assert_int_equal(pread(file, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(file, &byte, 1, at), 1);
    assert_int_equal(close(file), 0);
}

static void damaged_files_are_removed_and_made_anew(void **state)
{
    (void)state;
    char paths[8][256];
    struct stat info;
    fixture f = open_fixture("resnet18", two_layers, 1, 1, 33, 33, NULL);
    keep(&f, &two, SHA);
    assert_int_equal(list(paths), 1);
    assert_int_equal(stat(paths[0], &info), 0);
    const off_t size = info.st_size;
    const off_t places[] = {0, 9, 13, 17, 40, 90, 100, 110, 130, size / 2, size - size / 7, size - 5000};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        flip(paths[0], places[i]);
        assert_null(open_kept(&f, &two, SHA));
        assert_int_equal(list(paths), 0);
        keep(&f, &two, SHA);
        assert_int_equal(list(paths), 1);
    }
    const off_t lengths[] = {size - 1, size / 2, 200, 88, 1, 0};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        assert_int_equal(truncate(paths[0], lengths[i]), 0);
        assert_null(open_kept(&f, &two, SHA));
        assert_int_equal(list(paths), 0);
        keep(&f, &two, SHA);
        assert_int_equal(list(paths), 1);
    }
    assert_int_equal(truncate(paths[0], size + 64), 0);
    assert_null(open_kept(&f, &two, SHA));
    close_fixture(&f);
    forget_all();
}

static void files_of_others_are_not_taken(void **state)
{
    (void)state;
    char paths[8][256], moved[300];
    fixture f = open_fixture("resnet18", two_layers, 1, 1, 33, 33, NULL);
    keep(&f, &two, SHA);
    assert_int_equal(list(paths), 1);
    assert_int_equal(chmod(paths[0], 0660), 0);
    assert_null(open_kept(&f, &two, SHA));
    assert_int_equal(chmod(paths[0], 0600), 0);
    (void)snprintf(moved, sizeof moved, "%s/elsewhere", home);
    assert_int_equal(rename(paths[0], moved), 0);
    assert_int_equal(symlink(moved, paths[0]), 0);
    assert_null(open_kept(&f, &two, SHA));
    assert_int_equal(unlink(paths[0]), 0);
    assert_int_equal(mkfifo(paths[0], 0600), 0);
    assert_null(open_kept(&f, &two, SHA));
    assert_int_equal(unlink(paths[0]), 0);
    assert_int_equal(rename(moved, paths[0]), 0);
    okng_engine_kept *kept = open_kept(&f, &two, SHA);
    assert_non_null(kept);
    okng_engine_kept_close(&kept);
    close_fixture(&f);
    forget_all();
}

static void who_changes_it_in_use_is_told(void **state)
{
    (void)state;
    char paths[8][256];
    fixture f = open_fixture("resnet18", two_layers, 1, 1, 33, 33, NULL);
    keep(&f, &two, SHA);
    assert_int_equal(list(paths), 1);
    okng_engine_options options = two;
    okng_engine *engine;
    okng_engine_session *session;
    okng_engine_kept *kept = open_kept(&f, &two, SHA);
    options.kept = kept;
    features out = new_features(&f);
    assert_ok(okng_engine_compile(&engine, f.graph, NULL, &options, error));
    assert_ok(okng_engine_session_new(&session, engine, 1, error));
    assert_ok(okng_engine_run(session, (const void *[]){f.input}, out.maps, error));
    assert_int_equal(truncate(paths[0], 5000), 0);
    assert_fails(OKNG_ERROR_IO, "while it was in use",
                 okng_engine_run(session, (const void *[]){f.input}, out.maps, error));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    okng_engine_kept_close(&kept);
    free_features(&out);
    close_fixture(&f);
    forget_all();
}

static void a_bound_holds_and_the_oldest_go(void **state)
{
    (void)state;
    char paths[8][256], key[3][80];
    fixture f = open_fixture("resnet18", two_layers, 1, 1, 33, 33, NULL);
    struct stat info;
    assert_int_equal(setenv("OKNG_KEEP", "0", 1), 0);
    keep(&f, &two, SHA);
    assert_int_equal(list(paths), 0);
    assert_int_equal(setenv("OKNG_KEEP", "1", 1), 0); /* MiB: it is larger */
    keep(&f, &two, SHA);
    assert_int_equal(list(paths), 0);
    assert_int_equal(unsetenv("OKNG_KEEP"), 0);
    keep(&f, &two, SHA);
    assert_int_equal(list(paths), 1);
    assert_int_equal(stat(paths[0], &info), 0);
    (void)snprintf(key[0], sizeof key[0], "%lld", (long long)(2 * info.st_size / (1 << 20) + 1)); /* room for two */
    assert_int_equal(setenv("OKNG_KEEP", key[0], 1), 0);
    keep(&f, &two, OTHER);
    assert_int_equal(list(paths), 2);
    okng_engine_kept *kept = open_kept(&f, &two, SHA); /* used later than the other */
    assert_non_null(kept);
    okng_engine_kept_close(&kept);
    okng_engine_options direct = two;
    direct.winograd = false;
    keep(&f, &direct, SHA);
    assert_true(list(paths) <= 2);
    assert_null(open_kept(&f, &two, OTHER));
    kept = open_kept(&f, &direct, SHA);
    assert_non_null(kept);
    okng_engine_kept_close(&kept);
    assert_int_equal(unsetenv("OKNG_KEEP"), 0);
    close_fixture(&f);
    forget_all();
}

/* ---- several writers, and kills ---- */

static pid_t write_in_child(const fixture *f)
{
    const pid_t child = fork();
    if (child != 0) return child;
    (void)alarm(120);
    okng_engine *engine;
    if (okng_engine_compile(&engine, f->graph, f->weights, &two, NULL) != OKNG_OK) _exit(1);
    okng_engine_keep(engine, SHA);
    okng_engine_free(&engine);
    _exit(0);
}

static void writers_at_once_and_kills_leave_whole_files(void **state)
{
    (void)state;
    enum { KILLS = 12 };
    fixture f = open_fixture("resnet18", two_layers, 2, 1, 64, 64, NULL);
    features expected = run_with(&f, &two);
    for (int i = 0; i < KILLS; i++) {
        pid_t children[2] = {write_in_child(&f), write_in_child(&f)};
        if (i % 2 == 0) {
            assert_int_equal(usleep((useconds_t)(1000 + 9000 * i)), 0);
            assert_int_equal(kill(children[0], SIGKILL), 0);
            if (i % 4 == 0) assert_int_equal(kill(children[1], SIGKILL), 0);
        }
        for (int k = 0; k < 2; k++) assert_int_equal(waitpid(children[k], NULL, 0), children[k]);
        okng_engine_kept *kept = open_kept(&f, &two, SHA);
        if (i % 4 != 0) assert_non_null(kept); /* one of them came to its end */
        if (!kept) continue;
        features out = run_kept(&f, &two, kept);
        assert_same_bits(&f, &expected, &out);
        free_features(&out);
        okng_engine_kept_close(&kept);
        forget_all();
    }
    free_features(&expected);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_those_of_packing_anew),
        cmocka_unit_test(nothing_of_another_network_is_taken),
        cmocka_unit_test(damaged_files_are_removed_and_made_anew),
        cmocka_unit_test(files_of_others_are_not_taken),
        cmocka_unit_test(who_changes_it_in_use_is_told),
        cmocka_unit_test(a_bound_holds_and_the_oldest_go),
        cmocka_unit_test(writers_at_once_and_kills_leave_whole_files),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
