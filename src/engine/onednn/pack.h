/* One reorder, done now: weights into the layout that a primitive chose. */
#ifndef OKNG_ENGINE_ONEDNN_PACK_H
#define OKNG_ENGINE_ONEDNN_PACK_H

#include "engine/onednn/compat.h"

/* `from` and `to` describe the memory at `source` and `target`. */
dnnl_status_t okng_pack(dnnl_engine_t engine, const okng_md *from, const void *source, const okng_md *to, void *target);

#endif
