#include "learn/warnings.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/catalogue.h"
#include "data/picture_list.h"

enum {
    FEW = 20,
    TOLD = 3,           /* pairs that are named */
    COMPARE_ALL = 2000, /* pictures, of which all pairs are compared; of more, those that follow each other */
    COMPARE_NEXT = 16
};
/* Of grey pictures of OKNG_SURVEY_SIDE, root of the mean squared difference: shots of one part differ by noise, which
 * scaling down removes; parts that lie in one fixture differ by a level or two, so what is typical counts as well. */
static const double same_part = 0.5, perhaps_same_part = 2, of_typical = 0.3;

void okng_say(const okng_listener *listener, okng_build_event_kind kind, const char *code, const char *picture,
              const char *format, ...)
{
    char text[1000];
    va_list args;
    if (!listener->fn) return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const okng_build_event event = {
        .struct_size = sizeof event, .kind = kind, .code = code, .picture = picture, .text = text};
    listener->fn(&event, listener->user);
}

/* ---- names --------------------------------------------------------------------------------------------------------
 */

static const char *const bad_names[] = {"ng",      "bad",          "defect",      "defects", "defective",
                                        "anomaly", "anomalies",    "anomalous",   "test",    "mask",
                                        "masks",   "ground_truth", "groundtruth", "gt"};

/* The first part of the path, between slashes, that says that what lies below is not there to be learnt; its length in
 * *length. The last part is a file's name where `file`. */
static const char *bad_part(const char *path, bool file, int *length)
{
    while (*path) {
        size_t part = strcspn(path, "/");
        if (file && path[part] == '\0') return NULL;
        for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++)
            if (strlen(bad_names[i]) == part && strncasecmp(path, bad_names[i], part) == 0) {
                *length = (int)part;
                return path;
            }
        path += part + strspn(path + part, "/");
    }
    return NULL;
}

/* The last two parts of a path. */
static const char *last_parts(const char *path)
{
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/') length--;
    for (int slashes = 0; length > 0; length--)
        if (path[length - 1] == '/' && ++slashes == 2) break;
    return path + length;
}

static bool is_mask_name(const char *path)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    return dot && (!slash || dot > slash) && dot - path >= 5 && strncasecmp(dot - 5, "_mask", 5) == 0;
}

static void warn_of_names(const okng_listener *listener, const char *folder, const okng_pictures *pictures)
{
    int length = 0;
    const char *part = bad_part(last_parts(folder), false, &length), *first = NULL;
    size_t found = 0;
    if (part)
        okng_say(listener, OKNG_BUILD_WARNING, "name", NULL,
                 _("%s: the folder's name says \"%.*s\"; only good parts may be learnt"), folder, length, part);
    for (size_t i = 0; i < pictures->count; i++) {
        const char *name = okng_pictures_relative(pictures, i);
        if (!bad_part(name, true, &length) && !is_mask_name(name)) continue;
        if (found++ == 0) first = name;
    }
    if (found > 0)
        okng_say(listener, OKNG_BUILD_WARNING, "name", first,
                 _("%zu pictures have names that speak of defects, tests or masks, such as %s; only good parts may be "
                   "learnt: leave them out (exclude), or give the folder of the good ones"),
                 found, first);
}

/* ---- alike --------------------------------------------------------------------------------------------------------
 */

static double difference(const okng_surveyed *a, const okng_surveyed *b)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof a->small; i++) {
        int d = (int)a->small[i] - (int)b->small[i];
        sum += d * d;
    }
    return sqrt((double)sum / (double)sizeof a->small);
}

static size_t last_to_compare(size_t i, size_t count)
{
    return count <= COMPARE_ALL || i + COMPARE_NEXT >= count ? count : i + COMPARE_NEXT + 1;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median difference of pictures that follow each other at some distance; 0 where there is none. */
static double typical_difference(const okng_surveyed *surveyed, size_t count)
{
    double *some = malloc((count + 1) * sizeof *some), typical = 0;
    size_t found = 0, half = count / 2;
    for (size_t i = 0; some && i + half < count && half > 0; i++)
        if (surveyed[i].readable && surveyed[i + half].readable)
            some[found++] = difference(&surveyed[i], &surveyed[i + half]);
    if (found > 0) {
        qsort(some, found, sizeof *some, rising);
        typical = some[found / 2];
    }
    free(some);
    return typical;
}

typedef struct pairs {
    size_t count;
    char text[600]; /* the first of them */
} pairs;

static void add_pair(pairs *p, const char *a, const char *b)
{
    size_t used = strlen(p->text);
    if (p->count++ < TOLD)
        (void)snprintf(p->text + used, sizeof p->text - used, "%s%.90s = %.90s", used > 0 ? ", " : "", a, b);
}

static void warn_of_likeness(const okng_listener *listener, const okng_pictures *pictures,
                             const okng_surveyed *surveyed)
{
    pairs same = {0}, similar = {0};
    double typical = typical_difference(surveyed, pictures->count);
    for (size_t i = 0; i < pictures->count; i++)
        for (size_t j = i + 1; j < last_to_compare(i, pictures->count); j++) {
            if (!surveyed[i].readable || !surveyed[j].readable) continue;
            const char *a = okng_pictures_relative(pictures, i), *b = okng_pictures_relative(pictures, j);
            if (surveyed[i].hash == surveyed[j].hash && surveyed[i].width == surveyed[j].width) {
                add_pair(&same, a, b);
                continue;
            }
            double d = difference(&surveyed[i], &surveyed[j]);
            if (d <= same_part || (d <= perhaps_same_part && d <= of_typical * typical)) add_pair(&similar, a, b);
        }
    if (same.count > 0)
        okng_say(listener, OKNG_BUILD_WARNING, "same-pictures", NULL,
                 _("%zu pairs of pictures are the same (%s): each finds itself in its copy, so thresholds come out too "
                   "low"),
                 same.count, same.text);
    if (similar.count > 0)
        okng_say(listener, OKNG_BUILD_WARNING, "similar-pictures", NULL,
                 _("%zu pairs of pictures are nearly the same, as shots of one part are (%s): thresholds come out too "
                   "low; keep one of each, or leave shots of one part out together (group)"),
                 similar.count, similar.text);
}

/* ---- sizes and colours --------------------------------------------------------------------------------------------
 */

static void warn_of_sizes(const okng_listener *listener, const okng_pictures *pictures, const okng_surveyed *surveyed,
                          bool squeezed)
{
    const okng_surveyed *small = NULL, *large = NULL, *tall = NULL, *wide = NULL;
    for (size_t i = 0; i < pictures->count; i++) {
        const okng_surveyed *s = &surveyed[i];
        if (!s->readable) continue;
        double pixels = (double)s->width * s->height, aspect = (double)s->width / s->height;
        if (!small || pixels < (double)small->width * small->height) small = s;
        if (!large || pixels > (double)large->width * large->height) large = s;
        if (!tall || aspect < (double)tall->width / tall->height) tall = s;
        if (!wide || aspect > (double)wide->width / wide->height) wide = s;
    }
    if (!small) return;
    if ((double)large->width * large->height > 4 * (double)small->width * small->height)
        okng_say(listener, OKNG_BUILD_WARNING, "sizes", NULL,
                 _("pictures are of %dx%d to %dx%d pixels (width x height): what is fine in one is coarse in another; "
                   "take all with one camera and one crop"),
                 small->width, small->height, large->width, large->height);
    double low = (double)tall->width / tall->height, high = (double)wide->width / wide->height;
    if (squeezed && high > 1.25 * low)
        okng_say(
            listener, OKNG_BUILD_WARNING, "aspects", NULL,
            _("pictures from %dx%d to %dx%d (width x height) are squeezed to one shape, each by another amount: crop "
              "them alike, or keep their shape by a resize of one number"),
            tall->width, tall->height, wide->width, wide->height);
}

static void warn_of_colours(const okng_listener *listener, const okng_pictures *pictures, const okng_surveyed *surveyed)
{
    size_t grey = 0, all = 0, first[2] = {0, 0}; /* of the colour ones, of the grey */
    for (size_t i = pictures->count; i-- > 0;) {
        if (!surveyed[i].readable) continue;
        all++;
        grey += surveyed[i].grey;
        first[surveyed[i].grey] = i;
    }
    if (grey == 0 || grey == all) return;
    bool few_grey = 2 * grey <= all;
    const char *one = okng_pictures_relative(pictures, first[few_grey]);
    okng_say(listener, OKNG_BUILD_WARNING, "colours", one,
             _("%zu pictures are grey and %zu in colour, such as %s: use one camera and one file format"), grey,
             all - grey, one);
}

void okng_warn(const okng_listener *listener, const char *folder, const okng_pictures *pictures,
               const okng_surveyed *surveyed, bool squeezed)
{
    if (pictures->count < FEW)
        okng_say(
            listener, OKNG_BUILD_WARNING, "few-pictures", NULL,
            _("%zu pictures are few: scores of new good parts will vary more than these; 20 are enough to begin, 100 "
              "are good"),
            pictures->count);
    warn_of_names(listener, folder, pictures);
    warn_of_likeness(listener, pictures, surveyed);
    warn_of_sizes(listener, pictures, surveyed, squeezed);
    warn_of_colours(listener, pictures, surveyed);
}

/* ---- okng's own results -------------------------------------------------------------------------------------------
 */

static bool is_result(const char *name)
{
    return strcmp(name, "results.csv") == 0 || strcmp(name, "scores.json") == 0;
}

okng_status okng_refuse_results(const char *folder, okng_error *error)
{
    okng_picture_list *found;
    OKNG_TRY(okng_list_files(&found, folder, is_result, error));
    okng_status status = OKNG_OK;
    if (okng_picture_list_count(found) > 0)
        status =
            okng_fail(error, OKNG_ERROR_ARGUMENT,
                      "%s: holds results of okng (%s), whose overlays and masks would be learnt as good parts; give "
                      "the folder of the pictures themselves, or force it",
                      folder, okng_picture_list_relative(found, 0));
    okng_picture_list_free(&found);
    return status;
}
