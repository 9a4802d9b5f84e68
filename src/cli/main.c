#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { MAX_VERBS = 64 };

/* Words of argv that the name of `verb` takes up; 0 when it is another verb. */
static int words_of(const okng_cli_verb *verb, int count, char **words)
{
    size_t first = strcspn(verb->name, " ");
    if (count < 1 || strlen(words[0]) != first || strncmp(verb->name, words[0], first) != 0) return 0;
    if (!verb->name[first]) return 1;
    return count > 1 && strcmp(verb->name + first + 1, words[1]) == 0 ? 2 : 0;
}

static const okng_cli_verb *find_verb(int count, char **words, int *used)
{
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        *used = words_of(okng_cli_verbs[i], count, words);
        if (*used > 0) return okng_cli_verbs[i];
    }
    return NULL;
}

/* "show, list, get" where `word` is the first half of verbs such as "weights show"; "" elsewhere. */
static void second_words(const char *word, char *text, size_t size)
{
    size_t length = strlen(word), used = 0;
    text[0] = '\0';
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        const char *name = okng_cli_verbs[i]->name;
        if (strncmp(name, word, length) != 0 || name[length] != ' ') continue;
        int more = snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", name + length + 1);
        if (more < 0 || used + (size_t)more >= size) return;
        used += (size_t)more;
    }
}

/* The verb of two words whose second is nearest to words[1]; NULL when all differ too much. */
static const char *nearest_second(char **words)
{
    const char *names[MAX_VERBS], *whole[MAX_VERBS];
    size_t total = 0, length = strlen(words[0]);
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        const char *name = okng_cli_verbs[i]->name;
        if (strncmp(name, words[0], length) != 0 || name[length] != ' ' || total == MAX_VERBS) continue;
        whole[total] = name;
        names[total++] = name + length + 1;
    }
    const char *nearest = okng_suggest(words[1], names, total);
    for (size_t i = 0; i < total; i++)
        if (nearest == names[i]) return whole[i];
    return NULL;
}

/* The verb that is nearest to the first word, or to the first of the words of a verb; a copy in `text`. */
static const char *nearest_first(const char *word, char *text, size_t size)
{
    char firsts[MAX_VERBS][OKNG_NAME_MAX];
    const char *names[2 * MAX_VERBS];
    size_t total = 0;
    for (size_t i = 0; okng_cli_verbs[i] && i < MAX_VERBS; i++) {
        const char *name = okng_cli_verbs[i]->name;
        (void)snprintf(firsts[i], sizeof firsts[i], "%.*s", (int)strcspn(name, " "), name);
        names[total++] = name;
        names[total++] = firsts[i];
    }
    const char *nearest = okng_suggest(word, names, total);
    (void)snprintf(text, size, "%s", nearest ? nearest : "");
    return nearest ? text : NULL;
}

static int unknown_verb(int count, char **words)
{
    char seconds[128], first[OKNG_NAME_MAX];
    second_words(words[0], seconds, sizeof seconds);
    if (*seconds && count < 2) return okng_cli_usage(NULL, "%s what? One of %s", words[0], seconds);
    const char *nearest = *seconds ? nearest_second(words) : nearest_first(words[0], first, sizeof first);
    if (nearest && *seconds)
        return okng_cli_usage(NULL, "unknown verb \"%s %s\"; did you mean \"%s\"?", words[0], words[1], nearest);
    if (*seconds) return okng_cli_usage(NULL, "unknown verb \"%s %s\"; one of %s", words[0], words[1], seconds);
    if (nearest) return okng_cli_usage(NULL, "unknown verb \"%s\"; did you mean \"%s\"?", words[0], nearest);
    return okng_cli_usage(NULL, "unknown verb \"%s\"", words[0]);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/* okng help, okng help VERB, okng help bank, which has several */
static int help_on(int count, char **words)
{
    int used;
    const okng_cli_verb *verb = count > 0 ? find_verb(count, words, &used) : NULL;
    char seconds[128] = "";
    if (count > 0 && !verb) second_words(words[0], seconds, sizeof seconds);
    if (count > 0 && !verb && (!*seconds || (count > 1 && !is_help(words[1])))) return unknown_verb(count, words);
    if (verb)
        okng_cli_help(verb);
    else if (*seconds)
        okng_cli_help_group(words[0]);
    else
        okng_cli_help_all(stdout);
    return EXIT_OKAY;
}

static int run_verb(const okng_cli_verb *verb, okng_cli_args *args)
{
    if (args->help) {
        okng_cli_help(verb);
        return EXIT_OKAY;
    }
    okng_error error;
    const char *cpu = getenv("OKNG_CPU"); /* for programs that start this one */
    if (args->cpu && okng_set_cpu(args->cpu, &error) != OKNG_OK) return okng_cli_usage(verb, "--%s", error.message);
    if (!args->cpu && cpu && *cpu && okng_set_cpu(cpu, &error) != OKNG_OK)
        return okng_cli_usage(verb, "OKNG_CPU: %s", error.message);
    int code = okng_cli_check_outputs(args);
    if (code == EXIT_OKAY) code = okng_cli_ranks_lead(args);
    if (code != EXIT_OKAY) return code;
    if (verb->stops) okng_cli_catch_signals();
    return verb->run(args);
}

static int run(int count, char **words)
{
    if (count < 1) {
        okng_cli_help_all(stderr);
        return EXIT_USAGE;
    }
    if (count == 1 && strcmp(words[0], "--write-words") == 0) return okng_cli_write_words();
    if (strcmp(words[0], "--version") == 0) return okng_cli_version();
    if (count == 2 && strcmp(words[0], "--write-pages") == 0) return okng_cli_write_pages(words[1]);
    if (is_help(words[0])) return help_on(count - 1, words + 1);
    int used;
    const okng_cli_verb *verb = find_verb(count, words, &used);
    if (!verb && count == 2 && is_help(words[1])) return help_on(1, words);
    if (!verb) return unknown_verb(count, words);
    okng_cli_args args;
    int code = okng_cli_parse(&args, verb, count - used, words + used);
    args.words = words - 1;
    if (code == EXIT_OKAY) code = run_verb(verb, &args);
    free(args.repeated);
    return code;
}

int main(int argc, char **argv)
{
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is then a failed write, and cleaned up after */
    if (argc < 2 || strncmp(argv[1], "--write-", strlen("--write-")) != 0) okng_cli_take_language();
    int code;
    if (okng_cli_ranks_begin(argv, &code)) return code;
    code = run(argc - 1, argv + 1);
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (lost && code == EXIT_OKAY) code = okng_cli_error("cannot write to the standard output");
    return okng_cli_ranks_end(code);
}
