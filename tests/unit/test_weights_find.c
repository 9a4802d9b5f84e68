/* Which network and which weights. */
#include "base/file.h"
#include "test.h"
#include "weights/find.h"

#define CACHED "resnet18-f37072fd.pth"

static char folder[] = "/tmp/okng-weights-XXXXXX";

static const char *inside(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void the_cache_follows_the_environment(void **state)
{
    (void)state;
    char path[OKNG_PATH_MAX], small[16];
    assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
    assert_ok(okng_backbone_cache("resnet18", path, sizeof path, error));
    assert_string_equal(path, inside("okng/weights/" CACHED));
    assert_int_equal(setenv("XDG_CACHE_HOME", "relative", 1), 0);
    assert_int_equal(setenv("HOME", folder, 1), 0);
    assert_ok(okng_backbone_cache("resnet18", path, sizeof path, error));
    assert_string_equal(path, inside(".cache/okng/weights/" CACHED));
    assert_fails(OKNG_ERROR_LIMIT, "longer than 16 bytes", okng_backbone_cache("resnet18", small, sizeof small, error));
    assert_string_equal(small, "");
    assert_int_equal(unsetenv("HOME"), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "HOME", okng_backbone_cache("resnet18", path, sizeof path, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "resnet34", okng_backbone_cache("resnet19", path, sizeof path, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "built in", okng_backbone_cache("okng-s", path, sizeof path, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "backbone", okng_backbone_cache(NULL, path, sizeof path, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "path", okng_backbone_cache("resnet18", NULL, 0, error));
}

static void a_backbone_is_found_by_its_name(void **state)
{
    (void)state;
    okng_backbone_info info = {.struct_size = sizeof info};
    assert_ok(okng_backbone_find("wide_resnet50_2", &info, error));
    assert_string_equal(info.hash_prefix, "95faca4d");
    assert_fails(OKNG_ERROR_NOT_FOUND, "one of okng-s, resnet18", okng_backbone_find("resnet19", &info, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "backbone", okng_backbone_find(NULL, &info, error));
}

/* Every row that is not built in has what `okng weights get` needs, and what it says agrees with itself. */
static void public_files_are_described(void **state)
{
    (void)state;
    okng_public_file file = {.struct_size = sizeof file};
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        assert_ok(okng_backbone_get(i, &info, error));
        assert_true(info.licence && *info.licence);
        if (info.built_in) continue;
        assert_ok(okng_public_file_find(info.name, &file, error));
        assert_int_equal(strncmp(file.url, "https://", 8), 0);
        assert_int_equal(file.is_weights, 1);
        assert_true(strlen(file.hash_prefix) == 8 || strlen(file.hash_prefix) == 0);
        if (file.sha256[0] == '\0') continue;
        assert_int_equal(strspn(file.sha256, "0123456789abcdef"), 64);
        assert_int_equal(strncmp(file.sha256, file.hash_prefix, 8), 0);
        assert_true(file.bytes > 0);
    }
    char path[OKNG_PATH_MAX];
    assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
    assert_ok(okng_public_file_find("clip-vocabulary", &file, error));
    assert_int_equal(file.is_weights, 0);
    assert_int_equal(file.bytes, 1356917);
    assert_ok(okng_public_file_cache("clip-vocabulary", path, sizeof path, error));
    assert_string_equal(path, inside("okng/weights/bpe_simple_vocab_16e6.txt.gz"));
    assert_ok(okng_public_file_cache("clip-tinyclip-8m-16", path, sizeof path, error));
    assert_string_equal(path, inside("okng/weights/clip-tinyclip-8m-16.pt")); /* no hash is stated */
    assert_ok(okng_public_file_cache("clip-vit-l-14-336", path, sizeof path, error));
    assert_string_equal(path, inside("okng/weights/clip-vit-l-14-336-3035c92b.pt"));
    assert_fails(OKNG_ERROR_NOT_FOUND, "or clip-vocabulary", okng_public_file_find("resnet19", &file, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "built in", okng_public_file_find("okng-s", &file, error));
    assert_fails(OKNG_ERROR_LIMIT, "longer than 4 bytes", okng_public_file_cache("clip-vocabulary", path, 4, error));
}

static okng_build_options options_of(const char *backbone, const char *weights)
{
    okng_build_options options = {.struct_size = sizeof options};
    (void)snprintf(options.backbone, sizeof options.backbone, "%s", backbone);
    (void)snprintf(options.weights, sizeof options.weights, "%s", weights);
    return options;
}

static void a_network_is_chosen(void **state)
{
    (void)state;
    assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
    okng_build_options options = options_of("", "");
    assert_ok(okng_choose_network(&options, error));
    assert_string_equal(options.backbone, "okng-s");
    assert_string_equal(options.weights, "");
    options = options_of("", "w.pth");
    assert_fails(OKNG_ERROR_ARGUMENT, "w.pth: weights of which network", okng_choose_network(&options, error));
    options = options_of("resnet19", "w.pth");
    assert_fails(OKNG_ERROR_NOT_FOUND, "resnet18", okng_choose_network(&options, error));
    options = options_of("resnet34", "");
    assert_fails(OKNG_ERROR_NOT_FOUND, "okng weights get resnet34", okng_choose_network(&options, error));
    options = options_of("resnet18", "w.pth");
    assert_ok(okng_choose_network(&options, error));
    assert_string_equal(options.weights, "w.pth"); /* whoever opens it says whether it is there */
    options = options_of("resnet18", "");
    assert_ok(okng_choose_network(&options, error));
    assert_string_equal(options.weights, inside("okng/weights/" CACHED));
    options.struct_size = sizeof options.struct_size;
    assert_fails(OKNG_ERROR_ARGUMENT, "struct_size", okng_choose_network(&options, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "options", okng_choose_network(NULL, error));
}

static void a_file_serves_the_backbones_that_it_fits(void **state)
{
    (void)state;
    static const char other[] = OKNG_GOLDEN "/tensor/all.safetensors"; /* readable, and no backbone's file */
    char path[OKNG_PATH_MAX];
    okng_weights *opened;
    assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
    assert_ok(okng_weights_of("resnet18", "nowhere.pth", path, &opened, error));
    assert_string_equal(path, "nowhere.pth");
    assert_null(opened);
    assert_ok(okng_weights_of("resnet18", other, path, &opened, error));
    assert_string_equal(path, inside("okng/weights/" CACHED));
    assert_null(opened);
    assert_ok(okng_weights_of("okng-s", other, path, &opened, error));
    assert_string_equal(path, "");
    assert_null(opened);
    assert_ok(okng_weights_of("resnet34", other, path, &opened, error));
    assert_string_equal(path, other);
    assert_non_null(opened); /* it was read to find that out */
    okng_weights_close(&opened);
    assert_ok(okng_weights_of("okng-s", NULL, path, &opened, error));
    assert_string_equal(path, "");
    assert_null(opened);
    assert_fails(OKNG_ERROR_NOT_FOUND, "okng weights get resnet34",
                 okng_weights_of("resnet34", NULL, path, &opened, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "resnet19", okng_weights_of("resnet19", other, path, &opened, error));
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || okng_make_folders(inside("okng/weights"), NULL) != OKNG_OK) return -1;
    return okng_file_write(inside("okng/weights/" CACHED), "x", 1, NULL) == OKNG_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cache_follows_the_environment),
        cmocka_unit_test(a_backbone_is_found_by_its_name),
        cmocka_unit_test(public_files_are_described),
        cmocka_unit_test(a_network_is_chosen),
        cmocka_unit_test(a_file_serves_the_backbones_that_it_fits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
