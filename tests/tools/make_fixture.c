/* Writes the test parts of fixture.h, for scripts, the data set below FOLDER/mvtec. Usage: make_fixture FOLDER [COUNT]:
 * COUNT good pictures in all. */
#include "fixture.h"

int main(int argc, char **argv)
{
    okng_error error;
    if (argc != 2 && argc != 3) return 2;
    okng_status status = fixture_write(argv[1], &error);
    char mvtec[512];
    (void)snprintf(mvtec, sizeof mvtec, "%s/mvtec", argv[1]);
    if (status == OKNG_OK) status = fixture_write_dataset(mvtec, &error);
    int count = argc == 3 ? atoi(argv[2]) : 0;
    for (int i = FIXTURE_OK; status == OKNG_OK && i < count; i++)
        status = fixture_write_picture(argv[1], "ok", i, &error);
    if (status == OKNG_OK) return 0;
    fprintf(stderr, "%s\n", error.message);
    return 1;
}
