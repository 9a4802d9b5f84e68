/* What an AF-CLIP finds in a picture, written into a program. Private to afclip/. */
#ifndef OKNG_AFCLIP_EXPRESS_H
#define OKNG_AFCLIP_EXPRESS_H

#include "afclip/memory.h"
#include "afclip/towers.h"
#include "bank/bank_config.h"

typedef struct okng_afclip_writing {
    const okng_bank_config *config;
    const okng_afclip_towers *towers;
    const float *prototypes;          /* [2, E] */
    const okng_afclip_memory *memory; /* may be empty */
} okng_afclip_writing;

/* See okng_method.express; the program borrows what is remembered. Errors: those of okng_afclip_taps_express. */
okng_status okng_afclip_write(const okng_afclip_writing *writing, okng_program *p, okng_program_value picture,
                              okng_program_value *score, okng_program_value *map, okng_error *error);

#endif
