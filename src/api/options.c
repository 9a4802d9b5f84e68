/* The tables of options, told to others. */
#include "data/options.h"
#include "base/sized.h"
#include "experiment/config.h"
#include "options/options.h"

static const okng_option_table *table_of(okng_option_list list)
{
    static const okng_option_table *const tables[] = {
        [OKNG_OPTIONS_BUILD] = &okng_build_table,
        [OKNG_OPTIONS_INSPECT] = &okng_inspect_table,
        [OKNG_OPTIONS_DATASET] = &okng_dataset_table,
        [OKNG_OPTIONS_EXPERIMENT] = &okng_experiment_table,
    };
    return (size_t)list < sizeof tables / sizeof tables[0] ? tables[list] : NULL;
}

size_t okng_option_count(okng_option_list list)
{
    const okng_option_table *table = table_of(list);
    return table ? table->count : 0;
}

okng_status okng_option_get(okng_option_list list, size_t i, okng_option_info *info, okng_error *error)
{
    OKNG_TRY(okng_sized_check(info, "the place for the option", error));
    const okng_option_table *table = table_of(list);
    if (i >= okng_option_count(list))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "option %zu of the %zu of list %d", i, okng_option_count(list),
                         (int)list);
    okng_options_describe(table, &table->rows[i], info);
    return OKNG_OK;
}

int32_t okng_option_is_read(const okng_option_info *info, const char *verb)
{
    return info && verb && okng_options_is_read(info->verbs, verb);
}
