#include "report/page.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "report/style.h"

enum { MAX_ROWS = 80 }; /* of a gallery, so that the file stays small enough to be sent around */

/* ---- text ---- */

/* Bytes of the UTF-8 character at `text`; 0 where it is none. */
static int character_length(const unsigned char *text)
{
    int length = text[0] < 0x80 ? 1 : text[0] >= 0xf0 && text[0] < 0xf5 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    if (text[0] >= 0x80 && (text[0] < 0xc2 || text[0] > 0xf4)) return 0;
    for (int i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80) return 0;
    if (text[0] == 0xe0 && text[1] < 0xa0) return 0;
    if (text[0] == 0xed && text[1] > 0x9f) return 0;
    if (text[0] == 0xf0 && text[1] < 0x90) return 0;
    if (text[0] == 0xf4 && text[1] > 0x8f) return 0;
    return length;
}

static void put_text(FILE *stream, const unsigned char *at, const unsigned char *end, bool lines)
{
    while (at < end) {
        unsigned char ahead[5] = {0}; /* so that a character at the end is not read beyond it */
        memcpy(ahead, at, end - at < 4 ? (size_t)(end - at) : 4);
        int length = character_length(ahead);
        bool plain = lines && (*at == '\n' || *at == '\t');
        if (length == 0 || (*at < 0x20 && !plain) || *at == 0x7f)
            (void)fputs("\xef\xbf\xbd", stream);
        else if (strchr("&<>\"'", *at))
            (void)fprintf(stream, "&#%u;", (unsigned)*at);
        else
            (void)fwrite(at, 1, (size_t)length, stream);
        at += length > 0 ? length : 1;
    }
}

void okng_page_text(FILE *stream, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    put_text(stream, at, at + strlen(text), false);
}

void okng_page_lines(FILE *stream, const void *text, size_t size)
{
    const unsigned char *at = text;
    put_text(stream, at, at + size, true);
}

void okng_page_base64(FILE *stream, const void *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = data;
    for (size_t i = 0; i < size; i += 3) {
        size_t have = size - i < 3 ? size - i : 3;
        uint32_t group = (uint32_t)in[i] << 16;
        if (have > 1) group |= (uint32_t)in[i + 1] << 8;
        if (have > 2) group |= in[i + 2];
        char out[4] = {digits[group >> 18], digits[group >> 12 & 63], digits[group >> 6 & 63], digits[group & 63]};
        for (size_t j = have + 1; j < 4; j++) out[j] = '=';
        (void)fwrite(out, 1, 4, stream);
    }
}

static void area(FILE *stream, double auroc)
{
    if (isnan(auroc))
        (void)fputs("&ndash;", stream);
    else
        (void)fprintf(stream, "%.4f", auroc);
}

/* ---- figures ---- */

typedef struct tally {
    size_t good, bad, false_alarms, found;
} tally;

static tally count_all(const okng_eval_category *category)
{
    tally t = {0};
    for (size_t i = 0; i < category->count; i++) {
        const okng_eval_picture *picture = &category->pictures[i];
        t.good += !picture->bad;
        t.bad += picture->bad;
        t.false_alarms += !picture->bad && picture->ng;
        t.found += picture->bad && picture->ng;
    }
    return t;
}

static void summary(FILE *stream, const okng_eval_category *const *categories, size_t count)
{
    (void)fputs("<div class=\"scroll\"><table>\n<thead><tr><th>Category</th><th>Learned from</th><th>Inspected</th>"
                "<th>Image AUROC</th><th>Pixel AUROC</th><th>Defects found</th><th>False alarms</th><th>Time per "
                "picture</th></tr></thead>\n<tbody>\n",
                stream);
    for (size_t i = 0; i < count; i++) {
        const okng_eval_category *category = categories[i];
        tally t = count_all(category);
        (void)fprintf(stream, "<tr><th scope=\"row\"><a href=\"#c%zu\">", i);
        okng_page_text(stream, category->name);
        (void)fprintf(stream, "</a></th><td>%llu</td><td>%zu</td><td>", (unsigned long long)category->learned,
                      category->count);
        area(stream, category->image_auroc);
        (void)fputs("</td><td>", stream);
        area(stream, category->pixel_auroc);
        (void)fprintf(stream, "</td><td>%zu of %zu</td><td>%zu of %zu</td><td>%.0f ms</td></tr>\n", t.found, t.bad,
                      t.false_alarms, t.good, category->milliseconds);
    }
    (void)fputs("</tbody>\n</table></div>\n", stream);
}

static void tile_share(FILE *stream, const char *name, size_t part, size_t whole)
{
    (void)fprintf(stream, "<div><dt>%s</dt><dd>%zu <small>of %zu</small></dd></div>\n", name, part, whole);
}

static void figures(FILE *stream, const okng_eval_category *category)
{
    tally t = count_all(category);
    (void)fputs("<dl class=\"figures\">\n<div><dt>Image AUROC</dt><dd>", stream);
    area(stream, category->image_auroc);
    (void)fputs("</dd></div>\n<div><dt>Pixel AUROC</dt><dd>", stream);
    area(stream, category->pixel_auroc);
    (void)fputs("</dd></div>\n", stream);
    tile_share(stream, "Defects found", t.found, t.bad);
    tile_share(stream, "False alarms", t.false_alarms, t.good);
    (void)fprintf(stream,
                  "<div><dt>Threshold</dt><dd>%.3g</dd></div>\n<div><dt>Time per picture</dt><dd>%.0f "
                  "<small>ms</small></dd></div>\n</dl>\n",
                  (double)category->threshold, category->milliseconds);
}

/* ---- gallery ---- */

static void thumb(FILE *stream, const okng_thumb *picture, const char *what, const char *name)
{
    (void)fprintf(stream, "<figure>");
    if (picture->data) {
        (void)fprintf(stream, "<img loading=\"lazy\" width=\"%d\" height=\"%d\" alt=\"%s of ", picture->width,
                      picture->height, what);
        okng_page_text(stream, name);
        (void)fputs("\" src=\"data:image/webp;base64,", stream);
        okng_page_base64(stream, picture->data, picture->size);
        (void)fputs("\">", stream);
    } else {
        (void)fputs("<div class=\"blank\">no defect</div>", stream);
    }
    (void)fprintf(stream, "<figcaption>%s</figcaption></figure>\n", what);
}

static void card(FILE *stream, const okng_eval_picture *picture)
{
    static const char *const names[OKNG_EVAL_THUMBS] = {"Picture", "Heat map", "Mask", "Truth"};
    const char *wrong = picture->ng == picture->bad ? "" : picture->bad ? "missed" : "false alarm";
    (void)fprintf(stream, "<article class=\"card\"><header><span class=\"badge %s\">%s</span><span class=\"name\">",
                  picture->ng ? "ng" : "ok", picture->ng ? "NG" : "OK");
    okng_page_text(stream, picture->name);
    (void)fputs("</span>", stream);
    if (*wrong) (void)fprintf(stream, "<span class=\"badge wrong\">%s</span>", wrong);
    (void)fprintf(stream, "<span class=\"score\">score %.3f</span></header>\n<div class=\"thumbs\">\n",
                  (double)picture->score);
    for (int i = 0; i < OKNG_EVAL_THUMBS; i++) thumb(stream, &picture->thumbs[i], names[i], picture->name);
    (void)fputs("</div></article>\n", stream);
}

/* The highest scores, and the lowest where there are too many: the ends tell most. */
static void gallery(FILE *stream, const okng_eval_category *category)
{
    size_t count = category->count, head = count > MAX_ROWS ? MAX_ROWS / 2 : count, tail = count - head;
    if (tail > MAX_ROWS / 2) tail = MAX_ROWS / 2;
    if (count > MAX_ROWS)
        (void)fprintf(stream, "<h3>The %zu highest and the %zu lowest of %zu scores</h3>\n", head, tail, count);
    else
        (void)fprintf(stream, "<h3>All %zu pictures, highest score first</h3>\n", count);
    (void)fputs("<div class=\"gallery\">\n", stream);
    for (size_t i = 0; i < head; i++) card(stream, &category->pictures[i]);
    for (size_t i = count - tail; i < count; i++) card(stream, &category->pictures[i]);
    (void)fputs("</div>\n", stream);
}

/* ---- page ---- */

static okng_status section(FILE *stream, const okng_eval_category *category, size_t number, okng_error *error)
{
    (void)fprintf(stream, "<section id=\"c%zu\">\n<h2>", number);
    okng_page_text(stream, category->name);
    (void)fputs("</h2>\n", stream);
    figures(stream, category);
    (void)fputs("<div class=\"charts\">\n<figure class=\"chart\">\n", stream);
    OKNG_TRY(okng_chart_histogram(stream, category, error));
    (void)fputs("</figure>\n<figure class=\"chart\">\n", stream);
    OKNG_TRY(okng_chart_roc(stream, category, error));
    (void)fputs("</figure>\n</div>\n", stream);
    gallery(stream, category);
    (void)fputs("</section>\n", stream);
    return OKNG_OK;
}

void okng_page_begin(FILE *stream, const char *title)
{
    (void)fprintf(stream,
                  "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                  "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
                  "dark\">\n<meta name=\"generator\" content=\"okng %s\">\n<title>",
                  okng_version());
    okng_page_text(stream, title);
    (void)fprintf(stream,
                  "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<header class=\"top\">\n<p class=\"brand\">"
                  "okng</p>\n<h1>",
                  okng_page_style);
    okng_page_text(stream, title);
    (void)fputs("</h1>\n", stream);
}

void okng_page_end(FILE *stream)
{
    (void)fprintf(stream, "<p>Made by okng %s.</p>\n</footer>\n</main>\n</body>\n</html>\n", okng_version());
}

static void head(FILE *stream, const okng_eval_category *const *categories, size_t count)
{
    size_t pictures = 0;
    for (size_t i = 0; i < count; i++) pictures += categories[i]->count;
    okng_page_begin(stream, "Inspection report");
    (void)fprintf(stream,
                  "<p class=\"lead\">%zu pictures of %zu %s. What is good was learned from good pictures alone; no "
                  "defect was shown before.</p>\n</header>\n",
                  pictures, count, count == 1 ? "category" : "categories");
}

static void foot(FILE *stream)
{
    (void)fputs("<footer>\n<p><b>AUROC</b>: the probability that a picture (a pixel) with a defect scores higher than "
                "one without; 1 is perfect, 0.5 is guessing. Pixel AUROC counts every pixel of every inspected "
                "picture. A picture is <b>NG</b> when its score is above the threshold, which comes from the good "
                "pictures. In heat maps the threshold for a pixel lies in the middle of the scale, where it turns "
                "from purple to red. <b>Time per picture</b> is the mean of one core from file to "
                "verdict.</p>\n",
                stream);
    okng_page_end(stream);
}

okng_status okng_page_write(const char *path, const okng_eval_category *const *categories, size_t count,
                            okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    head(writer.stream, categories, count);
    summary(writer.stream, categories, count);
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) status = section(writer.stream, categories[i], i, error);
    foot(writer.stream);
    if (status == OKNG_OK) return okng_writer_commit(&writer, error);
    okng_writer_abort(&writer);
    return status;
}
