/* Published figures beside ours: a table for each metric, a column for each source and setting. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "report/page.h"
#include "report/page_parts.h"
#include "report/published.h"

enum { MAX_SETTINGS = 16 };

typedef struct comparison {
    const okng_results *results;
    const okng_published *list;
    size_t count;
    okng_figure_id metric;
    const okng_published *settings[MAX_SETTINGS]; /* one of each */
    size_t setting_count;
} comparison;

static bool same_setting(const okng_published *a, const okng_published *b)
{
    return strcmp(a->source, b->source) == 0 && strcmp(a->setting, b->setting) == 0;
}

static void list_settings(comparison *c)
{
    c->setting_count = 0;
    for (size_t i = 0; i < c->count; i++) {
        size_t s = 0;
        if (c->list[i].metric != c->metric) continue;
        while (s < c->setting_count && !same_setting(c->settings[s], &c->list[i])) s++;
        if (s == c->setting_count && s < MAX_SETTINGS) c->settings[c->setting_count++] = &c->list[i];
    }
}

static const okng_published *find(const comparison *c, size_t category, const okng_published *setting)
{
    for (size_t i = 0; i < c->count; i++) {
        const okng_published *p = &c->list[i];
        if (p->metric == c->metric && p->category == category && (!setting || same_setting(p, setting))) return p;
    }
    return NULL;
}

/* "98.1 +0.3": theirs, and ours minus theirs. */
static void cell(FILE *stream, const okng_published *published)
{
    if (!published) {
        (void)fputs("<td>&ndash;</td>", stream);
        return;
    }
    double difference = 100 * (published->ours - published->value);
    (void)fputs("<td title=\"", stream);
    okng_page_text(stream, published->reference);
    (void)fprintf(stream, "\">%.1f<small class=\"%s\">%+.1f</small></td>", 100 * published->value,
                  difference >= 0.05    ? "more"
                  : difference <= -0.05 ? "less"
                                        : "",
                  fabs(difference) < 0.05 ? 0.0 : difference);
}

static void row(FILE *stream, const comparison *c, size_t category, const char *name)
{
    const okng_published *any = find(c, category, NULL);
    if (!any) return;
    (void)fprintf(stream, "<tr%s><th scope=\"row\">", category == SIZE_MAX ? " class=\"mean\"" : "");
    okng_page_text(stream, name);
    (void)fprintf(stream, "</th><td><b>%.1f</b></td>", 100 * any->ours);
    for (size_t s = 0; s < c->setting_count; s++) cell(stream, find(c, category, c->settings[s]));
    (void)fputs("</tr>\n", stream);
}

static void table_of(FILE *stream, comparison *c, bool open)
{
    list_settings(c);
    if (c->setting_count == 0) return;
    (void)fprintf(stream,
                  "<details%s><summary>%s, %%%s</summary>\n<div class=\"scroll\"><table>\n<thead><tr><th>%s</th>"
                  "<th>okng</th>",
                  open ? " open" : "", okng_translate(okng_figures[c->metric].heading),
                  find(c, c->settings[0]->category, NULL)->crop ? _(", at the network's crop") : "", _("Category"));
    for (size_t s = 0; s < c->setting_count; s++) {
        (void)fputs("<th>", stream);
        okng_page_text(stream, c->settings[s]->source);
        (void)fputs("<br>", stream);
        okng_page_text(stream, c->settings[s]->setting);
        (void)fputs("</th>", stream);
    }
    (void)fputs("</tr></thead>\n<tbody>\n", stream);
    for (size_t i = 0; i < c->results->count; i++) row(stream, c, i, c->results->categories[i]->name);
    row(stream, c, SIZE_MAX, _("mean"));
    (void)fputs("</tbody>\n</table></div></details>\n", stream);
}

static void references(FILE *stream, const comparison *c)
{
    (void)fprintf(stream, "<details><summary>%s</summary>\n<ul class=\"note\">\n",
                  _("Where the published figures are from"));
    for (size_t i = 0; i < c->count; i++) {
        size_t before = 0;
        while (before < i && strcmp(c->list[before].reference, c->list[i].reference) != 0) before++;
        if (before < i) continue;
        (void)fputs("<li>", stream);
        okng_page_text(stream, c->list[i].source);
        (void)fputs(": ", stream);
        okng_page_text(stream, c->list[i].reference);
        (void)fputs("</li>\n", stream);
    }
    (void)fputs("</ul></details>\n", stream);
}

static void compare(FILE *stream, comparison *c)
{
    if (c->count == 0) return;
    (void)fprintf(
        stream, "<h2 class=\"plain\">%s</h2>\n<p class=\"note\">%s</p>\n", _("Beside published figures"),
        _("Published figures for this data set, and by how many points okng is above or below them. "
          "<b>They can be compared only where this experiment saw the same data:</b> here the name of the data "
          "set and of the category agree, which okng cannot see through. Settings differ too: a column says "
          "which it was, and who measured it. A mean is shown where all categories of the data set are there. "
          "patchcore-inspection&rsquo;s PRO takes the false-positive rate over pictures with a defect "
          "alone."));
    bool first = true;
    for (int metric = 0; metric < OKNG_FIGURES; metric++) {
        c->metric = (okng_figure_id)metric;
        list_settings(c);
        table_of(stream, c, first);
        first = first && c->setting_count == 0;
    }
    references(stream, c);
}

okng_status okng_part_published(FILE *stream, const okng_results *results, okng_error *error)
{
    okng_csv *table;
    okng_published *list = NULL;
    comparison c = {.results = results};
    OKNG_TRY(okng_published_read(&table, error));
    okng_status status = okng_published_match(table, results, &list, &c.count, error);
    c.list = list;
    if (status == OKNG_OK) compare(stream, &c);
    free(list);
    okng_csv_free(&table);
    return status;
}
