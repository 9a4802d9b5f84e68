/* Steps of ours: tiles that are shared among threads, each of which runs oneDNN's primitives on its own. What one tile
 * holds depends on the shapes of one picture alone, so neither the number of threads nor that of pictures changes a bit
 * (oneDNN's own sharing of a product among threads may). */
#ifndef OKNG_ENGINE_ONEDNN_WORK_H
#define OKNG_ENGINE_ONEDNN_WORK_H

#include "base/error.h"
#include "engine/onednn/compat.h"
#include "engine/onednn/gathered.h"
#include "engine/onednn/heads.h"
#include "engine/onednn/linear.h"
#include "engine/onednn/pool.h"
#include "kernels/winograd.h"

enum { OKNG_KERNEL_ARGS = 5, OKNG_WORK_STAGES = 3, OKNG_SLOT_SCRATCH = -1 };

/* One argument of a primitive, and where a tile finds it: memory of the step's argument `slot` (of the work's own
 * scratch for OKNG_SLOT_SCRATCH), so many bytes in per stack, per head and per row. */
typedef struct okng_operand {
    int32_t arg; /* DNNL_ARG_SRC, ... */
    int32_t slot;
    okng_md md;
    int64_t base, per_stack, per_head, per_row;
} okng_operand;

/* A primitive made for one thread, which many run at once on memory of their own. */
typedef struct okng_kernel {
    dnnl_primitive_t primitive;
    int32_t operand_count;
    okng_operand operands[OKNG_KERNEL_ARGS];
    okng_md scratch;
} okng_kernel;

/* How rows are cut: tiles, rows of each, and of the last. */
typedef struct okng_tiling {
    int64_t count, rows, last;
} okng_tiling;

/* What one thread works with. */
typedef struct okng_hands {
    dnnl_stream_t stream;
    dnnl_memory_t memories[OKNG_WORK_STAGES][2][OKNG_KERNEL_ARGS + 1]; /* the last: the kernel's scratch */
} okng_hands;

typedef struct okng_work okng_work;

/* One thread's call: data[i] is the memory of argument i of the step. */
typedef struct okng_work_call {
    okng_hands *hands;
    void *const *data;
    char *scratch; /* work->room bytes */
} okng_work_call;

struct okng_work {
    /* Does tile `index` of `tiles`. */
    okng_status (*tile)(const okng_work *work, const okng_work_call *call, int64_t index, okng_error *error);
    int64_t tiles;
    size_t own_room; /* bytes of scratch that the work itself wants, first in its room */
    size_t room;     /* with what its kernels want; a multiple of OKNG_ALIGNMENT */

    /* okng_work_begin: stack after stack, head after head, tile after tile of rows goes through all stages. */
    int32_t stages;
    okng_kernel kernels[OKNG_WORK_STAGES][2]; /* of whole tiles, and of the last */
    okng_tiling tiling;
    int64_t heads;
    int64_t causal; /* 0, or columns of stage 0's result [rows, columns], of which row r keeps the first r + 1 */

    /* an embedding */
    int64_t rows, width, numbers; /* of the table; read by one tile */

    okng_linear_map map;        /* a linear map by kernels of ours */
    okng_gathered_map gathered; /* a convolution by them */
    okng_winograd_map winograd; /* one by Winograd's transform */
    okng_pool_map pool;
    okng_heads attention; /* attention by them */
};

/* Even numbers of tiles where there are many rows, so that two threads have the same to do. */
okng_tiling okng_tiling_of(int64_t rows, int64_t at_most);
/* Sets up `work` for tiles of `rows` rows in each of `heads` heads of `stacks` stacks. */
void okng_work_begin(okng_work *work, int64_t stacks, int64_t heads, okng_tiling tiling);

/* Makes a kernel of `descriptor`, which is released; operands are copied with their descriptors. */
okng_status okng_kernel_make(okng_work *work, okng_kernel *kernel, dnnl_primitive_desc_t descriptor,
                             const okng_operand *operands, int32_t count, const char *name, okng_error *error);
/* Releases what is in it, and the work. */
void okng_work_free(okng_work *work);

/* One per thread. */
dnnl_status_t okng_hands_open(okng_hands *hands, const okng_work *work, dnnl_engine_t engine);
void okng_hands_close(okng_hands *hands);

/* Runs all tiles on so many threads; hands: one per thread; scratch: threads * work->room bytes. */
okng_status okng_work_run(const okng_work *work, int threads, okng_hands *hands, void *const *data, void *scratch,
                          okng_error *error);

#endif
