#include "bank/tau_choice.h"

#include <math.h>
#include <string.h>

#include "test.h"

static json_t *parsed(const char *text)
{
    json_t *document = json_loads(text, 0, NULL);
    assert_non_null(document);
    return document;
}

static const char computed[] = "{\"pixel\": 1.5, \"image\": 2.5, \"image_scores\": [1, 2], \"of\": \"another\"}";

static okng_tau_change change(float image, float pixel)
{
    return (okng_tau_change){.image = image, .pixel = pixel, .by = "tune", .at = "2026-11-27T12:00:00Z"};
}

static void assert_document(const json_t *document, const char *expected)
{
    json_t *wanted = parsed(expected);
    if (!json_equal(document, wanted)) {
        char *text = json_dumps(document, 0);
        fail_msg("found %s", text);
    }
    json_decref(wanted);
}

static void a_choice_stands_beside_what_was_computed_and_goes_again(void **state)
{
    (void)state;
    json_t *document = parsed(computed);
    okng_tau_change c = change(3, NAN);
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    c.image = 4; /* the second choice leaves what was computed */
    c.sets_review = true;
    c.review[0] = 3;
    c.review[1] = 5;
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    assert_document(document, "{\"pixel\": 1.5, \"image\": 4.0, \"image_scores\": [1, 2], \"of\": \"another\","
                              "\"computed\": {\"image\": 2.5}, \"review\": [3.0, 5.0], \"chosen\": {\"image\": {"
                              "\"value\": 4.0, \"by\": \"tune\", \"at\": \"2026-11-27T12:00:00Z\"}}}");
    c = change(NAN, 2); /* a pixel threshold leaves the band */
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    assert_non_null(json_object_get(document, "review"));
    c = change(0.5f, NAN); /* an image threshold without a band comes without that of the one before */
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    assert_null(json_object_get(document, "review"));
    c = change(NAN, 0.5f);
    c.reset = true; /* and then a pixel threshold */
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    okng_tau tau = {0};
    assert_ok(okng_tau_read_choice(document, "tau.json", &tau, error));
    assert_true(tau.pixel_chosen && !tau.image_chosen && !tau.has_review);
    c = change(NAN, NAN);
    c.reset = true;
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    assert_document(document, computed);
    json_decref(document);
}

static void a_threshold_that_was_chosen_where_none_was_is_gone_after_a_reset(void **state)
{
    (void)state;
    json_t *document = parsed("{\"calibration\": \"none\"}");
    okng_tau_change c = change(3, NAN);
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    assert_true(json_number_value(json_object_get(document, "image")) == 3);
    c = change(NAN, NAN);
    c.reset = true;
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    assert_document(document, "{\"calibration\": \"none\"}");
    json_decref(document);
}

static void what_is_no_choice_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"review\": [2, 1]}",
        "{\"review\": [1]}",
        "{\"review\": 3}",
        "{\"review\": [1, 2, 3]}",
        "{\"review\": [\"a\", 2]}",
        "{\"review\": [1, 1e300]}",
        "{\"chosen\": 3}",
        "{\"chosen\": {\"image\": 3}}",
        "{\"chosen\": {\"pixel\": {}}}",
        "{\"chosen\": {\"image\": {\"value\": \"x\"}}}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *document = parsed(bad[i]);
        okng_tau tau = {0};
        assert_fails(OKNG_ERROR_FORMAT, "tau.json", okng_tau_read_choice(document, "tau.json", &tau, error));
        json_decref(document);
    }
}

static void limits_of_regions_are_kept_and_taken_away_one_by_one(void **state)
{
    (void)state;
    okng_tau tau = {0};
    json_t *document = parsed(computed);
    okng_tau_change c = change(NAN, NAN);
    c.sets_min_area = c.sets_max_length = c.sets_max_count = true;
    c.limits = (okng_region_limits){true, true, true, 20, 61.5, 0};
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    assert_ok(okng_tau_read_choice(document, "tau.json", &tau, error));
    assert_true(tau.limits.has_min_area && tau.limits.has_max_length && tau.limits.has_max_count);
    assert_true(tau.limits.min_area == 20 && tau.limits.max_length == 61.5 && tau.limits.max_count == 0);
    c.sets_max_length = false;
    c.limits = (okng_region_limits){0};
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    assert_ok(okng_tau_read_choice(document, "tau.json", &tau, error));
    assert_true(!tau.limits.has_min_area && tau.limits.has_max_length && !tau.limits.has_max_count);
    c = change(NAN, NAN);
    c.reset = true;
    okng_tau_change_document(&document, &c);
    assert_non_null(document);
    assert_document(document, computed);
    json_decref(document);
    static const char *const damaged[] = {"{\"region_limits\": 5}", "{\"region_limits\": {\"min_area\": -1}}",
                                          "{\"region_limits\": {\"max_count\": 1.5}}",
                                          "{\"region_limits\": {\"max_length\": \"long\"}}"};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        document = parsed(damaged[i]);
        assert_fails(OKNG_ERROR_FORMAT, "region_limits", okng_tau_read_choice(document, "tau.json", &tau, error));
        json_decref(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_of_regions_are_kept_and_taken_away_one_by_one),
        cmocka_unit_test(a_choice_stands_beside_what_was_computed_and_goes_again),
        cmocka_unit_test(a_threshold_that_was_chosen_where_none_was_is_gone_after_a_reset),
        cmocka_unit_test(what_is_no_choice_is_refused),
    };
    return RUN_TESTS(tests);
}
