/* The small interpreter: one operator after the other, each value freed behind its last reader. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/memory_room.h"
#include "base/parallel.h"
#include "program/job.h"

typedef struct value {
    okng_program_type type;
    const void *data;
    void *own;               /* what is to be freed: of the value that made it, data; of a RESHAPE nothing */
    uint64_t bytes;          /* of own, where they count */
    int32_t readers;         /* that are still to come, outputs among them */
    okng_program_value root; /* whose memory it is: itself, but for a RESHAPE */
} value;

typedef struct run {
    const okng_program *p;
    value *values;
    bool *needed;
    int threads;
    uint64_t held, limit; /* bytes of the values that were made and are still to be read; and at most */
} run;

/* ---- which values, and how long ---- */

static void count_readers(run *r)
{
    const okng_program *p = r->p;
    for (int32_t i = 0; i < p->output_count; i++) {
        r->needed[p->outputs[i].value] = true;
        r->values[p->outputs[i].value].readers++;
    }
    for (size_t i = p->count; i-- > 0;) {
        const okng_program_node *node = &p->nodes[i];
        for (int32_t k = 0; r->needed[i] && k < node->input_count; k++) {
            r->needed[node->inputs[k]] = true;
            r->values[node->inputs[k]].readers++;
        }
    }
}

/* One reader less; a value that is a view of another is a reader of that one. */
static void let_go(run *r, okng_program_value at)
{
    value *v = &r->values[at];
    if (--v->readers > 0) return;
    if (v->root != at) {
        let_go(r, v->root);
        return;
    }
    free(v->own);
    r->held -= v->bytes;
    v->bytes = 0;
    v->own = NULL;
    v->data = NULL;
}

/* ---- what goes in ---- */

static bool fits_input(const okng_program_type *type, const okng_array *array)
{
    bool fits = array && array->dtype == type->dtype && array->dims == type->rank;
    for (int32_t i = 0; fits && i < type->rank; i++)
        fits = array->shape[i] >= 1 && (type->dims[i] == OKNG_ANY || type->dims[i] == array->shape[i]);
    return fits;
}

static okng_status take_input(run *r, const okng_program_node *node, const okng_array *array, value *v,
                              okng_error *error)
{
    char expected[96], found[96];
    if (!fits_input(&node->type, array))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the input %s is %s %s, expected %s", node->name,
                         array ? okng_dtype_name(array->dtype) : "no array",
                         okng_shape_text(array ? array->dims : 0, array ? array->shape : NULL, found, sizeof found),
                         okng_program_type_text(&node->type, expected, sizeof expected));
    (void)r;
    v->type = node->type;
    memcpy(v->type.dims, array->shape, (size_t)array->dims * sizeof *array->shape);
    v->data = array->data;
    return okng_program_elements(&v->type) >= 0
               ? OKNG_OK
               : okng_fail(error, OKNG_ERROR_LIMIT, "the input %s holds more than 2^36 elements", node->name);
}

/* Constants may lie at any address in a file; elements are read at multiples of their size. */
static okng_status take_constant(const okng_program_node *node, value *v, okng_error *error)
{
    const size_t size = okng_dtype_size(node->type.dtype), bytes = (size_t)okng_program_elements(&node->type) * size;
    v->type = node->type;
    v->data = node->data;
    if ((uintptr_t)node->data % size == 0) return OKNG_OK;
    v->own = okng_alloc(bytes, 1);
    if (!v->own) return okng_fail_memory(error, bytes);
    memcpy(v->own, node->data, bytes);
    v->data = v->own;
    return OKNG_OK;
}

/* ---- one operator ---- */

/* A model of a few bytes can ask for more than the machine has, which the kernel may promise and not keep. */
static uint64_t find_limit(void)
{
    okng_memory_room room;
    okng_memory_room_now(&room);
    const uint64_t least = room.mapped < room.touched ? room.mapped : room.touched;
    return least < OKNG_PROGRAM_RUN_BYTES ? least : OKNG_PROGRAM_RUN_BYTES;
}

static okng_status make_room(run *r, value *v, okng_error *error)
{
    const int64_t elements = okng_program_elements(&v->type);
    const size_t size = okng_dtype_size(v->type.dtype);
    if (elements < 0) return okng_fail(error, OKNG_ERROR_LIMIT, "would hold more than 2^36 elements");
    const uint64_t bytes = (uint64_t)elements * size; /* 2^36 of 8 at most */
    if (bytes > r->limit - r->held)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "would take %llu bytes beside %llu that values take already, expected %llu or less together",
                         (unsigned long long)bytes, (unsigned long long)r->held, (unsigned long long)r->limit);
    v->own = okng_alloc((size_t)elements, size);
    v->data = v->own;
    if (!v->own) return okng_fail_memory(error, (size_t)bytes);
    r->held += v->bytes = bytes;
    return OKNG_OK;
}

static okng_status compute(run *r, size_t i, const okng_program_type *types, const void **data, okng_error *error)
{
    const okng_program_node *node = &r->p->nodes[i];
    const okng_program_row *row = okng_program_row_of(node->op);
    value *v = &r->values[i];
    OKNG_TRY(row->shape(node, types, &v->type, error));
    if (node->op == OKNG_PROGRAM_RESHAPE) {
        v->root = r->values[node->inputs[0]].root;
        v->data = data[0];
        r->values[v->root].readers++;
        return OKNG_OK;
    }
    if (node->op == OKNG_PROGRAM_TOP_K_INDICES) return OKNG_OK; /* filled together with the values */
    OKNG_TRY(make_room(r, v, error));
    okng_program_job job = {
        .node = node, .types = types, .inputs = data, .type = &v->type, .result = v->own, .threads = r->threads};
    if (node->op == OKNG_PROGRAM_TOP_K) {
        if (i + 1 >= r->p->count || r->p->nodes[i + 1].op != OKNG_PROGRAM_TOP_K_INDICES)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "has no top_k_indices right behind it");
        value *places = &r->values[i + 1];
        places->type = v->type;
        places->type.dtype = OKNG_I64;
        OKNG_TRY(make_room(r, places, error));
        job.places = places->own;
    }
    return row->run(&job, error);
}

static okng_status step(run *r, size_t i, okng_error *error)
{
    const okng_program_node *node = &r->p->nodes[i];
    const size_t count = (size_t)node->input_count;
    okng_program_type *types = malloc(count * sizeof *types);
    const void **data = malloc(count * sizeof *data);
    okng_status status = types && data ? OKNG_OK : okng_fail_memory(error, count * (sizeof *types + sizeof *data));
    for (size_t k = 0; status == OKNG_OK && k < count; k++) {
        types[k] = r->values[node->inputs[k]].type;
        data[k] = r->values[node->inputs[k]].data;
    }
    if (status == OKNG_OK) status = compute(r, i, types, data, error);
    if (status != OKNG_OK)
        (void)okng_error_context(error, status, "value %zu of the program, %s", i, okng_program_row_of(node->op)->name);
    free(types);
    free(data);
    for (size_t k = 0; status == OKNG_OK && k < count; k++) let_go(r, node->inputs[k]);
    return status;
}

/* ---- the whole ---- */

static okng_status run_all(run *r, const okng_array *const *inputs, okng_error *error)
{
    int32_t input = 0;
    for (size_t i = 0; i < r->p->count; i++) {
        const okng_program_node *node = &r->p->nodes[i];
        value *v = &r->values[i];
        v->root = (okng_program_value)i;
        if (node->op == OKNG_PROGRAM_INPUT)
            OKNG_TRY(take_input(r, node, inputs[input++], v, error));
        else if (!r->needed[i])
            continue;
        else if (node->op == OKNG_PROGRAM_CONSTANT)
            OKNG_TRY(take_constant(node, v, error));
        else
            OKNG_TRY(step(r, i, error));
    }
    return OKNG_OK;
}

static okng_status give_outputs(const run *r, okng_array **outputs, okng_error *error)
{
    for (int32_t i = 0; i < r->p->output_count; i++) {
        const value *v = &r->values[r->p->outputs[i].value];
        OKNG_TRY(okng_array_new(&outputs[i], v->type.dtype, v->type.rank, v->type.dims, error));
        memcpy(outputs[i]->data, v->data, outputs[i]->bytes);
    }
    return OKNG_OK;
}

okng_status okng_program_run(const okng_program *p, const okng_array *const *inputs, int threads, okng_array **outputs,
                             okng_error *error)
{
    run r = {.p = p, .threads = okng_parallel_inside() ? 1 : threads, .limit = find_limit()};
    for (int32_t i = 0; i < p->output_count; i++) outputs[i] = NULL;
    OKNG_TRY(okng_program_check(p, error));
    r.values = okng_alloc_zero(p->count, sizeof *r.values);
    r.needed = okng_alloc_zero(p->count, sizeof *r.needed);
    okng_status status =
        r.values && r.needed ? OKNG_OK : okng_fail_memory(error, p->count * (sizeof *r.values + sizeof *r.needed));
    if (status == OKNG_OK) {
        count_readers(&r);
        status = run_all(&r, inputs, error);
    }
    if (status == OKNG_OK) status = give_outputs(&r, outputs, error);
    for (int32_t i = 0; status != OKNG_OK && i < p->output_count; i++) okng_array_free(&outputs[i]);
    for (size_t i = 0; r.values && i < p->count; i++) free(r.values[i].own);
    free(r.values);
    free(r.needed);
    return status;
}
