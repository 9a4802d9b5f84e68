#include "report/experiment_page.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "base/locale.h"
#include "report/figures.h"
#include "report/page.h"
#include "report/page_parts.h"
#include "report/page_pictures.h"

enum { MAX_TEXT_BYTES = 1 << 20 };

/* Draws and frees. */
static okng_status put_figure(FILE *stream, okng_canvas *canvas, const char *class, okng_error *error)
{
    (void)fprintf(stream, "<figure class=\"chart%s\">\n", class);
    okng_status status = okng_canvas_svg(canvas, false, stream, error);
    (void)fputs("</figure>\n", stream);
    okng_canvas_free(canvas);
    return status;
}

static void head(FILE *stream, const okng_results *results)
{
    const okng_category_figures *first = results->categories[0];
    char title[3 * OKNG_LABEL_MAX];
    double pictures = (double)results->count * results->mean[OKNG_FIGURE_TEST_IMAGES];
    (void)snprintf(title, sizeof title, "%s: %s", first->dataset, first->experiment);
    okng_page_begin(stream, title);
    (void)fprintf(stream, "<p class=\"lead\">%s ", _("Method"));
    okng_page_text(stream, first->method);
    if (*first->backbone) {
        (void)fputs(_(" on "), stream);
        okng_page_text(stream, first->backbone);
    }
    (void)fprintf(stream, results->count == 1 ? _(", %zu category") : _(", %zu categories"), results->count);
    if (!isnan(pictures)) (void)fprintf(stream, _(", %.0f pictures inspected"), pictures);
    (void)fprintf(stream, "%s</p>\n</header>\n", _(". Tiles are means over the categories; counts are sums."));
}

static okng_status curves(FILE *stream, const okng_category_figures *figures, const okng_score_list *scores,
                          okng_error *error)
{
    (void)fputs("<div class=\"charts three\">\n", stream);
    if (scores->count > 0) OKNG_TRY(put_figure(stream, okng_figure_scores(scores, figures->name), "", error));
    if (figures->image_roc.count + figures->pixel_roc.count > 0)
        OKNG_TRY(put_figure(stream, okng_figure_roc(figures), "", error));
    if (figures->pro.count > 0) OKNG_TRY(put_figure(stream, okng_figure_pro(figures), "", error));
    (void)fputs("</div>\n", stream);
    return OKNG_OK;
}

static okng_status put_category(FILE *stream, const okng_results *results, size_t category, okng_error *error)
{
    okng_score_list scores = {.threshold = NAN};
    char *path = okng_results_path(results, category, "scores.json");
    okng_status status = path ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK && access(path, F_OK) == 0) status = okng_score_list_read(&scores, path, error);
    free(path);
    (void)fprintf(stream, "<section id=\"c%zu\">\n<h2 class=\"plain\">", category);
    okng_page_text(stream, results->categories[category]->name);
    (void)fputs("</h2>\n", stream);
    if (status == OKNG_OK) status = curves(stream, results->categories[category], &scores, error);
    (void)fputs("</section>\n", stream);
    okng_score_list_free(&scores);
    return status;
}

/* A text file of the experiment, folded away; nothing where it is missing. */
static okng_status put_file(FILE *stream, const okng_results *results, const char *name, okng_error *error)
{
    char *path = okng_path_join(results->dir, name);
    void *text = NULL;
    size_t size;
    okng_status status = path ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK && access(path, F_OK) == 0)
        status = okng_file_read(path, MAX_TEXT_BYTES, &text, &size, error);
    free(path);
    if (!text) return status;
    (void)fprintf(stream, "<details><summary>%s</summary>\n<div class=\"scroll\"><pre>", name);
    okng_page_lines(stream, text, size);
    (void)fputs("</pre></div></details>\n", stream);
    free(text);
    return status;
}

static void put_title(FILE *stream, const char *text)
{
    (void)fprintf(stream, "<h2 class=\"plain\">%s</h2>\n", okng_translate(text));
}

static okng_status body(FILE *stream, const okng_results *results, const okng_viewer *viewer, bool published,
                        okng_error *error)
{
    head(stream, results);
    okng_part_tiles(stream, results);
    put_title(stream, N_("Categories"));
    OKNG_TRY(put_figure(stream, okng_figure_categories(results), " wide", error));
    okng_part_categories(stream, results);
    put_title(stream, N_("Pictures"));
    okng_viewer_embed(viewer, stream);
    if (published) OKNG_TRY(okng_part_published(stream, results, error));
    put_title(stream, N_("Speed and memory"));
    if (okng_figure_has_stages(results->mean))
        OKNG_TRY(put_figure(stream, okng_figure_stages(results->mean), " wide", error));
    okng_part_speed(stream, results);
    for (size_t i = 0; i < results->count; i++) OKNG_TRY(put_category(stream, results, i, error));
    put_title(stream, N_("How to repeat it"));
    OKNG_TRY(put_file(stream, results, "config.yaml", error));
    return put_file(stream, results, "versions.json", error);
}

static void foot(FILE *stream)
{
    (void)fputs("<footer>\n<p>", stream);
    (void)fputs(
        okng_translate(N_(
            "<b>AUROC</b>: the probability that a picture (a pixel) with a defect scores higher than one without; 50 % "
            "is guessing. <b>AP</b>: average precision. <b>F1-max</b>: the largest F1 of any threshold. <b>AU-PRO "
            "30</b> (5): the mean overlap of defect regions over false-positive rates up to 30 % (5 %). Pixel figures "
            "are at the size of the masks, &ldquo;crop&rdquo; those at the network&rsquo;s input. A mean leaves out "
            "categories that lack a figure. <b>Latency</b>: one picture at a time, from file to verdict.")),
        stream);
    (void)fputs("</p>\n", stream);
    okng_page_end(stream);
}

static okng_status write_page(const okng_results *results, const okng_viewer *viewer, bool published, okng_error *error)
{
    okng_writer writer;
    char *path = okng_path_join(results->dir, "report.html");
    okng_status status = path ? okng_writer_open(&writer, path, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(path);
    if (status != OKNG_OK) return status;
    status = body(writer.stream, results, viewer, published, error);
    foot(writer.stream);
    if (status == OKNG_OK) return okng_writer_commit(&writer, error);
    okng_writer_abort(&writer);
    return status;
}

okng_status okng_results_report_write(const okng_results *results, bool published, uint64_t *written, okng_error *error)
{
    okng_viewer *viewer = NULL;
    locale_t before = okng_locale_enter();
    okng_status status = okng_figures_write(results, written, error);
    if (status == OKNG_OK) status = okng_page_pictures(results, &viewer, error);
    if (status == OKNG_OK) status = write_page(results, viewer, published, error);
    okng_viewer_free(&viewer);
    okng_locale_leave(before);
    return status;
}

okng_status okng_experiment_report_write(const char *experiment_dir, bool published, okng_error *error)
{
    okng_results results;
    OKNG_TRY(okng_results_read(&results, experiment_dir, error));
    okng_status status = okng_results_report_write(&results, published, NULL, error);
    okng_results_free(&results);
    return status;
}
