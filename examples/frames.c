/* Inspects raw frames as they come, from a camera's buffer or, here, from standard input:
 *
 *     cc frames.c $(pkg-config --cflags --libs okng) -o frames
 *     ffmpeg -i line.mp4 -f rawvideo -pix_fmt rgb24 - | ./frames BANK 640 480
 *     ./frames BANK 101 67 304 <padded.rgb          # rows of 101 pixels that begin every 304 bytes
 *
 * Valid C11 and C++. Exit status: 0 all OK, 10 some NG, 1 error. */
#include <okng/okng.h>
#include <stdio.h>
#include <stdlib.h>

/* A verdict for the pixels of one frame; -1 on error. Nothing is copied: `pixels` may be the camera's own memory. */
static int inspect(const okng_bank *bank, const okng_picture *frame, unsigned number)
{
    okng_error error;
    okng_result *result;
    if (okng_inspect(&result, bank, frame, NULL, &error) != OKNG_OK) {
        fprintf(stderr, "frame %u: %s: %s\n", number, okng_status_text(error.status), error.message);
        return -1;
    }
    okng_verdict verdict = okng_result_verdict(result);
    printf("frame %u: %s, score %.9g\n", number, okng_verdict_text(verdict), (double)okng_result_score(result));
    okng_result_free(&result);
    return verdict == OKNG_VERDICT_OK ? 0 : 10; /* what is not known to be OK is not */
}

/* All frames of standard input, one after the other in the same memory. */
static int run(const okng_bank *bank, int width, int height, size_t stride)
{
    size_t size = stride * (size_t)height;
    unsigned char *pixels = (unsigned char *)malloc(size);
    if (!pixels) {
        fprintf(stderr, "no memory for a frame of %lu bytes\n", (unsigned long)size);
        return 1;
    }
    okng_picture frame;
    okng_init(&frame);
    frame.pixels = pixels;
    frame.width = width;
    frame.height = height;
    frame.stride = (ptrdiff_t)stride;
    frame.format = OKNG_PIXEL_RGB8;
    int status = 0;
    size_t got;
    for (unsigned number = 0; status >= 0 && (got = fread(pixels, 1, size, stdin)) > 0; number++) {
        int one = -1;
        if (got == size)
            one = inspect(bank, &frame, number);
        else
            fprintf(stderr, "frame %u: cut off, %lu of %lu bytes\n", number, (unsigned long)got, (unsigned long)size);
        if (one != 0) status = one;
    }
    free(pixels);
    return status < 0 ? 1 : status;
}

int main(int argc, char **argv)
{
    int width = argc > 2 ? atoi(argv[2]) : 0, height = argc > 3 ? atoi(argv[3]) : 0;
    int stride = argc > 4 ? atoi(argv[4]) : width * 3;
    if (argc < 4 || width < 1 || height < 1 || width > 65535 || height > 65535 || stride < width * 3) {
        fprintf(stderr, "usage: frames BANK WIDTH HEIGHT [BYTES_A_ROW] <frames.rgb\n");
        return 2;
    }
    okng_error error;
    okng_bank *bank;
    if (okng_bank_open(&bank, argv[1], NULL, &error) != OKNG_OK) {
        fprintf(stderr, "%s: %s\n", okng_status_text(error.status), error.message);
        return 1;
    }
    int status = run(bank, width, height, (size_t)stride);
    okng_bank_close(&bank);
    return status;
}
