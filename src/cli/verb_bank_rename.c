/* Where a bank's weights lie now. */
#include <stdio.h>

#include "cli.h"

static int run(okng_cli_args *args)
{
    okng_error error;
    const char *weights = okng_cli_value(args, "weights");
    if (okng_bank_rename_weights(args->operand, weights, &error) != OKNG_OK) return okng_cli_fail(&error);
    if (args->json)
        return okng_cli_print_json(
            json_pack("{s:o, s:o}", "bank", okng_cli_json_path(args->operand), "weights", okng_cli_json_path(weights)));
    if (!args->quiet) (void)printf(_("bank        %s: its weights are %s\n"), args->operand, weights);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {
    {"weights", "FILE", "the weight file at its new place; its SHA-256 must be the same", true},
    {0},
};

const okng_cli_verb okng_cli_bank_rename_weights = {
    .name = "bank rename-weights",
    .usage = "BANK --weights FILE",
    .summary = "writes the new place of the weight file into a bank",
    .about = "Of an ensemble into those members whose weights they are.",
    .examples = "  okng bank rename-weights bank --weights /srv/weights/resnet18.pth\n",
    .operand = "BANK",
    .options = options,
    .no_kernels = true,
    .run = run,
};
