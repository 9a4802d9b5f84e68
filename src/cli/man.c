/* Man pages, made from the verbs and the tables of options. */
#include <string.h>

#include "cli.h"

/* Text with what roff would take for its own made plain. */
static void plain(FILE *page, const char *text)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\'')) (void)fputs("\\&", page);
        if (*text == '-')
            (void)fputs("\\-", page);
        else if (*text == '\\')
            (void)fputs("\\e", page);
        else if (*text == '^')
            (void)fputs("\\(ha", page);
        else if (*text == '~')
            (void)fputs("\\(ti", page);
        else
            (void)fputc(*text, page);
        line_start = *text == '\n';
    }
}

/* "okng-bank-show" of "bank show" */
static void page_name(FILE *page, const okng_cli_verb *verb)
{
    (void)fputs("okng\\-", page);
    for (const char *c = verb->name; *c; c++) {
        if (*c == ' ')
            (void)fputs("\\-", page);
        else
            (void)fputc(*c, page);
    }
}

static void title(FILE *page, const okng_cli_verb *verb)
{
    (void)fputs(".\\\" Made by okng --write-pages.\n.TH ", page);
    if (verb)
        page_name(page, verb);
    else
        (void)fputs("okng", page);
    (void)fprintf(page, " 1 \"\" \"okng %s\" \"User commands\"\n.SH NAME\n", okng_version());
}

static void heading(void *user, const char *text)
{
    (void)fprintf(user, ".SS %s\n", text);
}

static void entry(void *user, const char *name, const char *values, const char *help)
{
    FILE *page = user;
    (void)fputs(".TP\n\\fB\\-\\-", page);
    plain(page, name);
    (void)fputs("\\fR", page);
    if (values) {
        (void)fputs(" \\fI", page);
        plain(page, values);
        (void)fputs("\\fR", page);
    }
    (void)fputc('\n', page);
    plain(page, help);
    (void)fputc('\n', page);
}

/* Paragraphs are lines in the source. */
static void paragraphs(FILE *page, const char *text)
{
    for (bool first = true; *text; first = false) {
        char line[1024];
        size_t length = strcspn(text, "\n");
        (void)snprintf(line, sizeof line, "%.*s", (int)length, text);
        if (!first) (void)fputs(".PP\n", page);
        plain(page, line);
        (void)fputc('\n', page);
        text += length + (text[length] == '\n');
    }
}

static void exit_status(FILE *page)
{
    static const char *const codes[][2] = {
        {"0", "done"},
        {"1", "error"},
        {"2", "wrong usage"},
        {"10", "a picture is NG (okng infer --exit-code)"},
        {"11", "a picture is REVIEW, and none NG or skipped (okng infer --exit-code)"},
        {"12", "a picture was skipped, and none is NG (okng infer --exit-code)"},
        {"130", "interrupted; 143 when terminated, 129 when the terminal went away"}};
    (void)fputs(".SH EXIT STATUS\n", page);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        (void)fprintf(page, ".TP\n%s\n", codes[i][0]);
        plain(page, codes[i][1]);
        (void)fputc('\n', page);
    }
}

/* All pages but `verb`'s own. */
static void see_also(FILE *page, const okng_cli_verb *verb)
{
    (void)fputs(".SH SEE ALSO\n", page);
    bool first = true;
    if (verb) (void)fputs("\\fBokng\\fR(1)", page);
    if (verb) first = false;
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        if (okng_cli_verbs[i] == verb) continue;
        (void)fputs(first ? "\\fB" : ",\n\\fB", page);
        page_name(page, okng_cli_verbs[i]);
        (void)fputs("\\fR(1)", page);
        first = false;
    }
    (void)fputc('\n', page);
}

void okng_cli_man(FILE *page, const okng_cli_verb *verb)
{
    static const okng_cli_sayer sayer = {heading, entry};
    title(page, verb);
    page_name(page, verb);
    (void)fputs(" \\- ", page);
    plain(page, verb->summary);
    (void)fprintf(page, "\n.SH SYNOPSIS\n.B okng %s\n", verb->name);
    plain(page, verb->usage);
    (void)fprintf(page, "%s.SH DESCRIPTION\n", *verb->usage ? "\n" : "");
    paragraphs(page, verb->about ? verb->about : verb->summary);
    (void)fputs(".SH OPTIONS\n", page);
    okng_cli_say_options(verb, &sayer, page);
    exit_status(page);
    (void)fputs(".SH EXAMPLES\n.nf\n", page);
    plain(page, verb->examples);
    (void)fputs(".fi\n", page);
    see_also(page, verb);
}

void okng_cli_man_all(FILE *page)
{
    title(page, NULL);
    (void)fputs("okng \\- learns what good parts look like and finds what is wrong in new pictures\n"
                ".SH SYNOPSIS\n.B okng\n.I VERB\n[options]\n.br\n.B okng\n\\-\\-version\n"
                ".SH DESCRIPTION\n"
                "okng learns from pictures of good parts (OK) and finds, scores and outlines what is wrong (NG) in new "
                "ones.\n",
                page);
    (void)fputs("There is one verb per job, and a page for each.\n.SH VERBS\n", page);
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        (void)fprintf(page, ".TP\n.B %s\n", okng_cli_verbs[i]->name);
        plain(page, okng_cli_verbs[i]->summary);
        (void)fputc('\n', page);
    }
    exit_status(page);
    (void)fputs(".SH FILES\n.TP\n.I $XDG_CACHE_HOME/okng/weights\nweights of networks, else in "
                "~/.cache/okng/weights\n"
                ".TP\n.I $XDG_CACHE_HOME/okng/kept\nthose packed for this CPU, so that the next start is fast, else in "
                "~/.cache/okng/kept: 2 GiB at most, or as many MiB as the environment variable OKNG_KEEP says (0: "
                "nothing). All of it may be removed at any time\n",
                page);
    see_also(page, NULL);
}
