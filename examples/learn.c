/* Learns from pixels in memory, as a camera gives them, and prints what was learnt:
 *
 *     cc learn.c $(pkg-config --cflags --libs okng) -o learn
 *     ./learn BANK
 *
 * Valid C11 and C++. Exit status: 0 learnt, 1 error. */
#include <okng/okng.h>
#include <stdio.h>

enum { FRAMES = 8, SIDE = 64 };

/* Stands for a camera: a grey weave with some noise. */
static void grab(unsigned frame, unsigned char pixels[SIDE * SIDE])
{
    unsigned state = frame + 1;
    for (unsigned i = 0; i < SIDE * SIDE; i++) {
        state = state * 1664525u + 1013904223u;
        pixels[i] = (unsigned char)(100 + (i / 4 + i / (4 * SIDE)) % 2 * 40 + (state >> 28));
    }
}

int main(int argc, char **argv)
{
    static unsigned char pixels[FRAMES][SIDE * SIDE];
    okng_picture pictures[FRAMES];
    const okng_picture *list[FRAMES];
    okng_build_options options;
    okng_build_report report;
    okng_error error;
    if (argc != 2) {
        fprintf(stderr, "usage: learn BANK\n");
        return 1;
    }
    for (unsigned i = 0; i < FRAMES; i++) {
        grab(i, pixels[i]);
        okng_init(&pictures[i]);
        pictures[i].pixels = pixels[i];
        pictures[i].width = pictures[i].height = SIDE;
        pictures[i].format = OKNG_PIXEL_GREY8;
        list[i] = &pictures[i];
    }
    okng_build_options_init(&options); /* okng-s, which is built in */
    okng_init(&report);
    if (okng_build_options_set(&options, "resize", "64x64", &error) != OKNG_OK ||
        okng_build(list, FRAMES, argv[1], &options, NULL, NULL, &report, &error) != OKNG_OK) {
        fprintf(stderr, "%s: %s\n", okng_status_text(error.status), error.message);
        return 1;
    }
    printf("%s: %llu pictures, %llu rows of %d\n", argv[1], (unsigned long long)report.pictures,
           (unsigned long long)report.rows, (int)report.dim);
    return 0;
}
