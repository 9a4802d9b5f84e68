/* The parts of the server in the order in which they are opened. */
#include "serve/serve.h"

const okng_serve_part okng_serve_parts[] = {
    {0},
};
