/* tune.html: histogram, slider and ladder; below them the viewer with all pictures that were given. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/json.h"
#include "eval/proportion.h"
#include "report/page.h"
#include "tune/tuning.h"

/* asset.S */
extern const char okng_tune_css[], okng_tune_js[];
extern const uint64_t okng_tune_css_size, okng_tune_js_size;

/* ---- what the script reads ------------------------------------------------------------------ */

static json_t *thresholds_json(const okng_tuned_kind *kind)
{
    return json_pack("{s:o, s:o, s:o}", "in_force", okng_json_known((double)kind->in_force), "computed",
                     okng_json_known((double)kind->computed), "proposed", okng_json_known((double)kind->proposed));
}

/* The bank's own good pictures have no number, as nothing was drawn of them. */
static json_t *pictures_json(const okng_tuning *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->tau->image_count; i++)
        okng_json_add(&list,
                      json_pack("{s:i, s:o, s:i, s:f, s:n}", "id", -1, "name",
                                okng_json_any_text(t->tau->image_names ? t->tau->image_names[i] : _("a good picture")),
                                "label", 0, "image", (double)t->tau->image_scores[i], "pixel"));
    for (size_t i = 0; i < t->count; i++) {
        const okng_tuned *p = &t->pictures[i];
        if (p->inspected)
            okng_json_add(&list, json_pack("{s:I, s:o, s:i, s:f, s:o}", "id", (json_int_t)i, "name",
                                           okng_json_any_text(p->target->name), "label", p->bad, "image",
                                           (double)p->score, "pixel", okng_json_known((double)p->pixel)));
    }
    return list;
}

static json_t *words_json(void)
{
    json_t *words = json_object();
    for (const okng_viewer_word *word = okng_tune_words; word->key; word++)
        okng_json_put(&words, word->key, json_string(okng_translate(word->text)));
    return words;
}

/* For the caller to free. */
static okng_status data_text(const okng_tuning *t, char **text, okng_error *error)
{
    json_t *document = json_pack("{s:o, s:o, s:o, s:o, s:o}", "bank", okng_json_any_text(t->folder), "image",
                                 thresholds_json(&t->image), "pixel", thresholds_json(&t->pixel), "pictures",
                                 pictures_json(t), "words", words_json());
    okng_status status =
        okng_json_text(document, JSON_COMPACT | JSON_REAL_PRECISION(9), t->options.page, text, NULL, error);
    json_decref(document);
    return status;
}

/* As text that cannot end the element that it stands in. */
static void put_data(FILE *page, const char *text)
{
    (void)fputs("<script type=\"application/json\" id=\"tune-data\">", page);
    for (; *text; text++) (void)(*text == '<' ? fputs("\\u003c", page) : fputc(*text, page));
    (void)fputs("</script>\n", page);
}

/* ---- the ladder ----------------------------------------------------------------------------- */

static void put_share(FILE *page, size_t hits, size_t count)
{
    okng_interval interval = okng_proportion_interval(hits, count, 0.9);
    if (count == 0)
        (void)fputs("<td></td><td></td>", page);
    else
        (void)fprintf(page, _("<td>%zu of %zu</td><td>%.1f to %.1f %%</td>"), hits, count, 100 * interval.low,
                      100 * interval.high);
}

static void put_ladder(FILE *page, const okng_tuned_kind *kind, const char *title)
{
    if (kind->rung_count == 0) return;
    (void)fprintf(page,
                  "<h2 class=\"plain\">%s</h2>\n<div class=\"scroll\"><table class=\"tune-ladder\"><thead><tr>"
                  "<th>%s</th><th>%s</th><th>%s</th><th>%s</th><th>%s</th><th></th></tr></thead><tbody>\n",
                  okng_translate(title), _("Threshold"), _("Found"), okng_translate(N_("90 % interval")),
                  _("False alarms"), okng_translate(N_("90 % interval")));
    for (size_t i = 0; i < kind->rung_count; i++) {
        const okng_rung *rung = &kind->rungs[i];
        (void)fprintf(page, "<tr%s><th>%.6g</th>", rung->proposed ? " class=\"mean\"" : "", (double)rung->threshold);
        put_share(page, rung->found, kind->scores.bad_count);
        put_share(page, rung->false_alarms, kind->scores.good_count);
        const char *names[] = {rung->in_force ? _("in force") : NULL, rung->computed ? _("computed") : NULL,
                               rung->proposed ? _("proposed") : NULL};
        const char *before = "<td>";
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
            if (!names[n]) continue;
            (void)fprintf(page, "%s%s", before, names[n]);
            before = ", ";
        }
        (void)fprintf(page, "%s</td></tr>\n", *before == '<' ? before : "");
    }
    (void)fputs("</tbody></table></div>\n", page);
}

/* ---- the page ------------------------------------------------------------------------------- */

typedef struct parts {
    const okng_tuning *tuning;
    const char *data;
} parts;

static void put_before(FILE *page, void *user)
{
    const parts *p = user;
    (void)fputs("<style>\n", page);
    (void)fwrite(okng_tune_css, 1, (size_t)okng_tune_css_size, page);
    (void)fprintf(page, "</style>\n<section id=\"tune\"><noscript>%s</noscript></section>\n",
                  _("This page needs JavaScript."));
    put_data(page, p->data);
    (void)fputs("<script>\n", page);
    (void)fwrite(okng_tune_js, 1, (size_t)okng_tune_js_size, page);
    (void)fputs("</script>\n", page);
    put_ladder(page, &p->tuning->image, N_("Image thresholds"));
    put_ladder(page, &p->tuning->pixel, N_("Pixel thresholds: pictures with a pixel above"));
    if (p->tuning->count > 0) (void)fprintf(page, "<h2 class=\"plain\">%s</h2>\n", _("The pictures that were given"));
}

static okng_status add_rows(const okng_tuning *t, okng_error *error)
{
    for (size_t i = 0; i < t->count; i++) {
        const okng_tuned *p = &t->pictures[i];
        char *path;
        OKNG_TRY(okng_real_path(&path, p->target->path, error));
        const okng_viewer_row row = {.number = i,
                                     .name = p->target->name,
                                     .score = p->inspected ? (double)p->score : (double)NAN,
                                     .p_value = p->inspected ? p->p_value : (double)NAN,
                                     .verdict = !p->inspected                  ? OKNG_VIEWER_SKIPPED
                                                : p->score > t->image.proposed ? OKNG_VERDICT_NG
                                                                               : OKNG_VERDICT_OK,
                                     .truth = p->bad,
                                     .original = path,
                                     .note = p->inspected ? NULL : p->why,
                                     .drawn = p->inspected};
        okng_status status = okng_viewer_add(t->viewer, &row, error);
        free(path);
        if (status != OKNG_OK) return status;
    }
    return OKNG_OK;
}

okng_status okng_tuning_page(const okng_tuning *t, okng_error *error)
{
    char *data, lead[256];
    OKNG_TRY(data_text(t, &data, error));
    parts p = {.tuning = t, .data = data};
    (void)snprintf(lead, sizeof lead,
                   _("%zu scores of good pictures from the bank, %zu more good pictures, %zu bad ones."),
                   t->tau->image_count, t->image.scores.good_count - t->tau->image_count, t->image.scores.bad_count);
    const okng_viewer_group group = {
        .name = "", .threshold = (double)t->image.proposed, .low = (double)NAN, .high = (double)NAN};
    const okng_viewer_page page = {
        .title = _("Thresholds"), .lead = lead, .groups = &group, .group_count = 1, .before = put_before, .user = &p};
    okng_status status = add_rows(t, error);
    if (status == OKNG_OK) status = okng_viewer_finish(t->viewer, &page, error);
    free(data);
    return status;
}
