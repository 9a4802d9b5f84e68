/* Cameras: Aravis's own camera in a process beside this one, by GigE Vision over loopback. */
#include "line/held.h"
#include "line/kinds.h"
#include "made_line.h"

static pid_t camera;
static const okng_line_source_kind *kind = &okng_line_source_aravis;

static void start_camera(const char *lost_per_thousand)
{
    made_stop(&camera);
    const char *words[] = {"arv-fake-gv-camera-0.8", "-i", "127.0.0.1", "-s", "OKNG", "-r", lost_per_thousand, NULL};
    camera = made_start(words);
    if (camera == 0) fail_msg("the fake camera does not start");
}

static int begin(void **state)
{
    (void)state;
    okng_error error;
    if (kind->usable(&error) != OKNG_OK) return 0;
    if (!made_camera_place()) return 0;
    const char *words[] = {"arv-fake-gv-camera-0.8", "--help", NULL};
    camera = made_start(words);
    return 0;
}

static int end(void **state)
{
    (void)state;
    made_stop(&camera);
    return 0;
}

static bool can(void)
{
    okng_error error;
    if (kind->usable(&error) == OKNG_OK && camera != 0) return true;
    print_message("# skipped: no camera of Aravis (packages libaravis-0.8-0, aravis-tools)\n");
    return false;
}

/* Opens once the camera answers: its process takes a moment to begin. */
static void *open_source(okng_line_settings *settings)
{
    void *source = NULL;
    okng_error error = {0};
    double until = okng_clock() + 15;
    while (kind->open(&source, settings, NULL, &error) != OKNG_OK && okng_clock() < until)
        if (!strstr(error.message, "connect")) fail_msg("%s", error.message);
    if (!source) fail_msg("%s", error.message);
    return source;
}

/* Waits for a frame; false after `seconds`, or where the source ends. */
static bool wait_frame(void *source, double seconds, okng_frame *frame, okng_error *error)
{
    double until = okng_clock() + seconds;
    bool got = false;
    memset(error, 0, sizeof *error);
    while (!got && okng_clock() < until) {
        memset(frame, 0, sizeof *frame);
        if (kind->next(source, 20, frame, &got, error) != OKNG_OK) return false;
    }
    return got;
}

static void let_go(okng_frame *frame)
{
    if (frame->release) frame->release(frame);
}

/* A whole picture: a machine that is busy loses packets of others. */
static void need_picture(void *source, okng_frame *frame)
{
    okng_error error;
    double until = okng_clock() + 20;
    while (wait_frame(source, 10, frame, &error) && frame->why[0] && okng_clock() < until) continue;
    if (error.status != OKNG_OK || frame->why[0] || !frame->picture.pixels)
        fail_msg("no picture: %s%s", error.message, frame->why);
}

/* The fake camera draws slopes: a pixel is one more than its left and its upper neighbour, modulo 255. */
static bool is_whole(const okng_picture *picture)
{
    const uint8_t *pixels = picture->pixels;
    for (int32_t y = 0; y < picture->height; y++)
        for (int32_t x = 0; x < picture->width; x++)
            if (pixels[y * picture->stride + x] != (pixels[0] + x + y) % 255) return false;
    return true;
}

static void test_runs_by_itself(void **state)
{
    (void)state;
    if (!can()) skip();
    start_camera("0");
    okng_line_settings *settings = made_settings(kind->keys, okng_line_source_keys, "camera", "127.0.0.1", "region",
                                                 "16,32,320,240", "pixel_format", "Mono8", "rate", "50", NULL);
    void *source = open_source(settings);
    okng_frame frame, seen;
    okng_error error;
    assert_int_equal(kind->look(source, &seen, &error), OKNG_ERROR_NOT_FOUND);
    int64_t before = 0;
    for (int i = 0; i < 5; i++) {
        need_picture(source, &frame);
        assert_int_equal(frame.picture.width, 320);
        assert_int_equal(frame.picture.height, 240);
        assert_int_equal(frame.picture.format, OKNG_PIXEL_MONO8);
        assert_true(is_whole(&frame.picture));
        assert_true(frame.time > before);
        before = frame.time;
        let_go(&frame);
    }
    assert_int_equal(kind->trigger(source, &error), OKNG_ERROR_UNSUPPORTED);
    memset(&seen, 0, sizeof seen);
    assert_int_equal(kind->look(source, &seen, &error), OKNG_OK);
    kind->close(&source);
    assert_true(is_whole(&seen.picture)); /* whoever looks keeps it */
    let_go(&seen);
    okng_line_settings_free(&settings);
}

/* The fake camera is black at 1 ms and a gain of 0. */
static void test_exposure_and_gain(void **state)
{
    (void)state;
    if (!can()) skip();
    start_camera("0");
    static const struct {
        char *exposure, *gain;
        int brightest;
    } cases[] = {{"1000", "0", 0}, {"1000", "1", 254}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_line_settings *settings =
            made_settings(kind->keys, okng_line_source_keys, "camera", "127.0.0.1", "features",
                          "TriggerMode=Off\nWidth=256", "exposure", cases[i].exposure, "gain", cases[i].gain, NULL);
        void *source = open_source(settings);
        okng_frame frame;
        need_picture(source, &frame);
        assert_int_equal(frame.picture.width, 256);
        int brightest = 0;
        for (int x = 0; x < 256; x++) {
            int value = ((const uint8_t *)frame.picture.pixels)[x];
            if (value > brightest) brightest = value;
        }
        assert_int_equal(brightest, cases[i].brightest);
        let_go(&frame);
        kind->close(&source);
        okng_line_settings_free(&settings);
    }
}

static void check_format(const char *name, okng_pixel_format expected, int bytes)
{
    okng_line_settings *settings =
        made_settings(kind->keys, okng_line_source_keys, "camera", "127.0.0.1", "pixel_format", name, NULL);
    void *source = open_source(settings);
    okng_frame frame;
    need_picture(source, &frame);
    assert_int_equal(frame.picture.format, expected);
    assert_int_equal(frame.picture.stride, frame.picture.width * bytes);
    let_go(&frame);
    kind->close(&source);
    okng_line_settings_free(&settings);
}

static void test_pixel_formats(void **state)
{
    (void)state;
    if (!can()) skip();
    start_camera("0");
    check_format("Mono16", OKNG_PIXEL_MONO16, 2);
    check_format("BayerRG8", OKNG_PIXEL_BAYER_RG8, 1);
    check_format("BayerGB8", OKNG_PIXEL_BAYER_GB8, 1);
    check_format("RGB8", OKNG_PIXEL_RGB8, 3);
}

static void test_software_trigger(void **state)
{
    (void)state;
    if (!can()) skip();
    start_camera("0");
    okng_line_settings *settings =
        made_settings(kind->keys, okng_line_source_keys, "camera", "127.0.0.1", "trigger", "software", NULL);
    void *source = open_source(settings);
    okng_frame frame;
    okng_error error;
    assert_false(wait_frame(source, 0.2, &frame, &error));
    int whole = 0;
    for (int i = 0; i < 5; i++) {
        int64_t asked = okng_held_now();
        assert_int_equal(kind->trigger(source, &error), OKNG_OK);
        assert_int_equal(kind->trigger(source, &error), OKNG_ERROR_BUSY); /* one at a time */
        if (!wait_frame(source, 5, &frame, &error)) fail_msg("no picture: %s", error.message);
        if (!frame.why[0]) {
            whole++;
            assert_true(frame.time > asked);
        }
        let_go(&frame);
    }
    assert_true(whole > 0);
    assert_false(wait_frame(source, 0.2, &frame, &error)); /* none too many */
    kind->close(&source);
    okng_line_settings_free(&settings);
}

/* A picture with lost packets has the size of a whole one, and pieces of pictures before: none may pass for whole. */
static void test_lost_packets(void **state)
{
    (void)state;
    if (!can()) skip();
    start_camera("5");
    okng_line_settings *settings = made_settings(kind->keys, okng_line_source_keys, "camera", "127.0.0.1", "rate",
                                                 "100", "packet_resend", "false", NULL);
    void *source = open_source(settings);
    okng_frame frame;
    okng_error error;
    int whole = 0, broken = 0;
    while (whole + broken < 40) {
        if (!wait_frame(source, 5, &frame, &error)) fail_msg("no picture: %s", error.message);
        if (frame.why[0]) {
            broken++;
            assert_null(frame.picture.pixels);
        } else {
            whole++;
            assert_true(is_whole(&frame.picture));
        }
        let_go(&frame);
    }
    assert_true(broken > 0);
    assert_true(whole > 0);
    kind->close(&source);
    okng_line_settings_free(&settings);
}

static void test_silence(void **state)
{
    (void)state;
    if (!can()) skip();
    start_camera("0");
    okng_line_settings *settings =
        made_settings(kind->keys, okng_line_source_keys, "camera", "127.0.0.1", "rate", "0.1", "timeout", "100", NULL);
    void *source = open_source(settings);
    okng_frame frame;
    okng_error error;
    double until = okng_clock() + 5; /* a picture of the first moment may come */
    while (wait_frame(source, 5, &frame, &error) && okng_clock() < until) let_go(&frame);
    assert_true(strstr(error.message, "no packets") || strstr(error.message, "no picture"));
    kind->close(&source);
    okng_line_settings_free(&settings);
}

static void test_unplugged(void **state)
{
    (void)state;
    if (!can()) skip();
    start_camera("0");
    okng_line_settings *settings =
        made_settings(kind->keys, okng_line_source_keys, "camera", "127.0.0.1", "timeout", "1000", NULL);
    void *source = open_source(settings);
    okng_frame frame;
    okng_error error;
    need_picture(source, &frame);
    let_go(&frame);
    made_stop(&camera);
    while (wait_frame(source, 5, &frame, &error) && frame.why[0] == '\0') let_go(&frame);
    let_go(&frame);
    while (error.status == OKNG_OK && wait_frame(source, 5, &frame, &error)) let_go(&frame);
    assert_int_equal(error.status, OKNG_ERROR_IO);
    kind->close(&source);
    assert_int_equal(kind->open(&source, settings, NULL, &error), OKNG_ERROR_IO);
    assert_null(source);
    start_camera("0");
    source = open_source(settings);
    need_picture(source, &frame);
    let_go(&frame);
    kind->close(&source);
    okng_line_settings_free(&settings);
}

static void check_refused(okng_status status, const char *key, const char *value, const char *part)
{
    okng_line_settings *settings =
        made_settings(kind->keys, okng_line_source_keys, "camera", "127.0.0.1", key, value, NULL);
    void *source;
    assert_fails(status, part, kind->open(&source, settings, NULL, error));
    assert_null(source);
    okng_line_settings_free(&settings);
}

static void test_refused(void **state)
{
    (void)state;
    if (!can()) skip();
    start_camera("0");
    okng_line_settings *settings = made_settings(kind->keys, okng_line_source_keys, "camera", "127.0.0.1", NULL);
    void *source = open_source(settings);
    kind->close(&source);
    okng_line_settings_free(&settings);
    check_refused(OKNG_ERROR_ARGUMENT, "pixel_format", "Mono17", "it offers BayerBG8");
    check_refused(OKNG_ERROR_ARGUMENT, "region", "0,0,100", "expected X,Y,W,H");
    check_refused(OKNG_ERROR_IO, "region", "0,0,100000,100", "greater than allowed maximum '2048'");
    check_refused(OKNG_ERROR_IO, "exposure", "0.5", "allowed minimum");
    check_refused(OKNG_ERROR_IO, "gain", "99", "allowed maximum");
    check_refused(OKNG_ERROR_IO, "features", "NoSuch=1", "NoSuch");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_by_itself), cmocka_unit_test(test_exposure_and_gain),
        cmocka_unit_test(test_pixel_formats),  cmocka_unit_test(test_software_trigger),
        cmocka_unit_test(test_lost_packets),   cmocka_unit_test(test_silence),
        cmocka_unit_test(test_unplugged),      cmocka_unit_test(test_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, begin, end);
}
