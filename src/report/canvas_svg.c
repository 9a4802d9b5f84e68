#include "base/file.h"
#include "report/canvas_list.h"
#include "report/page.h"

typedef struct pen {
    FILE *stream;
    bool alone;
} pen;

/* ` fill="#0f6fb8"`, or a class where the page has the colours. */
static void paint(const pen *p, const char *what, okng_ink ink)
{
    if (p->alone)
        (void)fprintf(p->stream, " %s=\"#%06x\"", what, okng_ink_rgb[ink]);
    else
        (void)fprintf(p->stream, " class=\"%c%d\"", what[0], (int)ink);
}

static void write_path(const pen *p, const okng_canvas *canvas, const okng_shape *shape)
{
    bool area = shape->opacity > 0;
    (void)fputs(area ? "<polygon" : "<polyline", p->stream);
    paint(p, area ? "fill" : "stroke", shape->ink);
    if (area)
        (void)fprintf(p->stream, " opacity=\"%.2f\"", shape->opacity);
    else
        (void)fprintf(p->stream, " style=\"fill:none\" stroke-width=\"%g\" stroke-linejoin=\"round\"", shape->stroke);
    (void)fputs(" points=\"", p->stream);
    for (size_t i = 0; i < shape->count; i++) {
        const okng_point *point = &canvas->points[shape->first + i];
        (void)fprintf(p->stream, i > 0 ? " %.1f,%.1f" : "%.1f,%.1f", point->x, point->y);
    }
    (void)fputs("\"/>\n", p->stream);
}

static void write_text(const pen *p, const okng_shape *shape)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    (void)fputs("<text", p->stream);
    paint(p, "fill", shape->ink);
    (void)fprintf(p->stream, " style=\"font-size:%gpx\" text-anchor=\"%s\"", shape->to.x, anchors[shape->style & 3]);
    if (shape->style & OKNG_TEXT_BOLD) (void)fputs(" font-weight=\"600\"", p->stream);
    if (shape->style & OKNG_TEXT_UPWARD)
        (void)fprintf(p->stream, " transform=\"rotate(-90 %.1f %.1f)\"", shape->from.x, shape->from.y);
    (void)fprintf(p->stream, " x=\"%.1f\" y=\"%.1f\">", shape->from.x, shape->from.y);
    okng_page_text(p->stream, shape->text ? shape->text : "");
    (void)fputs("</text>\n", p->stream);
}

static void write_shape(const pen *p, const okng_canvas *canvas, const okng_shape *shape)
{
    const okng_point *from = &shape->from, *to = &shape->to;
    switch (shape->kind) {
    case OKNG_SHAPE_RECT:
        (void)fputs("<rect", p->stream);
        paint(p, "fill", shape->ink);
        if (shape->opacity < 1) (void)fprintf(p->stream, " opacity=\"%.2f\"", shape->opacity);
        (void)fprintf(p->stream, " x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", from->x, from->y, to->x,
                      to->y);
        break;
    case OKNG_SHAPE_LINE:
        (void)fputs("<line", p->stream);
        paint(p, "stroke", shape->ink);
        (void)fprintf(p->stream, " stroke-width=\"%g\"%s x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                      shape->stroke, shape->dashed ? " stroke-dasharray=\"5 4\"" : "", from->x, from->y, to->x, to->y);
        break;
    case OKNG_SHAPE_DOT:
        (void)fputs("<circle", p->stream);
        paint(p, "fill", shape->ink);
        (void)fprintf(p->stream, " cx=\"%.1f\" cy=\"%.1f\" r=\"%g\"/>\n", from->x, from->y, to->x);
        break;
    case OKNG_SHAPE_PATH:
        write_path(p, canvas, shape);
        break;
    case OKNG_SHAPE_TEXT:
        write_text(p, shape);
        break;
    }
}

okng_status okng_canvas_svg(const okng_canvas *canvas, bool alone, FILE *stream, okng_error *error)
{
    if (!canvas || canvas->failed) return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory for a figure");
    pen p = {stream, alone};
    (void)fprintf(stream, "<svg%s viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"",
                  alone ? " xmlns=\"http://www.w3.org/2000/svg\"" : "", canvas->width, canvas->height);
    okng_page_text(stream, canvas->title);
    (void)fputc('"', stream);
    if (alone)
        (void)fprintf(stream,
                      " width=\"%g\" height=\"%g\" font-family=\"system-ui,'DejaVu Sans',sans-serif\">\n"
                      "<rect width=\"100%%\" height=\"100%%\" fill=\"#%06x\"/>\n",
                      canvas->width, canvas->height, okng_ink_rgb[OKNG_INK_GROUND]);
    else
        (void)fputs(">\n", stream);
    for (size_t i = 0; i < canvas->count; i++) write_shape(&p, canvas, &canvas->shapes[i]);
    (void)fputs("</svg>\n", stream);
    return OKNG_OK;
}

okng_status okng_canvas_svg_file(const okng_canvas *canvas, const char *path, okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    okng_status status = okng_canvas_svg(canvas, true, writer.stream, error);
    if (status == OKNG_OK) return okng_writer_commit(&writer, error);
    okng_writer_abort(&writer);
    return status;
}
