/* The inside of a program, for those who walk it: writers of files, readers of files, the interpreter. */
#ifndef OKNG_PROGRAM_NODE_H
#define OKNG_PROGRAM_NODE_H

#include "program/program.h"

/* Element type and extents, outermost first; unused ones are 0. */
typedef struct okng_program_type {
    okng_dtype dtype;
    int32_t rank;                        /* 0..OKNG_PROGRAM_RANK_MAX */
    int64_t dims[OKNG_PROGRAM_RANK_MAX]; /* >= 1, or OKNG_ANY */
} okng_program_type;

/* One operator and its result. Inputs always come earlier in the list. What only some operators use is zero in the
 * others. */
typedef struct okng_program_node {
    okng_program_op op;
    okng_program_type type; /* of the result */
    okng_program_type
        one; /* the same where every OKNG_ANY of the inputs is 1: axes that were joined know their parts */
    okng_program_value *inputs; /* input_count of them; the program owns them */
    int32_t input_count;
    char
        *name; /* INPUT, CONSTANT: by which files know it; NULL for none. The program owns it. Each once in a program */

    /* ---- settings ---- */
    okng_window window;                    /* CONV, MAX_POOL, AVERAGE_POOL: height, width */
    int32_t groups;                        /* CONV */
    bool turned;                           /* MATMUL: the second input is [..., N, K] */
    int32_t axis;                          /* SOFTMAX, GATHER, GATHER_ELEMENTS, CONCAT, SLICE */
    uint32_t axes;                         /* REDUCE_*: as bits, OKNG_AXIS */
    float epsilon;                         /* LAYER_NORM */
    float value;                           /* PAD */
    int64_t k;                             /* TOP_K and its TOP_K_INDICES */
    bool largest;                          /* TOP_K */
    int64_t begin, end, step;              /* SLICE */
    int32_t rank;                          /* RESHAPE, EXPAND: of the shape that was asked for */
    int64_t dims[OKNG_PROGRAM_RANK_MAX];   /* RESHAPE: with OKNG_ANY and 0 as they were asked for; EXPAND; PAD: before
                                              each axis */
    int64_t behind[OKNG_PROGRAM_RANK_MAX]; /* PAD */
    int32_t order[OKNG_PROGRAM_RANK_MAX];  /* TRANSPOSE */
    int64_t size[2];                       /* RESIZE: height, width */

    /* ---- CONSTANT ---- */
    const void *data; /* of its type, row-major, any alignment */
    void *own;        /* the same where the program frees it, else NULL */
} okng_program_node;

typedef struct okng_program_result {
    char *name;
    okng_program_value value;
} okng_program_result;

struct okng_program {
    okng_program_node *nodes;
    size_t count, capacity;
    okng_program_value inputs[OKNG_PROGRAM_MAX_ENDS]; /* the nodes of inputs, in order */
    int32_t input_count;
    okng_program_result outputs[OKNG_PROGRAM_MAX_ENDS];
    int32_t output_count;
    okng_error failure; /* status OKNG_OK: none yet */
};

/* ---- builder.c ---- */
/* Appends a node: what `like` has as op, settings, and of CAST its type's dtype; inputs are `count` values. Its shape
 * comes from its row. For who reads files: a node with settings of any value is checked, never believed. INPUT and
 * CONSTANT have functions of their own. */
okng_program_value okng_program_append(okng_program *p, const okng_program_node *like, const okng_program_value *inputs,
                                       int32_t count);

/* ---- ops.c: the table of operators ---- */

enum { OKNG_PROGRAM_INPUTS_ANY = 65536 };

struct okng_program_job;

/* What is known of an operator, one row each. */
typedef struct okng_program_row {
    const char *name; /* "conv" */
    int32_t min_inputs, max_inputs;
    /* The type of the result from settings and the types of the inputs, which may be OKNG_ANY. ARGUMENT for what does
     * not fit, saying what was found and what is expected. NULL: INPUT and CONSTANT have theirs. */
    okng_status (*shape)(const okng_program_node *node, const okng_program_type *inputs, okng_program_type *result,
                         okng_error *error);
    /* Multiply-adds x 2 of products; NULL where there are none. */
    double (*flops)(const okng_program_node *node, const okng_program_type *inputs, const okng_program_type *result);
    /* Fills the result; NULL: INPUT and CONSTANT, and what the node before has filled (TOP_K_INDICES). */
    okng_status (*run)(const struct okng_program_job *job, okng_error *error);
} okng_program_row;

/* The row of an operator; static storage. */
const okng_program_row *okng_program_row_of(okng_program_op op);

/* ---- types.c ---- */
/* Elements where OKNG_ANY counts as 1, -1 where they are over 2^36. */
int64_t okng_program_elements(const okng_program_type *type);
/* "float32 [?, 3, 224, 224]" into text; cut where it does not fit. Returns text. */
const char *okng_program_type_text(const okng_program_type *type, char *text, size_t size);
bool okng_program_type_equal(const okng_program_type *a, const okng_program_type *b);
/* The broadcast of two extents: false where they do not fit. */
bool okng_program_broadcast(const okng_program_type *a, const okng_program_type *b, okng_program_type *result);

#endif
