/* Inspects pictures with a bank that `okng build` made:
 *
 *     cc inspect.c $(pkg-config --cflags --libs okng) -o inspect
 *     ./inspect BANK picture.png...
 *
 * Valid C11 and C++. Exit status: 0 all OK, 10 some NG, 1 error. */
#include <okng/okng.h>
#include <stdio.h>

static int inspect(const okng_bank *bank, const char *path)
{
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    okng_picture picture;
    okng_init(&picture);
    picture.path = path;

    okng_error error;
    okng_result *result;
    if (okng_inspect(&result, bank, &picture, &options, &error) != OKNG_OK) {
        fprintf(stderr, "%s: %s\n", okng_status_text(error.status), error.message);
        return 1;
    }
    okng_verdict verdict = okng_result_verdict(result);
    printf("%s: %s, score %.4f (threshold %.4f), p %.3f\n", path, okng_verdict_text(verdict),
           (double)okng_result_score(result), (double)okng_result_image_threshold(result), okng_result_p_value(result));
    okng_region region;
    okng_init(&region);
    for (size_t i = 0; okng_result_region(result, i, &region, NULL) == OKNG_OK; i++)
        printf("  at %d,%d: %dx%d pixels, peak %.4f\n", (int)region.x, (int)region.y, (int)region.width,
               (int)region.height, (double)region.peak);
    okng_result_free(&result);
    return verdict == OKNG_VERDICT_OK ? 0 : 10; /* what is not known to be OK is not */
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: inspect BANK PICTURE...\n");
        return 2;
    }
    okng_error error;
    okng_bank *bank;
    if (okng_bank_open(&bank, argv[1], NULL, &error) != OKNG_OK) {
        fprintf(stderr, "%s: %s\n", okng_status_text(error.status), error.message);
        return 1;
    }
    int status = 0;
    for (int i = 2; i < argc && status != 1; i++) {
        int one = inspect(bank, argv[i]);
        if (one != 0) status = one;
    }
    okng_bank_close(&bank);
    return status;
}
