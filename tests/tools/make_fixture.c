/* Writes the test parts of fixture.h, for scripts. Usage: make_fixture FOLDER */
#include "fixture.h"

int main(int argc, char **argv)
{
    okng_error error;
    if (argc != 2) return 2;
    if (fixture_write(argv[1], &error) == OKNG_OK) return 0;
    fprintf(stderr, "%s\n", error.message);
    return 1;
}
