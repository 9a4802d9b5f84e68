#include "train/curve.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "report/axes.h"

enum { WIDTH = 720, HEIGHT = 400, MOST_POINTS = 2000 };

void okng_loss_curve_free(okng_loss_curve *curve)
{
    free(curve->rows);
    *curve = (okng_loss_curve){0};
}

okng_status okng_loss_curve_add(okng_loss_curve *curve, const okng_loss_row *row, okng_error *error)
{
    void *grown = curve->rows;
    if (!okng_grow(&grown, &curve->capacity, curve->count + 1, sizeof *row))
        return okng_fail_memory(error, (curve->count + 1) * sizeof *row);
    curve->rows = grown;
    curve->rows[curve->count++] = *row;
    return OKNG_OK;
}

double okng_loss_curve_mean(const okng_loss_curve *curve)
{
    double sum = 0;
    size_t count = 0;
    while (count < curve->count) {
        const okng_loss_row *row = &curve->rows[curve->count - 1 - count];
        if (row->epoch != curve->rows[curve->count - 1].epoch) break;
        sum += row->parts.total;
        count++;
    }
    return count > 0 ? sum / (double)count : 0;
}

static void print(const okng_loss_curve *curve, FILE *stream)
{
    double sum = 0, epoch = 0, steps = 0;
    (void)fputs("step,epoch,pictures,loss,image,focal,l1,alignment,mean\n", stream);
    for (size_t i = 0; i < curve->count; i++) {
        const okng_loss_row *row = &curve->rows[i];
        if (row->epoch != epoch) sum = steps = 0;
        epoch = row->epoch;
        sum += row->parts.total;
        steps++;
        (void)fprintf(stream, "%zu,%.0f,%.0f,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g\n", i + 1, epoch, row->pictures,
                      row->parts.total, row->parts.image, row->parts.focal, row->parts.l1, row->parts.alignment,
                      sum / steps);
    }
}

static okng_status write_table(const okng_loss_curve *curve, const char *path, okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    writer.remakable = true;
    print(curve, writer.stream);
    return okng_writer_commit(&writer, error);
}

/* Steps one by one, thin; over them their mean of an epoch so far. */
static okng_canvas *draw(const okng_loss_curve *curve)
{
    okng_axes plot = okng_axes_new(WIDTH, HEIGHT, "Training loss");
    const size_t stride = curve->count / MOST_POINTS + 1;
    plot.x_low = 1;
    plot.x_high = curve->count > 1 ? (double)curve->count : 2;
    plot.y_high = 1e-6;
    for (size_t i = 0; i < curve->count; i++) plot.y_high = fmax(plot.y_high, curve->rows[i].parts.total);
    okng_axes_draw_y(&plot, okng_axes_step(plot.y_high), 1, "loss");
    okng_axes_draw_x(&plot, fmax(1, okng_axes_step(plot.x_high - plot.x_low)), 1, "step");
    okng_canvas_path_begin(plot.canvas, OKNG_INK_SOFT, 1, 0);
    for (size_t i = 0; i < curve->count; i += stride)
        okng_canvas_path_to(plot.canvas, okng_axes_x(&plot, (double)(i + 1)),
                            okng_axes_y(&plot, curve->rows[i].parts.total));
    double sum = 0, steps = 0;
    okng_canvas_path_begin(plot.canvas, OKNG_INK_GOOD, 2.5, 0);
    for (size_t i = 0; i < curve->count; i++) {
        if (i > 0 && curve->rows[i].epoch != curve->rows[i - 1].epoch) sum = steps = 0;
        sum += curve->rows[i].parts.total;
        steps++;
        if (i % stride == 0)
            okng_canvas_path_to(plot.canvas, okng_axes_x(&plot, (double)(i + 1)), okng_axes_y(&plot, sum / steps));
    }
    okng_canvas_text(plot.canvas, OKNG_INK_GOOD, 13, OKNG_TEXT_END | OKNG_TEXT_BOLD, plot.right - 14, plot.top + 18,
                     "mean of the epoch");
    okng_canvas_text(plot.canvas, OKNG_INK_SOFT, 13, OKNG_TEXT_END, plot.right - 14, plot.top + 38, "each step");
    return plot.canvas;
}

static okng_status write_drawing(const okng_loss_curve *curve, const char *path, okng_error *error)
{
    okng_canvas *canvas = draw(curve);
    okng_status status = okng_canvas_svg_file(canvas, path, error);
    okng_canvas_free(canvas);
    return status;
}

okng_status okng_loss_curve_write(const okng_loss_curve *curve, const char *folder, okng_error *error)
{
    char *table = okng_path_join(folder, "losses.csv"), *drawing = okng_path_join(folder, "losses.svg");
    okng_status status = table && drawing ? write_table(curve, table, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = write_drawing(curve, drawing, error);
    free(table);
    free(drawing);
    return status;
}
