/* The whole way: a trigger of the PLC, a camera's picture, the verdict of a bank, a coil of the PLC; a change of recipe
 * by the PLC; pictures that are pushed. */
#include "line/kinds.h"
#include "line/source_push.h"
#include "line_fixture.h"

#ifdef OKNG_HAVE_MODBUS
#include "made_plc.h"

enum { TRIGGER = 0, READY = 16, BUSY, VALID, OK, NG, REVIEW, ERROR };
enum { RECIPE_IN = 0, OUT = 16 };

static made_plc plc;
static made_line made;

static bool can(const okng_line_source_kind *kind)
{
    okng_error error;
    if (okng_modbus_load(&error) == OKNG_OK && (!kind->usable || kind->usable(&error) == OKNG_OK)) return true;
    print_message("# skipped: %s\n", error.message);
    return false;
}

/* Starts a line of `head` with the PLC as its only sink. */
static void start(const char *head, const char *source)
{
    char text[1024];
    made_plc_start(&plc, 0);
    (void)snprintf(
        text, sizeof text,
        "sync: false\n%s\nsinks:\n  plc: {kind: modbus, plc: \"127.0.0.1:%d\", source: %s, poll: 2, limit: 20000}\n",
        head, plc.port, source);
    line_start(&made, text);
}

static void stop(void)
{
    line_stop(&made, 1);
    made_plc_stop(&plc);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(const char *what, double *seconds, int count)
{
    qsort(seconds, (size_t)count, sizeof *seconds, by_size);
    print_message("# %s: p50 %.1f ms, p99 %.1f ms of %d\n", what, 1000 * seconds[count / 2],
                  1000 * seconds[(count * 99 - 1) / 100], count);
}

/* From the trigger coil to valid; the trigger is taken back afterwards. */
static double cycle(void)
{
    assert_true(made_plc_wait(&plc, READY, true, 20));
    double start_time = okng_clock();
    made_plc_coil(&plc, TRIGGER, true);
    assert_true(made_plc_wait(&plc, VALID, true, 20));
    return okng_clock() - start_time;
}

static void end_cycle(void)
{
    made_plc_coil(&plc, TRIGGER, false);
    assert_true(made_plc_wait(&plc, VALID, false, 20));
}

static void camera_to_coil(void **state)
{
    (void)state;
    if (!can(&okng_line_source_aravis)) skip();
    if (!made_camera_place()) skip();
    const char *words[] = {"arv-fake-gv-camera-0.8", "-i", "127.0.0.1", "-s", "OKNG", NULL};
    pid_t camera = made_start(words);
    if (camera == 0) {
        print_message("# skipped: no arv-fake-gv-camera-0.8 (package aravis-tools)\n");
        skip();
    }
    enum { CYCLES = 50 };
    double seconds[CYCLES];
    start("bank: a\nsources:\n  cam: {kind: aravis, camera: 127.0.0.1, region: \"0,0,128,128\", trigger: software, "
          "rate: 1000}",
          "cam");
    double until = okng_clock() + 20; /* it may take two attempts to find the camera */
    while (line_figure(made.line, "sources.0.frames") < 1 && okng_clock() < until) {
        (void)cycle();
        end_cycle();
        (void)usleep(100000);
    }
    double judged = line_figure(made.line, "counts.NG");
    until = okng_clock() + 30;
    for (int i = 0; i < CYCLES;) { /* a busy machine loses packets: that is an error, and no verdict */
        double took = cycle();
        bool ng = made_plc_bit(&plc, NG); /* slopes are no woven texture */
        assert_true(ng || made_plc_bit(&plc, ERROR));
        assert_false(made_plc_bit(&plc, OK));
        assert_int_equal(made_plc_word(&plc, OUT + 3), ng ? 2 : 5);
        if (ng)
            seconds[i++] = took;
        else if (okng_clock() > until)
            fail_msg("the camera gives no pictures");
        else
            (void)usleep(100000);
        end_cycle();
    }
    assert_int_equal((int)(line_figure(made.line, "counts.NG") - judged), CYCLES);
    tell("trigger coil -> camera -> verdict -> coil", seconds, CYCLES);

    /* Unplugged: the PLC is told an error, never a verdict, and the line goes on once the camera is back. */
    made_stop(&camera);
    (void)cycle();
    assert_true(made_plc_bit(&plc, ERROR));
    assert_false(made_plc_bit(&plc, OK));
    end_cycle();
    assert_int_equal((int)line_figure(made.line, "counts.OK"), 0);
    stop();
    made_stop(&camera);
}

static void pushed_to_coil(void **state)
{
    (void)state;
    if (!can(&okng_line_source_push)) skip();
    start("bank: a\nsources:\n  in: {kind: push, waiting: 2}", "in");
    line_await(made.line, "uptime_s", 0);
    char path[256];
    unsigned char *bytes;
    size_t size;
    (void)snprintf(path, sizeof path, "%s/ok/000.png", cache_folder);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    bytes = malloc(1 << 20);
    size = fread(bytes, 1, 1 << 20, file);
    (void)fclose(file);
    double until = okng_clock() + 10;
    okng_error error;
    while (okng_line_push(made.line, "in", bytes, size, "part.png", &error) == OKNG_ERROR_NOT_FOUND &&
           okng_clock() < until)
        (void)usleep(1000); /* the source opens in a thread of its own */
    line_await(made.line, "counts.OK", 1);
    assert_int_equal(okng_line_push(made.line, "in", "no picture", 10, NULL, &error), OKNG_OK);
    line_await(made.line, "counts.NOT_INSPECTED", 1);
    assert_int_equal(okng_line_push(made.line, "in", "", 0, NULL, &error), OKNG_ERROR_ARGUMENT);
    assert_int_equal(okng_line_push(made.line, "none", bytes, size, NULL, &error), OKNG_ERROR_NOT_FOUND);
    okng_frame frame = {0};
    assert_int_equal(okng_line_look(made.line, "in", &frame, &error), OKNG_OK);
    frame.release(&frame);

    /* A source without triggers: the PLC that asks for a picture hears that it gets none. */
    (void)cycle();
    assert_true(made_plc_bit(&plc, ERROR));
    assert_int_equal(made_plc_word(&plc, OUT + 4), OKNG_PLC_REFUSED);
    end_cycle();
    free(bytes);
    stop();
}

static void recipe_by_number(void **state)
{
    (void)state;
    if (!can(&okng_line_source_push)) skip();
    char from[256], to[256];
    for (const char *name = "ab"; *name; name++) {
        char one[2] = {*name, '\0'}, packed[8];
        (void)snprintf(packed, sizeof packed, "%c2.okng", *name);
        assert_ok(okng_recipe_pack(cache_path(one, from), cache_path(packed, to), NULL, error));
    }
    enum { CHANGES = 20 };
    double seconds[CHANGES];
    start("recipe: 1\nrecipes: {1: a2, 2: b2}\nsources:\n  in: {kind: push}", "in");
    assert_true(made_plc_wait(&plc, READY, true, 20));
    for (int i = 0; i < CHANGES; i++) {
        uint16_t number = (uint16_t)(2 - i % 2);
        double before = okng_clock();
        made_plc_register(&plc, RECIPE_IN, number);
        while (made_plc_word(&plc, OUT + 2) != number || !made_plc_bit(&plc, READY)) {
            if (okng_clock() > before + 20) fail_msg("the recipe does not change");
            (void)usleep(100);
        }
        seconds[i] = okng_clock() - before;
    }
    tell("recipe register -> bank open -> ready", seconds, CHANGES);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(camera_to_coil, line_setup),
        cmocka_unit_test_setup(pushed_to_coil, line_setup),
        cmocka_unit_test_setup(recipe_by_number, line_setup),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
#else
static void built_without(void **state)
{
    (void)state;
    okng_error error;
    assert_int_equal(okng_line_sink_modbus.usable(&error), OKNG_ERROR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(built_without)};
    return RUN_TESTS(tests);
}
#endif
