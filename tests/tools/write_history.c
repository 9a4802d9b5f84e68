/* Writes made-up inspections into a history: write_history FOLDER COUNT [BANK [PICTURE]]. COUNT 0 never ends. After
 * each that is written its id is printed, so that who reads it knows what must be there whatever happens then. Every
 * fourth is NG, with PICTURE, or REVIEW; times are ten seconds apart. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/history.h"

static const okng_outcome outcomes[] = {OKNG_OUTCOME_OK, OKNG_OUTCOME_OK, OKNG_OUTCOME_OK,     OKNG_OUTCOME_NG,
                                        OKNG_OUTCOME_OK, OKNG_OUTCOME_OK, OKNG_OUTCOME_REVIEW, OKNG_OUTCOME_NOT_FOUND};

static void fill(okng_record *record, long i, const char *bank)
{
    okng_record_init(record);
    record->outcome = outcomes[i % 8];
    if (getenv("OKNG_TEST_TIME")) { /* seconds since 1970 of the first, for what is compared with a text */
        record->time = (atoll(getenv("OKNG_TEST_TIME")) + i * 10) * 1000000;
        (void)snprintf(record->id, sizeof record->id, "%032lx", i);
    }
    (void)snprintf(record->bank, sizeof record->bank, "%s", bank);
    (void)snprintf(record->bank_hash, sizeof record->bank_hash, "%064d", 1);
    (void)snprintf(record->source, sizeof record->source, "test");
    (void)snprintf(record->picture, sizeof record->picture, "part-%04ld.png", i);
    if (record->outcome == OKNG_OUTCOME_NOT_FOUND) {
        (void)snprintf(record->why, sizeof record->why, "the region was not found");
        return;
    }
    record->score = (record->outcome == OKNG_OUTCOME_OK ? 1.0 : 3.0) + 0.25 * (double)(i % 3);
    record->image_threshold = 2;
    record->duration = 12.5;
    if (record->outcome == OKNG_OUTCOME_NG)
        record->regions = strdup("[{\"x\":1,\"y\":2,\"width\":3,\"height\":4,\"area\":9,\"score\":3.5}]");
}

int main(int count, char **words)
{
    if (count < 3) return 2;
    okng_error error;
    okng_history *history;
    okng_history_options options;
    okng_history_options_init(&options);
    options.folder = words[1];
    okng_status status = okng_history_open(&history, &options, &error);
    const long records = atol(words[2]);
    const char *bank = count > 3 ? words[3] : "nut";
    void *data = NULL;
    size_t size = 0;
    if (status == OKNG_OK && count > 4) {
        FILE *file = fopen(words[4], "rb");
        data = malloc(1 << 20);
        size = file && data ? fread(data, 1, 1 << 20, file) : 0;
        if (file) (void)fclose(file);
    }
    for (long i = 0; status == OKNG_OK && (records == 0 || i < records); i++) {
        okng_record record;
        fill(&record, i, bank);
        const okng_history_picture picture = {OKNG_KEPT_PICTURE, data, size};
        status = okng_history_add(history, &record, &picture, size > 0 ? 1 : 0, 10, &error);
        if (status == OKNG_OK && (puts(record.id) == EOF || fflush(stdout) != 0)) return 1;
        okng_record_free(&record);
    }
    if (status != OKNG_OK) (void)fprintf(stderr, "write_history: %s\n", error.message);
    okng_history_close(&history);
    free(data);
    return status == OKNG_OK ? 0 : 1;
}
