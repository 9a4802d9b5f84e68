/* The handshake with a PLC, step by step. */
#include "line/plc.h"

#include "test.h"

static okng_plc plc;
static okng_plc_inputs in;
static double now;
static int64_t recipe; /* in force */

static void begin(okng_plc_mode mode)
{
    okng_plc_init(&plc, mode, 1);
    in = (okng_plc_inputs){0};
    now = 100;
    recipe = -1;
}

static int64_t at(double seconds)
{
    return (int64_t)(seconds * 1e6);
}

static okng_plc_action step(void)
{
    now += 0.01;
    return okng_plc_step(&plc, &in, now, at(now), recipe);
}

/* `taken`: by the calendar, and when it came in. */
static bool hear_at(okng_outcome outcome, double taken, double arrived)
{
    okng_record record;
    okng_record_init(&record);
    record.outcome = outcome;
    record.score = 1.5;
    record.duration = 12;
    record.time = at(taken);
    record.recipe_number = (int32_t)recipe;
    return okng_plc_hear(&plc, &record, arrived);
}

static bool hear(okng_outcome outcome, double taken)
{
    return hear_at(outcome, taken, taken);
}

/* "rbvone": ready, busy, valid, and the verdict; a dot for what is off. */
static const char *bits(void)
{
    static char text[9];
    const okng_plc_outputs *out = &plc.outputs;
    (void)snprintf(text, sizeof text, "%c%c%c%c%c%c%c", out->ready ? 'r' : '.', out->busy ? 'b' : '.',
                   out->valid ? 'v' : '.', out->ok ? 'o' : '.', out->ng ? 'n' : '.', out->review ? 'w' : '.',
                   out->error ? 'e' : '.');
    return text;
}

static void test_handshake(void **state)
{
    (void)state;
    begin(OKNG_PLC_TRIGGERS);
    step();
    assert_string_equal(bits(), "r......");
    static const struct {
        okng_outcome outcome;
        const char *bits;
        int verdict, code;
    } cases[] = {
        {OKNG_OUTCOME_OK, "..vo...", 1, 0},
        {OKNG_OUTCOME_NG, "..v.n..", 2, 0},
        {OKNG_OUTCOME_REVIEW, "..v..w.", 3, 0},
        {OKNG_OUTCOME_NOT_FOUND, "..v.n..", 4, 0},
        {OKNG_OUTCOME_NOT_INSPECTED, "..v...e", 5, 1},
        {(okng_outcome)77, "..v...e", 5, 0},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        in.trigger = true;
        in.part = 70000 + i;
        assert_true(step().trigger);
        assert_string_equal(bits(), ".b.....");
        assert_false(step().trigger); /* once */
        in.part = 1;                  /* what stood at the trigger comes back */
        assert_true(hear(cases[i].outcome, now));
        assert_string_equal(bits(), cases[i].bits);
        assert_int_equal(plc.outputs.verdict, cases[i].verdict);
        assert_int_equal(plc.outputs.code, cases[i].code);
        assert_int_equal(plc.outputs.result, i + 1);
        assert_int_equal(plc.outputs.part, 70000 + i);
        step();
        assert_string_equal(bits(), cases[i].bits); /* until the trigger falls */
        in.trigger = false;
        step();
        assert_string_equal(bits(), "r......");
    }
}

static void test_trigger_that_was_there_before(void **state)
{
    (void)state;
    begin(OKNG_PLC_TRIGGERS);
    in.trigger = true;
    assert_false(step().trigger);
    assert_string_equal(bits(), ".......");
    in.trigger = false;
    step();
    in.trigger = true;
    assert_true(step().trigger);
    okng_plc_cut(&plc); /* the connection goes; what was asked for is owed to nobody */
    assert_string_equal(bits(), ".......");
    assert_int_equal(plc.lost, 1);
    assert_false(hear(OKNG_OUTCOME_OK, now));
    assert_false(step().trigger);
    assert_string_equal(bits(), ".......");
}

/* A verdict that comes too late, or of a picture that was taken before, is never shown for another part. */
static void test_late(void **state)
{
    (void)state;
    begin(OKNG_PLC_TRIGGERS);
    step();
    in.trigger = true;
    step();
    double first = now;
    now += 1;
    step();
    assert_string_equal(bits(), "..v...e");
    assert_int_equal(plc.outputs.code, OKNG_PLC_LATE);
    assert_false(hear(OKNG_OUTCOME_OK, first));
    assert_string_equal(bits(), "..v...e");
    in.trigger = false;
    step();
    in.trigger = true;
    assert_true(step().trigger);
    assert_false(hear(OKNG_OUTCOME_OK, first));
    assert_string_equal(bits(), ".b.....");
    assert_true(hear(OKNG_OUTCOME_NG, now));
    assert_string_equal(bits(), "..v.n..");
}

static void test_trigger_taken_back(void **state)
{
    (void)state;
    begin(OKNG_PLC_TRIGGERS);
    step();
    in.trigger = true;
    step();
    in.trigger = false;
    step();
    in.trigger = true;
    assert_false(step().trigger); /* the picture of the first is still on its way */
    assert_false(hear(OKNG_OUTCOME_OK, now));
    assert_false(step().trigger);
    in.trigger = false;
    step();
    assert_string_equal(bits(), "r......");
}

/* What the picture of a trigger before says is not for the next part, though the clock was set back between them. */
static void test_clock_set_back(void **state)
{
    (void)state;
    begin(OKNG_PLC_TRIGGERS);
    step();
    in.trigger = true;
    assert_true(step().trigger);
    const double first = now;
    now += 2;
    step();
    assert_int_equal(plc.outputs.code, OKNG_PLC_LATE);
    in.trigger = false;
    step();
    in.trigger = true;
    now += 0.01;
    assert_true(okng_plc_step(&plc, &in, now, at(now - 3600), recipe).trigger);
    assert_false(hear_at(OKNG_OUTCOME_OK, first, first + 0.1));
    assert_string_equal(bits(), ".b.....");
    assert_true(hear_at(OKNG_OUTCOME_NG, now - 3600, now));
    assert_string_equal(bits(), "..v.n..");
}

static void test_refused(void **state)
{
    (void)state;
    begin(OKNG_PLC_TRIGGERS);
    step();
    in.trigger = true;
    assert_true(step().trigger);
    okng_plc_refused(&plc);
    assert_string_equal(bits(), "..v...e");
    assert_int_equal(plc.outputs.code, OKNG_PLC_REFUSED);
}

static void test_recipe(void **state)
{
    (void)state;
    begin(OKNG_PLC_TRIGGERS);
    step();
    in.recipe = 7;
    in.trigger = true; /* at once with the number: waits for it */
    okng_plc_action action = step();
    assert_int_equal(action.recipe, 7);
    assert_false(action.trigger);
    assert_string_equal(bits(), ".b.....");
    assert_int_equal(step().recipe, 0);
    recipe = 7;
    okng_plc_recipe_is(&plc, 7, true, now);
    assert_true(step().trigger);
    assert_int_equal(plc.outputs.recipe, 7);
    in.recipe = 8; /* waits for the verdict */
    assert_int_equal(step().recipe, 0);
    recipe = 9; /* somebody else: what his bank says is no verdict */
    assert_true(hear(OKNG_OUTCOME_OK, now));
    assert_string_equal(bits(), "..v...e");
    assert_int_equal(plc.outputs.code, OKNG_PLC_RECIPE);
    assert_int_equal(step().recipe, 8);
    in.trigger = false;
    okng_plc_recipe_is(&plc, 8, false, now);
    step();
    assert_string_equal(bits(), "......."); /* not ready */
    in.trigger = true;
    assert_false(step().trigger);
    assert_string_equal(bits(), "..v...e");
    assert_int_equal(plc.outputs.code, OKNG_PLC_RECIPE);
    now += 6;
    assert_int_equal(step().recipe, 8); /* tried again after a while */
    okng_plc_recipe_is(&plc, 8, false, now);
    in.recipe = 0;
    in.trigger = false;
    step();
    assert_string_equal(bits(), "r......");
}

static void test_hears_all(void **state)
{
    (void)state;
    begin(OKNG_PLC_HEARS);
    step();
    assert_string_equal(bits(), "r......");
    assert_true(hear(OKNG_OUTCOME_OK, now));
    assert_true(hear(OKNG_OUTCOME_NG, now));
    step();
    assert_string_equal(bits(), "r.vo...");
    step();
    assert_string_equal(bits(), "r.vo...");
    in.acknowledge = true;
    step();
    assert_string_equal(bits(), ".......");
    in.acknowledge = false;
    step();
    assert_string_equal(bits(), "r.v.n..");
    for (int i = 0; i < OKNG_PLC_WAITING + 3; i++) hear(OKNG_OUTCOME_OK, now);
    assert_int_equal(plc.lost, 4);
    for (int i = 0; i < OKNG_PLC_WAITING; i++) {
        in.acknowledge = true;
        step();
        in.acknowledge = false;
        step();
        assert_string_equal(bits(), i < OKNG_PLC_WAITING - 1 ? "r.vo..." : "r.v...e");
    }
    assert_int_equal(plc.outputs.code, OKNG_PLC_OVERRUN);
}

static void test_words(void **state)
{
    (void)state;
    okng_plc_outputs out = {.ready = true,
                            .valid = true,
                            .heartbeat = true,
                            .beats = 3,
                            .recipe = 4,
                            .verdict = 2,
                            .code = 1,
                            .result = 0x00010002,
                            .part = 0x00030004,
                            .score = 1.5f,
                            .regions = 5,
                            .duration = 6,
                            .record = {0xab, 0xcd}};
    uint8_t coils[OKNG_PLC_BITS_OUT];
    uint16_t registers[OKNG_PLC_REGISTERS_OUT];
    okng_plc_write(&out, coils, registers);
    const uint8_t expected_coils[] = {1, 0, 1, 0, 0, 0, 0, 1};
    const uint16_t expected[] = {0x85, 3, 4, 2, 1, 1, 2, 3, 4, 0x3fc0, 0, 5, 6, 0xabcd, 0};
    assert_memory_equal(coils, expected_coils, sizeof expected_coils);
    assert_memory_equal(registers, expected, sizeof expected);
    okng_plc_inputs read;
    const uint16_t words[] = {9, 1, 2, 2};
    okng_plc_read(&read, NULL, words);
    assert_true(read.acknowledge && !read.trigger);
    assert_int_equal(read.recipe, 9);
    assert_int_equal(read.part, 0x10002);
    okng_plc_read(&read, (const uint8_t[]){1, 0}, words);
    assert_true(read.trigger && !read.acknowledge);
    okng_plc_outputs other = out;
    assert_false(okng_plc_differ(&out, &other));
    other.ng = true;
    assert_true(okng_plc_differ(&out, &other));
}

static void test_heartbeat(void **state)
{
    (void)state;
    begin(OKNG_PLC_TRIGGERS);
    step();
    unsigned beats = plc.outputs.beats;
    for (int i = 0; i < 100; i++) step(); /* one second */
    assert_int_equal(plc.outputs.beats, beats + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake), cmocka_unit_test(test_trigger_that_was_there_before),
        cmocka_unit_test(test_late),      cmocka_unit_test(test_trigger_taken_back),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_recipe),
        cmocka_unit_test(test_hears_all), cmocka_unit_test(test_words),
        cmocka_unit_test(test_heartbeat), cmocka_unit_test(test_clock_set_back),
    };
    return RUN_TESTS(tests);
}
