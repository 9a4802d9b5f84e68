#include "report/page_parts.h"

#include <math.h>

#include "base/catalogue.h"
#include "report/page.h"

static void number(FILE *stream, okng_figure_id figure, const double *values)
{
    char text[64];
    double value = values[figure];
    (void)fputs(isnan(value) ? "&ndash;" : okng_figure_text(figure, value, text, sizeof text), stream);
}

/* ---- tiles ---- */

static void tile(FILE *stream, okng_figure_id figure, const double *values)
{
    if (isnan(values[figure])) return;
    (void)fprintf(stream, "<div><dt>%s</dt><dd>", okng_translate(okng_figures[figure].heading));
    number(stream, figure, values);
    (void)fprintf(stream, " <small>%s</small></dd></div>\n", okng_translate(okng_figure_unit_text(figure)));
}

static void tile_share(FILE *stream, const char *name, double part, double whole)
{
    if (!isnan(part) && !isnan(whole))
        (void)fprintf(stream, _("<div><dt>%s</dt><dd>%.0f <small>of %.0f</small></dd></div>\n"), okng_translate(name),
                      part, whole);
}

void okng_part_tiles(FILE *stream, const okng_results *results)
{
    const double *mean = results->mean;
    double count = (double)results->count, defects = mean[OKNG_FIGURE_DEFECTS];
    (void)fputs("<dl class=\"figures\">\n", stream);
    for (int i = 0; i < OKNG_FIGURES; i++)
        if (okng_figures[i].shown & OKNG_SHOWN_TILE) tile(stream, (okng_figure_id)i, mean);
    tile_share(stream, N_("Defects found"), count * mean[OKNG_FIGURE_FOUND], count * defects);
    tile_share(stream, N_("False alarms"), count * mean[OKNG_FIGURE_FALSE_ALARMS],
               count * (mean[OKNG_FIGURE_TEST_IMAGES] - defects));
    (void)fputs("</dl>\n", stream);
}

/* ---- categories ---- */

static void bar_cell(FILE *stream, okng_figure_id figure, const double *values)
{
    if (isnan(values[figure]))
        (void)fputs("<td>", stream);
    else
        (void)fprintf(stream, "<td class=\"bar\" style=\"--v:%.1f%%\">", 100 * values[figure]);
    number(stream, figure, values);
    (void)fputs("</td>", stream);
}

static void share_cell(FILE *stream, double part, double whole)
{
    if (isnan(part) || isnan(whole))
        (void)fputs("<td>&ndash;</td>", stream);
    else
        (void)fprintf(stream, _("<td>%.4g of %.4g</td>"), part, whole);
}

/* Of the columns with bars those that a category has a figure for. */
static bool is_shown(const okng_results *results, okng_figure_id figure)
{
    return (okng_figures[figure].shown & OKNG_SHOWN_BARS) && !isnan(results->mean[figure]);
}

static void category_row(FILE *stream, const okng_results *results, size_t category)
{
    bool mean = category == results->count;
    const double *values = mean ? results->mean : results->categories[category]->values;
    (void)fprintf(stream, "<tr%s><th scope=\"row\">", mean ? " class=\"mean\"" : "");
    if (mean) {
        (void)fputs(_("mean"), stream);
    } else {
        (void)fprintf(stream, "<a href=\"#c%zu\">", category);
        okng_page_text(stream, results->categories[category]->name);
        (void)fputs("</a>", stream);
    }
    (void)fputs("</th>", stream);
    double defects = values[OKNG_FIGURE_DEFECTS];
    share_cell(stream, values[OKNG_FIGURE_FOUND], defects);
    share_cell(stream, values[OKNG_FIGURE_FALSE_ALARMS], values[OKNG_FIGURE_TEST_IMAGES] - defects);
    for (int i = 0; i < OKNG_FIGURES; i++)
        if (is_shown(results, (okng_figure_id)i)) bar_cell(stream, (okng_figure_id)i, values);
    (void)fputs("<td>", stream);
    number(stream, OKNG_FIGURE_TRAIN_IMAGES, values);
    (void)fputs("</td></tr>\n", stream);
}

static void put_head(FILE *stream, const char *text)
{
    (void)fprintf(stream, "<th>%s</th>", okng_translate(text));
}

void okng_part_categories(FILE *stream, const okng_results *results)
{
    (void)fputs("<div class=\"scroll\"><table>\n<thead><tr><th>", stream);
    (void)fputs(okng_translate(N_("Category, %")), stream);
    (void)fputs("</th>", stream);
    put_head(stream, N_("Defects found"));
    put_head(stream, N_("False alarms"));
    for (int i = 0; i < OKNG_FIGURES; i++)
        if (is_shown(results, (okng_figure_id)i)) put_head(stream, okng_figures[i].heading);
    put_head(stream, N_("Learned from"));
    (void)fputs("</tr></thead>\n<tbody>\n", stream);
    for (size_t i = 0; i <= results->count; i++) category_row(stream, results, i);
    (void)fputs("</tbody>\n</table></div>\n", stream);
}

/* ---- speed ---- */

/* A stage that no category had (directions, of PatchCore) is no column. */
static bool is_speed_column(const okng_results *results, int figure)
{
    if (!(okng_figures[figure].shown & OKNG_SHOWN_SPEED)) return false;
    for (size_t c = 0; c < results->count; c++)
        if (!isnan(results->categories[c]->values[figure])) return true;
    return false;
}

void okng_part_speed(FILE *stream, const okng_results *results)
{
    (void)fputs("<div class=\"scroll tight\"><table>\n<thead><tr>", stream);
    put_head(stream, N_("Category"));
    for (int i = 0; i < OKNG_FIGURES; i++)
        if (is_speed_column(results, i)) put_head(stream, okng_figures[i].title);
    (void)fputs("</tr></thead>\n<tbody>\n", stream);
    for (size_t c = 0; c <= results->count; c++) {
        bool mean = c == results->count;
        const double *values = mean ? results->mean : results->categories[c]->values;
        (void)fprintf(stream, "<tr%s><th scope=\"row\">", mean ? " class=\"mean\"" : "");
        okng_page_text(stream, mean ? _("mean") : results->categories[c]->name);
        (void)fputs("</th>", stream);
        for (int i = 0; i < OKNG_FIGURES; i++) {
            if (!is_speed_column(results, i)) continue;
            (void)fputs("<td>", stream);
            number(stream, (okng_figure_id)i, values);
            (void)fputs("</td>", stream);
        }
        (void)fputs("</tr>\n", stream);
    }
    (void)fputs("</tbody>\n</table></div>\n", stream);
}
