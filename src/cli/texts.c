/* Texts for the text encoder of a CLIP: files of them, one a line, and how they are cut into tokens. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

enum { MAX_TEXTS = 1000000, MAX_BYTES = 1 << 26, CHUNK = 1 << 16 };

okng_text_options okng_cli_text_options(const okng_cli_args *args)
{
    okng_text_options options;
    okng_init(&options);
    const char *fix = okng_cli_value(args, "text-fix");
    options.strict = okng_cli_value(args, "strict") != NULL;
    options.fix = fix && strcmp(fix, "basic") == 0 ? OKNG_TEXT_FIX_BASIC : OKNG_TEXT_FIX_NONE;
    return options;
}

int okng_cli_need_clip(okng_cli_args *args)
{
    if (!args->build.backbone[0])
        return okng_cli_usage(args->verb, "--backbone clip-... is missing; okng weights list has their names");
    return okng_cli_need_network(args);
}

/* All of the file, which may be a pipe: malloc'd, with a NUL behind. */
static int read_all(const char *file, FILE *stream, char **text, size_t *size)
{
    size_t room = 0;
    *text = NULL;
    *size = 0;
    while (!feof(stream)) {
        if (*size + CHUNK + 1 > room) {
            room = room ? 2 * room : 2 * CHUNK;
            char *larger = realloc(*text, room);
            if (!larger) return okng_cli_error("out of memory for the texts of %s", file);
            *text = larger;
        }
        *size += fread(*text + *size, 1, CHUNK, stream);
        if (ferror(stream)) return okng_cli_error("%s: cannot read: %s", file, okng_translate(strerror(errno)));
        if (*size > MAX_BYTES)
            return okng_cli_error("%s: more than %d bytes of texts; cut it in pieces", file, MAX_BYTES);
    }
    (*text)[*size] = '\0';
    return EXIT_OKAY;
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t")] == '\0';
}

/* Lines without their ends and, of the first, without the mark that some editors put before UTF-8. */
static int take_lines(okng_cli_paths *texts, const char *file, char *text, size_t size, bool blank)
{
    size_t number = 0;
    char *line = text, *end = text + size;
    if (size >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) line += 3;
    while (line < end) {
        char *stop = memchr(line, '\n', (size_t)(end - line)), *next = stop ? stop + 1 : end;
        if (!stop) stop = end;
        *stop = '\0';
        if (++number > MAX_TEXTS) return okng_cli_error("%s: more than %d texts; cut it in pieces", file, MAX_TEXTS);
        if (strlen(line) != (size_t)(stop - line))
            return okng_cli_error("%s: line %zu holds a NUL byte, expected UTF-8, a text a line", file, number);
        if (stop > line && stop[-1] == '\r') stop[-1] = '\0';
        if (blank || !is_blank(line)) {
            int code = okng_cli_paths_put(texts, line);
            if (code != EXIT_OKAY) return code;
        }
        line = next;
    }
    return texts->count > 0 ? EXIT_OKAY : okng_cli_error("%s: there is no text in it, expected one a line", file);
}

int okng_cli_texts_read(okng_cli_paths *texts, const char *file, bool blank)
{
    char *text;
    size_t size;
    FILE *stream = fopen(file, "r");
    if (!stream) return okng_cli_error("%s: cannot open: %s", file, okng_translate(strerror(errno)));
    int code = read_all(file, stream, &text, &size);
    (void)fclose(stream);
    if (code == EXIT_OKAY) code = take_lines(texts, file, text, size, blank);
    free(text);
    return code;
}

/* The first text that cannot be cut into tokens, and why; texts->count where there is none. */
static size_t find_wrong(const okng_cli_args *args, const okng_cli_paths *texts, okng_error *why)
{
    const okng_text_options options = okng_cli_text_options(args);
    char path[OKNG_PATH_MAX];
    int32_t ids[OKNG_TEXT_TOKENS], length;
    okng_tokenizer *tokenizer;
    if (okng_vocabulary_find(args->build.vocabulary, args->build.weights, path, why) != OKNG_OK ||
        okng_tokenizer_open(&tokenizer, path, why) != OKNG_OK)
        return texts->count;
    size_t i = 0;
    while (i < texts->count &&
           okng_tokenizer_encode(tokenizer, texts->items[i], &options, ids, &length, NULL, why) == OKNG_OK)
        i++;
    okng_tokenizer_close(&tokenizer);
    return i;
}

/* The line of text i of a file whose blank lines were passed over; 0 where it is a pipe, which is read once. */
static size_t line_of(const char *file, size_t i)
{
    okng_cli_paths lines = {0};
    struct stat info;
    size_t line = 0, seen = 0;
    if (stat(file, &info) != 0 || !S_ISREG(info.st_mode)) return 0;
    if (okng_cli_texts_read(&lines, file, true) == EXIT_OKAY)
        while (line < lines.count && seen <= i) seen += !is_blank(lines.items[line++]);
    okng_cli_paths_free(&lines);
    return line;
}

int okng_cli_fail_text(const okng_cli_args *args, const okng_cli_paths *texts, const okng_cli_text_source *source,
                       const okng_error *error)
{
    okng_error why;
    const size_t i = find_wrong(args, texts, &why);
    if (i == texts->count || i < source->given) return okng_cli_fail(error);
    const size_t line = source->blank ? i - source->given + 1 : line_of(source->file, i);
    return line > 0 ? okng_cli_error("%s: line %zu: %s", source->file, line, why.message) : okng_cli_fail(error);
}

void okng_cli_tell_cuts(const okng_cli_args *args, uint64_t cut, size_t count)
{
    if (cut > 0 && !args->quiet)
        (void)fprintf(stderr, _("okng: %llu of %zu texts have more than %d tokens and were cut\n"),
                      (unsigned long long)cut, count, OKNG_TEXT_TOKENS);
}
