/* What a WinCLIP finds in a picture, written into a program. Private to winclip/. */
#ifndef OKNG_WINCLIP_EXPRESS_H
#define OKNG_WINCLIP_EXPRESS_H

#include "winclip/judge.h"

/* See okng_method.express; the program borrows what is remembered. Errors: UNSUPPORTED for the options aspect and
 * precision; those of okng_clip_express. */
okng_status okng_judge_express(const okng_judging *judging, const okng_clip *clip, okng_program *p,
                               okng_program_value picture, okng_program_value *score, okng_program_value *map,
                               okng_error *error);

#endif
