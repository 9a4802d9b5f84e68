#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "program/job.h"
#include "program/walk.h"

/* ---- one operand ---- */

typedef void (*unary_fn)(const void *from, void *to, int64_t count);

#define UNARY(name, FROM, TO, value)                            \
    static void name(const void *from, void *to, int64_t count) \
    {                                                           \
        const FROM *in = from;                                  \
        TO *out = to;                                           \
        for (int64_t i = 0; i < count; i++) {                   \
            const FROM x = in[i];                               \
            out[i] = (TO)(value);                               \
        }                                                       \
    }
UNARY(relu, float, float, x < 0.0f ? 0.0f : x)
UNARY(sigmoid, float, float, 1.0f / (1.0f + expf(-x)))
UNARY(erf_of, float, float, erff(x))
UNARY(exp_of, float, float, expf(x))
UNARY(log_of, float, float, logf(x))
UNARY(sqrt_of, float, float, sqrtf(x))
UNARY(abs_of, float, float, fabsf(x))
UNARY(negate, float, float, -x)
UNARY(round_of, float, float, rintf(x))
UNARY(floor_of, float, float, floorf(x))
UNARY(not_of, uint8_t, uint8_t, !x)
UNARY(is_nan, float, uint8_t, isnan(x) != 0)
UNARY(abs_whole, int64_t, int64_t, x < 0 ? 0 - (uint64_t)x : (uint64_t)x)
UNARY(negate_whole, int64_t, int64_t, 0 - (uint64_t)x)

static unary_fn unary_of(okng_program_op op, okng_dtype dtype)
{
    const bool whole = dtype == OKNG_I64;
    switch (op) {
    case OKNG_PROGRAM_RELU:
        return relu;
    case OKNG_PROGRAM_SIGMOID:
        return sigmoid;
    case OKNG_PROGRAM_ERF:
        return erf_of;
    case OKNG_PROGRAM_EXP:
        return exp_of;
    case OKNG_PROGRAM_LOG:
        return log_of;
    case OKNG_PROGRAM_SQRT:
        return sqrt_of;
    case OKNG_PROGRAM_ABS:
        return whole ? abs_whole : abs_of;
    case OKNG_PROGRAM_NEGATE:
        return whole ? negate_whole : negate;
    case OKNG_PROGRAM_ROUND:
        return round_of;
    case OKNG_PROGRAM_FLOOR:
        return floor_of;
    case OKNG_PROGRAM_NOT:
        return not_of;
    case OKNG_PROGRAM_IS_NAN:
        return is_nan;
    default:
        return NULL;
    }
}

/* ---- from one type to another ---- */

static int64_t whole(double x, int64_t least, int64_t most)
{
    if (!(x > (double)least)) return isnan(x) ? 0 : least;
    return x >= (double)most ? most : (int64_t)x;
}

#define CASTS(name, FROM)                \
    UNARY(name##_to_f32, FROM, float, x) \
    UNARY(name##_to_bool, FROM, uint8_t, x != 0)
UNARY(f32_to_bool, float, uint8_t, x != 0)
CASTS(i64, int64_t)
CASTS(i32, int32_t)
CASTS(u8, uint8_t)
UNARY(f32_to_i64, float, int64_t, whole((double)x, INT64_MIN, INT64_MAX))
UNARY(f32_to_i32, float, int32_t, whole((double)x, INT32_MIN, INT32_MAX))
UNARY(f32_to_u8, float, uint8_t, whole((double)x, 0, UINT8_MAX))
UNARY(i64_to_i32, int64_t, int32_t, x)
UNARY(i64_to_u8, int64_t, uint8_t, x)
UNARY(i32_to_i64, int32_t, int64_t, x)
UNARY(i32_to_u8, int32_t, uint8_t, x)
UNARY(u8_to_i64, uint8_t, int64_t, x)
UNARY(u8_to_i32, uint8_t, int32_t, x)
UNARY(bool_to_f32, uint8_t, float, x != 0)
UNARY(bool_to_i64, uint8_t, int64_t, x != 0)
UNARY(bool_to_i32, uint8_t, int32_t, x != 0)
UNARY(same_8, uint8_t, uint8_t, x)
UNARY(same_16, uint16_t, uint16_t, x)
UNARY(same_32, uint32_t, uint32_t, x)
UNARY(same_64, uint64_t, uint64_t, x)

static void f16_to_f32(const void *from, void *to, int64_t count)
{
    okng_to_float(OKNG_F16, from, (size_t)count, to);
}

static void f32_to_f16(const void *from, void *to, int64_t count)
{
    (void)okng_from_float(OKNG_F16, from, (size_t)count, to);
}

/* In the order of `place_of`. NULL: there is none. */
static const unary_fn casts[6][6] = {
    {same_32, f32_to_f16, f32_to_i64, f32_to_i32, f32_to_u8, f32_to_bool},
    {f16_to_f32, same_16, NULL, NULL, NULL, NULL},
    {i64_to_f32, NULL, same_64, i64_to_i32, i64_to_u8, i64_to_bool},
    {i32_to_f32, NULL, i32_to_i64, same_32, i32_to_u8, i32_to_bool},
    {u8_to_f32, NULL, u8_to_i64, u8_to_i32, same_8, u8_to_bool},
    {bool_to_f32, NULL, bool_to_i64, bool_to_i32, u8_to_bool, u8_to_bool},
};

static int place_of(okng_dtype dtype)
{
    static const okng_dtype order[] = {OKNG_F32, OKNG_F16, OKNG_I64, OKNG_I32, OKNG_U8, OKNG_BOOL};
    for (int i = 0; i < 6; i++)
        if (order[i] == dtype) return i;
    return -1;
}

/* ---- running both ---- */

typedef struct each {
    unary_fn fn;
    const char *from;
    char *to;
    size_t from_size, to_size;
} each;

static void do_range(void *context, int64_t begin, int64_t end, int thread)
{
    const each *e = context;
    (void)thread;
    e->fn(e->from + (size_t)begin * e->from_size, e->to + (size_t)begin * e->to_size, end - begin);
}

static okng_status do_each(const okng_program_job *job, unary_fn fn, okng_error *error)
{
    if (!fn)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "a change of %s to %s is not known",
                         okng_dtype_name(job->types[0].dtype), okng_dtype_name(job->type->dtype));
    each e = {fn, job->inputs[0], job->result, okng_dtype_size(job->types[0].dtype), okng_dtype_size(job->type->dtype)};
    okng_parallel_for(job->threads, okng_program_elements(job->type), 1 << 14, do_range, &e);
    return OKNG_OK;
}

okng_status okng_program_run_unary(const okng_program_job *job, okng_error *error)
{
    return do_each(job, unary_of(job->node->op, job->types[0].dtype), error);
}

okng_status okng_program_run_cast(const okng_program_job *job, okng_error *error)
{
    const int from = place_of(job->types[0].dtype), to = place_of(job->type->dtype);
    return do_each(job, from < 0 || to < 0 ? NULL : casts[from][to], error);
}

/* ---- two operands ---- */

typedef void (*binary_fn)(const void *left, int64_t left_step, const void *right, int64_t right_step, void *to,
                          int64_t count);

/* The loops that are met most have steps that the compiler knows. */
#define LOOP(FROM, TO, value, i_left, i_right)    \
    for (int64_t i = 0; i < count; i++) {         \
        const FROM x = a[i_left], y = b[i_right]; \
        out[i] = (TO)(value);                     \
    }
#define BINARY(name, FROM, TO, value)                                                                      \
    static void name(const void *left, int64_t left_step, const void *right, int64_t right_step, void *to, \
                     int64_t count)                                                                        \
    {                                                                                                      \
        const FROM *a = left, *b = right;                                                                  \
        TO *out = to;                                                                                      \
        if (left_step == 1 && right_step == 1)                                                             \
            LOOP(FROM, TO, value, i, i)                                                                    \
        else if (left_step == 1 && right_step == 0)                                                        \
            LOOP(FROM, TO, value, i, 0)                                                                    \
        else                                                                                               \
            LOOP(FROM, TO, value, i *left_step, i *right_step)                                             \
    }
BINARY(add, float, float, x + y)
BINARY(subtract, float, float, x - y)
BINARY(multiply, float, float, x *y)
BINARY(divide, float, float, x / y)
BINARY(maximum, float, float, x > y || x != x ? x : y)
BINARY(minimum, float, float, x < y || x != x ? x : y)
BINARY(greater, float, uint8_t, x > y)
BINARY(less, float, uint8_t, x < y)
BINARY(equal, float, uint8_t, x == y)
BINARY(and_of, uint8_t, uint8_t, x &&y)
BINARY(or_of, uint8_t, uint8_t, x || y)
BINARY(add_whole, int64_t, int64_t, (uint64_t)x + (uint64_t)y)
BINARY(subtract_whole, int64_t, int64_t, (uint64_t)x - (uint64_t)y)
BINARY(multiply_whole, int64_t, int64_t, (uint64_t)x *(uint64_t)y)
BINARY(divide_whole, int64_t, int64_t, y == -1 ? (int64_t)(0 - (uint64_t)x) : x / y)
BINARY(maximum_whole, int64_t, int64_t, x > y ? x : y)
BINARY(minimum_whole, int64_t, int64_t, x < y ? x : y)
BINARY(greater_whole, int64_t, uint8_t, x > y)
BINARY(less_whole, int64_t, uint8_t, x < y)
BINARY(equal_whole, int64_t, uint8_t, x == y)

static binary_fn binary_of(okng_program_op op, okng_dtype dtype)
{
    const bool is_whole = dtype == OKNG_I64;
    switch (op) {
    case OKNG_PROGRAM_ADD:
        return is_whole ? add_whole : add;
    case OKNG_PROGRAM_SUBTRACT:
        return is_whole ? subtract_whole : subtract;
    case OKNG_PROGRAM_MULTIPLY:
        return is_whole ? multiply_whole : multiply;
    case OKNG_PROGRAM_DIVIDE:
        return is_whole ? divide_whole : divide;
    case OKNG_PROGRAM_MAXIMUM:
        return is_whole ? maximum_whole : maximum;
    case OKNG_PROGRAM_MINIMUM:
        return is_whole ? minimum_whole : minimum;
    case OKNG_PROGRAM_GREATER:
        return is_whole ? greater_whole : greater;
    case OKNG_PROGRAM_LESS:
        return is_whole ? less_whole : less;
    case OKNG_PROGRAM_EQUAL:
        return is_whole ? equal_whole : equal;
    case OKNG_PROGRAM_AND:
        return and_of;
    case OKNG_PROGRAM_OR:
        return or_of;
    default:
        return NULL;
    }
}

typedef struct pairs {
    binary_fn fn;
    const char *left, *right;
    char *to;
    int64_t size, to_size; /* bytes of an element */
} pairs;

static void do_pairs(void *context, int64_t at, int64_t count, const int64_t from[OKNG_WALK_OPERANDS],
                     const int64_t step[OKNG_WALK_OPERANDS])
{
    const pairs *p = context;
    p->fn(p->left + from[0] * p->size, step[0], p->right + from[1] * p->size, step[1], p->to + at * p->to_size, count);
}

static bool has_zero(const okng_program_type *type, const int64_t *values)
{
    for (int64_t i = 0; i < okng_program_elements(type); i++)
        if (values[i] == 0) return true;
    return false;
}

okng_status okng_program_run_binary(const okng_program_job *job, okng_error *error)
{
    const okng_dtype dtype = job->types[0].dtype;
    if (job->node->op == OKNG_PROGRAM_DIVIDE && dtype == OKNG_I64 && has_zero(&job->types[1], job->inputs[1]))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a whole number is divided by 0");
    pairs p = {binary_of(job->node->op, dtype),
               job->inputs[0],
               job->inputs[1],
               job->result,
               (int64_t)okng_dtype_size(dtype),
               (int64_t)okng_dtype_size(job->type->dtype)};
    okng_walk walk = {.rank = job->type->rank};
    memcpy(walk.dims, job->type->dims, sizeof walk.dims);
    okng_walk_repeat(&walk, 0, &job->types[0]);
    okng_walk_repeat(&walk, 1, &job->types[1]);
    okng_walk_run(&walk, job->threads, do_pairs, &p);
    return OKNG_OK;
}
