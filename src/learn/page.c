#include "learn/page.h"

#include <math.h>
#include <stdlib.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "report/page.h"
#include "report/report.h"

static void put_thumb(FILE *stream, const okng_thumb *thumb, const char *caption)
{
    if (!thumb->data) return;
    (void)fprintf(stream, "<figure><img alt=\"\" width=\"%d\" height=\"%d\" src=\"data:image/webp;base64,",
                  (int)thumb->width, (int)thumb->height);
    okng_page_base64(stream, thumb->data, thumb->size);
    (void)fputs("\"><figcaption>", stream);
    okng_page_text(stream, caption);
    (void)fputs("</figcaption></figure>\n", stream);
}

static okng_status draw_heat(okng_thumb *thumb, const okng_image *rgb, const okng_model *unseen, int threads,
                             okng_error *error)
{
    const okng_tau *tau = okng_model_look(unseen).tau;
    okng_scored scored = {0};
    okng_image grey = {0};
    okng_status status = okng_model_inspect(unseen, rgb, threads, &scored, error);
    if (status == OKNG_OK)
        status = okng_report_heat(scored.map, scored.placement.original_height, scored.placement.original_width,
                                  tau->pixel_low, tau->pixel, &grey, error);
    if (status == OKNG_OK) status = okng_thumb_new_heat(thumb, &grey, error);
    okng_image_free(&grey);
    okng_scored_free(&scored);
    return status;
}

static void put_card(FILE *stream, size_t rank, const okng_doubtful *one, const okng_thumb *picture,
                     const okng_thumb *heat)
{
    (void)fprintf(stream, "<article class=\"card\">\n<header><strong>%zu</strong> <span class=\"name\">", rank);
    okng_page_text(stream, one->name);
    (void)fputs("</span> <span class=\"score\">", stream);
    (void)fprintf(stream, _("score %.4g"), (double)one->score);
    if (!isnan(one->above)) {
        (void)fputs(", ", stream);
        (void)fprintf(stream, _("%+.1f deviations"), one->above);
    }
    (void)fputs("</span></header>\n<div class=\"thumbs\">\n", stream);
    put_thumb(stream, picture, _("picture"));
    put_thumb(stream, heat, _("heat map by a bank without it"));
    (void)fputs("</div>\n</article>\n", stream);
}

static okng_status put_picture(FILE *stream, size_t rank, const okng_doubtful *one, const okng_pictures *pictures,
                               size_t place, const okng_model *unseen, uint64_t max_pixels, int threads,
                               okng_error *error)
{
    okng_image rgb;
    okng_thumb picture = {0}, heat = {0};
    OKNG_TRY(okng_pictures_load(pictures, place, max_pixels, &rgb, error));
    okng_status status = okng_thumb_new(&picture, &rgb, error);
    if (status == OKNG_OK && unseen) status = draw_heat(&heat, &rgb, unseen, threads, error);
    if (status == OKNG_OK) put_card(stream, rank, one, &picture, &heat);
    free(picture.data);
    free(heat.data);
    okng_image_free(&rgb);
    return status;
}

okng_status okng_build_page_write(const char *path, const okng_doubts *doubts, size_t count,
                                  const okng_pictures *pictures, const size_t *places, const okng_model *unseen,
                                  uint64_t max_pixels, int threads, okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    FILE *stream = writer.stream;
    okng_page_begin(stream, _("The oddest good pictures"));
    (void)fputs("<p>", stream);
    (void)fprintf(
        stream,
        _("%zu of %zu pictures that were learnt, the oddest first. Is a bad part among them, leave it out: okng "
          "build --exclude FILE, with its name in a line of FILE."),
        count, doubts->count);
    (void)fputs("</p>\n</header>\n<section class=\"gallery small\">\n", stream);
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        const okng_doubtful one = okng_doubts_get(doubts, i);
        status = put_picture(stream, i + 1, &one, pictures, places[i], unseen, max_pixels, threads, error);
    }
    (void)fputs("</section>\n<footer>\n", stream);
    okng_page_end(stream);
    if (status == OKNG_OK) return okng_writer_commit(&writer, error);
    okng_writer_abort(&writer);
    return status;
}
