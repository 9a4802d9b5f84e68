/* AF-CLIP (Fang et al., "AF-CLIP: Zero-Shot Anomaly Detection via Anomaly-Focused CLIP Adaptation", 2025): a prompt and
 * an adapter, learnt once on pictures of other products, tell by CLIP what a bad part looks like, of any product. No
 * picture is needed. miniclip is the same on a light CLIP: other defaults, no code of its own. */
#ifndef OKNG_AFCLIP_AFCLIP_H
#define OKNG_AFCLIP_AFCLIP_H

#include "method/method.h"

extern const okng_method okng_method_afclip, okng_method_miniclip;

#endif
