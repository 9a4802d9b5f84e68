/* A bank as one file. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

static json_t *report_json(const char *bank, const char *out, const char *precision, uint64_t bytes)
{
    return json_pack("{s:o, s:o, s:s, s:I}", "bank", okng_cli_json_path(bank), "recipe", okng_cli_json_path(out),
                     "precision", precision, "bytes", (json_int_t)bytes);
}

static int tell(const okng_cli_args *args, const char *bank, const char *out, const char *precision)
{
    struct stat info;
    char size[32];
    const uint64_t bytes = stat(out, &info) == 0 ? (uint64_t)info.st_size : 0;
    if (args->json) return okng_cli_print_json(report_json(bank, out, precision, bytes));
    if (args->quiet) return EXIT_OKAY;
    (void)printf(_("recipe      %s: %s, weights %s%s\n"), out, okng_cli_size_text(bytes, size, sizeof size), precision,
                 okng_cli_value(args, "sign") ? _(", signed") : "");
    (void)printf(_("next        okng infer --bank-dir %s --img FILE --out-dir OUT\n"), out);
    return EXIT_OKAY;
}

static int pack(const okng_cli_args *args, const char *bank, const char *out)
{
    okng_pack_options options;
    okng_error error;
    okng_init(&options);
    options.precision = okng_cli_value(args, "precision");
    options.sign = okng_cli_value(args, "sign");
    options.weights = okng_cli_value(args, "weights");
    if (okng_recipe_pack(bank, out, &options, &error) != OKNG_OK) return okng_cli_fail(&error);
    return tell(args, bank, out, options.precision ? options.precision : "fp32");
}

/* Without --out: is it what was signed? */
static int verify(const okng_cli_args *args, const char *recipe, const char *key)
{
    okng_bank *bank;
    okng_error error;
    if (okng_bank_open_signed(&bank, recipe, key, &error) != OKNG_OK) return okng_cli_fail(&error);
    okng_bank_close(&bank);
    if (args->json)
        return okng_cli_print_json(
            json_pack("{s:o, s:o}", "recipe", okng_cli_json_path(recipe), "signed_by", okng_cli_json_path(key)));
    if (!args->quiet) (void)printf(_("%s: is what was signed with the key of %s\n"), recipe, key);
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    static const char *const writers[] = {"precision", "sign", "weights"};
    const char *bank = okng_cli_value(args, "bank-dir"), *out = okng_cli_value(args, "out");
    const char *key = okng_cli_value(args, "verify-key");
    if (out && key)
        return okng_cli_usage(args->verb, "--out packs and --verify-key checks what was packed; give one of them");
    if (!out && !key)
        return okng_cli_usage(args->verb, "--out PART.okng is missing; or give --verify-key to check one");
    for (size_t i = 0; key && i < sizeof writers / sizeof *writers; i++)
        if (okng_cli_value(args, writers[i]))
            return okng_cli_usage(args->verb, "--%s is about packing, and without --out nothing is packed", writers[i]);
    return out ? pack(args, bank, out) : verify(args, bank, key);
}

static const okng_cli_option options[] = {
    {"bank-dir", "BANK", "folder of the bank or the ensemble, or a recipe", true},
    {"out", "PART.okng", "the recipe; one that is there is replaced when the new one is complete", false},
    {"precision", "fp32|fp16|bf16|int8",
     "of the weights; with less than fp32, which is the default, scores differ a little from the folder's", false},
    {"sign", "KEY", "sign it with this private key (PEM, Ed25519, no passphrase)", false},
    {"verify-key", "KEY",
     "in place of --out: is the recipe what was signed with the key that goes with this public one?", false},
    {"weights", "FILE", "in place of the file that the bank names; its SHA-256 must be the same", false},
    {0},
};

const okng_cli_verb okng_cli_pack = {
    .name = "pack",
    .usage = "--bank-dir BANK --out PART.okng [--precision P] [--sign KEY]",
    .summary = "freezes a bank with its network into one file that every verb takes",
    .about =
        "PART.okng holds what the folder holds, the weights of the network and what the search prepares, and needs "
        "nothing else. It opens in a fraction of the folder's time, processes share its memory, any damage is told "
        "by name, and with the weights as they are results are the folder's, byte for byte. Give it wherever a "
        "folder of a bank is asked for.\n"
        "Keys are made by openssl genpkey -algorithm ed25519 -out key.pem, and the public one of it by "
        "openssl pkey -in key.pem -pubout -out key.pub.",
    .examples = "  okng pack --bank-dir bank --out part.okng\n"
                "  okng infer --bank-dir part.okng --img part.png\n"
                "  okng pack --bank-dir bank --out part.okng --precision bf16 --sign key.pem\n"
                "  okng pack --bank-dir part.okng --verify-key key.pub\n",
    .options = options,
    .run = run,
};
