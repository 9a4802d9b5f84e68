#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static okng_text_options text_options(const okng_cli_args *args)
{
    const char *special = okng_cli_value(args, "special-tokens");
    okng_text_options options = okng_cli_text_options(args);
    if (special && strcmp(special, "openai") == 0) options.special = OKNG_SPECIAL_TOKENS_OPENAI;
    return options;
}

static json_t *ids_json(const char *text, const int32_t *ids, int32_t length, int32_t cut)
{
    json_t *list = json_array();
    for (int32_t i = 0; i < length; i++) okng_cli_json_add(&list, json_integer(ids[i]));
    return json_pack("{s:s, s:o, s:b}", "text", text, "ids", list, "cut", cut);
}

/* Prints the ids of a text, or adds them to *all where that is not NULL. */
static okng_status tokenize(const okng_tokenizer *tokenizer, const char *text, const okng_text_options *options,
                            json_t **all, size_t *cuts, okng_error *error)
{
    int32_t ids[OKNG_TEXT_TOKENS], length, cut;
    okng_status status = okng_tokenizer_encode(tokenizer, text, options, ids, &length, &cut, error);
    if (status != OKNG_OK) return status;
    *cuts += cut != 0;
    if (*all) {
        okng_cli_json_add(all, ids_json(text, ids, length, cut));
        return OKNG_OK;
    }
    for (int32_t i = 0; i < length; i++) (void)printf("%s%d", i > 0 ? " " : "", (int)ids[i]);
    (void)putchar('\n');
    return OKNG_OK;
}

/* The texts from `first` on are the lines of `file`. */
static int tokenize_all(const okng_cli_args *args, const okng_tokenizer *tokenizer, const okng_cli_paths *texts,
                        size_t first, const char *file)
{
    const okng_text_options options = text_options(args);
    okng_error error;
    json_t *all = args->json ? json_array() : NULL;
    size_t cuts = 0;
    int code = EXIT_OKAY;
    for (size_t i = 0; i < texts->count && code == EXIT_OKAY; i++) {
        if (tokenize(tokenizer, texts->items[i], &options, &all, &cuts, &error) == OKNG_OK) continue;
        code =
            i < first ? okng_cli_fail(&error) : okng_cli_error("%s: line %zu: %s", file, i - first + 1, error.message);
    }
    if (code == EXIT_OKAY) okng_cli_tell_cuts(args, cuts, texts->count);
    if (!args->json || code != EXIT_OKAY) {
        json_decref(all);
        return code;
    }
    return okng_cli_print_json(all);
}

static int run(okng_cli_args *args)
{
    okng_cli_paths texts = {0};
    okng_tokenizer *tokenizer = NULL;
    okng_error error;
    char path[OKNG_PATH_MAX];
    int code = EXIT_OKAY;
    for (size_t i = 0; i < args->repeated_count && code == EXIT_OKAY; i++)
        code = okng_cli_paths_put(&texts, args->repeated[i]);
    const size_t given = texts.count;
    const char *file = okng_cli_value(args, "text-file");
    if (code == EXIT_OKAY && file) code = okng_cli_texts_read(&texts, file, true);
    if (code == EXIT_OKAY && texts.count == 0)
        code = okng_cli_usage(args->verb, "there is no text; give --text TEXT or --text-file FILE");
    if (code == EXIT_OKAY && (okng_vocabulary_find(args->build.vocabulary, NULL, path, &error) != OKNG_OK ||
                              okng_tokenizer_open(&tokenizer, path, &error) != OKNG_OK))
        code = okng_cli_fail(&error);
    if (code == EXIT_OKAY) code = tokenize_all(args, tokenizer, &texts, given, file);
    okng_tokenizer_close(&tokenizer);
    okng_cli_paths_free(&texts);
    return code;
}

static const okng_cli_option options[] = {
    {"text", "TEXT", "a text; may be given several times, and comes before those of --text-file", false},
    {"text-file", "FILE", "texts, one a line, UTF-8", false},
    {"special-tokens", "open_clip|openai",
     "how a text may write start and end itself: <start_of_text>, or <|startoftext|> (default open_clip)", false},
    OKNG_CLI_TEXT_ROWS,
    {0},
};

const okng_cli_verb okng_cli_tokenize = {
    .name = "tokenize",
    .usage = "--text TEXT... | --text-file FILE [--strict] [--vocabulary FILE]",
    .summary = "prints the tokens that a CLIP reads of texts",
    .about =
        "A line of numbers for each text: 49406 (start), the tokens, 49407 (end), at most 77. With --json a list of "
        "objects: text, ids, and cut, whether the text was too long. The vocabulary is the one that okng weights get "
        "clip-vocabulary puts into the cache unless --vocabulary names it.\n"
        "\n"
        "Cleaned as open_clip cleans texts, but for its use of the library ftfy: --text-fix basic does what that does, "
        "except for text that was decoded wrongly, which stays as it is (docs/interop.md).",
    .examples = "  okng tokenize --text \"a photo of a metal nut\"\n"
                "  okng tokenize --text-file captions.txt --strict --json\n"
                "  okng tokenize --text-file captions.txt --vocabulary bpe_simple_vocab_16e6.txt.gz\n",
    .options = options,
    .repeats = "text",
    .no_kernels = true,
    .run = run,
};
