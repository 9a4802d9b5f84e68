/* What lies beside a bank: only what is okng's own is ever removed, and a bank that stepped aside is found. */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bank/bank_file.h"
#include "bank/ensemble_file.h"
#include "bank/tau_choice.h"
#include "test.h"

enum { ROWS = 7, DIM = 5 };

static char folder[64], bank[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/okng-test-beside-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(bank, sizeof bank, "%s/bank", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[256];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* folder/NAME */
static const char *at(const char *name)
{
    static char paths[4][512];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static bool is_there(const char *name)
{
    struct stat info;
    return lstat(at(name), &info) == 0;
}

static void put(const char *name, const char *text)
{
    assert_ok(okng_file_write(at(name), text, strlen(text), error));
}

static void make(const char *name)
{
    assert_int_equal(mkdir(at(name), 0777), 0);
}

static void move(const char *from, const char *to)
{
    assert_int_equal(rename(at(from), at(to)), 0);
}

static void assert_holds(const char *name, const char *text)
{
    char found[256] = "";
    FILE *file = fopen(at(name), "r");
    assert_non_null(file);
    (void)!fread(found, 1, sizeof found - 1, file);
    (void)fclose(file);
    assert_string_equal(found, text);
}

/* Nothing in the folder but these names, in the order of ls. */
static void assert_only(const char *names)
{
    char command[512];
    (void)snprintf(command, sizeof command, "test \"$(LC_ALL=C ls -A %s | tr '\\n' ' ')\" = '%s '", folder, names);
    assert_int_equal(system(command), 0);
}

static const char *const data_files[] = {OKNG_BANK_ROWS_FILE, NULL};

static okng_status fill(const char *place, float first, okng_error *error)
{
    float rows[ROWS * DIM], scores[3] = {0.5f, 1, 2};
    for (int i = 0; i < ROWS * DIM; i++) rows[i] = first + (float)i;
    okng_bank_config config = {.pictures = 3, .patches = 30, .input_height = 64, .input_width = 96, .data_count = 1};
    config.data[0] = (okng_bank_data){.file = OKNG_BANK_ROWS_FILE, .rows = ROWS, .dim = DIM};
    okng_build_options_init(&config.options);
    memset(config.weights_sha256, 'a', 64);
    strcpy(config.engine, "oneDNN");
    okng_tau tau = {.pixel = 1, .image = 1 + first, .image_scores = scores, .image_count = 3};
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", place, OKNG_BANK_ROWS_FILE);
    OKNG_TRY(okng_pt_write(path, rows, ROWS, DIM, error));
    return okng_bank_write_documents(place, &config, &tau, error);
}

static okng_status write_to(const char *place, float first, okng_error *error)
{
    okng_bank_writer writer;
    OKNG_TRY(okng_bank_writer_open(&writer, place, data_files, error));
    okng_status status = fill(writer.building, first, error);
    if (status == OKNG_OK) status = okng_bank_writer_finish(&writer, error);
    okng_bank_writer_close(&writer);
    return status;
}

static okng_status write_bank(float first, okng_error *error)
{
    return write_to(bank, first, error);
}

/* The bank that opens is whole and the one whose numbers begin so. */
static void assert_opens(float first)
{
    okng_bank_file file;
    assert_ok(okng_bank_file_open(&file, bank, error));
    const okng_array *rows = okng_weights_find(file.data[0], "");
    assert_non_null(rows);
    assert_true(((const float *)rows->data)[0] == first && file.tau.image == 1 + first);
    okng_bank_file_close(&file);
}

/* ---- what is a user's -------------------------------------------------------------------------------------------- */

static void files_of_others_beside_a_bank_stay(void **state)
{
    (void)state;
    put("bank.lock", "poetry's");
    make("bank.old");
    put("bank.old/notes.txt", "mine");
    make("bank.building");
    put("bank.building/memory_bank.pt", "mine");
    make("bank.untrimmed");
    for (int i = 0; i < 3; i++) assert_ok(write_bank((float)i, error));
    assert_holds("bank.lock", "poetry's");
    assert_holds("bank.old/notes.txt", "mine");
    assert_holds("bank.building/memory_bank.pt", "mine");
    assert_only("bank bank.building bank.lock bank.old bank.untrimmed");
    assert_opens(2);
}

static void a_lock_that_is_not_ours_is_named_and_stays(void **state)
{
    (void)state;
    put(".bank.okng-lock", "a diary\n");
    assert_fails(OKNG_ERROR_ARGUMENT, ".bank.okng-lock: is no lock of okng's", write_bank(0, error));
    assert_holds(".bank.okng-lock", "a diary\n");
    assert_int_equal(unlink(at(".bank.okng-lock")), 0);
    put("diary", "mine");
    assert_int_equal(symlink("diary", at(".bank.okng-lock")), 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "is a link", write_bank(0, error));
    assert_int_equal(unlink(at(".bank.okng-lock")), 0);
    assert_int_equal(mkfifo(at(".bank.okng-lock"), 0666), 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "expected a lock of okng's", write_bank(0, error));
    assert_int_equal(unlink(at(".bank.okng-lock")), 0);
    make(".bank.okng-lock");
    assert_fails(OKNG_ERROR_IO, ".bank.okng-lock", write_bank(0, error));
    assert_only(".bank.okng-lock diary");
    assert_holds("diary", "mine");
}

/* A folder of this name beside the bank with one entry that is not ours: nothing is done, and it stays. */
static void refuse_beside(const char *name, const char *entry)
{
    char path[128];
    make(name);
    (void)snprintf(path, sizeof path, "%s/memory_bank.pt", name);
    put(path, "half");
    (void)snprintf(path, sizeof path, "%s/%s", name, entry);
    put(path, "mine");
    assert_fails(OKNG_ERROR_ARGUMENT, entry, write_bank(1, error));
    assert_holds(path, "mine");
    assert_int_equal(unlink(at(path)), 0);
    assert_int_equal(symlink("/etc/passwd", at(path)), 0);
    assert_fails(OKNG_ERROR_ARGUMENT, entry, write_bank(1, error));
    assert_true(is_there(path));
    assert_int_equal(unlink(at(path)), 0);
    make(path);
    assert_fails(OKNG_ERROR_ARGUMENT, entry, write_bank(1, error));
    assert_int_equal(rmdir(at(path)), 0);
    assert_ok(write_bank(2, error));
    assert_only("bank");
    assert_opens(2);
}

static void what_is_not_ours_in_our_own_folders_stays(void **state)
{
    (void)state;
    assert_ok(write_bank(0, error));
    refuse_beside(".bank.okng-building", "photo.png");
    refuse_beside(".bank.okng-old", "notes.txt");
    refuse_beside(".bank.okng-building", "memory_bank.pt.2024-11 (copy)");
}

static void our_own_folders_are_not_followed_where_they_are_links(void **state)
{
    (void)state;
    static const char *const names[] = {".bank.okng-building", ".bank.okng-old"};
    assert_ok(write_bank(0, error));
    make("elsewhere");
    put("elsewhere/memory_bank.pt", "mine");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(symlink("elsewhere", at(names[i])), 0);
        assert_fails(OKNG_ERROR_ARGUMENT, names[i], write_bank(1, error));
        assert_int_equal(unlink(at(names[i])), 0);
        put(names[i], "mine");
        assert_fails(OKNG_ERROR_ARGUMENT, names[i], write_bank(1, error));
        assert_int_equal(unlink(at(names[i])), 0);
    }
    assert_holds("elsewhere/memory_bank.pt", "mine");
    assert_opens(0);
}

static void only_a_bank_s_own_files_are_replaced_with_it(void **state)
{
    (void)state;
    static const char *const others[] = {"bank/tau.json.2024-11",       "bank/memory_bank.pt.bak", "bank/.tau.json",
                                         "bank/.tau.json.okng-tmp.bak", "bank/member-17",          "bank/a.okng-tmp"};
    assert_ok(write_bank(0, error));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        put(others[i], "mine");
        assert_fails(OKNG_ERROR_ARGUMENT, strrchr(others[i], '/') + 1, write_bank(1, error));
        assert_holds(others[i], "mine");
        assert_int_equal(unlink(at(others[i])), 0);
    }
    put("bank/.tau.json.okng-tmp", "half"); /* of a change of the thresholds that was killed */
    put("bank/.tau.json.okng-tmp2", "half");
    assert_ok(write_bank(1, error));
    assert_only("bank");

    move("bank/tau.json", "thresholds"); /* a link in place of a file */
    assert_int_equal(symlink("../thresholds", at("bank/tau.json")), 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "\"tau.json\" in it is no regular file", write_bank(2, error));
    assert_true(is_there("bank/tau.json") && is_there("thresholds"));
    put("bank/member-1", "mine"); /* a file in place of a folder */
    assert_int_equal(unlink(at("bank/tau.json")), 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "\"member-1\" in it is no folder", write_bank(2, error));
    assert_holds("bank/member-1", "mine");
}

/* As they lie in a bank that was looked at in Finder or Explorer, or copied by a Mac to a stick. */
static void what_comes_by_itself_goes_with_the_bank(void **state)
{
    (void)state;
    static const char *const names[] = {".DS_Store",   "Thumbs.db",          "desktop.ini",
                                        "Desktop.ini", "._memory_bank.pt",   "._.DS_Store",
                                        "._tau.json",  "._bank_config.json", "._member-1"};
    static const char *const others[] = {"bank/._notes.txt", "bank/._", "bank/DS_Store", "bank/._member-17"};
    char name[64];
    make("bank");
    put("bank/.DS_Store", "a new folder that was looked at");
    assert_ok(write_bank(0, error));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(name, sizeof name, "bank/%s", names[i]);
        assert_false(is_there(name));
        put(name, "x");
    }
    assert_opens(0);
    assert_ok(write_bank(1, error));
    assert_opens(1);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(name, sizeof name, "bank/%s", names[i]);
        assert_false(is_there(name));
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        put(others[i], "mine");
        assert_fails(OKNG_ERROR_ARGUMENT, strrchr(others[i], '/') + 1, write_bank(2, error));
        assert_holds(others[i], "mine");
        assert_int_equal(unlink(at(others[i])), 0);
    }
    make("bank/Thumbs.db"); /* a folder is somebody's */
    assert_fails(OKNG_ERROR_ARGUMENT, "\"Thumbs.db\" in it is no regular file", write_bank(2, error));
    assert_int_equal(rmdir(at("bank/Thumbs.db")), 0);
    assert_ok(write_bank(2, error));
    assert_only("bank");
}

static void names_alone_do_not_make_a_bank(void **state)
{
    (void)state;
    make("bank");
    put("bank/build.html", "a page of somebody's");
    assert_fails(OKNG_ERROR_ARGUMENT, "build.html", write_bank(1, error));
    put("bank/memory_bank.pt", "rows of another program");
    put("bank/bank_config.json", "{\"rows\": 3}");
    assert_fails(OKNG_ERROR_ARGUMENT, "may not be a bank", write_bank(1, error));
    assert_holds("bank/build.html", "a page of somebody's");
    assert_holds("bank/bank_config.json", "{\"rows\": 3}");
    put("bank/bank_config.json", "{\"format\": \"okng bank\", \"versi"); /* a damaged one may be built anew */
    assert_ok(write_bank(1, error));
    assert_opens(1);
    assert_only("bank");
}

static void no_bank_is_made_in_the_folder_of_another(void **state)
{
    (void)state;
    const okng_ensemble_file ensemble = {.count = 1};
    assert_ok(write_bank(1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "bank, the folder of another bank", write_to(at("bank/sub"), 2, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "bank, the folder of another bank", write_to(at("bank/a/b/"), 2, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "bank, the folder of another bank", write_to(at("bank/a/../b"), 2, error));
    assert_int_equal(symlink("bank", at("link")), 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "give a folder outside of it", write_to(at("link/sub"), 2, error));
    assert_ok(write_bank(3, error)); /* nothing was left in it */
    make("several");
    make("several/member-1");
    assert_ok(okng_ensemble_file_write(&ensemble, at("several"), error));
    assert_fails(OKNG_ERROR_ARGUMENT, "several, the folder of another bank",
                 write_to(at("several/member-1"), 2, error));
    make("music"); /* of another program */
    put("music/ensemble.json", "{\"players\": 4}");
    assert_ok(write_to(at("music/bank"), 2, error));
    assert_only("bank link music several");
    assert_opens(3);
}

static void what_comes_into_the_bank_during_a_build_stays(void **state)
{
    (void)state;
    okng_bank_writer writer;
    assert_ok(write_bank(0, error));
    assert_ok(okng_bank_writer_open(&writer, bank, data_files, error));
    assert_ok(fill(writer.building, 1, error));
    put("bank/photo.png", "mine");
    assert_fails(OKNG_ERROR_ARGUMENT, "photo.png", okng_bank_writer_finish(&writer, error));
    okng_bank_writer_close(&writer);
    assert_holds("bank/photo.png", "mine");
    assert_only("bank");
    assert_opens(0);
}

static void a_name_too_long_for_ours_beside_it_is_refused(void **state)
{
    (void)state;
    char name[256];
    memset(name, 'n', sizeof name);
    name[240] = '\0';
    assert_ok(write_to(at(name), 1, error));
    assert_ok(write_to(at(name), 2, error));
    assert_only(name);
    name[240] = 'n';
    name[241] = '\0';
    assert_fails(OKNG_ERROR_LIMIT, "has 241 bytes", write_to(at(name), 1, error));
    assert_false(is_there(name));
}

/* ---- a kill between the two names -------------------------------------------------------------------------------- */

static void an_open_puts_the_bank_back(void **state)
{
    (void)state;
    assert_ok(write_bank(3, error));
    move("bank", ".bank.okng-old");
    assert_opens(3);
    assert_only("bank");
    make(".bank.okng-building");
    move("bank", ".bank.okng-old");
    assert_opens(3);
    assert_true(is_there("bank") && !is_there(".bank.okng-old"));
}

static void an_open_by_a_link_puts_it_back_too(void **state)
{
    (void)state;
    assert_ok(write_bank(3, error));
    assert_int_equal(symlink("bank", at("current")), 0);
    assert_int_equal(symlink("current", at("latest")), 0);
    move("bank", ".bank.okng-old");
    (void)snprintf(bank, sizeof bank, "%s/latest/", folder);
    assert_opens(3);
    assert_only("bank current latest");
    assert_ok(write_bank(4, error));
    assert_opens(4);
    move("bank", ".bank.okng-old");
    assert_ok(write_bank(5, error));
    assert_opens(5);
    assert_only("bank current latest");
}

static void a_build_puts_the_bank_back_before_it_begins(void **state)
{
    (void)state;
    okng_bank_writer writer;
    assert_ok(write_bank(3, error));
    move("bank", ".bank.okng-old");
    assert_ok(okng_bank_writer_open(&writer, bank, data_files, error));
    assert_opens(3);
    okng_bank_writer_close(&writer); /* which fails */
    assert_opens(3);
    assert_only("bank");
    move("bank", ".bank.okng-old");
    assert_ok(write_bank(4, error));
    assert_opens(4);
    assert_only("bank");
}

static void thresholds_are_changed_in_a_bank_that_was_put_back(void **state)
{
    (void)state;
    assert_ok(write_bank(3, error));
    move("bank", ".bank.okng-old");
    const okng_tau_change change = {.image = 7, .pixel = NAN, .by = "us", .at = "2026-11-27T12:00:00Z"};
    assert_ok(okng_bank_change_tau(bank, &change, error));
    assert_only("bank");
}

static void a_reader_who_may_not_put_it_back_reads_it_where_it_lies(void **state)
{
    (void)state;
    okng_lock lock;
    assert_ok(write_bank(3, error));
    move("bank", ".bank.okng-old");
    assert_ok(okng_lock_take(&lock, at(".bank.okng-lock"), error)); /* a build is in the middle */
    assert_opens(3);
    assert_true(is_there(".bank.okng-old") && !is_there("bank"));
    okng_lock_drop(&lock);
    assert_opens(3);
    assert_only("bank");
}

static void what_is_left_of_a_bank_that_was_removed_does_not_come_back(void **state)
{
    (void)state;
    okng_bank_file file;
    assert_ok(write_bank(3, error));
    move("bank", ".bank.okng-old");
    assert_int_equal(unlink(at(".bank.okng-old/bank_config.json")), 0); /* which goes first */
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such folder", okng_bank_file_open(&file, bank, error));
    assert_false(is_there("bank"));
    assert_ok(write_bank(4, error));
    assert_only("bank");
    make(".bank.okng-old");
    put(".bank.okng-old/memory_bank.pt", "half removed");
    move("bank", "away");
    make(".bank.okng-building");
    put(".bank.okng-building/bank_config.json", "half written okng");
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such folder", okng_bank_file_open(&file, bank, error));
}

static void what_nfs_keeps_of_removed_files_is_no_users(void **state)
{
    (void)state;
    assert_ok(write_bank(1, error));
    make(".bank.okng-old");
    put(".bank.okng-old/.nfs00000000a1b2c300000004", "still read by somebody");
    assert_ok(write_bank(2, error));
    assert_only("bank");
    put("bank/.nfs00000000a1b2c300000004", "removed by somebody");
    assert_fails(OKNG_ERROR_ARGUMENT, ".nfs0", write_bank(3, error));
}

static void a_bank_that_an_earlier_version_left_is_named(void **state)
{
    (void)state;
    okng_bank_file file;
    assert_ok(write_bank(1, error));
    move("bank", "bank.old");
    assert_fails(OKNG_ERROR_NOT_FOUND, "bank.old", okng_bank_file_open(&file, bank, error));
    assert_only("bank.old");
}

static void both_banks_of_a_kill_are_cleared_by_the_next_build(void **state)
{
    (void)state;
    assert_ok(write_bank(2, error));
    move("bank", "new");
    assert_ok(write_bank(1, error));
    move("bank", ".bank.okng-old");
    move("new", ".bank.okng-building");
    assert_opens(1);
    assert_true(is_there(".bank.okng-building"));
    assert_ok(write_bank(3, error));
    assert_opens(3);
    assert_only("bank");
}

/* ---- banks of others --------------------------------------------------------------------------------------------- */

enum { SOMEBODY = 65534 };

static void become(uid_t user)
{
    if (user == 0) assert_int_equal(seteuid(0), 0);
    assert_int_equal(setegid(user), 0);
    if (user != 0) assert_int_equal(seteuid(user), 0);
}

static okng_status write_as(uid_t user, float first, okng_error *error)
{
    become(user);
    okng_status status = write_bank(first, error);
    become(0);
    return status;
}

static void own(const char *name, uid_t user, mode_t mode)
{
    assert_int_equal(chown(at(name), user, user), 0);
    assert_int_equal(chmod(at(name), mode), 0);
}

/* A folder that somebody may write, and the bank is to be in. */
static void make_shared(uid_t user, mode_t mode)
{
    if (geteuid() != 0 || seteuid(SOMEBODY) != 0 || seteuid(0) != 0) skip();
    assert_int_equal(chmod(folder, 0755), 0);
    make("shared");
    own("shared", user, mode);
    (void)snprintf(bank, sizeof bank, "%s/shared/bank", folder);
}

static void a_bank_of_another_user_is_refused_before_the_work(void **state)
{
    (void)state;
    okng_bank_writer writer;
    make_shared(SOMEBODY, 0755);
    assert_ok(write_bank(1, error));
    own("shared/bank", 0, 0755);
    become(SOMEBODY);
    okng_status status = okng_bank_writer_open(&writer, bank, data_files, NULL);
    become(0);
    assert_int_equal(status, OKNG_ERROR_IO);
    assert_fails(OKNG_ERROR_IO, "shared/bank: cannot be replaced: belongs to user 0 (mode 0755)",
                 write_as(SOMEBODY, 2, error));
    assert_fails(OKNG_ERROR_IO, "you, user 65534, have no right to remove it; let its owner or root",
                 write_as(SOMEBODY, 2, error));
    assert_opens(1);
    assert_false(is_there("shared/.bank.okng-building") || is_there("shared/.bank.okng-lock"));
    own("shared/bank", 0, 0777); /* whose files may be removed */
    assert_ok(write_as(SOMEBODY, 3, error));
    assert_opens(3);
    assert_ok(write_bank(4, error)); /* root may */
    own("shared/bank", SOMEBODY, 0555);
    assert_fails(OKNG_ERROR_IO, "this folder of yours (mode 0555); `chmod u+rwx`", write_as(SOMEBODY, 5, error));
    assert_opens(4);
}

static void a_member_of_another_user_is_refused_too(void **state)
{
    (void)state;
    const okng_ensemble_file ensemble = {.count = 1};
    make_shared(SOMEBODY, 0755);
    make("shared/bank");
    make("shared/bank/member-1");
    own("shared/bank", SOMEBODY, 0755);
    own("shared/bank/member-1", 0, 0755);
    assert_ok(okng_ensemble_file_write(&ensemble, bank, error));
    assert_ok(write_as(SOMEBODY, 1, error)); /* an empty one is in nobody's way */
    make("shared/bank/member-1");
    own("shared/bank/member-1", 0, 0755);
    assert_ok(okng_ensemble_file_write(&ensemble, bank, error));
    put("shared/bank/member-1/bank_config.json", "okng root's");
    assert_fails(OKNG_ERROR_IO, "bank/member-1: cannot be replaced: belongs to user 0", write_as(SOMEBODY, 2, error));
    assert_holds("shared/bank/member-1/bank_config.json", "okng root's");
}

/* As in /tmp, where who may write may not remove what is another's. */
static void a_bank_of_another_user_in_a_sticky_folder_is_refused(void **state)
{
    (void)state;
    make_shared(0, 01777);
    assert_ok(write_bank(1, error));
    own("shared/bank", 0, 0777);
    assert_fails(OKNG_ERROR_IO, "belongs to user 0 (mode 0777)", write_as(SOMEBODY, 2, error));
    own("shared/bank", SOMEBODY, 0777);
    assert_ok(write_as(SOMEBODY, 3, error));
    assert_ok(write_bank(4, error));
    own("shared", SOMEBODY, 0755);
    own("shared/bank", 0, 01777);
    assert_fails(OKNG_ERROR_IO, "belongs to user 0 (mode 1777)", write_as(SOMEBODY, 5, error));
    assert_opens(4);
}

static void what_a_build_could_not_remove_the_next_one_names(void **state)
{
    (void)state;
    okng_bank_writer writer;
    make_shared(SOMEBODY, 0755);
    assert_ok(write_as(SOMEBODY, 1, error));
    become(SOMEBODY);
    okng_status opened = okng_bank_writer_open(&writer, bank, data_files, NULL);
    okng_status filled = opened == OKNG_OK ? fill(writer.building, 2, NULL) : opened;
    become(0);
    own("shared/bank", 0, 0755); /* meanwhile */
    become(SOMEBODY);
    okng_status finished = filled == OKNG_OK ? okng_bank_writer_finish(&writer, NULL) : filled;
    if (opened == OKNG_OK) okng_bank_writer_close(&writer);
    become(0);
    assert_int_equal(finished, OKNG_OK);
    assert_opens(2);
    assert_true(is_there("shared/.bank.okng-building"));
    assert_fails(OKNG_ERROR_IO,
                 "shared/.bank.okng-building: an earlier build left this folder, and it cannot be removed",
                 write_as(SOMEBODY, 3, error));
    assert_fails(OKNG_ERROR_IO, "remove it, as its owner or root, then build again", write_as(SOMEBODY, 3, error));
    assert_opens(2);
    assert_ok(write_bank(3, error)); /* root removes it */
    assert_opens(3);
    own("shared/bank", SOMEBODY, 0755);
    assert_ok(write_as(SOMEBODY, 4, error));
    assert_opens(4);
    assert_false(is_there("shared/.bank.okng-building"));
}

/* ---- locks ------------------------------------------------------------------------------------------------------- */

static void a_bank_whose_lock_was_broken_is_not_put_in_place(void **state)
{
    (void)state;
    okng_bank_writer first, second;
    assert_ok(write_bank(0, error));
    assert_ok(okng_bank_writer_open(&first, bank, data_files, error));
    assert_ok(fill(first.building, 1, error));
    assert_int_equal(unlink(at(".bank.okng-lock")), 0);
    assert_fails(OKNG_ERROR_BUSY, "removed this lock", okng_bank_writer_finish(&first, error));
    assert_ok(okng_bank_writer_open(&second, bank, data_files, error));
    assert_fails(OKNG_ERROR_BUSY, "removed this lock", okng_bank_writer_finish(&first, error));
    okng_bank_writer_close(&first); /* leaves the lock that is not its own any more */
    assert_true(is_there(".bank.okng-lock"));
    okng_bank_writer_close(&second);
    assert_opens(0);
    assert_only("bank");
}

static const char lock_text[] = "okng lock\nhost line3\nprocess %d\nstarted 17\nboot %s\nspace -\nplace %s\n"
                                "since 2026-11-27T20:00:00Z\ntoken 0123456789abcdef\n";

static void a_lock_of_another_machine_is_not_taken_over(void **state)
{
    (void)state;
    char text[512];
    (void)snprintf(text, sizeof text, lock_text, 1234567, "00000000-another-boot", "shared");
    put(".bank.okng-lock", text);
    assert_fails(OKNG_ERROR_BUSY, "process 1234567 on line3", write_bank(0, error));
    assert_fails(OKNG_ERROR_BUSY, "remove the file", write_bank(0, error));
    assert_holds(".bank.okng-lock", text);
    assert_int_equal(unlink(at(".bank.okng-lock")), 0);
    assert_ok(write_bank(0, error));
}

/* The test's own folder is on a disk of this machine, as /tmp is. */
static void a_lock_that_power_loss_left_is_free(void **state)
{
    (void)state;
    char text[512];
    (void)snprintf(text, sizeof text, lock_text, 1, "00000000-before-the-power-loss", "local");
    put(".bank.okng-lock", text);
    assert_ok(write_bank(1, error));
    put(".bank.okng-lock", "");
    assert_ok(write_bank(2, error));
    assert_opens(2);
    assert_only("bank");
}

static void an_ensemble_is_replaced_and_refused_as_a_bank_is(void **state)
{
    (void)state;
    okng_bank_writer writer;
    okng_ensemble_file ensemble = {.count = 2};
    for (int round = 0; round < 2; round++) {
        assert_ok(okng_bank_writer_open(&writer, bank, data_files, error));
        for (int i = 0; i < 2; i++) {
            char member[512];
            (void)snprintf(member, sizeof member, "%s/member-%d", writer.building, i + 1);
            assert_int_equal(mkdir(member, 0777), 0);
            assert_ok(fill(member, (float)i, error));
        }
        assert_ok(okng_ensemble_file_write(&ensemble, writer.building, error));
        assert_ok(okng_bank_writer_finish(&writer, error));
        okng_bank_writer_close(&writer);
        assert_only("bank");
    }
    put("bank/member-2/photo.png", "mine");
    assert_fails(OKNG_ERROR_ARGUMENT, "photo.png", write_bank(1, error));
    assert_holds("bank/member-2/photo.png", "mine");
    assert_int_equal(unlink(at("bank/member-2/photo.png")), 0);
    move("bank", ".bank.okng-old");
    assert_ok(write_bank(1, error));
    assert_opens(1);
    assert_only("bank");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(files_of_others_beside_a_bank_stay),
        CASE(a_lock_that_is_not_ours_is_named_and_stays),
        CASE(what_is_not_ours_in_our_own_folders_stays),
        CASE(our_own_folders_are_not_followed_where_they_are_links),
        CASE(only_a_bank_s_own_files_are_replaced_with_it),
        CASE(what_comes_by_itself_goes_with_the_bank),
        CASE(names_alone_do_not_make_a_bank),
        CASE(no_bank_is_made_in_the_folder_of_another),
        CASE(what_comes_into_the_bank_during_a_build_stays),
        CASE(a_name_too_long_for_ours_beside_it_is_refused),
        CASE(an_open_puts_the_bank_back),
        CASE(an_open_by_a_link_puts_it_back_too),
        CASE(a_build_puts_the_bank_back_before_it_begins),
        CASE(thresholds_are_changed_in_a_bank_that_was_put_back),
        CASE(a_reader_who_may_not_put_it_back_reads_it_where_it_lies),
        CASE(what_is_left_of_a_bank_that_was_removed_does_not_come_back),
        CASE(what_nfs_keeps_of_removed_files_is_no_users),
        CASE(a_bank_that_an_earlier_version_left_is_named),
        CASE(both_banks_of_a_kill_are_cleared_by_the_next_build),
        CASE(a_bank_of_another_user_is_refused_before_the_work),
        CASE(a_member_of_another_user_is_refused_too),
        CASE(a_bank_of_another_user_in_a_sticky_folder_is_refused),
        CASE(what_a_build_could_not_remove_the_next_one_names),
        CASE(a_bank_whose_lock_was_broken_is_not_put_in_place),
        CASE(a_lock_of_another_machine_is_not_taken_over),
        CASE(a_lock_that_power_loss_left_is_free),
        CASE(an_ensemble_is_replaced_and_refused_as_a_bank_is),
    };
    return RUN_TESTS(tests);
}
