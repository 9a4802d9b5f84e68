/* One way of calling things: --bank-dir and --out-dir are understood wherever a verb calls them --bank and --out, and
 * the other way round; a BANK that is named without dashes may be named with them. */
#include <string.h>

#include "cli.h"

static const char *const pairs[][2] = {{"bank-dir", "bank"}, {"out-dir", "out"}};

enum { PAIRS = sizeof pairs / sizeof pairs[0] };

static bool has(const okng_cli_verb *verb, const char *name, const char **values)
{
    for (size_t i = 0; verb->options[i].name; i++)
        if (strcmp(verb->options[i].name, name) == 0) {
            *values = verb->options[i].values;
            return true;
        }
    okng_option_info row;
    return okng_cli_find_row(verb->name, name, &row);
}

/* The operand that an option may name in its place. */
static bool names_operand(const okng_cli_verb *verb, size_t pair)
{
    const char *operand = verb->operand ? verb->operand : "";
    if (pair == 0) return strcmp(operand, "BANK") == 0 || strcmp(operand, "BANK...") == 0;
    return strcmp(operand, "DIR") == 0; /* where the experiment's results are, and its figures go */
}

bool okng_cli_alias_get(const okng_cli_verb *verb, size_t i, okng_cli_alias *alias)
{
    for (size_t k = 0; k < 2 * PAIRS; k++) {
        const char *name = pairs[k / 2][k % 2], *other = pairs[k / 2][1 - k % 2], *values = NULL;
        *alias = (okng_cli_alias){.name = name};
        if (has(verb, name, &values)) continue;
        if (has(verb, other, &values))
            alias->option = other;
        else if (names_operand(verb, k / 2))
            values = verb->operand;
        else
            continue;
        alias->values = values;
        if (i-- == 0) return true;
    }
    return false;
}

bool okng_cli_alias_find(const okng_cli_verb *verb, const char *name, okng_cli_alias *alias)
{
    for (size_t i = 0; okng_cli_alias_get(verb, i, alias); i++)
        if (strcmp(alias->name, name) == 0) return true;
    return false;
}
