/* The archive of a submission over a small made tree: what becomes of an earlier one. */
#include "data_tree.h"
#include "experiment/submission.h"

static void hear(void *user, const char *text)
{
    (void)text;
    ++*(int *)user;
}

static tree kept_tree(okng_dataset **set)
{
    tree t = tree_new();
    tree_add(&t, "sets/can/train/good/000.png");
    tree_add(&t, "sets/can/test_public/good/000.png");
    tree_add(&t, "sets/can/test_private/000_regular.png");
    tree_add(&t, "sets/can/test_private_mixed/000_mixed.png");
    assert_ok(okng_dataset_open(set, "mvtec-ad-2", tree_path(&t, "sets"), NULL, error));
    return t;
}

static void an_archive_stays_where_no_new_one_came(void **state)
{
    (void)state;
    static const char *const categories[] = {"can"};
    static const float map[4] = {0, 1, 2, 3};
    okng_dataset *set;
    tree t = kept_tree(&set);
    int heard = 0;
    size_t size;
    const okng_submitted pictures[] = {{"can", "test_private", "000_regular"},
                                       {"can", "test_private_mixed", "000_mixed"}};
    assert_ok(okng_submission_write(tree_path(&t, "s"), &pictures[0], map, 2, 2, 1.5F, 1, error));
    assert_ok(okng_submission_pack(tree_path(&t, "s"), pictures, 1, error));
    assert_int_equal(remove(tree_path(&t, "s/anomaly_images/can/test_private/000_regular.tiff")), 0);
    assert_fails(
        OKNG_ERROR_NOT_FOUND, "000_regular.tiff",
        okng_submit_finish(tree_path(&t, "s"), set, tree_path(&t, "sets"), categories, 1, hear, &heard, error));
    assert_ok(okng_submission_check(tree_path(&t, "s.tar.gz"), &size, error));
    assert_int_equal(size, 1); /* of before */
    for (int i = 0; i < 2; i++)
        assert_ok(okng_submission_write(tree_path(&t, "s"), &pictures[i], map, 2, 2, 1.5F, 1, error));
    heard = 0;
    assert_ok(okng_submit_finish(tree_path(&t, "s"), set, tree_path(&t, "sets"), categories, 1, hear, &heard, error));
    assert_int_equal(heard, 3); /* two splits with too few, and seven objects missing */
    assert_ok(okng_submission_check(tree_path(&t, "s.tar.gz"), &size, error));
    assert_int_equal(size, 2);
    okng_dataset_close(&set);
    tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_archive_stays_where_no_new_one_came),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
