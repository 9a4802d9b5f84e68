#include "history/record.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/json.h"

static const char *const outcome_texts[] = {"NOT_INSPECTED", "OK", "NG", "REVIEW", "NOT_FOUND"};
enum { OUTCOMES = sizeof outcome_texts / sizeof *outcome_texts };

const char *okng_outcome_text(okng_outcome outcome)
{
    return (unsigned)outcome < OUTCOMES ? outcome_texts[outcome] : outcome_texts[OKNG_OUTCOME_NOT_INSPECTED];
}

bool okng_outcome_of(const char *text, okng_outcome *outcome)
{
    for (int i = 0; i < OUTCOMES; i++)
        if (strcmp(text, outcome_texts[i]) == 0) {
            *outcome = (okng_outcome)i;
            return true;
        }
    return false;
}

bool okng_outcomes_of(const char *text, unsigned *bits)
{
    char word[32];
    okng_outcome outcome;
    *bits = 0;
    if (strcmp(text, "none") == 0) return true;
    if (strcmp(text, "all") == 0) *bits = (1u << OUTCOMES) - 1;
    while (*bits == 0 || *text == ',') {
        text += *text == ',';
        const size_t length = strcspn(text, ",");
        if (length >= sizeof word) return false;
        memcpy(word, text, length);
        word[length] = '\0';
        if (!okng_outcome_of(word, &outcome)) return false;
        *bits |= 1u << outcome;
        text += length;
    }
    return true;
}

static int64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* Later ids of this process are larger, whatever the clock does. */
static void make_id(char id[OKNG_RECORD_ID], int64_t time)
{
    static _Atomic uint64_t last; /* 48 bits of milliseconds, 16 of a counter */
    uint64_t before = atomic_load(&last), next;
    const uint64_t floor = ((uint64_t)time / 1000) << 16;
    do next = before + 1 > floor ? before + 1 : floor;
    while (!atomic_compare_exchange_weak(&last, &before, next));
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        random = (uint64_t)(uintptr_t)id ^ ((uint64_t)time * 0x9E3779B97F4A7C15u); /* before the kernel has any */
    (void)snprintf(id, OKNG_RECORD_ID, "%016llx%016llx", (unsigned long long)next, (unsigned long long)random);
}

void okng_record_init(okng_record *record)
{
    *record = (okng_record){.score = (double)NAN,
                            .p_value = (double)NAN,
                            .image_threshold = (double)NAN,
                            .pixel_threshold = (double)NAN,
                            .review_low = (double)NAN,
                            .review_high = (double)NAN,
                            .duration = (double)NAN,
                            .recipe_number = -1,
                            .time = now()};
    make_id(record->id, record->time);
}

void okng_record_free(okng_record *record)
{
    free(record->regions);
    record->regions = NULL;
}

const char *okng_time_text(int64_t time, char text[32])
{
    int64_t seconds = time / 1000000, rest = time % 1000000;
    if (rest < 0) {
        rest += 1000000;
        seconds--;
    }
    const time_t whole = (time_t)seconds;
    struct tm parts;
    if (!gmtime_r(&whole, &parts) || parts.tm_year > 8099 || parts.tm_year < -1900) {
        (void)snprintf(text, 32, "0000-00-00T00:00:00.000Z");
        return text;
    }
    const size_t used = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(text + used, 32 - used, ".%03dZ", (int)(rest / 1000));
    return text;
}

/* A text that may be empty, which is null. */
static json_t *text_or_null(const char *text)
{
    return *text ? okng_json_any_text(text) : json_null();
}

static json_t *band(const okng_record *record)
{
    if (isnan(record->review_low)) return json_null();
    return json_pack("[o, o]", okng_json_known(record->review_low), okng_json_known(record->review_high));
}

static json_t *kept(unsigned flags)
{
    json_t *list = json_array();
    if (flags & OKNG_KEPT_PICTURE) okng_json_add(&list, json_string("picture"));
    if (flags & OKNG_KEPT_OVERLAY) okng_json_add(&list, json_string("overlay"));
    if (flags & OKNG_KEPT_HEAT) okng_json_add(&list, json_string("heat"));
    return list;
}

static json_t *regions(const okng_record *record)
{
    json_t *list = NULL;
    if (!record->regions) return json_array();
    if (okng_json_parse(&list, record->regions, strlen(record->regions), "regions", NULL, NULL) != OKNG_OK) return NULL;
    return list;
}

json_t *okng_record_json(const okng_record *record)
{
    char time[32], judged_time[32];
    const bool judged = record->judged != OKNG_OUTCOME_NOT_INSPECTED;
    json_t *object = json_object();
    okng_json_put(&object, "id", json_string(record->id));
    okng_json_put(&object, "time", json_string(okng_time_text(record->time, time)));
    okng_json_put(&object, "bank", text_or_null(record->bank));
    okng_json_put(&object, "bank_hash", text_or_null(record->bank_hash));
    okng_json_put(&object, "source", text_or_null(record->source));
    okng_json_put(&object, "picture", text_or_null(record->picture));
    okng_json_put(&object, "picture_hash", text_or_null(record->picture_hash));
    okng_json_put(&object, "verdict", json_string(okng_outcome_text(record->outcome)));
    okng_json_put(&object, "score", okng_json_known(record->score));
    okng_json_put(&object, "p_value", okng_json_known(record->p_value));
    okng_json_put(&object, "image_threshold", okng_json_known(record->image_threshold));
    okng_json_put(&object, "pixel_threshold", okng_json_known(record->pixel_threshold));
    okng_json_put(&object, "review", band(record));
    okng_json_put(&object, "regions", regions(record));
    okng_json_put(&object, "duration_ms", okng_json_known(record->duration));
    okng_json_put(&object, "recipe_number",
                  record->recipe_number >= 0 ? json_integer(record->recipe_number) : json_null());
    okng_json_put(&object, "why", text_or_null(record->why));
    okng_json_put(&object, "judged", judged ? json_string(okng_outcome_text(record->judged)) : json_null());
    okng_json_put(&object, "judged_by", text_or_null(record->judged_by));
    okng_json_put(&object, "judged_time",
                  judged ? json_string(okng_time_text(record->judged_time, judged_time)) : json_null());
    okng_json_put(&object, "kept", kept(record->kept));
    return object;
}
