/* Memory banks that grow. Private to patchcore/. */
#ifndef OKNG_PATCHCORE_GROWN_H
#define OKNG_PATCHCORE_GROWN_H

#include "method/growing.h"

extern const okng_growing okng_patchcore_growing;

#endif
