#include "features/ignored.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/image.h"
#include "image/mask.h"
#include "image/runs.h"

/* Pictures of one shape, as where a bank's size is chosen. */
static const double same_aspect = 1.02;

/* ---- the mask ---------------------------------------------------------------------------------------------------- */

static bool is_run(const okng_ignored *m, int64_t i)
{
    const int32_t *run = m->runs + 3 * i, *before = i > 0 ? run - 3 : NULL;
    if (run[0] < 0 || run[0] >= m->height || run[1] < 0 || run[1] >= run[2] || run[2] > m->width) return false;
    return !before || before[0] < run[0] || (before[0] == run[0] && before[2] < run[1]);
}

okng_status okng_ignored_new(okng_ignored **out, int32_t width, int32_t height, const int32_t *runs, int64_t count,
                             okng_error *error)
{
    okng_ignored *m = *out = calloc(1, sizeof *m);
    if (!m) return okng_fail_memory(error, sizeof *m);
    *m = (okng_ignored){width, height, count, okng_alloc((size_t)count, 3 * sizeof *m->runs)};
    okng_status status = m->runs ? OKNG_OK : okng_fail_memory(error, (size_t)count * 3 * sizeof *m->runs);
    if (status == OKNG_OK) memcpy(m->runs, runs, (size_t)count * 3 * sizeof *m->runs);
    bool fits = width > 0 && height > 0 && count > 0;
    for (int64_t i = 0; i < count && status == OKNG_OK && fits; i++) fits = is_run(m, i);
    if (status == OKNG_OK && !fits)
        status = okng_fail(error, OKNG_ERROR_FORMAT,
                           "an ignore mask of %dx%d with %lld runs: a run is out of range or out of order", (int)width,
                           (int)height, (long long)count);
    if (status != OKNG_OK) okng_ignored_free(out);
    return status;
}

static okng_status take_runs(okng_ignored **out, const okng_runs *found, int32_t width, int32_t height,
                             okng_error *error)
{
    int32_t *runs = okng_alloc(found->count, 3 * sizeof *runs);
    if (!runs) return okng_fail_memory(error, found->count * 3 * sizeof *runs);
    for (size_t i = 0; i < found->count; i++) {
        const okng_run *run = &found->items[i];
        memcpy(runs + 3 * i, (const int32_t[]){run->y, run->begin, run->end}, 3 * sizeof *runs);
    }
    okng_status status = okng_ignored_new(out, width, height, runs, (int64_t)found->count, error);
    free(runs);
    return status;
}

okng_status okng_ignored_load(okng_ignored **out, const char *path, uint64_t max_pixels, okng_error *error)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    int32_t width, height;
    *out = NULL;
    OKNG_TRY(okng_image_size(&picture, max_pixels, &width, &height, error));
    uint8_t *mask = okng_alloc((size_t)height, (size_t)width);
    if (!mask) return okng_fail_memory(error, (size_t)height * (size_t)width);
    okng_runs found = {0};
    okng_status status = okng_masks_unite(&path, 1, "it was a moment before", width, height, mask, error);
    if (status == OKNG_OK) status = okng_runs_find(&found, mask, height, width, error);
    free(mask);
    if (status == OKNG_OK && found.count == 0)
        status = okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "%s: the ignore mask is all black, so it leaves nothing out; paint white what shall be left out", path);
    if (status == OKNG_OK) status = take_runs(out, &found, width, height, error);
    okng_runs_free(&found);
    return status;
}

void okng_ignored_free(okng_ignored **ignored)
{
    if (!ignored || !*ignored) return;
    free((*ignored)->runs);
    free(*ignored);
    *ignored = NULL;
}

bool okng_ignored_equal(const okng_ignored *a, const okng_ignored *b)
{
    if (!a || !b) return a == b;
    return a->width == b->width && a->height == b->height && a->count == b->count &&
           memcmp(a->runs, b->runs, (size_t)a->count * 3 * sizeof *a->runs) == 0;
}

okng_status okng_ignored_check(const okng_ignored *m, int32_t width, int32_t height, okng_error *error)
{
    const double aspect = (double)width / height, own = (double)m->width / m->height;
    if (aspect <= own * same_aspect && own <= aspect * same_aspect) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "the picture is %dx%d, expected the shape of the ignore mask, %dx%d: it would cover other parts "
                     "than it was made for",
                     (int)width, (int)height, (int)m->width, (int)m->height);
}

/* ---- other sizes ------------------------------------------------------------------------------------------------- */

/* The first run of a row or of one below. */
static int64_t first_run(const okng_ignored *m, int64_t row)
{
    int64_t low = 0, high = m->count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (m->runs[3 * middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first of `size` pixels over `whole` whose centre lies at or behind `edge` of the whole. */
static int64_t first_centre(int64_t edge, int64_t size, int64_t whole)
{
    const int64_t twice = 2 * edge * size - whole; /* (2 i + 1) whole >= 2 edge size */
    return twice <= 0 ? 0 : (twice + 2 * whole - 1) / (2 * whole);
}

void okng_ignored_fill(const okng_ignored *m, float *map, int32_t height, int32_t width, float value)
{
    for (int64_t y = 0; y < height; y++) {
        const int64_t row = (2 * y + 1) * m->height / (2 * (int64_t)height);
        for (int64_t i = first_run(m, row); i < m->count && m->runs[3 * i] == row; i++) {
            const int64_t end = first_centre(m->runs[3 * i + 2], width, m->width);
            for (int64_t x = first_centre(m->runs[3 * i + 1], width, m->width); x < end; x++)
                map[y * width + x] = value;
        }
    }
}

/* ---- the network's input ----------------------------------------------------------------------------------------- */

/* What pixel i of a side of the input is made of, in pixels of the mask: begin .. end - 1. */
typedef struct span {
    int64_t begin, end;
} span;

static span support_of(int64_t i, int64_t original, int64_t resized, int64_t crop, okng_interpolation interpolation)
{
    const double scale = (double)original / (double)resized, centre = ((double)(i + crop) + 0.5) * scale;
    const double reach = interpolation == OKNG_BICUBIC || interpolation == OKNG_BICUBIC_FLOAT ? 2 : 1;
    double radius = reach * fmax(scale, 1);
    if (interpolation == OKNG_NEAREST) radius = 0;
    /* Outwards: no filter of ours rounds its ends further than that. */
    const double begin = fmax(floor(centre - radius), 0), end = fmin(ceil(centre + radius), (double)original);
    return (span){(int64_t)begin, fmax(end, begin + 1) > (double)original ? original : (int64_t)fmax(end, begin + 1)};
}

static okng_status paint(okng_looked_at *l, const okng_ignored *m, const okng_placement *p,
                         okng_interpolation interpolation, okng_error *error)
{
    span *columns = okng_alloc((size_t)l->width, sizeof *columns);
    if (!columns) return okng_fail_memory(error, (size_t)l->width * sizeof *columns);
    for (int32_t x = 0; x < l->width; x++)
        columns[x] = support_of(x, p->original_width, p->resized_width, p->crop_x, interpolation);
    for (int32_t y = 0; y < l->height; y++) {
        const span rows = support_of(y, p->original_height, p->resized_height, p->crop_y, interpolation);
        uint8_t *line = l->painted + (int64_t)y * l->width;
        for (int64_t i = first_run(m, rows.begin); i < m->count && m->runs[3 * i] < rows.end; i++)
            for (int32_t x = 0; x < l->width; x++)
                line[x] |= columns[x].begin < m->runs[3 * i + 2] && columns[x].end > m->runs[3 * i + 1];
    }
    free(columns);
    return OKNG_OK;
}

/* The pixel of a side of the mask that lies at the centre of pixel i of the input. */
static int64_t centre_of(int64_t i, int64_t original, int64_t resized, int64_t crop)
{
    return (2 * (i + crop) + 1) * original / (2 * resized);
}

/* At least one pixel is left: else nothing could be said of a picture. */
static okng_status find_unseen(const okng_ignored *m, const okng_placement *p, uint8_t *unseen, okng_error *error)
{
    int64_t left = (int64_t)p->height * p->width;
    for (int32_t y = 0; y < p->height; y++) {
        const int64_t row = centre_of(y, p->original_height, p->resized_height, p->crop_y);
        uint8_t *line = unseen + (int64_t)y * p->width;
        for (int64_t i = first_run(m, row); i < m->count && m->runs[3 * i] == row; i++)
            for (int32_t x = 0; x < p->width; x++) {
                const int64_t column = centre_of(x, p->original_width, p->resized_width, p->crop_x);
                line[x] |= column >= m->runs[3 * i + 1] && column < m->runs[3 * i + 2];
            }
        for (int32_t x = 0; x < p->width; x++) left -= line[x];
    }
    if (left > 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "the ignore mask covers the whole picture, and nothing is left to look at; white is what is left "
                     "out");
}

static okng_status place(const okng_ignored *m, const okng_build_options *options, int32_t height, int32_t width,
                         okng_placement *placement, okng_error *error)
{
    OKNG_TRY(okng_placement_of(options, m->width, m->height, placement, error));
    if (placement->height == height && placement->width == width) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "the ignore mask is %dx%d, which comes to an input of %dx%d, expected %dx%d as the good pictures; "
                     "make it as large as they are",
                     (int)m->width, (int)m->height, (int)placement->width, (int)placement->height, (int)width,
                     (int)height);
}

okng_status okng_ignored_unseen(uint8_t **out, const okng_ignored *ignored, const okng_build_options *options,
                                int32_t height, int32_t width, okng_error *error)
{
    okng_placement placement;
    *out = NULL;
    if (!ignored) return OKNG_OK;
    OKNG_TRY(place(ignored, options, height, width, &placement, error));
    *out = okng_alloc_zero((size_t)height, (size_t)width);
    if (!*out) return okng_fail_memory(error, (size_t)height * (size_t)width);
    okng_status status = find_unseen(ignored, &placement, *out, error);
    if (status == OKNG_OK) return OKNG_OK;
    free(*out);
    *out = NULL;
    return status;
}

/* ---- patches ----------------------------------------------------------------------------------------------------- */

/* Whether more than half of a cell's pixels of the input are unseen. Cells share the input's pixels out by whole
 * numbers of 1 / grid of them, so that all count alike. */
static bool is_left_out(const okng_looked_at *l, int32_t row, int32_t column)
{
    const int64_t top = (int64_t)row * l->height, left = (int64_t)column * l->width; /* in 1 / grid of a pixel */
    int64_t covered = 0;
    for (int64_t y = top / l->grid_height; y * l->grid_height < top + l->height; y++) {
        const int64_t y0 = y * l->grid_height > top ? y * l->grid_height : top;
        const int64_t y1 = (y + 1) * l->grid_height < top + l->height ? (y + 1) * l->grid_height : top + l->height;
        for (int64_t x = left / l->grid_width; x * l->grid_width < left + l->width; x++) {
            const int64_t x0 = x * l->grid_width > left ? x * l->grid_width : left;
            const int64_t x1 = (x + 1) * l->grid_width < left + l->width ? (x + 1) * l->grid_width : left + l->width;
            if (l->unseen[y * l->width + x]) covered += (y1 - y0) * (x1 - x0);
        }
    }
    return 2 * covered > (int64_t)l->height * l->width;
}

static void find_cells(okng_looked_at *l)
{
    l->patches = 0;
    for (int32_t cell = 0; cell < l->grid_height * l->grid_width; cell++)
        if (!is_left_out(l, cell / l->grid_width, cell % l->grid_width)) l->cells[l->patches++] = cell;
}

/* Takes the cells of a row that are looked at, own [cell] >= 0, for the nearest to (y, x) as far as they are. */
static void look_along(const okng_looked_at *l, const int32_t *own, int64_t row, int64_t y, int64_t x, int64_t *nearest,
                       int64_t *found)
{
    if (row < 0 || row >= l->grid_height) return;
    for (int64_t column = 0; column < l->grid_width; column++) {
        const int64_t cell = row * l->grid_width + column;
        const int64_t apart = (row - y) * (row - y) + (column - x) * (column - x);
        if (own[cell] < 0 || apart > *nearest || (apart == *nearest && cell > *found)) continue;
        *nearest = apart;
        *found = cell;
    }
}

/* Each cell's own patch, or the nearest one by the distance of their centres. */
static okng_status find_stand_ins(okng_looked_at *l, okng_error *error)
{
    const int64_t cells = (int64_t)l->grid_height * l->grid_width;
    int32_t *own = okng_alloc((size_t)cells, sizeof *own);
    if (!own) return okng_fail_memory(error, (size_t)cells * sizeof *own);
    for (int64_t cell = 0; cell < cells; cell++) own[cell] = -1;
    for (int64_t patch = 0; patch < l->patches; patch++) own[l->cells[patch]] = (int32_t)patch;
    for (int64_t cell = 0; cell < cells; cell++) {
        const int64_t y = cell / l->grid_width, x = cell % l->grid_width;
        int64_t nearest = INT64_MAX, found = 0;
        for (int64_t away = 0; away < l->grid_height && away * away <= nearest; away++) {
            look_along(l, own, y - away, y, x, &nearest, &found);
            if (away > 0) look_along(l, own, y + away, y, x, &nearest, &found);
        }
        l->stands_in[cell] = own[found];
    }
    free(own);
    return OKNG_OK;
}

static okng_status fill(okng_looked_at *l, const okng_ignored *m, const okng_build_options *options, okng_error *error)
{
    okng_placement placement;
    OKNG_TRY(place(m, options, l->height, l->width, &placement, error));
    OKNG_TRY(find_unseen(m, &placement, l->unseen, error));
    find_cells(l);
    if (l->patches == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the ignore mask covers more than half of every patch, and nothing is left to look at");
    OKNG_TRY(find_stand_ins(l, error));
    return paint(l, m, &placement, options->interpolation, error);
}

okng_status okng_looked_at_new(okng_looked_at **out, const okng_ignored *ignored, const okng_build_options *options,
                               int32_t height, int32_t width, int32_t grid_height, int32_t grid_width,
                               okng_error *error)
{
    const size_t pixels = (size_t)height * (size_t)width, cells = (size_t)grid_height * (size_t)grid_width;
    *out = NULL;
    if (!ignored) return OKNG_OK;
    okng_looked_at *l = *out = calloc(1, sizeof *l);
    if (!l) return okng_fail_memory(error, sizeof *l);
    *l = (okng_looked_at){.height = height, .width = width, .grid_height = grid_height, .grid_width = grid_width};
    l->cells = okng_alloc(cells, sizeof *l->cells);
    l->stands_in = okng_alloc_zero(cells, sizeof *l->stands_in);
    l->painted = okng_alloc_zero(pixels, 1);
    l->unseen = okng_alloc_zero(pixels, 1);
    okng_status status = l->cells && l->stands_in && l->painted && l->unseen
                             ? fill(l, ignored, options, error)
                             : okng_fail_memory(error, 2 * (pixels + 4 * cells));
    if (status != OKNG_OK) okng_looked_at_free(out);
    return status;
}

void okng_looked_at_free(okng_looked_at **looked_at)
{
    if (!looked_at || !*looked_at) return;
    free((*looked_at)->cells);
    free((*looked_at)->stands_in);
    free((*looked_at)->painted);
    free((*looked_at)->unseen);
    free(*looked_at);
    *looked_at = NULL;
}

int32_t okng_cell_of_patch(const okng_looked_at *l, int64_t patch)
{
    return l ? l->cells[patch] : (int32_t)patch;
}

int64_t okng_patch_of_cell(const okng_looked_at *l, int32_t cell)
{
    if (!l) return cell;
    const int64_t patch = l->stands_in[cell];
    return l->cells[patch] == cell ? patch : -1;
}

void okng_spread_scores(const okng_looked_at *l, const float *scores, int64_t cells, float *grid)
{
    for (int64_t cell = 0; cell < cells; cell++) grid[cell] = scores[l ? l->stands_in[cell] : cell];
}

/* ---- a part of it ------------------------------------------------------------------------------------------------ */

static int32_t scaled(int32_t place, int32_t size, int32_t whole)
{
    return (int32_t)((2 * (int64_t)place * size + whole) / (2 * (int64_t)whole));
}

static int32_t clip(int32_t value, int32_t least, int32_t most)
{
    return value < least ? least : value > most ? most : value;
}

okng_status okng_ignored_cut(okng_ignored **out, const okng_ignored *ignored, const okng_box *box, int32_t whole_width,
                             int32_t whole_height, okng_error *error)
{
    *out = NULL;
    OKNG_TRY(okng_ignored_check(ignored, whole_width, whole_height, error));
    const int32_t left = scaled(box->x, ignored->width, whole_width);
    const int32_t top = scaled(box->y, ignored->height, whole_height);
    const int32_t right = scaled(box->x + box->width, ignored->width, whole_width);
    const int32_t bottom = scaled(box->y + box->height, ignored->height, whole_height);
    int32_t *runs = okng_alloc((size_t)ignored->count, 3 * sizeof *runs);
    int64_t count = 0;
    if (!runs) return okng_fail_memory(error, (size_t)ignored->count * 3 * sizeof *runs);
    for (int64_t i = 0; i < ignored->count; i++) {
        const int32_t *run = ignored->runs + 3 * i;
        const int32_t from = clip(run[1], left, right), to = clip(run[2], left, right);
        if (run[0] < top || run[0] >= bottom || from == to) continue;
        runs[3 * count] = run[0] - top;
        runs[3 * count + 1] = from - left;
        runs[3 * count++ + 2] = to - left;
    }
    okng_status status = count > 0 ? okng_ignored_new(out, right - left, bottom - top, runs, count, error) : OKNG_OK;
    free(runs);
    return status;
}
