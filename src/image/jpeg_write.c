/* JPEG, baseline, by libjpeg-turbo. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jerror.h>
#include <jpeglib.h>

#include "base/file.h"
#include "image/image.h"

typedef struct jpeg_writer {
    struct jpeg_compress_struct encoder;
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    const char *path;
    unsigned char *data;
    unsigned long size;
    okng_error *error;
    okng_status status; /* of what libjpeg could not do */
} jpeg_writer;

static void stop(j_common_ptr common)
{
    jpeg_writer *writer = common->client_data;
    char message[JMSG_LENGTH_MAX];
    common->err->format_message(common, message);
    if (common->err->msg_code == JERR_OUT_OF_MEMORY)
        writer->status =
            okng_fail(writer->error, OKNG_ERROR_MEMORY, "%s: out of memory while encoding JPEG", writer->path);
    else
        writer->status =
            okng_fail(writer->error, OKNG_ERROR_INTERNAL, "%s: cannot encode JPEG: %s", writer->path, message);
    longjmp(writer->escape, 1);
}

static void encode(jpeg_writer *writer, const okng_image *image, int quality)
{
    struct jpeg_compress_struct *encoder = &writer->encoder;
    jpeg_create_compress(encoder);
    jpeg_mem_dest(encoder, &writer->data, &writer->size);
    encoder->image_width = (JDIMENSION)image->width;
    encoder->image_height = (JDIMENSION)image->height;
    encoder->input_components = image->channels;
    encoder->in_color_space = image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(encoder);
    jpeg_set_quality(encoder, quality, TRUE);
    jpeg_start_compress(encoder, TRUE);
    while (encoder->next_scanline < encoder->image_height) {
        size_t row_size = (size_t)image->width * (size_t)image->channels;
        JSAMPROW row = image->pixels + (size_t)encoder->next_scanline * row_size;
        (void)jpeg_write_scanlines(encoder, &row, 1);
    }
    jpeg_finish_compress(encoder);
}

/* The one place that a longjmp comes back to; nothing local changes between the two returns of setjmp. */
static okng_status encode_guarded(jpeg_writer *writer, const okng_image *image, int quality)
{
    if (setjmp(writer->escape) != 0) return writer->status;
    encode(writer, image, quality);
    return OKNG_OK;
}

okng_status okng_image_write_jpeg(const okng_image *image, int quality, const char *path, okng_error *error)
{
    jpeg_writer writer = {.path = path, .error = error};
    writer.encoder.err = jpeg_std_error(&writer.errors);
    writer.encoder.client_data = &writer;
    writer.errors.error_exit = stop;
    okng_status status = encode_guarded(&writer, image, quality);
    jpeg_destroy_compress(&writer.encoder);
    if (status == OKNG_OK) status = okng_file_write_remakable(path, writer.data, writer.size, error);
    free(writer.data);
    return status;
}
