/* JPEG by libjpeg-turbo, with the settings that Pillow uses: slow integer DCT, smooth upsampling. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

#include "base/memory.h"
#include "image/formats.h"

/* A progressive file of a few bytes can name thousands of scans, each of which costs a pass over the picture. Writers
 * make some 10 of them. All together they pass over no more pixels than SCANNED, where MANY_SCANS do not. */
enum { MAX_SCANS = 100, MANY_SCANS = 25 };
#define SCANNED ((uint64_t)3000000000)

typedef struct jpeg_reader {
    struct jpeg_decompress_struct decoder;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    const okng_encoded *file;
    okng_image *out;
    uint8_t *row; /* one row of CMYK */
    okng_error *error;
    okng_status status;
} jpeg_reader;

static void stop(j_common_ptr common)
{
    jpeg_reader *reader = common->client_data;
    if (common->err->msg_code == JERR_OUT_OF_MEMORY) {
        reader->status =
            okng_fail(reader->error, OKNG_ERROR_MEMORY, "%s: out of memory while decoding JPEG", reader->file->name);
    } else {
        char message[JMSG_LENGTH_MAX];
        common->err->format_message(common, message);
        reader->status = okng_image_damaged(reader->file, message, reader->error);
    }
    longjmp(reader->escape, 1);
}

/* libjpeg goes on after damage with a warning and grey pixels. Here only what leaves every pixel as it was meant is
 * let pass: odd version numbers and colour marks, and bytes of padding before the end mark. */
static void hear(j_common_ptr common, int level)
{
    const struct jpeg_error_mgr *errors = common->err;
    if (level >= 0) return; /* a trace message */
    if (errors->msg_code == JWRN_ADOBE_XFORM || errors->msg_code == JWRN_JFIF_MAJOR) return;
    if (errors->msg_code == JWRN_EXTRANEOUS_DATA && errors->msg_parm.i[1] == JPEG_EOI) return;
    stop(common);
}

static void count_scans(j_common_ptr common)
{
    jpeg_reader *reader = common->client_data;
    const int scans = reader->decoder.input_scan_number;
    const uint64_t pixels = (uint64_t)reader->decoder.image_width * reader->decoder.image_height;
    if (scans <= MANY_SCANS || (scans <= MAX_SCANS && (uint64_t)scans * pixels <= SCANNED)) return;
    reader->status = okng_fail(reader->error, OKNG_ERROR_LIMIT, "%s: JPEG with more than %d scans; save it again",
                               reader->file->name, scans - 1);
    longjmp(reader->escape, 1);
}

static void read_rows(jpeg_reader *reader)
{
    struct jpeg_decompress_struct *decoder = &reader->decoder;
    size_t width = decoder->output_width;
    while (decoder->output_scanline < decoder->output_height) {
        const uint32_t y = decoder->output_scanline;
        uint8_t *to = okng_rows_at(reader->out, reader->file, y);
        JSAMPROW row = reader->row ? reader->row : to;
        (void)jpeg_read_scanlines(decoder, &row, 1);
        for (size_t i = 0; reader->row && i < width * 4; i++)
            row[i] = (uint8_t)(255 - row[i]); /* Adobe stores CMYK inverted */
        if (reader->row) okng_cmyk_to_rgb(row, to, width);
        okng_rows_done(reader->file, y);
    }
}

static okng_status read_picture(jpeg_reader *reader)
{
    struct jpeg_decompress_struct *decoder = &reader->decoder;
    jpeg_create_decompress(decoder);
    decoder->progress = &reader->progress;
    jpeg_mem_src(decoder, reader->file->data, reader->file->size);
    (void)jpeg_read_header(decoder, TRUE);
    OKNG_TRY(okng_rows_begin(reader->out, reader->file, decoder->image_width, decoder->image_height, reader->error));
    if (decoder->num_components != 1 && decoder->num_components != 3 && decoder->num_components != 4)
        return okng_image_unsupported(reader->file, "of this number of components", "1, 3 or 4", reader->error);
    decoder->out_color_space = JCS_RGB;
    if (decoder->num_components == 4) {
        decoder->out_color_space = JCS_CMYK;
        reader->row = okng_alloc(decoder->image_width, 4);
        if (!reader->row) return okng_fail_memory(reader->error, (size_t)decoder->image_width * 4);
    }
    (void)jpeg_start_decompress(decoder);
    read_rows(reader);
    (void)jpeg_finish_decompress(decoder); /* reads to the end mark */
    return okng_rows_end(reader->out, reader->file, reader->error);
}

/* The one place that a longjmp comes back to; nothing local changes between the two returns of setjmp. */
static okng_status read_guarded(jpeg_reader *reader)
{
    if (setjmp(reader->escape) != 0) return reader->status;
    return read_picture(reader);
}

okng_status okng_jpeg_decode(okng_image *out, const okng_encoded *file, okng_error *error)
{
    jpeg_reader reader = {.file = file, .out = out, .error = error};
    reader.decoder.err = jpeg_std_error(&reader.errors);
    reader.decoder.client_data = &reader;
    reader.errors.error_exit = stop;
    reader.errors.emit_message = hear;
    reader.progress.progress_monitor = count_scans;
    okng_status status = read_guarded(&reader);
    jpeg_destroy_decompress(&reader.decoder);
    free(reader.row);
    return status;
}
