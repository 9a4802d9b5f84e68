#include "model/express.h"

#include <math.h>

#include "features/express.h"

/* What is made of the input on its way. */
typedef struct frame {
    okng_program *p;
    const okng_model_info *info;
    const okng_express_options *options;
    okng_express_resize resize; /* where it is inside */
} frame;

/* ---- the input --------------------------------------------------------------------------------------------------- */

/* The input as float32 [N, 3, height, width] of 0..1. */
static okng_program_value input_of(const frame *f)
{
    const bool given = f->options->resize_inside;
    const int64_t batch = f->options->batch > 0 ? f->options->batch : OKNG_ANY;
    int64_t height = given ? f->resize.placement.original_height : f->info->input_height;
    int64_t width = given ? f->resize.placement.original_width : f->info->input_width;
    if (given && f->resize.any_size) height = width = OKNG_ANY;
    if (!f->options->pixels)
        return okng_program_input(f->p, OKNG_INPUT_PICTURE, OKNG_F32, 4, (int64_t[]){batch, 3, height, width});
    const int64_t dims[] = {batch, height, width, 3};
    okng_program_value x = okng_program_input(f->p, OKNG_INPUT_PICTURE, OKNG_U8, 4, dims);
    x = okng_program_transpose(f->p, okng_program_cast(f->p, x, OKNG_F32), (int32_t[]){0, 3, 1, 2});
    return okng_program_divide(f->p, x, okng_program_scalar(f->p, 255));
}

/* bool [N]: of which pictures a number is not finite, or too large to be one of a picture; those become 0 everywhere,
 * since operators behind may lose a NaN. */
static okng_program_value make_finite(const frame *f, okng_program_value *picture)
{
    okng_program *p = f->p;
    okng_program_value nothing = okng_program_scalar(p, 0);
    okng_program_value squares = okng_program_multiply(p, *picture, *picture);
    squares = okng_program_sum(p, squares, OKNG_AXIS(1) | OKNG_AXIS(2) | OKNG_AXIS(3));
    okng_program_value undefined = okng_program_is_nan(p, okng_program_multiply(p, squares, nothing));
    *picture = okng_program_select(p, undefined, nothing, *picture);
    return okng_program_reshape(p, undefined, 1, (int64_t[]){OKNG_ANY});
}

/* ---- the outputs ------------------------------------------------------------------------------------------------- */

static okng_status find_threshold(float asked, float own, const char *name, float *out, okng_error *error)
{
    *out = isnan(asked) ? own : asked;
    if (!isnan(*out)) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "the bank has no %s, because it was made without OK pictures to take it from; give one, or make the "
        "bank again with some",
        name);
}

/* NaN is above no threshold. What is NaN is not known to be good, so it is NG. */
static okng_program_value above(okng_program *p, okng_program_value x, const char *name, float threshold)
{
    const int64_t one = 1;
    okng_program_value limit = okng_program_constant(p, name, OKNG_F32, 1, &one, &threshold, false);
    return okng_program_or(p, okng_program_greater(p, x, limit), okng_program_is_nan(p, x));
}

static okng_status give(const frame *f, okng_program_value score, okng_program_value map, okng_error *error)
{
    float image, pixel;
    const okng_tau *tau = f->info->tau;
    OKNG_TRY(find_threshold(f->options->threshold_image, tau->image, "image threshold", &image, error));
    OKNG_TRY(find_threshold(f->options->threshold_pixel, tau->pixel, "pixel threshold", &pixel, error));
    okng_program_value label = above(f->p, score, OKNG_IMAGE_THRESHOLD, image);
    okng_program_value mask = above(f->p, map, OKNG_PIXEL_THRESHOLD, pixel);
    okng_program_output(f->p, OKNG_OUTPUT_MAP, map);
    okng_program_output(f->p, OKNG_OUTPUT_SCORE, score);
    okng_program_output(f->p, OKNG_OUTPUT_LABEL, label);
    okng_program_output(f->p, OKNG_OUTPUT_MASK, mask);
    return okng_program_check(f->p, error);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static okng_status express_framed(frame *f, okng_express_fn express, void *model, okng_error *error)
{
    okng_program_value score, map, undefined = OKNG_PROGRAM_NONE;
    if (f->options->resize_inside) OKNG_TRY(okng_express_resize_plan(&f->resize, f->info, f->options, error));
    okng_program_value picture = input_of(f);
    if (!f->options->pixels) undefined = make_finite(f, &picture);
    if (f->options->resize_inside) picture = okng_express_resized(&f->resize, f->p, picture);
    OKNG_TRY(express(model, f->p, picture, &score, &map, error));
    if (undefined != OKNG_PROGRAM_NONE) okng_undefined_express(f->p, undefined, &score, &map);
    return give(f, score, map, error);
}

/* Pixels that were resized to numbers between whole ones cannot come as bytes. */
static okng_status check_pixels(const okng_model_info *info, const okng_express_options *options, okng_error *error)
{
    const okng_interpolation kind = info->options->interpolation;
    if (!options->pixels || options->resize_inside || info->options->resize_mode == OKNG_RESIZE_NONE) return OKNG_OK;
    if (kind != OKNG_BILINEAR_FLOAT && kind != OKNG_BICUBIC_FLOAT) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "input uint8: the bank's interpolation, %s, makes numbers between whole grey levels, which bytes "
                     "cannot hold; expected input float, or the resize inside the graph",
                     kind == OKNG_BILINEAR_FLOAT ? "bilinear-float" : "bicubic-float");
}

okng_status okng_frame_express(okng_express_fn express, void *model, const okng_model_info *info,
                               const okng_express_options *options, okng_program **out, okng_error *error)
{
    frame f = {.info = info, .options = options};
    *out = NULL;
    OKNG_TRY(check_pixels(info, options, error));
    if (!info->ready)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the ensemble has no ranges to normalise its scores by; import it again with OK pictures");
    OKNG_TRY(okng_program_new(&f.p, error));
    okng_status status = express_framed(&f, express, model, error);
    if (status != OKNG_OK) okng_program_free(&f.p);
    *out = f.p;
    return status;
}
