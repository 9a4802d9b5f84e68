#include "afclip/afclip_file.h"

#include <stdio.h>

#include "afclip/words.h"
#include "bank/references.h"

enum { NAME_BYTES = 32 };

static const char text_name[] = "text";

static const char *patches_name(const okng_afclip_plan *plan, int32_t stream, char name[NAME_BYTES])
{
    (void)snprintf(name, NAME_BYTES, "patches.%d.%d", (int)plan->taps[stream / OKNG_AFCLIP_SCALES],
                   2 * (int)(stream % OKNG_AFCLIP_SCALES) + 1);
    return name;
}

okng_status okng_afclip_file_write(const char *path, const okng_afclip_plan *plan, const okng_afclip_learnt *learnt,
                                   const float *prototypes, const okng_afclip_memory *memory, okng_error *error)
{
    char names[OKNG_AFCLIP_STREAMS][NAME_BYTES];
    okng_array arrays[OKNG_AFCLIP_PARAMS + 1 + OKNG_AFCLIP_STREAMS];
    okng_named_array tensors[OKNG_AFCLIP_PARAMS + 1 + OKNG_AFCLIP_STREAMS];
    size_t count = 0;
    for (; count < OKNG_AFCLIP_PARAMS; count++) {
        arrays[count] = okng_afclip_param_array(learnt, (okng_afclip_param)count);
        tensors[count] = (okng_named_array){okng_afclip_param_name((okng_afclip_param)count), &arrays[count]};
    }
    arrays[count] = okng_references_view(prototypes, OKNG_AFCLIP_STATES, plan->embedding);
    tensors[count] = (okng_named_array){text_name, &arrays[count]};
    count++;
    for (int32_t s = 0; s < OKNG_AFCLIP_STREAMS && memory->pictures > 0; s++, count++) {
        const okng_reference_rows *rows = &memory->streams[s];
        arrays[count] = okng_references_view(rows->data, rows->count, rows->dim);
        tensors[count] = (okng_named_array){patches_name(plan, s, names[s]), &arrays[count]};
    }
    return okng_safetensors_write_arrays(path, tensors, count, error);
}

okng_status okng_afclip_file_read(const okng_weights *file, const okng_afclip_plan *plan, int64_t pictures,
                                  int64_t rows, float *prototypes, okng_afclip_memory *memory, okng_error *error)
{
    char name[NAME_BYTES];
    const okng_array *first; /* what is there says how much memory is taken */
    *memory = (okng_afclip_memory){.pictures = 0};
    OKNG_TRY(okng_references_read(file, text_name, OKNG_AFCLIP_STATES, plan->embedding, prototypes, error));
    if (pictures == 0) return OKNG_OK;
    OKNG_TRY(okng_references_find(file, patches_name(plan, 0, name), rows, plan->width, &first, error));
    OKNG_TRY(okng_afclip_memory_new(memory, pictures, plan->tokens - 1, plan->width, rows, error));
    okng_status status = OKNG_OK;
    for (int32_t s = 0; s < OKNG_AFCLIP_STREAMS && status == OKNG_OK; s++)
        status =
            okng_references_read(file, patches_name(plan, s, name), rows, plan->width, memory->streams[s].data, error);
    if (status != OKNG_OK) okng_afclip_memory_free(memory);
    return status;
}
