/* A record and its JSON form: what goes in comes out. */
#include "history/record.h"

#include "base/json.h"
#include "test.h"

static void fill(okng_record *record)
{
    okng_record_init(record);
    record->time = 1790000000123000;
    record->outcome = OKNG_OUTCOME_REVIEW;
    record->score = 1.25;
    record->review_low = 1;
    record->review_high = 2;
    record->recipe_number = 7;
    record->kept = OKNG_KEPT_PICTURE | OKNG_KEPT_HEAT;
    (void)snprintf(record->bank, sizeof record->bank, "screws");
    (void)snprintf(record->why, sizeof record->why, "a \"reason\"");
    record->regions = strdup("[{\"x\":1,\"y\":2,\"width\":3,\"height\":4,\"area\":5,\"score\":0.5}]");
}

static void a_record_survives_its_json(void **state)
{
    (void)state;
    okng_record record, back;
    fill(&record);
    json_t *object = okng_record_json(&record);
    assert_ok(okng_record_read(&back, object, "record", error));
    assert_string_equal(back.id, record.id);
    assert_int_equal(back.time, record.time);
    assert_int_equal(back.outcome, OKNG_OUTCOME_REVIEW);
    assert_true(back.score == 1.25 && back.review_low == 1 && back.review_high == 2 && isnan(back.p_value));
    assert_int_equal(back.recipe_number, 7);
    assert_int_equal(back.kept, record.kept);
    assert_string_equal(back.why, record.why);
    assert_string_equal(back.regions, record.regions);
    json_decref(object);
    okng_record_free(&record);
    okng_record_free(&back);
}

static void what_is_no_record_is_refused(void **state)
{
    (void)state;
    okng_record record;
    json_t *object = json_pack("{s:s}", "id", "0000019a0b3c4d5e0123456789abcdef");
    assert_ok(okng_record_read(&record, object, "record", error));
    assert_int_equal(record.outcome, OKNG_OUTCOME_NOT_INSPECTED);
    okng_record_free(&record);
    json_object_set_new(object, "verdict", json_string("FINE"));
    assert_fails(OKNG_ERROR_FORMAT, "expected a verdict", okng_record_read(&record, object, "record", error));
    json_object_set_new(object, "verdict", json_string("OK"));
    json_object_set_new(object, "time", json_string("yesterday"));
    assert_fails(OKNG_ERROR_FORMAT, "expected a time", okng_record_read(&record, object, "record", error));
    json_object_set_new(object, "time", json_null());
    json_object_set_new(object, "id", json_string("../../etc/passwd"));
    assert_fails(OKNG_ERROR_FORMAT, "32 hex digits", okng_record_read(&record, object, "record", error));
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_survives_its_json),
        cmocka_unit_test(what_is_no_record_is_refused),
    };
    return RUN_TESTS(tests);
}
