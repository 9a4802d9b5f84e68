/* Where parts are found, against scikit-image's match_template in float64 (tests/golden/make_align.py). */
#include "align/cut.h"
#include "align/find.h"
#include "align/rois.h"
#include "test.h"

enum { BOX_X = 52, BOX_Y = 38, BOX_WIDTH = 44, BOX_HEIGHT = 36, PIXELS_MAX = 1 << 20 };

static void read_picture(okng_image *image, const char *name)
{
    char path[OKNG_PATH_MAX];
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/align/%s.png", name);
    assert_ok(okng_image_load(image, path, PIXELS_MAX, error));
}

static void make_template(okng_template *part)
{
    okng_image scene, cut;
    read_picture(&scene, "scene");
    assert_ok(okng_image_crop(&scene, BOX_X, BOX_Y, BOX_WIDTH, BOX_HEIGHT, &cut, error));
    assert_ok(okng_template_make(part, &cut, 1, error));
    okng_image_free(&cut);
    okng_image_free(&scene);
}

static okng_match find_in(const okng_image *image, const okng_template *part, double rotation, int threads)
{
    const okng_search search = {rotation, 1, 1};
    okng_pyramid pyramid;
    okng_match found;
    assert_ok(okng_pyramid_build(&pyramid, image, OKNG_PYRAMID_LEVELS, threads, error));
    assert_ok(okng_find(part, &pyramid, &search, threads, &found, error));
    okng_pyramid_free(&pyramid);
    return found;
}

typedef struct place {
    char name[64];
    double rotation, truth[3], reference[4]; /* centre x, y, degrees; the reference's score too */
} place;

static size_t read_places(place places[16])
{
    FILE *file = fopen(OKNG_GOLDEN "/align/places.txt", "r");
    size_t count = 0;
    assert_non_null(file);
    for (place *p = places; count < 16; count++, p++)
        if (fscanf(file, "%63s %lf %lf %lf %lf %lf %lf %lf %lf", p->name, &p->rotation, &p->truth[0], &p->truth[1],
                   &p->truth[2], &p->reference[0], &p->reference[1], &p->reference[2], &p->reference[3]) != 9)
            break;
    (void)fclose(file);
    return count;
}

/* Upright the sums are the same, so all is; between pixels both take the same parabola. */
static void check(const place *p, const okng_match *found)
{
    const double exact = p->rotation > 0 ? 0.5 : 1e-6;
    assert_true(hypot(found->pose.x - p->reference[0], found->pose.y - p->reference[1]) < exact);
    assert_true(hypot(found->pose.x - p->truth[0], found->pose.y - p->truth[1]) < 0.5);
    assert_true(fabs(found->pose.angle - p->truth[2]) < 0.75);
    if (p->rotation > 0)
        assert_true(found->score > p->reference[3] - 0.03);
    else
        assert_true(fabs(found->score - p->reference[3]) < 1e-9);
}

static void parts_are_where_the_reference_finds_them(void **state)
{
    place places[16];
    okng_template part;
    const size_t count = read_places(places);
    (void)state;
    assert_int_equal(count, 7);
    make_template(&part);
    for (size_t i = 0; i < count; i++) {
        okng_image image;
        read_picture(&image, places[i].name);
        const okng_match found = find_in(&image, &part, places[i].rotation, 1);
        const okng_match again = find_in(&image, &part, places[i].rotation, 3);
        check(&places[i], &found);
        assert_memory_equal(&found, &again, sizeof found);
        okng_image_free(&image);
    }
    okng_template_free(&part);
}

/* Where float32 sums correlate 0.5 with noise. */
static void a_bright_even_picture_holds_nothing(void **state)
{
    okng_template part;
    okng_image image;
    (void)state;
    make_template(&part);
    read_picture(&image, "even");
    const okng_match found = find_in(&image, &part, 0, 2);
    assert_true(found.score < 0.1);
    memset(image.pixels, 250, (size_t)image.width * (size_t)image.height * 3);
    const okng_match nothing = find_in(&image, &part, 0, 2);
    assert_true(nothing.score == 0);
    okng_image_free(&image);
    okng_template_free(&part);
}

static void a_scaled_part_is_found(void **state)
{
    okng_template part;
    okng_image image, smaller;
    okng_pyramid pyramid;
    okng_match found;
    const okng_search search = {0, 0.8, 1.25};
    (void)state;
    make_template(&part);
    read_picture(&image, "scene");
    const int32_t width = image.width * 9 / 10, height = image.height * 9 / 10; /* 150 x 120 */
    assert_ok(okng_image_resize(&image, width, height, OKNG_BICUBIC, &smaller, error));
    assert_ok(okng_pyramid_build(&pyramid, &smaller, OKNG_PYRAMID_LEVELS, 2, error));
    assert_ok(okng_find(&part, &pyramid, &search, 2, &found, error));
    assert_true(fabs(found.pose.x - (BOX_X + BOX_WIDTH / 2.0) * 0.9) < 0.5);
    assert_true(fabs(found.pose.y - (BOX_Y + BOX_HEIGHT / 2.0) * 0.9) < 0.5);
    assert_true(fabs(found.pose.scale - 0.9) < 0.01);
    assert_true(found.score > 0.97);
    okng_pyramid_free(&pyramid);
    okng_image_free(&smaller);
    okng_image_free(&image);
    okng_template_free(&part);
}

static void a_part_larger_than_the_picture_is_not_in_it(void **state)
{
    okng_template part;
    okng_image scene, image;
    (void)state;
    make_template(&part);
    read_picture(&scene, "scene");
    assert_ok(okng_image_crop(&scene, BOX_X, BOX_Y, BOX_WIDTH - 1, 2 * BOX_HEIGHT, &image, error));
    assert_true(find_in(&image, &part, 0, 1).score == 0);
    okng_image_free(&image);
    assert_ok(okng_image_crop(&scene, 0, 0, 1, 1, &image, error));
    assert_true(find_in(&image, &part, 0, 1).score == 0);
    const okng_match none = find_in(&image, &part, 5, 1);
    assert_true(none.score == 0);
    const okng_rois any = {.threshold = 0};
    assert_false(okng_roi_is_found(&any, &none)); /* whatever the threshold */
    okng_image_free(&image);
    okng_image_free(&scene);
    okng_template_free(&part);
}

static void parts_that_say_nothing_are_refused(void **state)
{
    okng_template part;
    okng_image image;
    (void)state;
    assert_ok(okng_image_new(&image, 20, 20, 3, error));
    memset(image.pixels, 77, 20 * 20 * 3);
    assert_fails(OKNG_ERROR_ARGUMENT, "one grey", okng_template_make(&part, &image, 1, error));
    image.height = 7;
    assert_fails(OKNG_ERROR_ARGUMENT, "20 x 7", okng_template_make(&part, &image, 1, error));
    okng_image_free(&image);
}

/* Cut out and put back: whole pixels stay what they are, turned ones nearly so. */
static void what_is_cut_out_comes_back_to_its_place(void **state)
{
    const okng_pose upright = {BOX_X + BOX_WIDTH / 2.0 + 0.3, BOX_Y + BOX_HEIGHT / 2.0 - 0.3, 0, 1};
    const okng_pose turned = {70.5, 61.25, 25, 1.1};
    okng_image scene, cut, expected;
    (void)state;
    read_picture(&scene, "scene");
    assert_ok(okng_cut_out(&scene, &upright, BOX_WIDTH, BOX_HEIGHT, &cut, error));
    assert_ok(okng_image_crop(&scene, BOX_X, BOX_Y, BOX_WIDTH, BOX_HEIGHT, &expected, error));
    assert_memory_equal(cut.pixels, expected.pixels, BOX_WIDTH * BOX_HEIGHT * 3);
    okng_image_free(&cut);
    okng_image_free(&expected);
    double x, y, i, j;
    okng_place_in_picture(&turned, BOX_WIDTH, BOX_HEIGHT, 3.5, 9.25, &x, &y);
    okng_place_in_part(&turned, BOX_WIDTH, BOX_HEIGHT, x, y, &i, &j);
    assert_true(fabs(i - 3.5) < 1e-9 && fabs(j - 9.25) < 1e-9);

    const size_t pixels = (size_t)scene.width * (size_t)scene.height;
    float part[BOX_WIDTH * BOX_HEIGHT] = {0}, *map = malloc(pixels * sizeof *map);
    assert_non_null(map);
    for (size_t p = 0; p < pixels; p++) map[p] = NAN;
    part[20 * BOX_WIDTH + 30] = 5;
    okng_put_back(part, BOX_WIDTH, BOX_HEIGHT, &upright, map, scene.width, scene.height);
    assert_true(map[(BOX_Y + 20) * scene.width + BOX_X + 30] == 5);
    assert_true(map[(BOX_Y + 20) * scene.width + BOX_X + 31] == 0);
    assert_true(isnan(map[(BOX_Y - 1) * scene.width + BOX_X]));
    assert_true(isnan(map[BOX_Y * scene.width + BOX_X + BOX_WIDTH]));
    okng_put_back(part, BOX_WIDTH, BOX_HEIGHT, &turned, map, scene.width, scene.height);
    okng_place_in_picture(&turned, BOX_WIDTH, BOX_HEIGHT, 30.5, 20.5, &x, &y);
    assert_true(map[(int)y * scene.width + (int)x] > 1);
    free(map);
    okng_image_free(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_where_the_reference_finds_them),
        cmocka_unit_test(a_bright_even_picture_holds_nothing),
        cmocka_unit_test(a_scaled_part_is_found),
        cmocka_unit_test(a_part_larger_than_the_picture_is_not_in_it),
        cmocka_unit_test(parts_that_say_nothing_are_refused),
        cmocka_unit_test(what_is_cut_out_comes_back_to_its_place),
    };
    return RUN_TESTS(tests);
}
