#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

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

static int unknown_verb(int count, char **words)
{
    char seconds[128];
    second_words(words[0], seconds, sizeof seconds);
    if (*seconds && count < 2) return okng_cli_usage(NULL, "%s what? One of %s", words[0], seconds);
    if (*seconds) return okng_cli_usage(NULL, "unknown verb \"%s %s\"; one of %s", words[0], words[1], seconds);
    const char *names[32];
    size_t total = 0;
    for (; okng_cli_verbs[total]; total++) names[total] = okng_cli_verbs[total]->name;
    const char *nearest = okng_suggest(words[0], names, total);
    if (nearest) return okng_cli_usage(NULL, "unknown verb \"%s\"; did you mean \"%s\"?", words[0], nearest);
    return okng_cli_usage(NULL, "unknown verb \"%s\"", words[0]);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/* okng help, okng help VERB, okng bank --help */
static int help_on(int count, char **words)
{
    int used;
    const okng_cli_verb *verb = count > 0 ? find_verb(count, words, &used) : NULL;
    char seconds[128] = "";
    if (count > 0 && !verb) second_words(words[0], seconds, sizeof seconds);
    if (count > 0 && !verb && !*seconds) return unknown_verb(count, words);
    if (verb)
        okng_cli_help(verb);
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
    if (code == EXIT_OKAY) code = run_verb(verb, &args);
    free(args.repeated);
    return code;
}

int main(int argc, char **argv)
{
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is then a failed write, and cleaned up after */
    if (argc < 2 || strncmp(argv[1], "--write-", strlen("--write-")) != 0) okng_cli_take_language();
    int code = run(argc - 1, argv + 1);
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (lost && code == EXIT_OKAY) code = okng_cli_error("cannot write to the standard output");
    return code;
}
