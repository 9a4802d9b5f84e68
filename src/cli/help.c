/* Help texts, made from the tables of options. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { WIDTH = 96, COLUMN = 30, VERB_WIDTH = 14 };

/* Words of `text` from column `at` on, wrapped, further lines beginning at column `indent`. */
static void wrap(const char *text, int at, int indent)
{
    while (*text) {
        int length = (int)strcspn(text, " ");
        bool fresh = at == indent;
        int columns = okng_cli_columns(text, (size_t)length);
        if (!fresh && at + 1 + columns > WIDTH) {
            (void)printf("\n%*s", indent, "");
            at = indent;
            fresh = true;
        }
        (void)printf("%s%.*s", fresh ? "" : " ", length, text);
        at += columns + !fresh;
        text += length;
        text += strspn(text, " ");
    }
    (void)printf("\n");
}

/* Paragraphs, each wrapped. */
static void paragraphs(const char *text)
{
    while (*text) {
        char line[4096];
        size_t length = strcspn(text, "\n");
        (void)snprintf(line, sizeof line, "%.*s", (int)length, text);
        wrap(line, 0, 0);
        text += length + (text[length] == '\n');
    }
}

static void title(void *user, const char *text)
{
    (void)user;
    (void)printf("\n%s:\n", okng_translate(text));
}

static void entry(void *user, const char *name, const char *values, const char *help)
{
    (void)user;
    int at = printf("  --%s%s%s", name, values ? " " : "", values ? values : "");
    if (at >= COLUMN - 1) {
        (void)printf("\n");
        at = 0;
    }
    (void)printf("%*s", COLUMN - at, "");
    wrap(help, COLUMN, COLUMN);
}

void okng_cli_help(const okng_cli_verb *verb)
{
    static const okng_cli_sayer sayer = {title, entry};
    (void)printf(_("okng %s: %s\n\nUsage: okng %s %s\n"), verb->name, okng_translate(verb->summary), verb->name,
                 verb->usage);
    if (verb->about) {
        (void)printf("\n");
        paragraphs(okng_translate(verb->about));
    }
    okng_cli_say_options(verb, &sayer, NULL);
    (void)printf(_("\nExamples:\n%s"), verb->examples);
}

static void list_verb(FILE *stream, const okng_cli_verb *verb)
{
    if (strlen(verb->name) > VERB_WIDTH)
        (void)fprintf(stream, "  %s\n  %-*s %s\n", verb->name, VERB_WIDTH, "", okng_translate(verb->summary));
    else
        (void)fprintf(stream, "  %-*s %s\n", VERB_WIDTH, verb->name, okng_translate(verb->summary));
}

void okng_cli_help_all(FILE *stream)
{
    (void)fprintf(stream,
                  _("okng learns what good parts look like (OK) and finds what is wrong (NG) in new pictures.\n\n"
                    "Usage: okng VERB [options]\n\n"));
    for (size_t i = 0; okng_cli_verbs[i]; i++) list_verb(stream, okng_cli_verbs[i]);
    (void)fprintf(
        stream, _("\nokng VERB --help tells a verb's options and shows examples; okng --version the version.\n"
                  "Exit codes: 0 done, 1 error, 2 wrong usage, 130 interrupted; of infer --exit-code 10 NG, 11 REVIEW, "
                  "12 a picture was skipped.\n"));
}

void okng_cli_help_group(const char *word)
{
    size_t length = strlen(word);
    (void)printf(_("Usage: okng %s ...\n\n"), word);
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        const char *name = okng_cli_verbs[i]->name;
        if (strncmp(name, word, length) == 0 && name[length] == ' ') list_verb(stdout, okng_cli_verbs[i]);
    }
    (void)printf(_("\nEach has a help of its own: okng %s ... --help\n"), word);
}
