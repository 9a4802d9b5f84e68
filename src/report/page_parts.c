#include "report/page_parts.h"

#include <math.h>

#include "report/page.h"

static void number(FILE *stream, const okng_column *column, double value)
{
    char text[64];
    (void)fputs(isnan(value) ? "&ndash;" : okng_column_pretty(column, value, text, sizeof text), stream);
}

/* ---- tiles ---- */

static void tile(FILE *stream, const char *key, const double *values)
{
    const okng_column *column = &okng_columns[okng_column_find(key)];
    double value = values[okng_column_find(key)];
    if (isnan(value)) return;
    (void)fprintf(stream, "<div><dt>%s</dt><dd>", column->name);
    number(stream, column, value);
    (void)fprintf(stream, " <small>%s</small></dd></div>\n", okng_column_unit(column));
}

static void tile_share(FILE *stream, const char *name, double part, double whole)
{
    if (!isnan(part) && !isnan(whole))
        (void)fprintf(stream, "<div><dt>%s</dt><dd>%.0f <small>of %.0f</small></dd></div>\n", name, part, whole);
}

void okng_part_tiles(FILE *stream, const okng_results *results)
{
    static const char *const keys[] = {"image_auroc", "pixel_auroc", "aupro_30", "image_f1max", "latency_p50_ms"};
    size_t found = okng_column_find("found"), alarms = okng_column_find("false_alarms");
    size_t defects = okng_column_find("defects"), tested = okng_column_find("test_images");
    double count = (double)results->count;
    (void)fputs("<dl class=\"figures\">\n", stream);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) tile(stream, keys[i], results->mean);
    tile_share(stream, "Defects found", count * results->mean[found], count * results->mean[defects]);
    tile_share(stream, "False alarms", count * results->mean[alarms],
               count * (results->mean[tested] - results->mean[defects]));
    (void)fputs("</dl>\n", stream);
}

/* ---- categories ---- */

static void bar_cell(FILE *stream, const char *key, const double *values)
{
    size_t column = okng_column_find(key);
    double value = values[column];
    if (isnan(value))
        (void)fputs("<td>", stream);
    else
        (void)fprintf(stream, "<td class=\"bar\" style=\"--v:%.1f%%\">", 100 * value);
    number(stream, &okng_columns[column], value);
    (void)fputs("</td>", stream);
}

static void share_cell(FILE *stream, double part, double whole)
{
    if (isnan(part) || isnan(whole))
        (void)fputs("<td>&ndash;</td>", stream);
    else
        (void)fprintf(stream, "<td>%.4g of %.4g</td>", part, whole);
}

static const char *const bars[] = {"image_auroc", "image_f1max", "pixel_auroc",      "pixel_ap",
                                   "aupro_30",    "aupro_05",    "pixel_auroc_crop", "aupro_30_crop"};
enum { BARS = sizeof bars / sizeof bars[0] };

static void category_row(FILE *stream, const okng_results *results, size_t category)
{
    bool mean = category == results->count;
    const double *values = mean ? results->mean : results->categories[category]->values;
    (void)fprintf(stream, "<tr%s><th scope=\"row\">", mean ? " class=\"mean\"" : "");
    if (mean) {
        (void)fputs("mean", stream);
    } else {
        (void)fprintf(stream, "<a href=\"#c%zu\">", category);
        okng_page_text(stream, results->categories[category]->name);
        (void)fputs("</a>", stream);
    }
    (void)fputs("</th>", stream);
    for (size_t i = 0; i < BARS; i++) bar_cell(stream, bars[i], values);
    double defects = values[okng_column_find("defects")];
    share_cell(stream, values[okng_column_find("found")], defects);
    share_cell(stream, values[okng_column_find("false_alarms")], values[okng_column_find("test_images")] - defects);
    (void)fputs("<td>", stream);
    number(stream, &okng_columns[okng_column_find("train_images")], values[okng_column_find("train_images")]);
    (void)fputs("</td></tr>\n", stream);
}

void okng_part_categories(FILE *stream, const okng_results *results)
{
    (void)fputs("<div class=\"scroll\"><table>\n<thead><tr><th>Category, %</th>", stream);
    for (size_t i = 0; i < BARS; i++)
        (void)fprintf(stream, "<th>%s</th>", okng_columns[okng_column_find(bars[i])].name);
    (void)fputs("<th>Defects found</th><th>False alarms</th><th>Learned from</th></tr></thead>\n<tbody>\n", stream);
    for (size_t i = 0; i <= results->count; i++) category_row(stream, results, i);
    (void)fputs("</tbody>\n</table></div>\n", stream);
}

/* ---- speed ---- */

static const struct {
    const char *key, *name;
} speeds[] = {
    {"latency_p50_ms", "Latency p50, ms"},
    {"latency_p95_ms", "p95, ms"},
    {"latency_p99_ms", "p99, ms"},
    {"throughput", "Pictures/s"},
    {"seconds_features", "Features, s"},
    {"seconds_coreset", "Coreset, s"},
    {"seconds_calibration", "Thresholds, s"},
    {"seconds_evaluate", "Evaluation, s"},
    {"peak_bytes", "Peak, MiB"},
    {"bank_rows", "Bank rows"},
    {"bank_bytes", "Bank, MiB"},
};
enum { SPEEDS = sizeof speeds / sizeof speeds[0] };

void okng_part_speed(FILE *stream, const okng_results *results)
{
    (void)fputs("<div class=\"scroll tight\"><table>\n<thead><tr><th>Category</th>", stream);
    for (size_t i = 0; i < SPEEDS; i++) (void)fprintf(stream, "<th>%s</th>", speeds[i].name);
    (void)fputs("</tr></thead>\n<tbody>\n", stream);
    for (size_t c = 0; c <= results->count; c++) {
        bool mean = c == results->count;
        const double *values = mean ? results->mean : results->categories[c]->values;
        (void)fprintf(stream, "<tr%s><th scope=\"row\">", mean ? " class=\"mean\"" : "");
        okng_page_text(stream, mean ? "mean" : results->categories[c]->name);
        (void)fputs("</th>", stream);
        for (size_t i = 0; i < SPEEDS; i++) {
            size_t column = okng_column_find(speeds[i].key);
            (void)fputs("<td>", stream);
            number(stream, &okng_columns[column], values[column]);
            (void)fputs("</td>", stream);
        }
        (void)fputs("</tr>\n", stream);
    }
    (void)fputs("</tbody>\n</table></div>\n", stream);
}
