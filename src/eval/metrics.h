/* The public struct of figures, whatever its size was when the caller was compiled. */
#ifndef OKNG_EVAL_METRICS_H
#define OKNG_EVAL_METRICS_H

#include "base/error.h"

/* The caller's figures as this version's struct. ARGUMENT when it was not initialised. */
okng_status okng_metrics_open(okng_metrics *full, const okng_metrics *metrics, okng_error *error);
/* Back to the caller, as much as he has room for. */
void okng_metrics_close(const okng_metrics *full, okng_metrics *metrics);

#endif
