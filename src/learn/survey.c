#include "learn/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/each.h"
#include "base/memory.h"

typedef struct survey {
    const okng_pictures *pictures;
    uint64_t max_pixels;
    bool skip_bad;
    okng_surveyed *surveyed;
} survey;

/* FNV-1a: two pictures that differ have the same one by accident once in 2^64. */
static uint64_t hash_of(const okng_image *rgb)
{
    uint64_t hash = 14695981039346656037u;
    size_t bytes = (size_t)rgb->width * (size_t)rgb->height * (size_t)rgb->channels;
    for (size_t i = 0; i < bytes; i++) hash = (hash ^ rgb->pixels[i]) * 1099511628211u;
    return hash;
}

static bool is_grey(const okng_image *rgb)
{
    const uint8_t *pixel = rgb->pixels, *end = pixel + 3 * (size_t)rgb->width * (size_t)rgb->height;
    while (pixel < end && pixel[0] == pixel[1] && pixel[1] == pixel[2]) pixel += 3;
    return pixel == end;
}

static okng_status look_at(okng_surveyed *out, const okng_image *rgb, okng_error *error)
{
    okng_image small;
    out->readable = true;
    out->width = rgb->width;
    out->height = rgb->height;
    out->grey = is_grey(rgb);
    out->hash = hash_of(rgb);
    OKNG_TRY(okng_image_resize(rgb, OKNG_SURVEY_SIDE, OKNG_SURVEY_SIDE, OKNG_BILINEAR, &small, error));
    for (size_t i = 0; i < sizeof out->small; i++) {
        const uint8_t *pixel = small.pixels + 3 * i;
        out->small[i] = (uint8_t)((pixel[0] * 299 + pixel[1] * 587 + pixel[2] * 114 + 500) / 1000);
    }
    okng_image_free(&small);
    return OKNG_OK;
}

static okng_status survey_one(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    const survey *s = context;
    okng_surveyed *out = &s->surveyed[i];
    okng_image rgb;
    okng_error why = {0};
    okng_status status = okng_pictures_load(s->pictures, (size_t)i, s->max_pixels, &rgb, &why);
    if (status == OKNG_OK) {
        status = look_at(out, &rgb, error);
        okng_image_free(&rgb);
        return status;
    }
    if (!s->skip_bad || status == OKNG_ERROR_MEMORY) {
        if (error) *error = why;
        return status;
    }
    out->why = strdup(why.message);
    return out->why ? OKNG_OK : okng_fail_memory(error, sizeof why.message);
}

okng_status okng_survey(okng_surveyed **surveyed, const okng_pictures *pictures, uint64_t max_pixels, int threads,
                        bool skip_bad, okng_ticker *ticker, okng_error *error)
{
    *surveyed = okng_alloc_zero(pictures->count + 1, sizeof **surveyed);
    if (!*surveyed) return okng_fail_memory(error, pictures->count * sizeof **surveyed);
    survey s = {pictures, max_pixels, skip_bad, *surveyed};
    okng_ticker_stage(ticker, "survey", pictures->count);
    okng_status status = okng_each(threads, (int64_t)pictures->count, survey_one, &s, ticker, "the build", error);
    if (status != OKNG_OK) okng_survey_free(surveyed, pictures->count);
    return status;
}

void okng_survey_free(okng_surveyed **surveyed, size_t count)
{
    for (size_t i = 0; *surveyed && i < count; i++) free((*surveyed)[i].why);
    free(*surveyed);
    *surveyed = NULL;
}
