/* A computation from picture to result as data: plain tensor operators and constants, in the order in which they run.
 * Methods write theirs into one (okng_method.express), export/ walks it and writes ONNX and OpenVINO IR, and
 * okng_program_run executes it, plainly and exactly, so that what was written can be compared with what okng computes.
 * The table of operators is ops.c; who walks a program includes node.h.
 *
 * A softmax regression on a picture's mean colour, as an example:
 *
 *     okng_program *p;
 *     OKNG_TRY(okng_program_new(&p, error));
 *     okng_program_value x = okng_program_input(p, "input", OKNG_F32, 4, (int64_t[]){OKNG_ANY, 3, 224, 224});
 *     x = okng_program_mean(p, x, OKNG_AXIS(2) | OKNG_AXIS(3));                         // [N, 3, 1, 1]
 *     x = okng_program_reshape(p, x, 2, (int64_t[]){OKNG_ANY, 3});                      // [N, 3]
 *     okng_program_value w = okng_program_constant(p, "weight", OKNG_F32, 2, (int64_t[]){10, 3}, weight, true);
 *     x = okng_program_softmax(p, okng_program_matmul_turned(p, x, w), 1);              // [N, 10]
 *     okng_program_output(p, "shares", x);
 *     status = okng_program_check(p, error); // the first failure of all of these
 *
 * Shapes. All are static but for axes of an input that are OKNG_ANY: its axis 0, the batch, and, of an input that is
 * resized inside, height and width. What depends on such an axis is OKNG_ANY too. Two axes OKNG_ANY that meet are taken
 * for equal; okng_program_run checks that they are.
 *
 * Types. Numbers are computed in float32 or int64 (int32 where an index is wanted); uint8, float16 and int32 go in and
 * out by CAST; conditions are bool.
 *
 * Numbers that are not finite. Every operator of one or two operands, CONV, MATMUL, reductions, pools and SOFTMAX hand
 * NaN on here, as IEEE and torch do. Runtimes do not: with one NaN the TopK, ReduceMax and MaxPool of some give values
 * that are too small, without an error. So who writes a program makes finite what may be undefined before each of these
 * (okng_program_select), and marks the result afterwards. */
#ifndef OKNG_PROGRAM_PROGRAM_H
#define OKNG_PROGRAM_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "net/node.h"
#include "tensor/array.h"

enum {
    OKNG_PROGRAM_RANK_MAX = 6,      /* axes of a value; 0 is a scalar */
    OKNG_PROGRAM_MAX_NODES = 65536, /* of a program; LIMIT beyond */
    OKNG_PROGRAM_MAX_ENDS = 16,     /* inputs, and outputs, of a program */
    OKNG_PROGRAM_NAME_MAX = 128,    /* bytes of a name, NUL included; longer ones are cut */
    OKNG_ANY = -1,                  /* an extent that is known when it runs */
    OKNG_PROGRAM_NONE = -1          /* no value: an input that is left out, and what a builder gives after a failure */
};

/* The axis as a bit, for what takes several. */
#define OKNG_AXIS(axis) (1u << (axis))

typedef enum okng_program_op {
    OKNG_PROGRAM_INPUT = 0,
    OKNG_PROGRAM_CONSTANT,
    OKNG_PROGRAM_CONV, /* x [N, C, H, W], a constant weight [out, C / groups, kernel], may be a constant bias [out] */
    OKNG_PROGRAM_MAX_POOL,     /* [N, C, H, W]; padding never wins */
    OKNG_PROGRAM_AVERAGE_POOL, /* likewise; padding counts in the divisor, as zeros */
    /* element by element: x */
    OKNG_PROGRAM_RELU,
    OKNG_PROGRAM_SIGMOID,
    OKNG_PROGRAM_ERF,
    OKNG_PROGRAM_EXP,
    OKNG_PROGRAM_LOG,
    OKNG_PROGRAM_SQRT,
    OKNG_PROGRAM_ABS,
    OKNG_PROGRAM_NEGATE,
    OKNG_PROGRAM_ROUND, /* to the nearest whole number, ties to even */
    OKNG_PROGRAM_FLOOR,
    OKNG_PROGRAM_NOT,    /* bool */
    OKNG_PROGRAM_IS_NAN, /* float32 -> bool */
    /* x and y of one type, repeated where one has 1 or no axis (NumPy's broadcasting) */
    OKNG_PROGRAM_ADD,
    OKNG_PROGRAM_SUBTRACT,
    OKNG_PROGRAM_MULTIPLY,
    OKNG_PROGRAM_DIVIDE, /* of whole numbers: cut towards 0; by 0 is an error of the run */
    OKNG_PROGRAM_MAXIMUM,
    OKNG_PROGRAM_MINIMUM,
    OKNG_PROGRAM_GREATER, /* these three give bool; with NaN false */
    OKNG_PROGRAM_LESS,
    OKNG_PROGRAM_EQUAL,
    OKNG_PROGRAM_AND, /* of bool */
    OKNG_PROGRAM_OR,
    OKNG_PROGRAM_SELECT, /* condition, x, y: x where the condition holds, else y; all three are repeated likewise */
    /* products and norms, float32 */
    OKNG_PROGRAM_MATMUL,     /* NumPy's, of rank 2 or more; `turned`: y is [..., N, K] */
    OKNG_PROGRAM_SOFTMAX,    /* along one axis */
    OKNG_PROGRAM_LAYER_NORM, /* x, scale [C], shift [C]: along the last axis, `epsilon` */
    /* along some axes, which stay as 1 */
    OKNG_PROGRAM_REDUCE_SUM,
    OKNG_PROGRAM_REDUCE_MEAN,
    OKNG_PROGRAM_REDUCE_MAX,
    OKNG_PROGRAM_REDUCE_MIN,
    /* The k largest or smallest along the last axis, in order, of equal ones the first first. Two results: the values
     * are this node, their places (int64) the node right behind it, whose one input is this one. */
    OKNG_PROGRAM_TOP_K,
    OKNG_PROGRAM_TOP_K_INDICES,
    OKNG_PROGRAM_GATHER,          /* x and int64 indices of any shape, which takes the place of the axis */
    OKNG_PROGRAM_GATHER_ELEMENTS, /* x and int64 indices of x's rank: result[.., i, ..] = x[.., indices[.., i, ..], ..]
                                   */
    /* where numbers are; any type */
    OKNG_PROGRAM_CONCAT,
    OKNG_PROGRAM_SLICE, /* begin, end (not included), step >= 1 of one axis */
    OKNG_PROGRAM_TRANSPOSE,
    OKNG_PROGRAM_RESHAPE,
    OKNG_PROGRAM_EXPAND, /* to a shape, by broadcasting: where the shape has 1 the input's extent stays */
    OKNG_PROGRAM_PAD,    /* so many of one value before and behind each axis */
    OKNG_PROGRAM_CAST,   /* to whole numbers: cut towards 0; to bool: whether it is not 0 */
    /* [N, C, H, W] float32 to height x width: bilinear, half-pixel centres, widened where it shrinks (antialias), what
     * lies outside the picture left out: Pillow's without its rounding; ONNX's Resize of opset 18 with exclude_outside
     * = 1 */
    OKNG_PROGRAM_RESIZE,
    OKNG_PROGRAM_OP_COUNT
} okng_program_op;

/* At most, of the values that one run holds at a time besides constants and inputs; LIMIT beyond. */
#define OKNG_PROGRAM_RUN_BYTES ((uint64_t)1 << 36)

typedef struct okng_program okng_program;
/* The index of the node that makes it. */
typedef int32_t okng_program_value;

okng_status okng_program_new(okng_program **out, okng_error *error);
void okng_program_free(okng_program **program);

/* ---- building: builder.c, builder_places.c ---- */
/* A function per operator (those of one or two operands are below, inline). The first failure sticks: later calls do
 * nothing and give OKNG_PROGRAM_NONE, and okng_program_check tells it. Every setting is checked, so that who reads a
 * file may hand on what stands in it: ARGUMENT for what does not fit, with the shapes that were given; LIMIT for values
 * over 2^36 elements of one picture and for more than OKNG_PROGRAM_MAX_NODES nodes; MEMORY. */

/* The first failure, OKNG_OK where there is none. */
okng_status okng_program_check(const okng_program *p, okng_error *error);
/* The builder's failure, unless it has failed before. */
__attribute__((format(printf, 3, 4))) void okng_program_fail(okng_program *p, okng_status status, const char *format,
                                                             ...);
/* The extent of a value along an axis, OKNG_ANY where it is known later; the type. 0 after a failure. */
int64_t okng_program_dim(const okng_program *p, okng_program_value x, int32_t axis);
int32_t okng_program_rank(const okng_program *p, okng_program_value x);

/* name: by which files and callers know it; each once among inputs. dims[0], and of rank 4 the sides too, may be
 * OKNG_ANY. */
okng_program_value okng_program_input(okng_program *p, const char *name, okng_dtype dtype, int32_t rank,
                                      const int64_t *dims);
/* borrowed: `data` outlives the program and is not copied (rows of an open bank, built-in tables); else it is copied.
 * Any alignment. name: NULL, or what an exported file calls it ("image_threshold", "layer1.0.conv1.weight"). Where a
 * constant of that name holds the same numbers it is given instead, so that a network that is written down twice has
 * its weights once; where it holds others, the new one's name gets ".2", ".3" behind it. */
okng_program_value okng_program_constant(okng_program *p, const char *name, okng_dtype dtype, int32_t rank,
                                         const int64_t *dims, const void *data, bool borrowed);
/* The same of memory from malloc or okng_alloc, which becomes the program's: freed by it, now where it has failed. NULL
 * data fails it with MEMORY, so that what okng_alloc gave may be handed on unlooked at. */
okng_program_value okng_program_constant_own(okng_program *p, const char *name, okng_dtype dtype, int32_t rank,
                                             const int64_t *dims, void *data);
/* float32, rank 0, without a name. */
okng_program_value okng_program_scalar(okng_program *p, float value);
/* A result of the whole, by the name that files give it, each once; in the order of the calls. */
void okng_program_output(okng_program *p, const char *name, okng_program_value x);

/* bias: OKNG_PROGRAM_NONE for none. */
okng_program_value okng_program_conv(okng_program *p, okng_program_value x, okng_program_value weight,
                                     okng_program_value bias, okng_window window, int32_t groups);
okng_program_value okng_program_max_pool(okng_program *p, okng_program_value x, okng_window window);
okng_program_value okng_program_average_pool(okng_program *p, okng_program_value x, okng_window window);
/* RELU..IS_NAN; ADD..OR */
okng_program_value okng_program_unary(okng_program *p, okng_program_op op, okng_program_value x);
okng_program_value okng_program_binary(okng_program *p, okng_program_op op, okng_program_value x, okng_program_value y);
okng_program_value okng_program_select(okng_program *p, okng_program_value condition, okng_program_value x,
                                       okng_program_value y);
/* x [..., M, K] y [..., K, N]; axes before the last two are repeated where one has 1 or none. */
okng_program_value okng_program_matmul(okng_program *p, okng_program_value x, okng_program_value y);
/* y [..., N, K], turned as it is read: rows of a bank, weights of a linear map. */
okng_program_value okng_program_matmul_turned(okng_program *p, okng_program_value x, okng_program_value y);
okng_program_value okng_program_softmax(okng_program *p, okng_program_value x, int32_t axis);
okng_program_value okng_program_layer_norm(okng_program *p, okng_program_value x, okng_program_value scale,
                                           okng_program_value shift, float epsilon);
/* REDUCE_SUM..REDUCE_MIN; axes: OKNG_AXIS(1) | OKNG_AXIS(2), at least one */
okng_program_value okng_program_reduce(okng_program *p, okng_program_op op, okng_program_value x, uint32_t axes);
/* k: 1..the last axis. Gives the values; *indices (may be NULL) their places, int64. float32 without NaN. */
okng_program_value okng_program_top_k(okng_program *p, okng_program_value x, int64_t k, bool largest,
                                      okng_program_value *indices);
/* Indices from 0 to below the axis; others are an error of the run. */
okng_program_value okng_program_gather(okng_program *p, okng_program_value x, okng_program_value indices, int32_t axis);
okng_program_value okng_program_gather_elements(okng_program *p, okng_program_value x, okng_program_value indices,
                                                int32_t axis);

okng_program_value okng_program_concat(okng_program *p, const okng_program_value *inputs, int32_t count, int32_t axis);
okng_program_value okng_program_slice(okng_program *p, okng_program_value x, int32_t axis, int64_t begin, int64_t end,
                                      int64_t step);
/* Axis i of the result is axis order[i] of x; as many as x has. */
okng_program_value okng_program_transpose(okng_program *p, okng_program_value x, const int32_t *order);
/* One of dims may be OKNG_ANY: what is left over. 0 means as the input's at that place. */
okng_program_value okng_program_reshape(okng_program *p, okng_program_value x, int32_t rank, const int64_t *dims);
/* dims >= 1. */
okng_program_value okng_program_expand(okng_program *p, okng_program_value x, int32_t rank, const int64_t *dims);
/* before, behind: as many as x has axes, >= 0. */
okng_program_value okng_program_pad(okng_program *p, okng_program_value x, const int64_t *before, const int64_t *behind,
                                    float value);
okng_program_value okng_program_cast(okng_program *p, okng_program_value x, okng_dtype dtype);
okng_program_value okng_program_resize(okng_program *p, okng_program_value x, int64_t height, int64_t width);

#define OKNG_PROGRAM_UNARY(name, op)                                                            \
    static inline okng_program_value okng_program_##name(okng_program *p, okng_program_value x) \
    {                                                                                           \
        return okng_program_unary(p, OKNG_PROGRAM_##op, x);                                     \
    }
#define OKNG_PROGRAM_BINARY(name, op)                                                                                 \
    static inline okng_program_value okng_program_##name(okng_program *p, okng_program_value x, okng_program_value y) \
    {                                                                                                                 \
        return okng_program_binary(p, OKNG_PROGRAM_##op, x, y);                                                       \
    }
#define OKNG_PROGRAM_REDUCTION(name, op)                                                                       \
    static inline okng_program_value okng_program_##name(okng_program *p, okng_program_value x, uint32_t axes) \
    {                                                                                                          \
        return okng_program_reduce(p, OKNG_PROGRAM_REDUCE_##op, x, axes);                                      \
    }
OKNG_PROGRAM_UNARY(relu, RELU)
OKNG_PROGRAM_UNARY(sigmoid, SIGMOID)
OKNG_PROGRAM_UNARY(erf, ERF)
OKNG_PROGRAM_UNARY(exp, EXP)
OKNG_PROGRAM_UNARY(log, LOG)
OKNG_PROGRAM_UNARY(sqrt, SQRT)
OKNG_PROGRAM_UNARY(abs, ABS)
OKNG_PROGRAM_UNARY(negate, NEGATE)
OKNG_PROGRAM_UNARY(round, ROUND)
OKNG_PROGRAM_UNARY(floor, FLOOR)
OKNG_PROGRAM_UNARY(not, NOT)
OKNG_PROGRAM_UNARY(is_nan, IS_NAN)
OKNG_PROGRAM_BINARY(add, ADD)
OKNG_PROGRAM_BINARY(subtract, SUBTRACT)
OKNG_PROGRAM_BINARY(multiply, MULTIPLY)
OKNG_PROGRAM_BINARY(divide, DIVIDE)
OKNG_PROGRAM_BINARY(maximum, MAXIMUM)
OKNG_PROGRAM_BINARY(minimum, MINIMUM)
OKNG_PROGRAM_BINARY(greater, GREATER)
OKNG_PROGRAM_BINARY(less, LESS)
OKNG_PROGRAM_BINARY(equal, EQUAL)
OKNG_PROGRAM_BINARY(and, AND)
OKNG_PROGRAM_BINARY(or, OR)
OKNG_PROGRAM_REDUCTION(sum, SUM)
OKNG_PROGRAM_REDUCTION(mean, MEAN)
OKNG_PROGRAM_REDUCTION(largest, MAX)
OKNG_PROGRAM_REDUCTION(smallest, MIN)
#undef OKNG_PROGRAM_UNARY
#undef OKNG_PROGRAM_BINARY
#undef OKNG_PROGRAM_REDUCTION

/* ---- lower.c ---- */
/* Writes a network's graph into the program, norms and layer scales folded (net/fold_weights.h), every operator by its
 * row of lower.c. inputs[i]: of the graph's input i, its shape with the batch in place of the first 1 (numbers of a
 * text: int64 or int32). outputs[i]: layer i, the shape that okng_graph_output_shape says with the batch: [N, C, H, W]
 * of a feature map, [N, T, C] of tokens. Weights are copied, folded, under their names in the file; graph and weights
 * may go afterwards. Errors: those of okng_graph_check_weights; UNSUPPORTED for an operator without a row; what
 * okng_program_check tells. */
okng_status okng_program_lower(okng_program *p, const okng_graph *graph, const okng_weights *weights,
                               const okng_program_value *inputs, okng_program_value *outputs, okng_error *error);

/* ---- run.c ---- */
/* Executes the program. inputs[i]: of its input i, of that type, the shape with any extent >= 1 where it says OKNG_ANY.
 * outputs[i], one per output: a new array each, for the caller to free; all NULL on failure. The result does not depend
 * on `threads`. Memory: constants are not copied, a value is freed behind its last reader. Errors: ARGUMENT for inputs
 * that do not fit, for an index that is out of range and a whole number divided by 0; LIMIT where a value would pass
 * 2^36 elements, or the values that are held pass OKNG_PROGRAM_RUN_BYTES or the memory that can be had; MEMORY; what
 * okng_program_check tells. */
okng_status okng_program_run(const okng_program *p, const okng_array *const *inputs, int threads, okng_array **outputs,
                             okng_error *error);

/* ---- ops.c ---- */
/* What it costs for so many pictures (what is OKNG_ANY besides the first axis counts as 1). */
typedef struct okng_program_costs {
    int64_t constants;  /* bytes of constants */
    int64_t parameters; /* elements of float constants */
    int64_t largest;    /* bytes of the largest value that is no constant */
    double flops;       /* multiply-adds x 2 of convolutions and products */
} okng_program_costs;
void okng_program_count(const okng_program *p, int64_t batch, okng_program_costs *costs);

#endif
