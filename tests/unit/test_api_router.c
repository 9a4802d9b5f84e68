/* A router over banks of made-up products: each told by its good pictures, strangers by none. */
#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "fixture.h"
#include "okng/experimental.h"
#include "route/route_file.h"
#include "test.h"

enum { PRODUCTS = 3, GOOD = 5, SIDE = 64 };

static char folder[] = "/tmp/okng-test-route-XXXXXX";

static const char *in(const char *name)
{
    static char paths[8][128];
    static int next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* Stripes, rings, checks; product 3 is a stranger. Each picture is a little of its own. */
static uint8_t shade(int product, int picture, int x, int y)
{
    const int dx = x - 32 + picture % 3, dy = y - 32 - picture % 2, ring = dx * dx + dy * dy;
    const int noise = (int)(okng_golden_mix((uint64_t)((picture * SIDE + y) * SIDE + x)) >> 60);
    const int drawn = product == 0   ? ((x + picture) / 6 % 2) * 120
                      : product == 1 ? (ring / 160 % 2) * 150
                      : product == 2 ? (((x / 9) ^ ((y + picture) / 9)) & 1) * 90
                                     : (x * y / 40) % 200;
    return (uint8_t)(40 + drawn + noise);
}

static void draw(int product, int picture, uint8_t *pixels)
{
    for (int i = 0; i < SIDE * SIDE; i++)
        for (int c = 0; c < 3; c++)
            pixels[3 * i + c] = (uint8_t)(shade(product, picture, i % SIDE, i / SIDE) * (3 + (product + c) % 3) / 5);
}

static okng_status write_good(int product, int picture)
{
    uint8_t pixels[SIDE * SIDE * 3];
    const okng_image image = {.width = SIDE, .height = SIDE, .channels = 3, .pixels = pixels};
    char name[64];
    (void)snprintf(name, sizeof name, "good%d", product);
    OKNG_TRY(okng_make_folders(in(name), NULL));
    (void)snprintf(name, sizeof name, "good%d/%d.png", product, picture);
    draw(product, picture, pixels);
    return okng_image_write_png(&image, in(name), NULL);
}

static okng_status build(int product)
{
    char good[128], bank[128];
    okng_build_options options;
    okng_build_options_init(&options);
    OKNG_TRY(okng_build_options_set(&options, "resize", "64x64", NULL));
    (void)snprintf(good, sizeof good, "%s/good%d", folder, product);
    (void)snprintf(bank, sizeof bank, "%s/bank%d", folder, product);
    const okng_build_folder_options how = {.struct_size = sizeof how, .build = &options};
    return okng_build_folder(good, bank, &how, NULL, NULL, NULL, NULL, NULL);
}

static int make_banks(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return 1;
    for (int product = 0; product < PRODUCTS; product++) {
        for (int picture = 0; picture < GOOD; picture++)
            if (write_good(product, picture) != OKNG_OK) return 1;
        if (build(product) != OKNG_OK) return 1;
    }
    return 0;
}

static int remove_banks(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static okng_routes *find(okng_router *router, int product, int number)
{
    uint8_t pixels[SIDE * SIDE * 3];
    okng_picture picture = {.struct_size = sizeof picture};
    okng_routes *routes;
    draw(product, number, pixels);
    picture.pixels = pixels;
    picture.width = picture.height = SIDE;
    assert_ok(okng_router_find(&routes, router, &picture, error));
    return routes;
}

static okng_router *router_of(const char *const *banks)
{
    okng_router *router;
    assert_ok(okng_router_new(&router, error));
    for (; *banks; banks++) assert_ok(okng_router_set(router, *banks, in(*banks), error));
    return router;
}

static void new_pictures_go_to_their_own_bank(void **state)
{
    (void)state;
    okng_router *router = router_of((const char *const[]){"bank2", "bank0", "bank1", NULL});
    for (int product = 0; product < PRODUCTS; product++)
        for (int number = GOOD; number < GOOD + 4; number++) {
            char expected[16];
            (void)snprintf(expected, sizeof expected, "bank%d", product);
            okng_routes *routes = find(router, product, number);
            assert_int_equal(okng_routes_count(routes), PRODUCTS);
            assert_string_equal(okng_routes_bank(routes, 0), expected);
            assert_true(okng_routes_fits(routes) && okng_routes_margin(routes) > 2);
            assert_true(okng_routes_distance(routes, 0) <= okng_routes_distance(routes, 1));
            assert_true(okng_routes_distance(routes, 1) / okng_routes_distance(routes, 0) ==
                        okng_routes_margin(routes));
            assert_true(!okng_routes_bank(routes, PRODUCTS) && isnan(okng_routes_distance(routes, PRODUCTS)));
            okng_routes_free(&routes);
        }
    okng_routes *routes = find(router, 3, 1); /* a stranger */
    assert_int_equal(okng_routes_fits(routes), 0);
    okng_routes_free(&routes);
    okng_router_remove(router, "bank1");
    okng_router_remove(router, "nobody");
    routes = find(router, 1, GOOD); /* of a bank that is gone */
    assert_true(okng_routes_count(routes) == PRODUCTS - 1 && !okng_routes_fits(routes));
    okng_routes_free(&routes);
    okng_router_free(&router);
}

static void a_bank_keeps_its_vectors(void **state)
{
    (void)state;
    okng_router *router = router_of((const char *const[]){"bank0", NULL});
    okng_routes *routes = find(router, 0, GOOD);
    const double before = okng_routes_distance(routes, 0);
    assert_true(isnan(okng_routes_margin(routes)));
    okng_routes_free(&routes);
    assert_int_equal(rename(in("good0"), in("elsewhere")), 0);
    assert_ok(okng_router_set(router, "bank0", in("bank0"), error)); /* from its file */
    okng_pack_options packing = {.struct_size = sizeof packing};
    assert_ok(okng_recipe_pack(in("bank0"), in("bank0.okng"), &packing, error));
    assert_ok(okng_router_set(router, "recipe", in("bank0.okng"), error));
    routes = find(router, 0, GOOD);
    for (size_t i = 0; i < 2; i++) assert_true(okng_routes_distance(routes, i) == before);
    assert_string_equal(okng_routes_bank(routes, 0), "bank0"); /* of equal ones by name */
    okng_routes_free(&routes);
    assert_int_equal(unlink(in("bank0/route.safetensors")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "good0", okng_router_set(router, "bank0", in("bank0"), error));
    assert_int_equal(rename(in("elsewhere"), in("good0")), 0);
    okng_bank *bank; /* which opens with the file and without */
    assert_ok(okng_router_set(router, "bank0", in("bank0"), error));
    assert_ok(okng_bank_open(&bank, in("bank0"), NULL, error));
    okng_bank_close(&bank);
    okng_router_free(&router);
}

static void a_bank_can_be_learnt_from_given_pictures(void **state)
{
    (void)state;
    char paths[GOOD][128];
    const char *list[GOOD];
    for (int i = 0; i < GOOD; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/good1/%d.png", folder, i);
        list[i] = paths[i];
    }
    okng_router *router;
    assert_ok(okng_router_new(&router, error));
    assert_ok(okng_router_learn(router, in("bank2"), list, GOOD, error)); /* somebody mixes them up */
    assert_ok(okng_router_set(router, "bank2", in("bank2"), error));
    okng_routes *routes = find(router, 1, GOOD);
    assert_true(okng_routes_fits(routes));
    okng_routes_free(&routes);
    assert_fails(OKNG_ERROR_ARGUMENT, "found 1", okng_router_learn(router, in("bank2"), list, 1, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "", okng_router_learn(router, in("good1"), list, GOOD, error));
    assert_true(access(in("good1/route.safetensors"), F_OK) != 0);
    assert_int_equal(unlink(in("bank2/route.safetensors")), 0);
    okng_router_free(&router);
}

static void a_damaged_file_is_made_anew(void **state)
{
    (void)state;
    okng_route_vectors vectors;
    float values[4] = {1, 2, 3, NAN};
    const okng_bank_source from = {in("bank1"), NULL, ""};
    assert_ok(okng_route_write(&(okng_route_vectors){2, 2, values}, in("bank1"), error));
    assert_fails(OKNG_ERROR_FORMAT, "finite", okng_route_read(&vectors, &from, 2, error));
    values[3] = 4;
    assert_ok(okng_route_write(&(okng_route_vectors){2, 2, values}, in("bank1"), error));
    assert_fails(OKNG_ERROR_FORMAT, "dimensions", okng_route_read(&vectors, &from, 3, error));
    assert_ok(okng_route_read(&vectors, &from, 2, error));
    assert_memory_equal(vectors.values, values, sizeof values);
    free(vectors.values);
    okng_router *router = router_of((const char *const[]){"bank1", NULL});
    okng_routes *routes = find(router, 1, GOOD);
    assert_true(okng_routes_fits(routes));
    okng_routes_free(&routes);
    okng_router_free(&router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_pictures_go_to_their_own_bank),
        cmocka_unit_test(a_bank_keeps_its_vectors),
        cmocka_unit_test(a_bank_can_be_learnt_from_given_pictures),
        cmocka_unit_test(a_damaged_file_is_made_anew),
    };
    return cmocka_run_group_tests(tests, make_banks, remove_banks);
}
