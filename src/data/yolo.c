/* YOLO: for .../images/.../<stem>.png the text .../labels/.../<stem>.txt, a line for each defect: its class and the
 * corners of its outline, or the middle, width and height of a box, in shares of the picture. A picture without one, or
 * with an empty one, is good. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data/annotated.h"
#include "data/listing.h"
#include "options/number.h"

enum { MOST_BYTES = 16 << 20, LONGEST_NUMBER = 64 };

/* ---- labels --------------------------------------------------------------------------------- */

typedef struct label_file {
    const char *path;
    const char *text, *end;
    size_t line;
    int64_t first_class; /* of its first line; -1: none */
} label_file;

/* The next word of the line; false at its end. FORMAT where it is no number. */
static okng_status next_number(label_file *f, double *number, bool *found, okng_error *error)
{
    char word[LONGEST_NUMBER];
    size_t length = 0;
    while (f->text < f->end && (*f->text == ' ' || *f->text == '\t' || *f->text == '\r')) f->text++;
    *found = f->text < f->end && *f->text != '\n';
    while (f->text < f->end && !strchr(" \t\r\n", *f->text) && length + 1 < sizeof word) word[length++] = *f->text++;
    word[length] = '\0';
    if (!*found || (length + 1 < sizeof word && strlen(word) == length && okng_number_real(word, number)))
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s:%zu: found \"%.40s\", expected a number", f->path, f->line, word);
}

/* In place of middle, width and height the corners. */
static void box_to_corners(double box[8])
{
    const double x = box[0], y = box[1], w = box[2] / 2, h = box[3] / 2;
    const double corners[8] = {x - w, y - h, x + w, y - h, x + w, y + h, x - w, y + h};
    memcpy(box, corners, sizeof corners);
}

static okng_status read_outline(label_file *f, okng_outlines *outlines, okng_error *error)
{
    double number, box[8] = {0};
    size_t count = 0;
    bool found;
    char what[32];
    OKNG_TRY(okng_outline_begin(outlines, OKNG_OUTLINE_POLYGON, error));
    for (;; count++) {
        OKNG_TRY(next_number(f, &number, &found, error));
        if (!found) break;
        if (count < 4) box[count] = number;
        if (count == 4)
            for (int i = 0; i < 4; i++) OKNG_TRY(okng_outline_number(outlines, box[i], error));
        if (count >= 4) OKNG_TRY(okng_outline_number(outlines, number, error));
    }
    if (count == 4) box_to_corners(box);
    for (int i = 0; count <= 4 && i < (count == 4 ? 8 : (int)count); i++)
        OKNG_TRY(okng_outline_number(outlines, box[i], error));
    (void)snprintf(what, sizeof what, "line %zu", f->line);
    return okng_outline_end(outlines, what, error);
}

static okng_status read_lines(label_file *f, okng_outlines *outlines, okng_error *error)
{
    for (f->line = 1; f->text < f->end; f->line++) {
        double class;
        bool found;
        OKNG_TRY(next_number(f, &class, &found, error));
        if (found && (class < 0 || class > 1e6 || class != (double)(int64_t) class))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s:%zu: the class is %.9g, expected a whole number", f->path,
                             f->line, class);
        if (found && f->first_class < 0) f->first_class = (int64_t) class;
        if (found) OKNG_TRY(read_outline(f, outlines, error));
        if (f->text < f->end) f->text++; /* the line's end */
    }
    return OKNG_OK;
}

static okng_status read_labels(const char *path, okng_outlines **out, char kind[32], okng_error *error)
{
    void *text = NULL;
    size_t size;
    OKNG_TRY(okng_file_read(path, MOST_BYTES, &text, &size, error));
    label_file f = {.path = path, .text = text, .end = (const char *)text + size, .first_class = -1};
    okng_status status = okng_outlines_new(out, path, 0, 0, error);
    if (status == OKNG_OK) {
        (*out)->shares = true;
        status = read_lines(&f, *out, error);
    }
    (void)snprintf(kind, 32, "class %lld", (long long)f.first_class);
    free(text);
    return status;
}

/* ---- pictures ------------------------------------------------------------------------------- */

/* The last part "images" of a path; NULL where there is none. */
static const char *find_images(const char *relative)
{
    const char *found = NULL;
    for (const char *part = relative; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "images/", 7) == 0) found = part;
    return found;
}

static okng_status add_picture(okng_sample_list *list, const char *root, const char *path, const char *relative,
                               okng_error *error)
{
    const char *images = find_images(relative), *below = images ? images + strlen("images/") : NULL;
    char *file = NULL, kind[32] = "";
    okng_outlines *outlines = NULL;
    if (!images) return OKNG_OK;
    okng_status status = okng_path_format(&file, error, "%s/%.*slabels/%.*s.txt", root, (int)(images - relative),
                                          relative, (int)okng_stem_length(below), below);
    if (status == OKNG_OK && access(file, F_OK) == 0) status = read_labels(file, &outlines, kind, error);
    if (status == OKNG_OK)
        status = okng_annotated_add(list, path, relative, okng_split_of(relative), kind, outlines, error);
    else
        okng_outlines_free(outlines);
    free(file);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    (void)category; /* there is one */
    okng_picture_list *pictures = NULL;
    OKNG_TRY(okng_data_pictures(&pictures, source->root, error));
    okng_status status = OKNG_OK;
    for (size_t i = 0; status == OKNG_OK && i < okng_picture_list_count(pictures); i++)
        status = add_picture(out, source->root, okng_picture_list_path(pictures, i),
                             okng_picture_list_relative(pictures, i), error);
    okng_picture_list_free(&pictures);
    if (status == OKNG_OK && out->count == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND,
                           "%s: no pictures in a folder images; expected images/<split>/<stem>.png and "
                           "labels/<split>/<stem>.txt, or <split>/images and <split>/labels",
                           source->root);
    return status == OKNG_OK ? okng_annotated_finish(out, source->options, error) : status;
}

const okng_layout okng_layout_yolo = {
    .name = "yolo",
    .help = "YOLO: .../images/<stem>.png, and .../labels/<stem>.txt of those that have defects",
    .options = "test-ratio",
    .categories = okng_root_category,
    .samples = samples,
};
