#include <stdio.h>

#include "cli.h"

static int embed(const okng_cli_args *args, const okng_cli_paths *texts, const okng_cli_text_source *source)
{
    const char *out = okng_cli_value(args, "out");
    okng_error error;
    okng_encoders *encoders;
    okng_array *rows = NULL;
    const okng_text_options options = okng_cli_text_options(args);
    if (okng_encoders_open(&encoders, &args->build, &error) != OKNG_OK) return okng_cli_fail(&error);
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status =
        okng_encoders_texts(&rows, encoders, (const char *const *)texts->items, texts->count, &options,
                            okng_cli_value(args, "normalize") != NULL, okng_cli_progress_step, &progress, &error);
    okng_cli_progress_clear(&progress);
    int code = status == OKNG_OK ? EXIT_OKAY : okng_cli_fail_text(args, texts, source, &error);
    okng_encoders_info info = {.struct_size = sizeof info};
    if (status == OKNG_OK) status = okng_encoders_get_info(encoders, &info, &error);
    if (status == OKNG_OK) okng_cli_tell_cuts(args, info.texts_cut, texts->count);
    if (status == OKNG_OK) status = okng_array_write_npy(rows, out, &error);
    if (status == OKNG_OK)
        code = okng_cli_print_array(args, rows, out, NULL);
    else if (code == EXIT_OKAY)
        code = okng_cli_fail(&error);
    okng_array_free(&rows);
    okng_encoders_close(&encoders);
    return code;
}

static int run(okng_cli_args *args)
{
    okng_cli_paths texts = {0};
    int code = okng_cli_need_clip(args);
    for (size_t i = 0; i < args->repeated_count && code == EXIT_OKAY; i++)
        code = okng_cli_paths_put(&texts, args->repeated[i]);
    const char *file = okng_cli_value(args, "text-file");
    const okng_cli_text_source source = {.given = texts.count, .file = file, .blank = true};
    if (code == EXIT_OKAY && file) code = okng_cli_texts_read(&texts, file, true);
    if (code == EXIT_OKAY && texts.count == 0)
        code = okng_cli_usage(args->verb, "there is no text; give --text TEXT or --text-file FILE");
    if (code == EXIT_OKAY) code = embed(args, &texts, &source);
    okng_cli_paths_free(&texts);
    return code;
}

static const okng_cli_option options[] = {
    {"text", "TEXT", "a text; may be given several times, and comes before those of --text-file", false},
    {"text-file", "FILE", "texts, one a line, UTF-8", false},
    {"out", "T.npy", "the vectors, float32 [texts, E], in the order of the texts", true},
    {"normalize", NULL, "bring each vector to length 1", false},
    OKNG_CLI_TEXT_ROWS,
    {0},
};

const okng_cli_verb okng_cli_text_embed = {
    .name = "text-embed",
    .usage = "--text TEXT... --backbone clip-... --weights FILE --out T.npy [options]",
    .summary = "writes the vectors of texts, by the text encoder of a CLIP",
    .about =
        "The vocabulary (bpe_simple_vocab_16e6.txt.gz) is found beside the weights or where okng weights get "
        "clip-vocabulary puts it, unless --vocabulary names it. A text of more than 77 tokens is cut, as open_clip "
        "cuts it, or refused with --strict.",
    .examples =
        "  okng text-embed --text \"a photo of a metal nut\" --backbone clip-vit-b-16 --weights clip.safetensors "
        "--out t.npy\n"
        "  okng text-embed --text-file captions.txt --backbone clip-vit-b-16 --out t.npy --normalize\n",
    .options = options,
    .repeats = "text",
    .clip = true,
    .stops = true,
    .run = run,
};
