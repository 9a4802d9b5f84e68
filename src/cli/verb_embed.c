#include "cli.h"

static int run(okng_cli_args *args)
{
    int code = okng_cli_need_network(args);
    if (code != EXIT_OKAY) return code;
    const okng_picture picture = {.struct_size = sizeof picture, .path = okng_cli_value(args, "img")};
    const char *out = okng_cli_value(args, "out");
    okng_error error;
    okng_array *rows = NULL;
    if (okng_embed(&rows, &picture, &args->build, &error) != OKNG_OK) return okng_cli_fail(&error);
    code = okng_array_write_npy(rows, out, &error) == OKNG_OK ? okng_cli_print_array(args, rows, out, NULL)
                                                              : okng_cli_fail(&error);
    okng_array_free(&rows);
    return code;
}

static const okng_cli_option options[] = {
    {"img", "FILE", "picture", true},
    {"out", "E.npy", "the patch vectors, float32 [patches, D], patches in row-major order", true},
    {0},
};

const okng_cli_verb okng_cli_embed = {
    .name = "embed",
    .usage = "--img FILE --out E.npy [--backbone NAME --weights FILE] [options]",
    .summary = "writes the patch vectors of a picture",
    .examples = "  okng embed --img part.png --out e.npy --backbone resnet18 --weights resnet18.pth\n"
                "  okng embed --img part.png --out e.npy --preset inspection --weights wide_resnet50_2.pth\n",
    .options = options,
    .run = run,
};
