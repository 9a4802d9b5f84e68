/* Writes and reads small banks as fast as the disk can, for tests of what a reader finds while a bank is replaced.
 *
 *   swap_bank write BANK N [COUNT]             banks of the numbers N, N + 1, ...
 *   swap_bank write-ensemble BANK N [COUNT]    ensembles of two such
 *   swap_bank read BANK [SECONDS]              opens it once, or again and again; prints its number and how many it saw
 *   swap_bank lock FILE SECONDS                holds a lock
 *
 * A bank has its number in its rows, its thresholds and its members: one of two numbers is an error, as is a bank that
 * is not there. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bank/bank_file.h"
#include "bank/ensemble_file.h"
#include "base/clock.h"

enum { ROWS = 64, DIM = 32 };
static const char *const data_files[] = {OKNG_BANK_ROWS_FILE, NULL};

static okng_status fill(const char *place, float number, okng_error *error)
{
    static float rows[ROWS * DIM];
    float scores[3] = {0.5f, 1, 2};
    for (int i = 0; i < ROWS * DIM; i++) rows[i] = number;
    okng_bank_config config = {.pictures = 3, .patches = 300, .input_height = 64, .input_width = 96, .data_count = 1};
    config.data[0] = (okng_bank_data){.file = OKNG_BANK_ROWS_FILE, .rows = ROWS, .dim = DIM};
    okng_build_options_init(&config.options);
    memset(config.weights_sha256, 'a', 64);
    strcpy(config.engine, "oneDNN");
    okng_tau tau = {.pixel = 1, .image = number, .image_scores = scores, .image_count = 3};
    char path[OKNG_PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", place, OKNG_BANK_ROWS_FILE);
    OKNG_TRY(okng_pt_write(path, rows, ROWS, DIM, error));
    return okng_bank_write_documents(place, &config, &tau, error);
}

static okng_status fill_ensemble(const char *place, float number, okng_error *error)
{
    const okng_ensemble_file ensemble = {.count = 2};
    for (size_t i = 0; i < ensemble.count; i++) {
        char name[OKNG_NAME_MAX], path[OKNG_PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", place, okng_ensemble_member_name(i, name, sizeof name));
        if (mkdir(path, 0777) != 0) return okng_fail_errno(error, "make the folder", path);
        OKNG_TRY(fill(path, number, error));
    }
    return okng_ensemble_file_write(&ensemble, place, error);
}

static okng_status write_one(const char *bank, float number, bool ensemble, okng_error *error)
{
    okng_bank_writer writer;
    OKNG_TRY(okng_bank_writer_open(&writer, bank, data_files, error));
    okng_status status =
        ensemble ? fill_ensemble(writer.building, number, error) : fill(writer.building, number, error);
    if (status == OKNG_OK) status = okng_bank_writer_finish(&writer, error);
    okng_bank_writer_close(&writer);
    return status;
}

static okng_status agree(float *number, float found, okng_error *error)
{
    if (*number >= 0 && *number != found)
        return okng_fail(error, OKNG_ERROR_MISMATCH, "a mix of the banks %g and %g", (double)*number, (double)found);
    *number = found;
    return OKNG_OK;
}

static okng_status read_bank(const char *folder, float *number, okng_error *error)
{
    okng_bank_file file;
    OKNG_TRY(okng_bank_file_open(&file, folder, error));
    const float *rows = okng_weights_find(file.data[0], "")->data;
    okng_status status = agree(number, file.tau.image, error);
    for (int i = 0; i < ROWS * DIM && status == OKNG_OK; i++) status = agree(number, rows[i], error);
    okng_bank_file_close(&file);
    return status;
}

static okng_status read_once(void *context, const char *folder, okng_error *error)
{
    float *number = context;
    okng_ensemble_file ensemble = {.count = 0};
    *number = -1;
    if (!okng_ensemble_is(folder)) return read_bank(folder, number, error);
    OKNG_TRY(okng_ensemble_file_read(&ensemble, folder, error));
    for (size_t i = 0; i < ensemble.count; i++) {
        char name[OKNG_NAME_MAX], path[OKNG_PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", folder, okng_ensemble_member_name(i, name, sizeof name));
        OKNG_TRY(read_bank(path, number, error));
    }
    return OKNG_OK;
}

static void forget(void *context)
{
    (void)context;
}

static okng_status read_all(const char *bank, double seconds, okng_error *error)
{
    double end = okng_clock() + seconds;
    long opens = 0, seen = 0;
    float number = -1, before = -1;
    do {
        OKNG_TRY(okng_bank_read_settled(bank, read_once, forget, &number, error));
        opens++;
        seen += number != before;
        before = number;
    } while (okng_clock() < end);
    (void)printf("%g: %ld opens, %ld banks\n", (double)number, opens, seen);
    return OKNG_OK;
}

static okng_status hold(const char *path, double seconds, okng_error *error)
{
    okng_lock lock;
    OKNG_TRY(okng_lock_take(&lock, path, error));
    (void)puts("held");
    (void)fflush(stdout);
    (void)usleep((useconds_t)(seconds * 1e6));
    okng_lock_drop(&lock);
    return OKNG_OK;
}

static okng_status run(int argc, char **argv, okng_error *error)
{
    okng_status status = okng_fail(error, OKNG_ERROR_ARGUMENT, "usage: see tests/tools/swap_bank.c");
    const char *what = argc > 2 ? argv[1] : "";
    if (strcmp(what, "read") == 0) return read_all(argv[2], argc > 3 ? atof(argv[3]) : 0, error);
    if (strcmp(what, "lock") == 0 && argc > 3) return hold(argv[2], atof(argv[3]), error);
    bool ensemble = strcmp(what, "write-ensemble") == 0;
    if ((!ensemble && strcmp(what, "write") != 0) || argc < 4) return status;
    long count = argc > 4 ? atol(argv[4]) : 1;
    status = OKNG_OK;
    for (long i = 0; i < count && status == OKNG_OK; i++)
        status = write_one(argv[2], (float)(atol(argv[3]) + i), ensemble, error);
    return status;
}

int main(int argc, char **argv)
{
    okng_error error;
    okng_status status = run(argc, argv, &error);
    if (status == OKNG_OK) return 0;
    fprintf(stderr, "%s\n", error.message);
    return status == OKNG_ERROR_BUSY ? 3 : 1;
}
