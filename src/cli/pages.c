/* okng --write-pages: what a package installs beside the command, written by the command itself at build time, so that
 * it cannot tell of other options than there are. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* What was printed to `page`, all of it, for the caller to free; NULL where the disk or memory is full. By a file, as
 * stdio's streams into memory (open_memstream) drop what there is no memory for and do not say so. */
static char *take_back(FILE *page, size_t *size)
{
    long end = fflush(page) == 0 && !ferror(page) ? ftell(page) : -1;
    char *text = end >= 0 ? malloc((size_t)end + 1) : NULL;
    rewind(page);
    *size = end >= 0 ? (size_t)end : 0;
    if (text && fread(text, 1, *size, page) == *size) return text;
    free(text);
    return NULL;
}

/* One page: by `all`, or for a verb by okng_cli_man. */
static int write_page(const char *folder, const char *name, const okng_cli_verb *verb, void (*all)(FILE *))
{
    char *path = okng_cli_join(folder, name), *text = NULL;
    size_t size = 0;
    okng_error error;
    FILE *page = tmpfile();
    int code = EXIT_OKAY;
    if (page && verb) okng_cli_man(page, verb);
    if (page && !verb) all(page);
    if (page) text = take_back(page, &size);
    if (!page)
        code = okng_cli_error("%s: cannot write: %s", P_tmpdir, okng_translate(strerror(errno)));
    else if (!text || !path)
        code = okng_cli_error("out of memory");
    else if (okng_file_write(path, text, size, &error) != OKNG_OK)
        code = okng_cli_fail(&error);
    if (page) (void)fclose(page);
    free(text);
    free(path);
    return code;
}

static int write_man(const char *folder)
{
    int code = write_page(folder, "okng.1", NULL, okng_cli_man_all);
    for (size_t i = 0; code == EXIT_OKAY && okng_cli_verbs[i]; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "okng-%s.1", okng_cli_verbs[i]->name);
        for (char *c = name; *c; c++)
            if (*c == ' ') *c = '-';
        code = write_page(folder, name, okng_cli_verbs[i], NULL);
    }
    return code;
}

int okng_cli_write_pages(const char *folder)
{
    okng_error error;
    int code = EXIT_FAILED;
    char *man = okng_cli_join(folder, "man1"), *completions = okng_cli_join(folder, "completions");
    if (!man || !completions)
        code = okng_cli_error("out of memory");
    else if (okng_cli_make_folders(man, &error) != OKNG_OK || okng_cli_make_folders(completions, &error) != OKNG_OK)
        code = okng_cli_fail(&error);
    else
        code = write_man(man);
    if (code == EXIT_OKAY) code = write_page(completions, "okng", NULL, okng_cli_complete_bash);
    if (code == EXIT_OKAY) code = write_page(completions, "_okng", NULL, okng_cli_complete_zsh);
    free(man);
    free(completions);
    return code;
}
