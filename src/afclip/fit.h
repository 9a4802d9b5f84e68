/* Making an AF-CLIP: what was learnt for it elsewhere, and the words. Private to afclip/. */
#ifndef OKNG_AFCLIP_FIT_H
#define OKNG_AFCLIP_FIT_H

#include "afclip/model.h"
#include "base/progress.h"

/* See okng_method. side: of the square that pictures are brought to where neither the options nor the checkpoint say
 * another; the multiple of the network's patch that is nearest to it is taken. */
okng_status okng_afclip_fit(okng_afclip **out, okng_bank_file *bank, const okng_weights *weights,
                            const okng_lesson *lesson, int32_t side, okng_ticker *ticker, okng_build_report *report,
                            okng_error *error);

#endif
