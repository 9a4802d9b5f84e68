#include "data_tree.h"

/* ---- mvtec ---- */

static tree mvtec_tree(void)
{
    tree t = tree_new();
    tree_add_many(&t, "nut/train/good/%03d.png", 5);
    tree_add_many(&t, "nut/test/good/%03d.png", 2);
    tree_add_many(&t, "nut/test/crack/%03d.png", 2);
    tree_add_many(&t, "nut/ground_truth/crack/%03d_mask.png", 2);
    tree_add_many(&t, "bolt/train/good/%03d.png", 1);
    tree_add_many(&t, "bolt/test/good/%03d.png", 1);
    tree_add(&t, "license.txt");
    tree_add_many(&t, "notes/%03d.png", 1);
    return t;
}

static void mvtec_is_listed_in_byte_order(void **state)
{
    (void)state;
    tree t = mvtec_tree();
    okng_dataset *set;
    assert_ok(okng_dataset_open(&set, "mvtec", t.root, NULL, error));
    assert_int_equal(okng_dataset_category_count(set), 2);
    assert_string_equal(okng_dataset_category(set, 0), "bolt");
    assert_string_equal(okng_dataset_category(set, 1), "nut");
    assert_null(okng_dataset_category(set, 2));
    okng_dataset_close(&set);

    okng_samples *samples = tree_samples(&t, "mvtec", "nut", NULL);
    assert_int_equal(okng_samples_count(samples), 9);
    assert_int_equal(okng_samples_have_masks(samples), 1);
    const okng_sample *first = okng_samples_get(samples, 0);
    assert_string_equal(first->name, "test/crack/000.png");
    assert_string_equal(first->path, tree_path(&t, "nut/test/crack/000.png"));
    assert_string_equal(first->kind, "crack");
    assert_int_equal(first->label, 1);
    assert_int_equal(first->split, OKNG_SPLIT_TEST);
    assert_int_equal(first->mask_count, 1);
    assert_string_equal(first->masks[0], tree_path(&t, "nut/ground_truth/crack/000_mask.png"));
    const okng_sample *good = okng_samples_get(samples, 2);
    assert_string_equal(good->name, "test/good/000.png");
    assert_string_equal(good->kind, "good");
    assert_int_equal(good->mask_count, 0);
    assert_string_equal(okng_samples_get(samples, 4)->name, "train/good/000.png");
    for (size_t i = 1; i < 9; i++)
        assert_true(strcmp(okng_samples_get(samples, i - 1)->name, okng_samples_get(samples, i)->name) < 0);
    assert_null(okng_samples_get(samples, 9));
    okng_samples_free(&samples);

    samples = tree_samples(&t, "mvtec", "bolt", NULL); /* nothing wrong in its test: no masks, no error */
    assert_int_equal(okng_samples_have_masks(samples), 0);
    okng_samples_free(&samples);
    tree_remove(&t);
}

static void sets_like_mvtec_are_read(void **state)
{
    (void)state;
    tree t = tree_new();
    /* BTAD: ok and ko, masks named as the pictures, of another kind of file. */
    tree_add_many(&t, "01/train/ok/%04d.bmp", 2);
    tree_add_many(&t, "01/test/ok/%04d.bmp", 1);
    tree_add_many(&t, "01/test/ko/%04d.bmp", 1);
    tree_add(&t, "01/ground_truth/ko/0000.png");
    /* MVTec LOCO: a validation split, several masks for a picture. */
    tree_add_many(&t, "box/train/good/%03d.png", 2);
    tree_add_many(&t, "box/validation/good/%03d.png", 3);
    tree_add_many(&t, "box/test/logical_anomalies/%03d.png", 1);
    tree_add_many(&t, "box/ground_truth/logical_anomalies/000/%03d.png", 2);

    okng_samples *samples = tree_samples(&t, "mvtec", "01", NULL);
    const okng_sample *bad = tree_sample(samples, "test/ko/0000.bmp");
    assert_string_equal(bad->masks[0], tree_path(&t, "01/ground_truth/ko/0000.png"));
    assert_string_equal(tree_sample(samples, "test/ok/0000.bmp")->kind, "good");
    okng_samples_free(&samples);

    samples = tree_samples(&t, "mvtec", "box", NULL);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_VALIDATION, 0), 3);
    assert_int_equal(tree_sample(samples, "test/logical_anomalies/000.png")->mask_count, 2);
    okng_samples_free(&samples);
    tree_remove(&t);
}

static void what_is_wrong_with_mvtec_is_named(void **state)
{
    (void)state;
    tree t = mvtec_tree();
    assert_fails(
        OKNG_ERROR_ARGUMENT, "no category \"bolts\"; did you mean \"bolt\"?; there are bolt, nut",
        tree_fails(&t, "mvtec", "bolt",
                   &(okng_dataset_options){.struct_size = sizeof(okng_dataset_options), .categories = "nut,bolts"},
                   error));
    assert_fails(OKNG_ERROR_ARGUMENT, "unknown data set \"mvtek\"; did you mean \"mvtec\"?",
                 tree_fails(&t, "mvtek", "nut", NULL, error));
    assert_int_equal(remove(tree_path(&t, "nut/ground_truth/crack/001_mask.png")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "nut/ground_truth/crack/001_mask.png: no mask for the defect in",
                 tree_fails(&t, "mvtec", "nut", NULL, error));
    assert_int_equal(remove(tree_path(&t, "bolt/test/good/000.png")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "category bolt has no pictures to test",
                 tree_fails(&t, "mvtec", "bolt", NULL, error));
    tree_add(&t, "bolt/test/good/000.png");
    assert_int_equal(remove(tree_path(&t, "bolt/train/good/000.png")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "category bolt has no good pictures to learn",
                 tree_fails(&t, "mvtec", "bolt", NULL, error));
    assert_int_equal(symlink("nowhere.png", tree_path(&t, "bolt/train/good/000.png")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "bolt/train/good/000.png", tree_fails(&t, "mvtec", "bolt", NULL, error));
    okng_dataset *set;
    assert_fails(OKNG_ERROR_NOT_FOUND, "is a category itself",
                 okng_dataset_open(&set, "mvtec", tree_path(&t, "nut"), NULL, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "expected <category>/train/good",
                 okng_dataset_open(&set, "mvtec", tree_path(&t, "notes"), NULL, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "/none", okng_dataset_open(&set, "mvtec", tree_path(&t, "none"), NULL, error));
    tree_remove(&t);
}

/* ---- visa ---- */

static void visa_is_read_as_published(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "candle/Data/Images/Normal/%04d.JPG", 3);
    tree_add_many(&t, "candle/Data/Images/Anomaly/%03d.JPG", 1);
    tree_add_many(&t, "candle/Data/Masks/Anomaly/%03d.png", 1);
    tree_write(&t, "split_csv/1cls.csv",
               "object,split,label,image,mask\n"
               "candle,train,normal,candle/Data/Images/Normal/0000.JPG,\n"
               "candle,train,normal,candle/Data/Images/Normal/0001.JPG,\n"
               "candle,test,normal,candle/Data/Images/Normal/0002.JPG,\n"
               "candle,test,anomaly,candle/Data/Images/Anomaly/000.JPG,candle/Data/Masks/Anomaly/000.png\n"
               "fork,train,anomaly,fork/a.JPG,fork/a.png\n");
    okng_samples *samples = tree_samples(&t, "visa", "candle", NULL);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 2);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 1);
    const okng_sample *bad = tree_sample(samples, "Data/Images/Anomaly/000.JPG");
    assert_int_equal(bad->label, 1);
    assert_string_equal(bad->masks[0], tree_path(&t, "candle/Data/Masks/Anomaly/000.png"));
    okng_samples_free(&samples);
    assert_fails(OKNG_ERROR_FORMAT, "1cls.csv:6: label is \"anomaly\", expected normal",
                 tree_fails(&t, "visa", "fork", NULL, error));
    assert_int_equal(remove(tree_path(&t, "candle/Data/Masks/Anomaly/000.png")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "candle/Data/Masks/Anomaly/000.png",
                 tree_fails(&t, "visa", "candle", NULL, error));
    tree_write(&t, "split_csv/1cls.csv", "object,split,label,picture\n");
    assert_fails(OKNG_ERROR_FORMAT, "no column \"image\"", tree_fails(&t, "visa", "candle", NULL, error));
    tree_write(&t, "split_csv/1cls.csv", "object,split,label,image,mask\n");
    assert_fails(OKNG_ERROR_NOT_FOUND, "has no category", tree_fails(&t, "visa", "candle", NULL, error));
    tree_write(&t, "split_csv/1cls.csv", "object,split,label,image,mask\n../up,train,normal,a.JPG,\n");
    assert_fails(OKNG_ERROR_FORMAT, "a category is called \"../up\"", tree_fails(&t, "visa", "../up", NULL, error));
    tree_remove(&t);
}

static void visa_is_read_rearranged(void **state)
{
    (void)state;
    tree t = tree_new();
    assert_fails(OKNG_ERROR_NOT_FOUND, "neither split_csv/1cls.csv nor", tree_fails(&t, "visa", "candle", NULL, error));
    tree_add_many(&t, "1cls/candle/train/good/%04d.JPG", 2);
    tree_add_many(&t, "1cls/candle/test/bad/%03d.JPG", 1);
    tree_add_many(&t, "1cls/candle/ground_truth/bad/%03d.png", 1);
    okng_samples *samples = tree_samples(&t, "visa", "candle", NULL);
    assert_string_equal(tree_sample(samples, "test/bad/000.JPG")->masks[0],
                        tree_path(&t, "1cls/candle/ground_truth/bad/000.png"));
    okng_samples_free(&samples);
    tree_remove(&t);
}

/* ---- mvtec-ad2, casting ---- */

static void mvtec_ad2_is_read(void **state)
{
    (void)state;
    tree t = tree_new();
    assert_fails(OKNG_ERROR_NOT_FOUND, "test_public/{good,bad}", tree_fails(&t, "mvtec-ad2", "can", NULL, error));
    tree_add_many(&t, "can/train/good/%03d_regular.png", 3);
    tree_add_many(&t, "can/validation/good/%03d_regular.png", 2);
    tree_add_many(&t, "can/test_public/good/%03d_regular.png", 1);
    tree_add_many(&t, "can/test_public/bad/%03d_overexposed.png", 1);
    tree_add_many(&t, "can/test_public/ground_truth/bad/%03d_overexposed_mask.png", 1);
    tree_add_many(&t, "can/test_private/%03d_regular.png", 4);
    okng_samples *samples = tree_samples(&t, "mvtec-ad2", "can", NULL);
    assert_int_equal(okng_samples_count(samples), 7);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_VALIDATION, 0), 2);
    assert_string_equal(tree_sample(samples, "test_public/bad/000_overexposed.png")->masks[0],
                        tree_path(&t, "can/test_public/ground_truth/bad/000_overexposed_mask.png"));
    okng_samples_free(&samples);
    tree_remove(&t);
}

static void castings_have_no_masks(void **state)
{
    (void)state;
    tree t = tree_new();
    assert_fails(OKNG_ERROR_NOT_FOUND, "no train/ok_front here", tree_fails(&t, "casting", "casting", NULL, error));
    tree_add_many(&t, "casting_data/train/ok_front/%d.jpeg", 3);
    tree_add_many(&t, "casting_data/train/def_front/%d.jpeg", 3);
    tree_add_many(&t, "casting_data/test/ok_front/%d.jpeg", 1);
    tree_add_many(&t, "casting_data/test/def_front/%d.jpeg", 2);
    okng_samples *samples = tree_samples(&t, "casting", "casting", NULL);
    assert_int_equal(okng_samples_count(samples), 6);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 1), 2);
    assert_int_equal(okng_samples_have_masks(samples), 0);
    okng_samples_free(&samples);
    tree_remove(&t);
}

/* ---- folder ---- */

static okng_dataset_options folder_options(const char *normal, const char *test, const char *abnormal,
                                           const char *masks)
{
    okng_dataset_options options;
    okng_dataset_options_init(&options);
    assert_ok(okng_dataset_options_set(&options, "normal", normal, error));
    assert_ok(okng_dataset_options_set(&options, "normal_test", test, error));
    assert_ok(okng_dataset_options_set(&options, "abnormal", abnormal, error));
    assert_ok(okng_dataset_options_set(&options, "masks", masks, error));
    return options;
}

static void folders_of_any_names_are_read(void **state)
{
    (void)state;
    tree t = tree_new();
    const char *category = strrchr(t.root, '/') + 1;
    tree_add_many(&t, "fine/%02d.jpg", 10);
    tree_add_many(&t, "later/%02d.jpg", 2);
    tree_add_many(&t, "broken/scratch/%02d.jpg", 2);
    tree_add_many(&t, "broken/dent/%02d.jpg", 1);
    tree_add_many(&t, "truth/scratch/%02d_mask.png", 2);
    tree_add_many(&t, "truth/dent/%02d.png", 1);

    okng_dataset_options options = folder_options("fine", "later", "broken", "truth");
    okng_samples *samples = tree_samples(&t, "folder", category, &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 10);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 2);
    const okng_sample *dent = tree_sample(samples, "broken/dent/00.jpg");
    assert_string_equal(dent->kind, "dent");
    assert_string_equal(dent->masks[0], tree_path(&t, "truth/dent/00.png"));
    okng_samples_free(&samples);

    options = folder_options("fine", "", "broken/scratch,broken/dent/", ""); /* a fifth of the good ones is tested */
    samples = tree_samples(&t, "folder", category, &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 8);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 2);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 1), 3);
    assert_string_equal(tree_sample(samples, "broken/scratch/01.jpg")->kind, "scratch");
    assert_int_equal(okng_samples_have_masks(samples), 0);
    okng_samples_free(&samples);

    options = folder_options(tree_path(&t, "fine"), "later", "broken/dent", tree_path(&t, "truth"));
    samples = tree_samples(&t, "folder", category, &options);
    assert_string_equal(tree_sample(samples, "broken/dent/00.jpg")->masks[0], tree_path(&t, "truth/dent/00.png"));
    assert_string_equal(tree_sample(samples, "fine/00.jpg")->path, tree_path(&t, "fine/00.jpg"));
    okng_samples_free(&samples);

    options = folder_options("fine", "", "", "");
    assert_fails(OKNG_ERROR_ARGUMENT,
                 "needs the options normal and abnormal; the folders here are broken, fine, later, truth",
                 tree_fails(&t, "folder", category, &options, error));
    options = folder_options("fine", "none", "broken", "");
    assert_fails(OKNG_ERROR_NOT_FOUND, "/none", tree_fails(&t, "folder", category, &options, error));
    assert_int_equal(remove(tree_path(&t, "truth/dent/00.png")), 0);
    options = folder_options("fine", "later", "broken", "truth");
    assert_fails(OKNG_ERROR_NOT_FOUND, "truth/dent/00_mask.png", tree_fails(&t, "folder", category, &options, error));
    tree_remove(&t);
}

static void a_mask_found_for_two_pictures_is_refused(void **state)
{
    (void)state;
    tree t = tree_new();
    const char *category = strrchr(t.root, '/') + 1;
    tree_add_many(&t, "fine/%02d.jpg", 4);
    tree_add_many(&t, "dent/%02d.jpg", 2);
    tree_add_many(&t, "scratch/%02d.jpg", 1);
    tree_add_many(&t, "truth/%02d.png", 2);
    okng_dataset_options options = folder_options("fine", "", "dent,scratch", "truth");
    assert_fails(OKNG_ERROR_FORMAT, "truth/00.png: is found as the mask of two pictures",
                 tree_fails(&t, "folder", category, &options, error));
    options = folder_options("fine", "", "dent", "truth");
    okng_samples *samples = tree_samples(&t, "folder", category, &options);
    assert_int_equal(okng_samples_have_masks(samples), 1);
    okng_samples_free(&samples);
    tree_add(&t, "dent/01.bmp");
    assert_fails(OKNG_ERROR_FORMAT, "dent/01.jpg", tree_fails(&t, "folder", category, &options, error));

    tree_write(&t, "shared.csv",
               "path,split,label,mask\nfine/00.jpg,train,good,\ndent/00.jpg,test,bad,truth/00.png\n"
               "scratch/00.jpg,test,bad,truth/00.png\n"); /* said so */
    okng_dataset_options_init(&options);
    assert_ok(okng_dataset_options_set(&options, "csv", "shared.csv", error));
    samples = tree_samples(&t, "csv", "shared", &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 1), 2);
    okng_samples_free(&samples);
    tree_remove(&t);
}

static void masks_of_any_ending_are_found(void **state)
{
    (void)state;
    static const char *const masks[] = {"00.PNG", "00_mask.bmp", "00.TIFF", "00_mask.JPG", "00.pgm", "00_mask.WEBP"};
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        tree t = tree_new();
        const char *category = strrchr(t.root, '/') + 1;
        char name[32];
        (void)snprintf(name, sizeof name, "truth/%s", masks[i]);
        tree_add_many(&t, "fine/%02d.jpg", 4);
        tree_add_many(&t, "dent/%02d.jpg", 1);
        tree_add(&t, name);
        okng_dataset_options options = folder_options("fine", "", "dent", "truth");
        okng_samples *samples = tree_samples(&t, "folder", category, &options);
        assert_string_equal(tree_sample(samples, "dent/00.jpg")->masks[0], tree_path(&t, name));
        okng_samples_free(&samples);
        tree_remove(&t);
    }
}

/* ---- csv ---- */

static void a_table_is_read(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "pictures/%d.png", 5);
    tree_add(&t, "lists/near.png");
    tree_add(&t, "masks/3.png");
    tree_write(&t, "lists/line.csv",
               "path,split,label,mask,category,kind\n"
               "pictures/0.png,train,good,,left,\n"
               "../pictures/1.png,train,0,,left,\n"
               "near.png,val,OK,,left,\n"
               "pictures/2.png,test,normal,,left,\n"
               "pictures/3.png,test,NG,masks/3.png,left,dent\n"
               "pictures/0.png,train,good,,right,\n"
               "pictures/4.png,test,1,,right,\n");
    okng_dataset_options options;
    okng_dataset_options_init(&options);
    assert_ok(okng_dataset_options_set(&options, "csv", "lists/line.csv", error));
    okng_samples *samples = tree_samples(&t, "csv", "left", &options);
    assert_int_equal(okng_samples_count(samples), 5);
    const okng_sample *bad = tree_sample(samples, "pictures/3.png");
    assert_string_equal(bad->kind, "dent");
    assert_string_equal(bad->masks[0], tree_path(&t, "masks/3.png"));
    assert_int_equal(tree_sample(samples, "pictures/1.png")->split, OKNG_SPLIT_TRAIN); /* no way out of the results */
    assert_string_equal(tree_sample(samples, "near.png")->path, tree_path(&t, "lists/near.png"));
    assert_int_equal(tree_sample(samples, "near.png")->split, OKNG_SPLIT_VALIDATION);
    okng_samples_free(&samples);
    samples = tree_samples(&t, "csv", "right", &options);
    assert_int_equal(okng_samples_have_masks(samples), 0);
    okng_samples_free(&samples);
    tree_remove(&t);
}

static void a_table_without_a_category_is_called_as_its_file(void **state)
{
    (void)state;
    tree t = tree_new();
    okng_dataset *set;
    tree_add_many(&t, "%d.png", 2);
    assert_fails(OKNG_ERROR_NOT_FOUND, "no .csv here", okng_dataset_open(&set, "csv", t.root, NULL, error));
    tree_write(&t, "press.csv", "path,split,label\n0.png,train,ok\n1.png,test,bad\n");
    okng_samples *samples = tree_samples(&t, "csv", "press", NULL);
    assert_int_equal(okng_samples_count(samples), 2);
    okng_samples_free(&samples);
    assert_ok(okng_dataset_open(&set, "csv", tree_path(&t, "press.csv"), NULL, error));
    assert_ok(okng_samples_open(&samples, set, "press", error));
    assert_string_equal(okng_samples_get(samples, 1)->path, tree_path(&t, "1.png"));
    okng_samples_free(&samples);
    okng_dataset_close(&set);
    tree_write(&t, "more.csv", "path,split,label\n");
    assert_fails(OKNG_ERROR_ARGUMENT, "several tables (more.csv, press.csv)",
                 okng_dataset_open(&set, "csv", t.root, NULL, error));
    tree_remove(&t);
}

static void a_table_of_nothing_but_categories_is_refused(void **state)
{
    (void)state;
    enum { MANY = 65537, LINE = 24 };
    tree t = tree_new();
    char *text = malloc(MANY * LINE + 64);
    size_t used = (size_t)sprintf(text, "path,split,label,category\n");
    for (int i = 0; i < MANY; i++) used += (size_t)sprintf(text + used, "a,train,0,%d\n", (i * 7919) % MANY);
    tree_write(&t, "all.csv", text);
    tree_write(&t, "._all.csv", "what macOS leaves beside a file");
    free(text);
    okng_dataset *dataset;
    assert_fails(OKNG_ERROR_LIMIT, "one name more than the 65536",
                 okng_dataset_open(&dataset, "csv", t.root, NULL, error));
    tree_remove(&t);
}

static void what_is_wrong_with_a_table_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        okng_status status;
    } cases[] = {
        {"path,split,label\n", "has no record", OKNG_ERROR_NOT_FOUND},
        {"path,split\n0.png,train\n", "no column \"label\"", OKNG_ERROR_FORMAT},
        {"path,split,label,category\n0.png,train,ok,a\033[31m\n", "called \"a?[31m\"", OKNG_ERROR_FORMAT},
        {"path,split,label\n0.png,learn,ok\n", "t.csv:2: split is \"learn\", expected train, validation or test",
         OKNG_ERROR_FORMAT},
        {"path,split,label\n0.png,train,goood\n", "t.csv:2: label is \"goood\"", OKNG_ERROR_FORMAT},
        {"path,split,label\n0.png,train,bad\n", "a bad picture can only be tested", OKNG_ERROR_FORMAT},
        {"path,split,label\n,train,ok\n", "t.csv:2: path is \"\"", OKNG_ERROR_FORMAT},
        {"path,split,label\n0.png,train,ok\n9.png,test,ok\n", "/9.png", OKNG_ERROR_NOT_FOUND},
        {"path,split,label\n0.png,train,ok\n0.png,test,ok\n", "are the same picture", OKNG_ERROR_FORMAT},
        {"path,split,label\n0.png,test,ok\n", "has no good pictures to learn", OKNG_ERROR_NOT_FOUND},
        {"path,split,label\n0.png,train,ok\n", "has no pictures to test", OKNG_ERROR_NOT_FOUND},
        {"path,split,label,mask\n0.png,train,ok,\n1.png,test,ng,2.png\n3.png,test,ng,\n",
         "3.png: no mask for its defect, while", OKNG_ERROR_NOT_FOUND},
        {"path,split,label,mask\n0.png,train,ok,\n1.png,test,ng,8.png\n", "8.png", OKNG_ERROR_NOT_FOUND},
    };
    tree t = tree_new();
    tree_add_many(&t, "%d.png", 4);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tree_write(&t, "t.csv", cases[i].text);
        assert_fails(cases[i].status, cases[i].says, tree_fails(&t, "csv", "t", NULL, error));
    }
    tree_remove(&t);
}

static void options_of_other_layouts_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *layout, *name, *value, *says;
    } cases[] = {
        {"mvtec", "normal", "ok", "option normal is not read by the data set mvtec but by folder"},
        {"mvtec", "csv", "t.csv", "option csv is not read by the data set mvtec but by csv"},
        {"visa", "test-ratio", "0.3",
         "option test-ratio is not read by the data set visa but by kolektor-sdd, labelme, coco, yolo, folder"},
        {"csv", "masks", "m", "option masks is not read by the data set csv but by folder"},
        {"folder", "csv", "t.csv", "option csv is not read by the data set folder but by csv"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        okng_dataset_options options;
        okng_dataset *dataset = NULL;
        okng_dataset_options_init(&options);
        assert_ok(okng_dataset_options_set(&options, cases[i].name, cases[i].value, error));
        assert_fails(OKNG_ERROR_ARGUMENT, cases[i].says,
                     okng_dataset_open(&dataset, cases[i].layout, "/tmp", &options, error));
        assert_null(dataset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mvtec_is_listed_in_byte_order),
        cmocka_unit_test(sets_like_mvtec_are_read),
        cmocka_unit_test(what_is_wrong_with_mvtec_is_named),
        cmocka_unit_test(visa_is_read_as_published),
        cmocka_unit_test(visa_is_read_rearranged),
        cmocka_unit_test(mvtec_ad2_is_read),
        cmocka_unit_test(castings_have_no_masks),
        cmocka_unit_test(folders_of_any_names_are_read),
        cmocka_unit_test(a_mask_found_for_two_pictures_is_refused),
        cmocka_unit_test(masks_of_any_ending_are_found),
        cmocka_unit_test(a_table_is_read),
        cmocka_unit_test(a_table_without_a_category_is_called_as_its_file),
        cmocka_unit_test(a_table_of_nothing_but_categories_is_refused),
        cmocka_unit_test(what_is_wrong_with_a_table_is_named),
        cmocka_unit_test(options_of_other_layouts_are_refused),
    };
    return RUN_TESTS(tests);
}
