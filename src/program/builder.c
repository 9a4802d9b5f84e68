#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "program/node.h"

/* ---- the whole ---- */

okng_status okng_program_new(okng_program **out, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    return *out ? OKNG_OK : okng_fail_memory(error, sizeof **out);
}

static void clear_node(okng_program_node *node)
{
    free(node->inputs);
    free(node->name);
    free(node->own);
}

void okng_program_free(okng_program **program)
{
    if (!program || !*program) return;
    okng_program *p = *program;
    for (size_t i = 0; i < p->count; i++) clear_node(&p->nodes[i]);
    for (int32_t i = 0; i < p->output_count; i++) free(p->outputs[i].name);
    free(p->nodes);
    free(p);
    *program = NULL;
}

/* ---- the first failure ---- */

void okng_program_fail(okng_program *p, okng_status status, const char *format, ...)
{
    char text[sizeof p->failure.message];
    va_list list;
    if (p->failure.status != OKNG_OK) return;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    (void)okng_fail(&p->failure, status, "%s", text);
}

okng_status okng_program_check(const okng_program *p, okng_error *error)
{
    if (p->failure.status != OKNG_OK && error) *error = p->failure;
    return p->failure.status;
}

static bool failed(const okng_program *p)
{
    return p->failure.status != OKNG_OK;
}

/* ---- what is known of a value ---- */

static bool is_value(const okng_program *p, okng_program_value x)
{
    return x >= 0 && (size_t)x < p->count;
}

int64_t okng_program_dim(const okng_program *p, okng_program_value x, int32_t axis)
{
    if (failed(p) || !is_value(p, x) || axis < 0 || axis >= p->nodes[x].type.rank) return 0;
    return p->nodes[x].type.dims[axis];
}

int32_t okng_program_rank(const okng_program *p, okng_program_value x)
{
    return failed(p) || !is_value(p, x) ? 0 : p->nodes[x].type.rank;
}

/* ---- nodes ---- */

static const okng_program_node *named(const okng_program *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->nodes[i].name && strcmp(p->nodes[i].name, name) == 0) return &p->nodes[i];
    return NULL;
}

static char *copy_name(okng_program *p, const char *name)
{
    char *copy = strndup(name, OKNG_PROGRAM_NAME_MAX - 1);
    if (!copy) okng_program_fail(p, OKNG_ERROR_MEMORY, "out of memory for a name of the program");
    return copy;
}

/* A free node at the end, zeroed, that is not yet counted; NULL after a failure. */
static okng_program_node *next(okng_program *p)
{
    if (failed(p)) return NULL;
    if (p->count >= OKNG_PROGRAM_MAX_NODES)
        okng_program_fail(p, OKNG_ERROR_LIMIT, "the program has more than %d operators and constants",
                          OKNG_PROGRAM_MAX_NODES);
    else if (!okng_grow((void **)&p->nodes, &p->capacity, p->count + 1, sizeof *p->nodes))
        okng_program_fail(p, OKNG_ERROR_MEMORY, "out of memory for %zu operators of a program", p->count + 1);
    if (failed(p)) return NULL;
    memset(&p->nodes[p->count], 0, sizeof *p->nodes);
    return &p->nodes[p->count];
}

static bool take_inputs(okng_program *p, okng_program_node *node, const okng_program_value *inputs, int32_t count)
{
    const okng_program_row *row = okng_program_row_of(node->op);
    if (count < row->min_inputs || count > row->max_inputs) {
        okng_program_fail(p, OKNG_ERROR_ARGUMENT, "value %zu of the program, %s, has %d inputs, expected %d to %d",
                          p->count, row->name, count, row->min_inputs, row->max_inputs);
        return false;
    }
    for (int32_t k = 0; k < count; k++)
        if (!is_value(p, inputs[k])) {
            okng_program_fail(p, OKNG_ERROR_ARGUMENT,
                              "value %zu of the program, %s, reads value %d, expected one of those before it", p->count,
                              row->name, inputs[k]);
            return false;
        }
    node->inputs = malloc((size_t)count * sizeof *inputs);
    if (!node->inputs) {
        okng_program_fail(p, OKNG_ERROR_MEMORY, "out of memory for %d inputs of %s", count, row->name);
        return false;
    }
    memcpy(node->inputs, inputs, (size_t)count * sizeof *inputs);
    node->input_count = count;
    return true;
}

static okng_program_type closed(const okng_program_type *type)
{
    okng_program_type result = *type;
    for (int32_t i = 0; i < type->rank; i++)
        if (type->dims[i] == OKNG_ANY) result.dims[i] = 1;
    return result;
}

/* By the row's rule, of inputs as they are and for one picture. types: room for both. */
static void ask_rule(okng_program *p, okng_program_node *node, okng_program_type *types)
{
    const okng_program_row *row = okng_program_row_of(node->op);
    okng_program_type *ones = types + node->input_count, result = {0};
    okng_error why = {0};
    for (int32_t k = 0; k < node->input_count; k++) {
        types[k] = p->nodes[node->inputs[k]].type;
        ones[k] = p->nodes[node->inputs[k]].one;
    }
    if (row->shape(node, types, &result, &why) != OKNG_OK)
        okng_program_fail(p, why.status, "value %zu of the program, %s, %s", p->count, row->name, why.message);
    else if (okng_program_elements(&result) < 0)
        okng_program_fail(p, OKNG_ERROR_LIMIT, "value %zu of the program, %s, would hold more than 2^36 elements",
                          p->count, row->name);
    if (failed(p)) return;
    /* sides that are not known may be too small as 1 */
    if (row->shape(node, ones, &node->one, NULL) != OKNG_OK) node->one = closed(&result);
    node->type = result;
}

/* Sets the types; inputs are taken. */
static void find_type(okng_program *p, okng_program_node *node)
{
    okng_program_type few[8], *types = few;
    if (node->input_count > 4) types = malloc((size_t)node->input_count * 2 * sizeof *types);
    if (types)
        ask_rule(p, node, types);
    else
        okng_program_fail(p, OKNG_ERROR_MEMORY, "out of memory for the shapes of %d values", node->input_count);
    if (types != few) free(types);
}

okng_program_value okng_program_append(okng_program *p, const okng_program_node *like, const okng_program_value *inputs,
                                       int32_t count)
{
    okng_program_node *node = next(p);
    if (!node) return OKNG_PROGRAM_NONE;
    if (like->op <= OKNG_PROGRAM_CONSTANT || like->op >= OKNG_PROGRAM_OP_COUNT) {
        okng_program_fail(p, OKNG_ERROR_ARGUMENT, "operator %d, expected one of the table", (int)like->op);
        return OKNG_PROGRAM_NONE;
    }
    *node = *like;
    node->inputs = NULL;
    node->input_count = 0;
    node->name = NULL;
    node->data = NULL;
    node->own = NULL;
    if (take_inputs(p, node, inputs, count)) find_type(p, node);
    if (!failed(p) && node->op == OKNG_PROGRAM_TOP_K_INDICES &&
        ((size_t)inputs[0] + 1 != p->count || p->nodes[inputs[0]].op != OKNG_PROGRAM_TOP_K))
        okng_program_fail(p, OKNG_ERROR_ARGUMENT,
                          "value %zu of the program, top_k_indices, stands behind %s, expected top_k", p->count,
                          okng_program_row_of(p->nodes[inputs[0]].op)->name);
    if (failed(p)) {
        clear_node(node);
        return OKNG_PROGRAM_NONE;
    }
    return (okng_program_value)p->count++;
}

/* ---- ends ---- */

/* Whether rank and extents can be those of a value; only those of axes in `open` may be OKNG_ANY. */
static bool check_type(okng_program *p, const char *name, okng_dtype dtype, int32_t rank, const int64_t *dims,
                       uint32_t open, okng_program_type *type)
{
    bool fits = rank >= 0 && rank <= OKNG_PROGRAM_RANK_MAX && okng_dtype_size(dtype) > 0;
    *type = (okng_program_type){.dtype = dtype, .rank = fits ? rank : 0};
    for (int32_t i = 0; fits && i < rank; i++) {
        type->dims[i] = dims[i];
        fits = dims[i] >= 1 || (dims[i] == OKNG_ANY && open & OKNG_AXIS(i));
    }
    if (!fits)
        okng_program_fail(p, OKNG_ERROR_ARGUMENT, "%s: rank %d, expected at most %d and extents of 1 or more", name,
                          rank, OKNG_PROGRAM_RANK_MAX);
    else if (okng_program_elements(type) < 0)
        okng_program_fail(p, OKNG_ERROR_LIMIT, "%s would hold more than 2^36 elements", name);
    return !failed(p);
}

okng_program_value okng_program_input(okng_program *p, const char *name, okng_dtype dtype, int32_t rank,
                                      const int64_t *dims)
{
    okng_program_node *node = next(p);
    okng_program_type type;
    if (!node) return OKNG_PROGRAM_NONE;
    if (p->input_count >= OKNG_PROGRAM_MAX_ENDS)
        okng_program_fail(p, OKNG_ERROR_LIMIT, "the program has more than %d inputs", OKNG_PROGRAM_MAX_ENDS);
    else if (named(p, name))
        okng_program_fail(p, OKNG_ERROR_ARGUMENT, "the program has two values of the name %s, expected one", name);
    if (failed(p) || !check_type(p, name, dtype, rank, dims, rank == 4 ? 0xfu : 1u, &type)) return OKNG_PROGRAM_NONE;
    *node =
        (okng_program_node){.op = OKNG_PROGRAM_INPUT, .type = type, .one = closed(&type), .name = copy_name(p, name)};
    if (failed(p)) return OKNG_PROGRAM_NONE;
    p->inputs[p->input_count++] = (okng_program_value)p->count;
    return (okng_program_value)p->count++;
}

static bool same_numbers(const okng_program_node *node, const okng_program_type *type, const void *data)
{
    const size_t bytes = (size_t)okng_program_elements(type) * okng_dtype_size(type->dtype);
    return node->op == OKNG_PROGRAM_CONSTANT && okng_program_type_equal(&node->type, type) &&
           memcmp(node->data, data, bytes) == 0;
}

/* text becomes `name`, or where that is taken the first of "name.2", "name.3" that is not. The constant of such a name
 * that holds the same numbers is given instead, NULL where there is none. */
static const okng_program_node *find_name(const okng_program *p, const char *name, const okng_program_type *type,
                                          const void *data, char text[OKNG_PROGRAM_NAME_MAX])
{
    const int room = OKNG_PROGRAM_NAME_MAX - 8;
    const okng_program_node *taken;
    (void)snprintf(text, OKNG_PROGRAM_NAME_MAX, "%s", name);
    for (size_t k = 2; (taken = named(p, text)); k++) {
        if (same_numbers(taken, type, data)) return taken;
        (void)snprintf(text, OKNG_PROGRAM_NAME_MAX, "%.*s.%zu", room, name, k);
    }
    return NULL;
}

/* own: becomes the program's, freed where it is of no use. */
static okng_program_value add_constant(okng_program *p, const char *name, const okng_program_type *type,
                                       const void *data, void *own)
{
    char text[OKNG_PROGRAM_NAME_MAX], *copy = NULL;
    okng_program_node *node = next(p);
    const okng_program_node *same = node && name ? find_name(p, name, type, data, text) : NULL;
    if (node && name && !same) copy = copy_name(p, text);
    if (failed(p) || same) {
        free(own);
        return same ? (okng_program_value)(same - p->nodes) : OKNG_PROGRAM_NONE;
    }
    *node = (okng_program_node){
        .op = OKNG_PROGRAM_CONSTANT, .type = *type, .one = *type, .name = copy, .data = data, .own = own};
    return (okng_program_value)p->count++;
}

static const char *called(const char *name)
{
    return name ? name : "a constant";
}

okng_program_value okng_program_constant(okng_program *p, const char *name, okng_dtype dtype, int32_t rank,
                                         const int64_t *dims, const void *data, bool borrowed)
{
    okng_program_type type;
    if (failed(p) || !check_type(p, called(name), dtype, rank, dims, 0, &type)) return OKNG_PROGRAM_NONE;
    if (borrowed) return add_constant(p, name, &type, data, NULL);
    const size_t bytes = (size_t)okng_program_elements(&type) * okng_dtype_size(dtype);
    void *own = okng_alloc(bytes, 1);
    if (own) memcpy(own, data, bytes);
    return okng_program_constant_own(p, name, dtype, rank, dims, own);
}

okng_program_value okng_program_constant_own(okng_program *p, const char *name, okng_dtype dtype, int32_t rank,
                                             const int64_t *dims, void *data)
{
    okng_program_type type;
    if (!data) okng_program_fail(p, OKNG_ERROR_MEMORY, "out of memory for %s of a program", called(name));
    if (failed(p) || !check_type(p, called(name), dtype, rank, dims, 0, &type)) {
        free(data);
        return OKNG_PROGRAM_NONE;
    }
    return add_constant(p, name, &type, data, data);
}

okng_program_value okng_program_scalar(okng_program *p, float value)
{
    return okng_program_constant(p, NULL, OKNG_F32, 0, NULL, &value, false);
}

void okng_program_output(okng_program *p, const char *name, okng_program_value x)
{
    if (failed(p)) return;
    if (!is_value(p, x))
        okng_program_fail(p, OKNG_ERROR_ARGUMENT, "the output %s is value %d, expected one of the program", name, x);
    if (p->output_count >= OKNG_PROGRAM_MAX_ENDS)
        okng_program_fail(p, OKNG_ERROR_LIMIT, "the program has more than %d outputs", OKNG_PROGRAM_MAX_ENDS);
    for (int32_t i = 0; !failed(p) && i < p->output_count; i++)
        if (strcmp(p->outputs[i].name, name) == 0)
            okng_program_fail(p, OKNG_ERROR_ARGUMENT, "the program has two outputs of the name %s", name);
    if (failed(p)) return;
    char *copy = copy_name(p, name);
    if (copy) p->outputs[p->output_count++] = (okng_program_result){copy, x};
}
