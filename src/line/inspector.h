/* Inspection by the banks of a folder, as the command and the server have them open. */
#ifndef OKNG_LINE_INSPECTOR_H
#define OKNG_LINE_INSPECTOR_H

#include "cache/queue.h"
#include "line/line.h"

/* Both outlive the line. */
typedef struct okng_line_banks {
    okng_cache *cache;
    okng_queue *queue;
} okng_line_banks;

/* What inspects with them; `banks` outlives the line. */
okng_line_inspector okng_line_inspector_of(okng_line_banks *banks);

#endif
