#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/canvas_list.h"

/* After Okabe and Ito, darkened where text is written in them. */
const unsigned okng_ink_rgb[OKNG_INKS] = {0xffffff, 0x1b2230, 0x5d687a, 0xdfe3ea, 0x0f6fb8,
                                          0xc8560a, 0x07866a, 0xa3558b, 0x4f9fd8, 0xd99a0b};

okng_canvas *okng_canvas_new(double width, double height, const char *title)
{
    okng_canvas *canvas = calloc(1, sizeof *canvas);
    if (!canvas) return NULL;
    *canvas = (okng_canvas){.width = width, .height = height, .title = strdup(title)};
    canvas->failed = !canvas->title;
    return canvas;
}

void okng_canvas_free(okng_canvas *canvas)
{
    if (!canvas) return;
    for (size_t i = 0; i < canvas->count; i++) free(canvas->shapes[i].text);
    free(canvas->shapes);
    free(canvas->points);
    free(canvas->title);
    free(canvas);
}

static okng_shape *add(okng_canvas *canvas, okng_shape shape)
{
    void *grown = canvas ? canvas->shapes : NULL;
    if (!canvas || canvas->failed) return NULL;
    if (!okng_grow(&grown, &canvas->capacity, canvas->count + 1, sizeof *canvas->shapes)) {
        canvas->failed = true;
        return NULL;
    }
    canvas->shapes = grown;
    canvas->shapes[canvas->count] = shape;
    return &canvas->shapes[canvas->count++];
}

void okng_canvas_rect(okng_canvas *canvas, okng_ink ink, double opacity, double x, double y, double width,
                      double height)
{
    (void)add(
        canvas,
        (okng_shape){.kind = OKNG_SHAPE_RECT, .ink = ink, .opacity = opacity, .from = {x, y}, .to = {width, height}});
}

void okng_canvas_line(okng_canvas *canvas, okng_ink ink, double stroke, bool dashed, double x1, double y1, double x2,
                      double y2)
{
    (void)add(
        canvas,
        (okng_shape){
            .kind = OKNG_SHAPE_LINE, .ink = ink, .stroke = stroke, .dashed = dashed, .from = {x1, y1}, .to = {x2, y2}});
}

void okng_canvas_dot(okng_canvas *canvas, okng_ink ink, double x, double y, double radius)
{
    (void)add(canvas, (okng_shape){.kind = OKNG_SHAPE_DOT, .ink = ink, .from = {x, y}, .to = {radius, 0}});
}

void okng_canvas_path_begin(okng_canvas *canvas, okng_ink ink, double stroke, double opacity)
{
    (void)add(canvas, (okng_shape){.kind = OKNG_SHAPE_PATH,
                                   .ink = ink,
                                   .stroke = stroke,
                                   .opacity = opacity,
                                   .first = canvas ? canvas->point_count : 0});
}

void okng_canvas_path_to(okng_canvas *canvas, double x, double y)
{
    if (!canvas || canvas->failed) return;
    void *grown = canvas->points;
    if (!okng_grow(&grown, &canvas->point_capacity, canvas->point_count + 1, sizeof *canvas->points)) {
        canvas->failed = true;
        return;
    }
    canvas->points = grown;
    canvas->points[canvas->point_count++] = (okng_point){x, y};
    canvas->shapes[canvas->count - 1].count++;
}

void okng_canvas_text(okng_canvas *canvas, okng_ink ink, double size, unsigned style, double x, double y,
                      const char *format, ...)
{
    okng_shape *shape =
        add(canvas, (okng_shape){.kind = OKNG_SHAPE_TEXT, .ink = ink, .from = {x, y}, .to = {size, 0}, .style = style});
    if (!shape) return;
    va_list list;
    va_start(list, format);
    if (vasprintf(&shape->text, format, list) < 0) {
        shape->text = NULL;
        canvas->failed = true;
    }
    va_end(list);
}
