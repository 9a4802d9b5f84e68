/* Draws the demo's products in the layout of MVTec AD, without what okng demo does with them.
 *
 *   make_products DIR SEED [NAME...]
 */
#include <stdio.h>
#include <stdlib.h>

#include "okng/experimental.h"

int main(int argc, char **argv)
{
    okng_error error;
    if (argc < 3) return 2;
    for (int i = 3; i < (argc > 3 ? argc : 4); i++)
        if (okng_demo_write(argv[1], i < argc ? argv[i] : NULL, strtoull(argv[2], NULL, 10), 0, NULL, NULL, &error) !=
            OKNG_OK) {
            fprintf(stderr, "%s\n", error.message);
            return 1;
        }
    return 0;
}
