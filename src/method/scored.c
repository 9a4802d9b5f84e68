#include <stdlib.h>
#include <string.h>

#include "method/method.h"

void okng_scored_free(okng_scored *scored)
{
    free(scored->map);
    free(scored->input_map);
    memset(scored, 0, sizeof *scored);
}
