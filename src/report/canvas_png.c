/* PNG by cairo, which is loaded when the first picture is drawn: the command starts as fast as without it, and all but
 * the PNG works where it is not installed. */
#include <cairo.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/library.h"
#include "image/image.h"
#include "report/canvas_list.h"

#define MOST_PIXELS 32000 /* of a side; cairo draws no more than 32767 */

#define FUNCTIONS(F)                  \
    F(cairo_image_surface_create)     \
    F(cairo_image_surface_get_data)   \
    F(cairo_image_surface_get_stride) \
    F(cairo_surface_flush)            \
    F(cairo_surface_destroy)          \
    F(cairo_create)                   \
    F(cairo_destroy)                  \
    F(cairo_status)                   \
    F(cairo_status_to_string)         \
    F(cairo_scale)                    \
    F(cairo_set_source_rgba)          \
    F(cairo_paint)                    \
    F(cairo_rectangle)                \
    F(cairo_fill)                     \
    F(cairo_stroke)                   \
    F(cairo_move_to)                  \
    F(cairo_line_to)                  \
    F(cairo_arc)                      \
    F(cairo_new_path)                 \
    F(cairo_set_line_width)           \
    F(cairo_set_line_join)            \
    F(cairo_set_dash)                 \
    F(cairo_select_font_face)         \
    F(cairo_set_font_size)            \
    F(cairo_text_extents)             \
    F(cairo_show_text)                \
    F(cairo_save)                     \
    F(cairo_restore)                  \
    F(cairo_rotate)                   \
    F(cairo_translate)

typedef struct library {
    bool loaded;
#define MEMBER(name) __typeof__(&(name)) name;
    FUNCTIONS(MEMBER)
#undef MEMBER
} library;

static library cairo;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static okng_status load(okng_error *error)
{
    void *handle;
    OKNG_TRY(okng_library_load(&handle, "libcairo.so.2", error));
    cairo.loaded = handle != NULL;
#define FIND(name)                                                        \
    if (cairo.loaded) {                                                   \
        void *symbol = dlsym(handle, #name);                              \
        cairo.loaded = symbol != NULL;                                    \
        memcpy(&cairo.name, &symbol, sizeof symbol); /* no cast: ISO C */ \
    }
    FUNCTIONS(FIND)
#undef FIND
    return OKNG_OK;
}

okng_status okng_canvas_has_png(bool *has, okng_error *error)
{
    (void)pthread_mutex_lock(&mutex);
    okng_status status = cairo.loaded ? OKNG_OK : load(error);
    *has = cairo.loaded;
    (void)pthread_mutex_unlock(&mutex);
    return status;
}

/* fontconfig, which finds fonts for cairo, crashes where memory runs out in it. What it takes must be there before. */
static okng_status need_room_for_fonts(okng_error *error)
{
    enum { BYTES = 32 << 20 };
    void *volatile room = malloc(BYTES);
    if (!room) return okng_fail_memory(error, BYTES);
    free(room);
    return OKNG_OK;
}

static void source(cairo_t *context, okng_ink ink, double opacity)
{
    unsigned rgb = okng_ink_rgb[ink];
    cairo.cairo_set_source_rgba(context, (rgb >> 16) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0, opacity);
}

static void draw_text(cairo_t *context, const okng_shape *shape)
{
    cairo_text_extents_t extents;
    bool bold = (shape->style & OKNG_TEXT_BOLD) != 0;
    cairo.cairo_select_font_face(context, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                                 bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo.cairo_set_font_size(context, shape->to.x);
    const char *text = shape->text ? shape->text : "";
    cairo.cairo_text_extents(context, text, &extents);
    unsigned anchor = shape->style & 3;
    double shift = anchor == OKNG_TEXT_END ? 1 : anchor == OKNG_TEXT_MIDDLE ? 0.5 : 0;
    cairo.cairo_save(context);
    cairo.cairo_translate(context, shape->from.x, shape->from.y);
    if (shape->style & OKNG_TEXT_UPWARD) cairo.cairo_rotate(context, -1.5707963267948966);
    cairo.cairo_move_to(context, -shift * extents.x_advance, 0);
    cairo.cairo_show_text(context, text);
    cairo.cairo_restore(context);
}

static void draw_path(cairo_t *context, const okng_canvas *canvas, const okng_shape *shape)
{
    for (size_t i = 0; i < shape->count; i++)
        cairo.cairo_line_to(context, canvas->points[shape->first + i].x, canvas->points[shape->first + i].y);
    cairo.cairo_set_line_width(context, shape->stroke);
    if (shape->opacity > 0)
        cairo.cairo_fill(context);
    else
        cairo.cairo_stroke(context);
}

static void draw_shape(cairo_t *context, const okng_canvas *canvas, const okng_shape *shape)
{
    static const double dash[] = {5, 4};
    const okng_point *from = &shape->from, *to = &shape->to;
    source(context, shape->ink, shape->opacity > 0 ? shape->opacity : 1);
    cairo.cairo_new_path(context);
    switch (shape->kind) {
    case OKNG_SHAPE_RECT:
        cairo.cairo_rectangle(context, from->x, from->y, to->x, to->y);
        cairo.cairo_fill(context);
        break;
    case OKNG_SHAPE_LINE:
        cairo.cairo_set_line_width(context, shape->stroke);
        cairo.cairo_set_dash(context, dash, shape->dashed ? 2 : 0, 0);
        cairo.cairo_move_to(context, from->x, from->y);
        cairo.cairo_line_to(context, to->x, to->y);
        cairo.cairo_stroke(context);
        cairo.cairo_set_dash(context, dash, 0, 0);
        break;
    case OKNG_SHAPE_DOT:
        cairo.cairo_arc(context, from->x, from->y, to->x, 0, 6.283185307179586);
        cairo.cairo_fill(context);
        break;
    case OKNG_SHAPE_PATH:
        draw_path(context, canvas, shape);
        break;
    case OKNG_SHAPE_TEXT:
        draw_text(context, shape);
        break;
    }
}

/* Cairo's opaque pixels, 0xXXRRGGBB in memory's order, to RGB. */
static okng_status copy_pixels(cairo_surface_t *surface, int32_t width, int32_t height, okng_image *image,
                               okng_error *error)
{
    OKNG_TRY(okng_image_new(image, width, height, 3, error));
    cairo.cairo_surface_flush(surface);
    const unsigned char *data = cairo.cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo.cairo_image_surface_get_stride(surface);
    for (int32_t y = 0; y < height; y++)
        for (int32_t x = 0; x < width; x++) {
            uint32_t pixel;
            memcpy(&pixel, data + (size_t)y * stride + 4 * (size_t)x, sizeof pixel);
            uint8_t *out = image->pixels + 3 * ((size_t)y * (size_t)width + (size_t)x);
            out[0] = (uint8_t)(pixel >> 16);
            out[1] = (uint8_t)(pixel >> 8);
            out[2] = (uint8_t)pixel;
        }
    return OKNG_OK;
}

static okng_status draw(const okng_canvas *canvas, double scale, okng_image *image, okng_error *error)
{
    double most = MOST_PIXELS / (canvas->width > canvas->height ? canvas->width : canvas->height);
    if (scale > most) scale = most; /* a long list of bars */
    int width = (int)(canvas->width * scale), height = (int)(canvas->height * scale);
    cairo_surface_t *surface = cairo.cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *context = cairo.cairo_create(surface);
    cairo.cairo_scale(context, scale, scale);
    source(context, OKNG_INK_GROUND, 1);
    cairo.cairo_paint(context);
    cairo.cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < canvas->count; i++) draw_shape(context, canvas, &canvas->shapes[i]);
    cairo_status_t drawn = cairo.cairo_status(context);
    okng_status status = OKNG_OK;
    if (drawn != CAIRO_STATUS_SUCCESS)
        status = okng_fail(error, drawn == CAIRO_STATUS_NO_MEMORY ? OKNG_ERROR_MEMORY : OKNG_ERROR_INTERNAL,
                           "drawing \"%s\": %s", canvas->title, cairo.cairo_status_to_string(drawn));
    if (status == OKNG_OK) status = copy_pixels(surface, width, height, image, error);
    cairo.cairo_destroy(context);
    cairo.cairo_surface_destroy(surface);
    return status;
}

okng_status okng_canvas_png_file(const okng_canvas *canvas, double scale, const char *path, okng_error *error)
{
    if (!canvas || canvas->failed) return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory for a figure");
    bool has;
    OKNG_TRY(okng_canvas_has_png(&has, error));
    if (!has)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: libcairo.so.2 cannot be loaded, which draws PNG; install Debian's libcairo2", path);
    okng_image image = {0};
    OKNG_TRY(need_room_for_fonts(error));
    OKNG_TRY(draw(canvas, scale, &image, error));
    okng_status status = okng_image_write_png(&image, path, error);
    okng_image_free(&image);
    return status;
}
