#include "cli.h"

static int run(okng_cli_args *args)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = okng_cli_value(args, "img")};
    const char *out = okng_cli_value(args, "out");
    okng_error error;
    okng_array *tensor = NULL;
    if (okng_preprocess(&tensor, &picture, &args->build, &error) != OKNG_OK) return okng_cli_fail(&error);
    int code = okng_array_write_npy(tensor, out, &error) == OKNG_OK ? okng_cli_print_array(args, tensor, out, NULL)
                                                                    : okng_cli_fail(&error);
    okng_array_free(&tensor);
    return code;
}

static const okng_cli_option options[] = {
    {"img", "FILE", "picture", true},
    {"out", "T.npy", "the tensor, float32 [1, 3, H, W]", true},
    {0},
};

const okng_cli_verb okng_cli_preprocess = {
    .name = "preprocess",
    .usage = "--img FILE --out T.npy [options]",
    .summary = "writes the network's input for a picture",
    .about = "Needs neither a network nor weights; only the options of resize, crop and colours matter.",
    .examples = "  okng preprocess --img part.png --out t.npy --preset paper\n"
                "  okng preprocess --img part.png --out t.npy --resize 224x320 --interpolation bicubic\n",
    .options = options,
    .run = run,
};
