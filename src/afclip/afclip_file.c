#include "afclip/afclip_file.h"

#include "afclip/words.h"
#include "bank/references.h"

static const char text_name[] = "text";

okng_status okng_afclip_file_write(const char *path, const okng_afclip_plan *plan, const okng_afclip_learnt *learnt,
                                   const float *prototypes, okng_error *error)
{
    okng_array arrays[OKNG_AFCLIP_PARAMS + 1];
    okng_named_array tensors[OKNG_AFCLIP_PARAMS + 1];
    size_t count = 0;
    for (; count < OKNG_AFCLIP_PARAMS; count++) {
        arrays[count] = okng_afclip_param_array(learnt, (okng_afclip_param)count);
        tensors[count] = (okng_named_array){okng_afclip_param_name((okng_afclip_param)count), &arrays[count]};
    }
    arrays[count] = okng_references_view(prototypes, OKNG_AFCLIP_STATES, plan->embedding);
    tensors[count] = (okng_named_array){text_name, &arrays[count]};
    return okng_safetensors_write_arrays(path, tensors, count + 1, error);
}

okng_status okng_afclip_file_read(const okng_weights *file, const okng_afclip_plan *plan, float *prototypes,
                                  okng_error *error)
{
    return okng_references_read(file, text_name, OKNG_AFCLIP_STATES, plan->embedding, prototypes, error);
}
