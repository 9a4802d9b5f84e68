/* One bank with its method: a model of its own, or a member of an ensemble. Private to model/. */
#ifndef OKNG_MODEL_MEMBER_H
#define OKNG_MODEL_MEMBER_H

#include "features/ignored.h"
#include "method/method.h"

typedef struct okng_member {
    const okng_method *method;
    okng_bank_file file;   /* of a member that was fitted just now: without files */
    okng_weights *weights; /* of its network; NULL where they are the model's */
    okng_ignored *ignored; /* file.config.ignored; NULL: nothing is left out */
    void *model;           /* the method's; borrows those above */
} okng_member;

/* Before any work: the method that `options` name, and whether it can learn from *lesson, which gets the class name of
 * the options where it has none. Both stay borrowed. Errors: NOT_FOUND of the method, ARGUMENT, LIMIT. */
okng_status okng_member_prepare(const okng_method **method, okng_lesson *lesson, const okng_build_options *options,
                                okng_error *error);
/* Learns; the thresholds too. Nothing is written. `options` are complete and checked, with a network chosen. Adds its
 * stages to `report`. Errors: as okng_build. */
okng_status okng_member_fit(okng_member **out, const okng_method *method, const okng_lesson *lesson,
                            const okng_build_options *options, okng_ticker *ticker, okng_build_report *report,
                            okng_error *error);
/* build.c: what is told of a member that was fitted, but for its stages. */
void okng_build_report_fill(okng_build_report *report, const okng_member *member);
/* Writes a bank into `folder`, which is there. */
okng_status okng_member_save(okng_member *member, const char *folder, okng_error *error);

/* The weights of a bank's network: those at `override`, or where that is NULL those in its recipe, or the recorded
 * file. Errors: as okng_bank_open. */
okng_status okng_member_weights(okng_weights **out, const okng_bank_file *file, const char *override,
                                okng_error *error);
/* What comes in place of what a bank records; NULL: as it does. */
typedef struct okng_overrides {
    const char *weights; /* the weight file */
    const char *device;  /* what runs the network */
} okng_overrides;
/* Errors: as okng_bank_open; of the device those of okng_method_check_engine. */
okng_status okng_member_open(okng_member **out, const okng_bank_source *from, const okng_overrides *overrides,
                             okng_error *error);
void okng_member_close(okng_member **member);

/* An okng_inspect_fn; `member` is an okng_member. */
okng_status okng_member_inspect(void *member, const okng_image *rgb, int threads, okng_scored *scored,
                                okng_error *error);
/* As okng_model_at_once and okng_model_inspect_few; the latter for several pictures at a time alone. */
int32_t okng_member_at_once(const okng_member *member);
void okng_member_inspect_few(const okng_member *member, okng_inspection *pictures, int32_t count, int threads);
/* Whether the recipe that the member is of, if it is of one, still holds what it did when it was opened; to be asked
 * after the member's memory was looked at, and before anything comes of that. IO where it does not. */
okng_status okng_member_settled(const okng_member *member, okng_error *error);
/* As okng_method.express, UNSUPPORTED of a method that has none; `member` is an okng_member. */
okng_status okng_member_express(void *member, okng_program *program, okng_program_value picture,
                                okng_program_value *score, okng_program_value *map, okng_error *error);
/* Rows of the first data file, which is what was learnt; of a member that was opened, bytes of the tensors in it,
 * without what the format adds. */
int64_t okng_member_rows(const okng_member *member);
uint64_t okng_member_bytes(const okng_member *member);

#endif
