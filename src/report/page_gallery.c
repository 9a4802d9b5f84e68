/* The pictures of a category that tell most: what was missed, what was a false alarm, the clearest finds and the
 * good picture nearest to the threshold. */
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/memory.h"
#include "report/page.h"
#include "report/page_parts.h"

enum { MAX_PIXELS = 100000000, MOST = 8 };

typedef struct gallery {
    FILE *stream;
    const okng_results *results;
    size_t category;
    const okng_picture_score **sorted; /* by descending score */
    size_t count;
} gallery;

static int by_score(const void *a, const void *b)
{
    const okng_picture_score *x = *(const okng_picture_score *const *)a, *y = *(const okng_picture_score *const *)b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return strcmp(x->name, y->name);
}

static okng_status read_thumb(const gallery *g, const char *file, bool heat, okng_thumb *thumb, okng_error *error)
{
    char *path = okng_results_path(g->results, g->category, file);
    okng_image image = {0}, grey = {0};
    okng_status status =
        path ? okng_image_load(&image, path, MAX_PIXELS, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(path);
    if (status == OKNG_OK && heat) status = okng_image_new(&grey, image.width, image.height, 1, error);
    if (status == OKNG_OK && heat) {
        size_t pixels = (size_t)image.width * (size_t)image.height;
        for (size_t i = 0; i < pixels; i++) grey.pixels[i] = image.pixels[3 * i];
        status = okng_thumb_new_heat(thumb, &grey, error);
    } else if (status == OKNG_OK) {
        status = okng_thumb_new(thumb, &image, error);
    }
    okng_image_free(&image);
    okng_image_free(&grey);
    return status;
}

static void put_thumb(const gallery *g, const okng_thumb *thumb, const char *what, const char *name)
{
    (void)fprintf(g->stream, "<figure><img loading=\"lazy\" width=\"%d\" height=\"%d\" alt=\"%s: ", thumb->width,
                  thumb->height, what);
    okng_page_text(g->stream, name);
    (void)fputs("\" src=\"data:image/webp;base64,", g->stream);
    okng_page_base64(g->stream, thumb->data, thumb->size);
    (void)fprintf(g->stream, "\"><figcaption>%s</figcaption></figure>\n", what);
}

/* A picture that cannot be read is left out. */
static okng_status put_card(const gallery *g, const okng_picture_score *picture, okng_error *error)
{
    okng_thumb overlay = {0}, heat = {0};
    okng_status status = read_thumb(g, picture->overlay, false, &overlay, NULL);
    if (status == OKNG_OK && picture->heat) (void)read_thumb(g, picture->heat, true, &heat, NULL);
    if (status == OKNG_OK) {
        const char *wrong = picture->ng == picture->bad ? "" : picture->bad ? _("missed") : _("false alarm");
        (void)fprintf(g->stream, "<article class=\"card\"><header><span class=\"badge %s\">%s</span>",
                      picture->ng ? "ng" : "ok", picture->ng ? "NG" : "OK");
        if (*wrong) (void)fprintf(g->stream, "<span class=\"badge wrong\">%s</span>", wrong);
        (void)fputs("<span class=\"name\">", g->stream);
        okng_page_text(g->stream, picture->name);
        (void)fprintf(g->stream, "</span><span class=\"score\">%#.4g</span></header>\n<div class=\"thumbs\">\n",
                      picture->score);
        put_thumb(g, &overlay, _("Overlay"), picture->name);
        if (heat.data) put_thumb(g, &heat, _("Heat map"), picture->name);
        (void)fputs("</div></article>\n", g->stream);
    }
    free(overlay.data);
    free(heat.data);
    return status == OKNG_ERROR_MEMORY ? okng_fail_memory(error, sizeof heat) : OKNG_OK;
}

/* A kind of picture: up to `most` of them, from the highest score down or from the lowest up. */
static okng_status put_kind(const gallery *g, const char *title, bool bad, bool ng, bool upward, size_t most,
                            okng_error *error)
{
    size_t shown = 0;
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < g->count && shown < most && status == OKNG_OK; i++) {
        const okng_picture_score *picture = g->sorted[upward ? g->count - 1 - i : i];
        if (picture->bad != bad || picture->ng != ng || !picture->overlay) continue;
        if (shown++ == 0)
            (void)fprintf(g->stream, "<h3>%s</h3>\n<div class=\"gallery small\">\n", okng_translate(title));
        status = put_card(g, picture, error);
    }
    if (shown > 0) (void)fputs("</div>\n", g->stream);
    return status;
}

okng_status okng_part_gallery(FILE *stream, const okng_results *results, size_t category, const okng_score_list *scores,
                              okng_error *error)
{
    gallery g = {stream, results, category, NULL, scores->count};
    g.sorted = okng_alloc(scores->count, sizeof *g.sorted);
    if (!g.sorted) return okng_fail_memory(error, scores->count * sizeof *g.sorted);
    for (size_t i = 0; i < g.count; i++) g.sorted[i] = &scores->pictures[i];
    qsort(g.sorted, g.count, sizeof *g.sorted, by_score);
    okng_status status = put_kind(&g, N_("Missed, the lowest scores first"), true, false, true, MOST, error);
    if (status == OKNG_OK)
        status = put_kind(&g, N_("False alarms, the highest scores first"), false, true, false, MOST, error);
    if (status == OKNG_OK) status = put_kind(&g, N_("The clearest defects"), true, true, false, MOST / 2, error);
    if (status == OKNG_OK) status = put_kind(&g, N_("Found, but only just"), true, true, true, MOST / 2, error);
    if (status == OKNG_OK)
        status = put_kind(&g, N_("Good pictures nearest to the threshold"), false, false, false, MOST / 2, error);
    free(g.sorted);
    return status;
}
