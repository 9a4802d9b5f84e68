/* Files and folders as people name them on the command line: one by one, or by patterns that the shell left alone. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

enum { MAX_PATTERN = 4096, MAX_WILD_PARTS = 8, MAX_MATCHES = 1000000 };

static bool is_wild(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (strchr("*?[", text[i])) return true;
    return false;
}

/* A pattern whose search ends soon: few wild parts, and no way back up below one of them. */
static int check_pattern(const char *pattern)
{
    int wild = 0;
    if (strlen(pattern) > MAX_PATTERN)
        return okng_cli_error("a pattern of %zu bytes, at most %d are taken", strlen(pattern), MAX_PATTERN);
    for (const char *part = pattern; *part;) {
        size_t length = strcspn(part, "/");
        if (wild > 0 && length == 2 && strncmp(part, "..", 2) == 0)
            return okng_cli_error("%s: a pattern with .. below a wild part", pattern);
        wild += is_wild(part, length);
        part += length + (part[length] == '/');
    }
    if (wild > MAX_WILD_PARTS)
        return okng_cli_error("%s: a pattern with %d wild parts, at most %d are taken", pattern, wild, MAX_WILD_PARTS);
    return EXIT_OKAY;
}

int okng_cli_paths_put(okng_cli_paths *paths, const char *text)
{
    if (paths->count == paths->room) {
        size_t room = paths->room ? 2 * paths->room : 64;
        char **items = realloc(paths->items, room * sizeof *items);
        if (!items) return okng_cli_error("out of memory for the list of files");
        paths->items = items;
        paths->room = room;
    }
    paths->items[paths->count] = strdup(text);
    if (!paths->items[paths->count]) return okng_cli_error("out of memory for the list of files");
    paths->count++;
    return EXIT_OKAY;
}

static int add_matches(okng_cli_paths *paths, const char *pattern)
{
    glob_t found = {0};
    int code = check_pattern(pattern);
    if (code != EXIT_OKAY) return code;
    int result = glob(pattern, 0, NULL, &found);
    if (result == GLOB_NOMATCH)
        code = okng_cli_error("%s: there is no such file, and as a pattern it fits none", pattern);
    else if (result != 0)
        code = okng_cli_error("%s: cannot be searched for: %s", pattern,
                              result == GLOB_NOSPACE ? _("out of memory") : _("a folder cannot be read"));
    else if (found.gl_pathc > MAX_MATCHES)
        code = okng_cli_error("%s: fits %zu files, at most %d are taken; give their folder", pattern,
                              (size_t)found.gl_pathc, MAX_MATCHES);
    for (size_t i = 0; code == EXIT_OKAY && i < found.gl_pathc; i++)
        code = okng_cli_paths_put(paths, found.gl_pathv[i]);
    globfree(&found);
    return code;
}

int okng_cli_paths_add(okng_cli_paths *paths, const char *word)
{
    struct stat info;
    if (stat(word, &info) == 0) return okng_cli_paths_put(paths, word); /* whatever is in its name */
    if (errno == ENOENT && is_wild(word, strlen(word))) return add_matches(paths, word);
    return okng_cli_error("%s: cannot open: %s", word, okng_translate(strerror(errno)));
}

void okng_cli_paths_free(okng_cli_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) free(paths->items[i]);
    free(paths->items);
    *paths = (okng_cli_paths){0};
}

int okng_cli_repeated_paths(const okng_cli_args *args, const char *name, okng_cli_paths *paths)
{
    int code = EXIT_OKAY;
    for (size_t i = 0; i < args->repeated_count && code == EXIT_OKAY; i++)
        if (strcmp(args->repeated_of[i], name) == 0) code = okng_cli_paths_add(paths, args->repeated[i]);
    return code;
}
