#include "model/pack.h"
#include "base/parallel.h"
#include "base/sized.h"

static okng_status check_options(const okng_pack_options *options, okng_pack_options *full,
                                 okng_packed_precision *precision, okng_error *error)
{
    *full = (okng_pack_options){.struct_size = sizeof *full};
    *precision = OKNG_PACKED_FP32;
    if (options) OKNG_TRY(okng_sized_take(full, sizeof *full, options, "the options of packing", error));
    if (full->threads < 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "threads %d", (int)full->threads);
    if (!full->precision || okng_packed_precision_parse(full->precision, precision)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "precision: found \"%s\", expected one of fp32, fp16, bf16, int8",
                     full->precision);
}

okng_status okng_recipe_pack(const char *bank_dir, const char *out, const okng_pack_options *options, okng_error *error)
{
    okng_pack_options full;
    okng_packed_precision precision;
    OKNG_TRY(okng_need(bank_dir, "the bank folder", error));
    OKNG_TRY(okng_need(out, "the path of the recipe", error));
    OKNG_TRY(check_options(options, &full, &precision, error));
    return okng_model_pack(bank_dir, out, full.weights, precision, full.sign, okng_thread_count(full.threads), error);
}
