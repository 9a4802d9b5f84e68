/* Data sets of the field that cannot be had here: small trees, made as their papers, loaders and archives describe
 * them. */
#include "data_tree.h"

static const okng_dataset_options *with_annotations(const char *annotations, const char *pictures)
{
    static okng_dataset_options options;
    okng_dataset_options_init(&options);
    (void)snprintf(options.annotations, sizeof options.annotations, "%s", annotations);
    (void)snprintf(options.pictures, sizeof options.pictures, "%s", pictures);
    return &options;
}

/* ---- btad, mpdd, mvtec-loco ---- */

static void btad_is_read(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "BTech_Dataset_transformed/01/train/ok/%04d.bmp", 3);
    tree_add_many(&t, "BTech_Dataset_transformed/01/test/ok/%04d.bmp", 2);
    tree_add_many(&t, "BTech_Dataset_transformed/01/test/ko/%04d.bmp", 1);
    tree_add(&t, "BTech_Dataset_transformed/01/ground_truth/ko/0000.png");
    tree_add_many(&t, "BTech_Dataset_transformed/03/train/ok/%04d.bmp", 1);
    tree_add_many(&t, "BTech_Dataset_transformed/03/test/ok/%04d.bmp", 1);
    tree_add_many(&t, "BTech_Dataset_transformed/03/test/ko/%04d.bmp", 1);
    tree_add(&t, "BTech_Dataset_transformed/03/ground_truth/ko/0000.bmp");

    okng_samples *samples = tree_samples(&t, "btad", "01", NULL);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 3);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 2);
    const okng_sample *bad = tree_sample(samples, "test/ko/0000.bmp");
    assert_string_equal(bad->kind, "ko");
    assert_string_equal(bad->masks[0], tree_path(&t, "BTech_Dataset_transformed/01/ground_truth/ko/0000.png"));
    okng_samples_free(&samples);
    samples = tree_samples(&t, "btad", "03", NULL);
    assert_string_equal(tree_sample(samples, "test/ko/0000.bmp")->masks[0],
                        tree_path(&t, "BTech_Dataset_transformed/03/ground_truth/ko/0000.bmp"));
    okng_samples_free(&samples);

    assert_int_equal(remove(tree_path(&t, "BTech_Dataset_transformed/03/ground_truth/ko/0000.bmp")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "no mask for the defect in", tree_fails(&t, "btad", "03", NULL, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "expected MPDD: <category>/train/good",
                 tree_fails(&t, "mpdd", "01", NULL, error));
    tree_remove(&t);
}

static void mpdd_is_read(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "MPDD/tubes/train/good/%03d.png", 2);
    tree_add_many(&t, "MPDD/tubes/test/good/%03d.png", 1);
    tree_add_many(&t, "MPDD/tubes/test/anomalous/%03d.png", 2);
    tree_add_many(&t, "MPDD/tubes/ground_truth/anomalous/%03d_mask.png", 2);
    okng_samples *samples = tree_samples(&t, "mpdd", "tubes", NULL);
    assert_int_equal(okng_samples_count(samples), 5);
    assert_string_equal(tree_sample(samples, "test/anomalous/001.png")->masks[0],
                        tree_path(&t, "MPDD/tubes/ground_truth/anomalous/001_mask.png"));
    okng_samples_free(&samples);
    assert_fails(OKNG_ERROR_NOT_FOUND, "expected BTAD: ", tree_fails(&t, "btad", "01", NULL, error));
    tree_remove(&t);
}

static void mvtec_loco_is_read(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "pushpins/train/good/%03d.png", 2);
    tree_add_many(&t, "pushpins/validation/good/%03d.png", 1);
    tree_add_many(&t, "pushpins/test/good/%03d.png", 1);
    tree_add_many(&t, "pushpins/test/logical_anomalies/%03d.png", 1);
    tree_add_many(&t, "pushpins/test/structural_anomalies/%03d.png", 1);
    tree_add_many(&t, "pushpins/ground_truth/logical_anomalies/000/%03d.png", 3);
    tree_add_many(&t, "pushpins/ground_truth/structural_anomalies/000/%03d.png", 1);
    okng_samples *samples = tree_samples(&t, "mvtec-loco", "pushpins", NULL);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_VALIDATION, 0), 1);
    const okng_sample *bad = tree_sample(samples, "test/logical_anomalies/000.png");
    assert_int_equal(bad->mask_count, 3);
    assert_string_equal(bad->masks[2], tree_path(&t, "pushpins/ground_truth/logical_anomalies/000/002.png"));
    assert_string_equal(bad->kind, "logical_anomalies");
    okng_samples_free(&samples);
    tree_remove(&t);
}

/* ---- kolektor ---- */

static void kolektor_sdd_tells_by_masks(void **state)
{
    (void)state;
    tree t = tree_new();
    for (int item = 1; item <= 2; item++)
        for (int part = 0; part < 5; part++) {
            char name[64];
            (void)snprintf(name, sizeof name, "kos%02d/Part%d.jpg", item, part);
            tree_add(&t, name);
            (void)snprintf(name, sizeof name, "kos%02d/Part%d_label.bmp", item, part);
            tree_mask(&t, name, TREE_WIDTH, 2, 2, item == 2 && part == 3 ? 1 : 0);
        }
    okng_samples *samples = tree_samples(&t, "kolektor-sdd", "commutator", NULL);
    assert_int_equal(okng_samples_count(samples), 10);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 2); /* a fifth of the nine good ones */
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 1), 1);
    const okng_sample *bad = tree_sample(samples, "kos02/Part3.jpg");
    assert_int_equal(bad->label, 1);
    assert_string_equal(bad->masks[0], tree_path(&t, "kos02/Part3_label.bmp"));
    uint8_t mask[TREE_WIDTH * TREE_HEIGHT];
    assert_ok(okng_sample_mask(bad, TREE_WIDTH, TREE_HEIGHT, mask, error));
    assert_int_equal(mask[2], 1); /* a value of 1 is a defect */
    okng_samples_free(&samples);

    assert_int_equal(remove(tree_path(&t, "kos01/Part0_label.bmp")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "kos01/Part0.jpg: no mask beside it; expected Part0_label with",
                 tree_fails(&t, "kolektor-sdd", "commutator", NULL, error));
    tree_write(&t, "kos01/Part0_label.bmp", "no picture");
    assert_fails(OKNG_ERROR_FORMAT, "kos01/Part0_label.bmp", tree_fails(&t, "kolektor-sdd", "commutator", NULL, error));
    tree_remove(&t);
}

static void kolektor_sdd2_keeps_its_split(void **state)
{
    (void)state;
    tree t = tree_new();
    static const struct {
        const char *name;
        int value;
    } pictures[] = {
        {"train/10000", 0}, {"train/10001", 255}, {"train/10301", 0}, {"test/20000", 255}, {"test/20001", 0}};
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s.png", pictures[i].name);
        tree_add(&t, name);
        (void)snprintf(name, sizeof name, "%s_GT.png", pictures[i].name);
        tree_mask(&t, name, TREE_WIDTH, 0, 1, (uint8_t)pictures[i].value);
    }
    tree_add(&t, "train/10301 (copy).png"); /* as the published archive has them */
    tree_mask(&t, "train/10301_GT (copy).png", TREE_WIDTH, 0, 1, 0);
    okng_samples *samples = tree_samples(&t, "kolektor-sdd2", "surface", NULL);
    assert_int_equal(okng_samples_count(samples), 4); /* without the bad one of train and the copies */
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 2);
    assert_int_equal(tree_sample(samples, "test/20000.png")->label, 1);
    assert_int_equal(tree_sample(samples, "test/20001.png")->label, 0);
    okng_samples_free(&samples);
    assert_int_equal(remove(tree_path(&t, "train/10301.png")), 0); /* then it is no copy */
    assert_fails(OKNG_ERROR_NOT_FOUND, "10301 (copy).png: no mask beside it",
                 tree_fails(&t, "kolektor-sdd2", "surface", NULL, error));
    tree_remove(&t);
}

/* ---- dagm ---- */

static void dagm_is_bad_where_a_label_is(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "Class1/Train/%04d.PNG", 3);
    tree_add(&t, "Class1/Train/Label/0002_label.PNG");
    tree_add_many(&t, "Class1/Test/%04d.PNG", 2);
    tree_add(&t, "Class1/Test/Label/0001_label.PNG");
    tree_add(&t, "Class1/Test/Label/Labels.txt");
    okng_samples *samples = tree_samples(&t, "dagm", "Class1", NULL);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 2);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 1);
    const okng_sample *bad = tree_sample(samples, "Test/0001.PNG");
    assert_int_equal(bad->label, 1);
    assert_string_equal(bad->masks[0], tree_path(&t, "Class1/Test/Label/0001_label.PNG"));
    okng_samples_free(&samples);
    assert_fails(OKNG_ERROR_NOT_FOUND,
                 "expected KolektorSDD2: ", tree_fails(&t, "kolektor-sdd2", "surface", NULL, error));
    tree_remove(&t);
}

/* ---- real-iad ---- */

#define OK_ENTRY(path) "{\"category\":\"toy\",\"anomaly_class\":\"OK\",\"image_path\":\"" path "\",\"mask_path\":null}"

static const char toy_json[] =
    "{\"meta\":{\"prefix\":\"toy/\",\"normal_class\":\"OK\",\"pre_transform\":false},"
    "\"train\":[" OK_ENTRY(
        "OK/S0001/toy__0001_OK_C1_1.jpg") ","
                                          "{\"anomaly_class\":\"BX\",\"image_path\":\"NG/BX/S0001/"
                                          "toy_0001_NG_BX_C1_1.jpg\",\"mask_path\":null}],"
                                          "\"test\":[" OK_ENTRY(
                                              "OK/S0002/toy_0002_OK_C1_1.jpg") ","
                                                                               "{\"anomaly_class\":\"BX\",\"image_"
                                                                               "path\":\"NG/BX/S0001/"
                                                                               "toy__0001_NG_BX_C2_1.jpg\","
                                                                               "\"mask_path\":\"NG/BX/S0001/"
                                                                               "toy__0001_NG_BX_C2_1_mask.png\"},"
                                                                               "{\"anomaly_class\":\"HS\",\"image_"
                                                                               "path\":\"NG/HS/S0001/"
                                                                               "toy_0001_NG_HS_C2_1.jpg\"}]}";

static tree toy_tree(void)
{
    tree t = tree_new();
    tree_write(&t, "realiad_jsons/realiad_jsons/toy.json", toy_json);
    tree_write(&t, "realiad_jsons/realiad_jsons/usb.json", "{}"); /* whose pictures are not there */
    tree_add(&t, "realiad_256/toy/OK/S0001/toy__0001_OK_C1_1.jpg");
    tree_add(&t, "realiad_256/toy/OK/S0002/toy__0002_OK_C1_1.jpg"); /* the file says one underscore */
    tree_add(&t, "realiad_256/toy/OK/S0002/toy__0002_OK_C1_1_mask.jpg");
    tree_add(&t, "realiad_256/toy/NG/BX/S0001/toy__0001_NG_BX_C2_1.jpg");
    tree_add(&t, "realiad_256/toy/NG/BX/S0001/toy_0001_NG_BX_C2_1.png"); /* neither as called nor composed */
    tree_add(&t, "realiad_256/toy/NG/BX/S0001/toy_0001_NG_BX_C3_1.png");
    tree_add(&t, "realiad_256/toy/NG/HS/S0001/toy_0001_NG_HS_C2_1.jpg");
    tree_add(&t, "realiad_256/toy/NG/HS/S0001/toy__0001_NG_HS_C2_1_mask.png"); /* no mask_path in the file */
    return t;
}

static void real_iad_matches_what_is_there(void **state)
{
    (void)state;
    tree t = toy_tree();
    okng_samples *samples = tree_samples(&t, "real-iad", "toy", NULL);
    assert_int_equal(okng_samples_count(samples), 4);
    assert_string_equal(tree_sample(samples, "OK/S0002/toy_0002_OK_C1_1.jpg")->path,
                        tree_path(&t, "realiad_256/toy/OK/S0002/toy__0002_OK_C1_1.jpg"));
    const okng_sample *bad = tree_sample(samples, "NG/BX/S0001/toy__0001_NG_BX_C2_1.jpg");
    assert_string_equal(bad->kind, "BX");
    assert_string_equal(bad->masks[0], tree_path(&t, "realiad_256/toy/NG/BX/S0001/toy_0001_NG_BX_C2_1.png"));
    assert_string_equal(tree_sample(samples, "NG/HS/S0001/toy_0001_NG_HS_C2_1.jpg")->masks[0],
                        tree_path(&t, "realiad_256/toy/NG/HS/S0001/toy__0001_NG_HS_C2_1_mask.png"));
    okng_samples_free(&samples);

    tree_add(&t, "realiad_256/toy/NG/BX/S0001/toy__0001_NG_BX_C2_1.png");
    assert_fails(OKNG_ERROR_FORMAT, "several may be meant: toy_0001_NG_BX_C2_1.png, toy__0001_NG_BX_C2_1.png",
                 tree_fails(&t, "real-iad", "toy", NULL, error));
    assert_int_equal(remove(tree_path(&t, "realiad_256/toy/NG/BX/S0001/toy__0001_NG_BX_C2_1.png")), 0);
    assert_int_equal(remove(tree_path(&t, "realiad_256/toy/NG/BX/S0001/toy_0001_NG_BX_C2_1.png")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "toy__0001_NG_BX_C2_1_mask.png: no such mask",
                 tree_fails(&t, "real-iad", "toy", NULL, error));
    assert_int_equal(remove(tree_path(&t, "realiad_256/toy/OK/S0001/toy__0001_OK_C1_1.jpg")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "toy__0001_OK_C1_1.jpg: no such picture",
                 tree_fails(&t, "real-iad", "toy", NULL, error));
    tree_remove(&t);
}

static void real_iad_is_told_where_its_parts_are(void **state)
{
    (void)state;
    tree t = toy_tree();
    tree_add(&t, "realiad_512/toy/OK/S0001/toy__0001_OK_C1_1.jpg");
    assert_fails(OKNG_ERROR_ARGUMENT, "several resolutions are here (realiad_256, realiad_512); name one",
                 tree_fails(&t, "real-iad", "toy", NULL, error));
    okng_samples *samples = tree_samples(&t, "real-iad", "toy", with_annotations("", "realiad_256"));
    assert_int_equal(okng_samples_count(samples), 4);
    okng_samples_free(&samples);
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere: no such folder",
                 tree_fails(&t, "real-iad", "toy", with_annotations("nowhere", "realiad_256"), error));
    assert_fails(OKNG_ERROR_ARGUMENT, "no category \"usb\"",
                 tree_fails(&t, "real-iad", "usb",
                            &(okng_dataset_options){.struct_size = sizeof(okng_dataset_options),
                                                    .categories = "usb",
                                                    .pictures = "realiad_256"},
                            error));
    tree_remove(&t);
}

static void what_is_wrong_with_splits_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *json, *says;
    } files[] = {
        {"{\"train\":[]}", "\"test\" is no list"},
        {"{\"train\":7,\"test\":[]}", "\"train\" is no list"},
        {"{\"train\":[3],\"test\":[]}", "\"train\", entry 0 is no object"},
        {"{\"train\":[{\"anomaly_class\":\"OK\"}],\"test\":[]}", "\"train\", entry 0 has no image_path"},
        {"{\"train\":[{\"image_path\":\"a.jpg\"}],\"test\":[]}", "anomaly_class"},
        {"{\"train\":[{\"anomaly_class\":\"OK\",\"image_path\":5}],\"test\":[]}", "\"image_path\" is no text"},
        {"{\"train\":[" OK_ENTRY("../../x.jpg") "],\"test\":[]}", "\"../../x.jpg\", expected a path below"},
        {"{\"train\":[" OK_ENTRY("/etc/x.jpg") "],\"test\":[]}", "\"/etc/x.jpg\", expected a path below"},
        {"{\"train\":[", "toy.json: line 1: "},
    };
    tree t = toy_tree();
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tree_write(&t, "realiad_jsons/realiad_jsons/toy.json", files[i].json);
        assert_fails(OKNG_ERROR_FORMAT, files[i].says, tree_fails(&t, "real-iad", "toy", NULL, error));
    }
    tree_remove(&t);
}

/* ---- names of sets ---- */

static void both_spellings_are_taken(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "can/train/good/%03d.png", 1);
    tree_add_many(&t, "can/validation/good/%03d.png", 1);
    tree_add_many(&t, "can/test_public/good/%03d.png", 1);
    tree_add_many(&t, "can/test_public/bad/%03d.png", 1);
    tree_add_many(&t, "can/test_public/ground_truth/bad/%03d_mask.png", 1);
    static const char *const names[] = {"mvtec-ad2", "mvtec-ad-2"};
    for (int i = 0; i < 2; i++) {
        okng_samples *samples = tree_samples(&t, names[i], "can", NULL);
        assert_int_equal(okng_samples_count(samples), 4);
        okng_samples_free(&samples);
    }
    tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(btad_is_read),
        cmocka_unit_test(mpdd_is_read),
        cmocka_unit_test(mvtec_loco_is_read),
        cmocka_unit_test(kolektor_sdd_tells_by_masks),
        cmocka_unit_test(kolektor_sdd2_keeps_its_split),
        cmocka_unit_test(dagm_is_bad_where_a_label_is),
        cmocka_unit_test(real_iad_matches_what_is_there),
        cmocka_unit_test(real_iad_is_told_where_its_parts_are),
        cmocka_unit_test(what_is_wrong_with_splits_is_named),
        cmocka_unit_test(both_spellings_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
