/* What calibration found of each good picture, kept with the bank, so that thresholds can follow when the bank changes
 * and the pictures are no longer there. Of every picture: its score, how odd it is, the scores of all its patches, and
 * the vectors of a few patches: those that score highest, and one from anywhere, typical of the others. When what was
 * learnt changes, those are scored again. A picture's other patches change by a factor that lies between that of all
 * typical patches together and that of its own highest ones, by how high they score. The file, ledger.safetensors:
 *   scores F32 [n]             leave-one-out scores of the pictures; NaN = could not be scored
 *   doubts F32 [n]             how odd; NaN = not known
 *   grid   F32 [n, patches]    scores of the patches
 *   places I32 [n, kept]       which patches are kept: the kept - 1 that score highest, the highest first, then the
 * typical rows   F32 [n, kept, dim]  their vectors names, folder U8           the pictures, as in picture_names.h,
 * below that absolute folder ("" = not known) */
#ifndef OKNG_METHOD_LEDGER_H
#define OKNG_METHOD_LEDGER_H

#include "bank/bank_file.h"
#include "method/picture_names.h"

#define OKNG_LEDGER_FILE OKNG_BANK_LEDGER_FILE

enum { OKNG_LEDGER_KEPT_MAX = 257, OKNG_LEDGER_KEPT_MIN = 2 };

typedef struct okng_ledger {
    int64_t count, patches, dim;
    int32_t kept;    /* patches of each picture whose vectors are kept */
    float *scores;   /* [count] */
    float *doubts;   /* [count] */
    float *grid;     /* [count, patches] */
    int32_t *places; /* [count, kept] */
    float *rows;     /* [count, kept, dim] */
    okng_picture_names names;
    char *folder; /* absolute; "" = not known */
} okng_ledger;

/* How large the parts of a ledger are. */
typedef struct okng_ledger_size {
    int64_t count, patches, dim;
    int32_t kept;
} okng_ledger_size;

/* How many patches to keep of each picture beside a bank of `rows` rows, whatever size->kept says. Nine, as far as
 * their vectors take a quarter of what the bank takes, or two; of few pictures as many as 4 MiB hold, up to all: there
 * each patch weighs much in the thresholds. */
int32_t okng_ledger_kept_for(int64_t rows, const okng_ledger_size *size);
uint64_t okng_ledger_bytes(const okng_ledger_size *size);

/* Nothing scored yet. `folder` is copied. Errors: MEMORY; *out is NULL then. */
okng_status okng_ledger_new(okng_ledger **out, const okng_ledger_size *size, okng_picture_name_fn name,
                            const void *context, const char *folder, okng_error *error);
void okng_ledger_free(okng_ledger **ledger); /* NULL is fine */

/* Entries 0 .. from->count - 1 of `from` become entries at .. of `ledger`, which keeps as much of each. */
void okng_ledger_copy(okng_ledger *ledger, int64_t at, const okng_ledger *from);
/* Picture i: its score, those of its patches [patches], and its patch vectors [patches, dim]. Several threads may put
 * in different pictures. */
void okng_ledger_put(okng_ledger *ledger, int64_t i, float score, const float *scores, const float *rows);

/* Every rank of those that fit together (okng_ranks_together), which has put in its part of the pictures, 0..count-1:
 * all are there everywhere, but for their doubts. Errors: those of the ranks. */
okng_status okng_ledger_gather(okng_ledger *ledger, okng_error *error);

/* The factor of all typical patches together. now [count, kept]: what the kept patches of the pictures score; pictures
 * of which nothing is known are passed over. 1 where there are none. */
double okng_ledger_typical(const okng_ledger *ledger, const float *now, int64_t count);
/* The kept patches of picture i score `now` [kept]; its others follow, and the picture's score becomes `weight` times
 * what the options' image score makes of its patches. Errors: MEMORY. */
okng_status okng_ledger_change(okng_ledger *ledger, int64_t i, const float *now, double typical, float weight,
                               const okng_build_options *options, okng_error *error);

/* Same ledger, same bytes. Errors: IO, MEMORY. */
okng_status okng_ledger_write(const okng_ledger *ledger, const char *path, okng_error *error);
/* Of a bank's data file. Errors: FORMAT where a tensor has another shape or a number is out of range; MEMORY. */
okng_status okng_ledger_read(okng_ledger **out, const okng_weights *file, okng_error *error);
/* That of an opened bank; *out is NULL where it has none: it was imported, or built before there were ledgers. */
okng_status okng_ledger_of_bank(okng_ledger **out, const okng_bank_file *bank, okng_error *error);

/* What a bank says of it in its list of data files. */
okng_bank_data okng_ledger_data(const okng_ledger *ledger);
/* Writes it into a bank's folder. */
okng_status okng_ledger_save(const okng_ledger *ledger, const char *folder, okng_error *error);

#endif
