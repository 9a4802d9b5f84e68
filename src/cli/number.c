#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

const char *okng_cli_number_text(double value, char *text, size_t size)
{
    bool single = (double)(float)value == value;
    for (int digits = 6; digits <= (single ? 9 : 17); digits++) {
        (void)snprintf(text, size, "%.*g", digits, value);
        double back = strtod(text, NULL);
        if (back == value || (single && (float)back == (float)value)) break;
    }
    return text;
}
