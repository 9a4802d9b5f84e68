/* The bank's resize inside a program. Of pictures whose size is known it is the same bit by bit: a pass is a product
 * with the very weights, whole numbers that float32 holds, rounded as there. */
#include <stdlib.h>

#include "base/memory.h"
#include "model/express.h"

static bool is_float(const okng_express_resize *resize)
{
    const okng_interpolation kind = resize->options->interpolation;
    return kind == OKNG_BILINEAR_FLOAT || kind == OKNG_BICUBIC_FLOAT;
}

okng_status okng_express_resize_plan(okng_express_resize *resize, const okng_model_info *info,
                                     const okng_express_options *options, okng_error *error)
{
    const okng_build_options *bank = info->options;
    const bool given = options->picture_height > 0 && options->picture_width > 0;
    int32_t height = given ? options->picture_height : info->picture_height;
    int32_t width = given ? options->picture_width : info->picture_width;
    const bool any_size = !given && bank->resize_mode == OKNG_RESIZE_EXACT;
    if (any_size && bank->interpolation != OKNG_BILINEAR && bank->interpolation != OKNG_BILINEAR_FLOAT)
        return okng_fail(
            error, OKNG_ERROR_UNSUPPORTED,
            "interpolation: pictures of any size are resized bilinearly alone inside a graph, and the bank "
            "does it otherwise; say of which size they are, or leave the resize outside");
    if (any_size) {
        height = bank->resize_height;
        width = bank->resize_width;
    }
    if (height < 1 || width < 1)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "resize: what the bank resizes to depends on the picture; say of which size pictures are, or "
                         "leave the resize outside");
    *resize = (okng_express_resize){.options = bank, .any_size = any_size};
    OKNG_TRY(okng_placement_of(bank, width, height, &resize->placement, error));
    const okng_placement *to = &resize->placement;
    if (to->height == info->input_height && to->width == info->input_width) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "resize: a picture of %dx%d comes to %dx%d, expected the network's input of %dx%d; give another "
                     "size, or leave the resize outside",
                     width, height, to->width, to->height, info->input_width, info->input_height);
}

/* ---- of a known size --------------------------------------------------------------------------------------------- */

/* x [.., height, width] times the matrix [out, in] along one of the two. */
static okng_program_value product(okng_program *p, okng_program_value x, okng_program_value matrix, bool across)
{
    return across ? okng_program_matmul_turned(p, x, matrix) : okng_program_matmul(p, matrix, x);
}

static okng_program_value floor_of(okng_program *p, okng_program_value x, float by)
{
    return okng_program_floor(p, okng_program_divide(p, x, okng_program_scalar(p, by)));
}

/* A pass over bytes: floor((high 2^11 + low) / 2^22 + 1/2), none of whose steps rounds. */
static okng_program_value byte_pass(okng_program *p, okng_program_value x, okng_program_value high,
                                    okng_program_value low, bool across)
{
    okng_program_value rest = okng_program_add(p, product(p, x, low, across), okng_program_scalar(p, 0x1p21f));
    okng_program_value sum = okng_program_add(p, product(p, x, high, across), floor_of(p, rest, 0x1p11f));
    sum = okng_program_maximum(p, floor_of(p, sum, 0x1p11f), okng_program_scalar(p, 0));
    return okng_program_minimum(p, sum, okng_program_scalar(p, 255));
}

static okng_program_value pass(const okng_express_resize *resize, okng_program *p, okng_program_value x, int32_t in,
                               int32_t out, bool across)
{
    if (in == out) return x;
    const okng_interpolation kind = resize->options->interpolation;
    const int64_t dims[] = {out, in};
    okng_error error = {.status = OKNG_OK};
    float *high = okng_alloc((size_t)out, (size_t)in * sizeof *high);
    float *low = okng_alloc((size_t)out, (size_t)in * sizeof *low);
    if (high && low)
        (void)(is_float(resize) ? okng_image_resize_float_axis(in, out, kind, high, &error)
                                : okng_image_resize_axis(in, out, kind, high, low, &error));
    if (error.status != OKNG_OK) okng_program_fail(p, error.status, "%s", error.message);
    okng_program_value weights = okng_program_constant_own(p, "resize", OKNG_F32, 2, dims, high);
    if (is_float(resize)) {
        free(low);
        return product(p, x, weights, across);
    }
    return byte_pass(p, x, weights, okng_program_constant_own(p, "resize.low", OKNG_F32, 2, dims, low), across);
}

/* ---- of any size ------------------------------------------------------------------------------------------------- */

/* To whole grey levels, halves up as Pillow rounds them: what lies less than this below a half counts as one, since
 * sums of products in float32 do not meet it. */
static okng_program_value rounded(okng_program *p, okng_program_value grey)
{
    return okng_program_floor(p, okng_program_add(p, grey, okng_program_scalar(p, 0.5f + 0x1p-13f)));
}

okng_program_value okng_express_resized(const okng_express_resize *resize, okng_program *p, okng_program_value x)
{
    const okng_placement *to = &resize->placement;
    okng_program_value scale = okng_program_scalar(p, 255);
    if (!is_float(resize)) x = rounded(p, okng_program_multiply(p, x, scale));
    if (resize->any_size) {
        x = okng_program_resize(p, x, to->resized_height, to->resized_width);
        if (!is_float(resize)) x = rounded(p, x);
    } else {
        x = pass(resize, p, x, to->original_width, to->resized_width, true);
        x = pass(resize, p, x, to->original_height, to->resized_height, false);
    }
    if (!is_float(resize)) x = okng_program_divide(p, x, scale);
    if (to->height < to->resized_height) x = okng_program_slice(p, x, 2, to->crop_y, to->crop_y + to->height, 1);
    if (to->width < to->resized_width) x = okng_program_slice(p, x, 3, to->crop_x, to->crop_x + to->width, 1);
    return x;
}
