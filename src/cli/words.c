/* okng --write-words: the texts of the tables as a gettext template, for translators and for the test that holds
 * po/ko.po complete. xgettext finds those of formats and calls; these stand in tables, some made when the command runs.
 */
#include <stdio.h>

#include "cli.h"

/* One entry. The same text may come again: msguniq joins them. */
static void put(const char *about, const char *name, const char *text)
{
    if (!text || !*text) return;
    (void)printf("\n#. %s%s%s\n#, no-c-format\nmsgid \"", about, *name ? " " : "", name);
    for (; *text; text++) {
        if (*text == '\n')
            (void)printf("\\n");
        else if (*text == '"' || *text == '\\')
            (void)printf("\\%c", *text);
        else
            (void)putchar(*text);
    }
    (void)printf("\"\nmsgstr \"\"\n");
}

static void put_options(const char *about, const okng_cli_option *options)
{
    for (size_t i = 0; options[i].name; i++) put(about, options[i].name, options[i].help);
}

static void put_rows(void)
{
    static const okng_option_list lists[] = {OKNG_OPTIONS_DATASET, OKNG_OPTIONS_INSPECT, OKNG_OPTIONS_BUILD};
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        for (size_t i = 0; i < okng_option_count(lists[l]); i++) {
            okng_option_info row = {.struct_size = sizeof row};
            if (okng_option_get(lists[l], i, &row, NULL) != OKNG_OK) continue;
            put("option", row.name, row.help);
            put("section of options", "", row.group);
        }
}

static void put_figures(void)
{
    for (size_t i = 0; i < okng_figure_count(); i++) {
        okng_figure_info info = {.struct_size = sizeof info};
        if (okng_figure_get(i, &info, NULL) != OKNG_OK) continue;
        put("figure", info.key, info.heading);
        put("column, figure", info.key, info.title);
        put("unit of figure", info.key, info.unit);
    }
}

int okng_cli_write_words(void)
{
    (void)printf("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n");
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        const okng_cli_verb *verb = okng_cli_verbs[i];
        put("what it does: okng", verb->name, verb->summary);
        put("about okng", verb->name, verb->about);
        put_options(verb->name, verb->options);
    }
    put_options("every verb", okng_cli_common_options);
    put_rows();
    put_figures();
    for (size_t i = 0; i < okng_dataset_type_count(); i++) {
        okng_dataset_info info = {.struct_size = sizeof info};
        if (okng_dataset_type_get(i, &info, NULL) == OKNG_OK) put("data set", info.name, info.help);
    }
    return EXIT_OKAY;
}
