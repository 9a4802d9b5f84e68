/* Products with a matrix of weights, forward and backward, by the packed kernels of the engine
 * (engine/onednn/linear.h): what LINEAR and MATMUL by a constant are. float alone: in double no node has any (there is
 * false), and nothing below is called. */
#ifndef OKNG_GRAD_MAPS_H
#define OKNG_GRAD_MAPS_H

#include "engine/onednn/linear.h"
#include "grad/real.h"
#include "net/node.h"

/* y [rows, columns] = x [rows, inner] W + bias; dx = dy W^T; dW = x^T dy */
typedef struct okng_grad_maps {
    bool there;      /* else by plain loops */
    bool transposed; /* the matrix lies as [columns, inner] */
    int64_t rows, inner, columns;
    int64_t padded; /* rows of the inner sum of dW, with rows of zeros */
    okng_linear_map forward, back, weights;
    /* W as forward and back want it; NULL: packed into the room at each use. */
    okng_real *to_columns, *to_inner;
} okng_grad_maps;

/* Numbers that a room wants: as many as the largest product does. */
typedef struct okng_grad_sizes {
    size_t packed, turned_weights, rows, turned, columns, zeros;
    size_t each; /* of each thread */
} okng_grad_sizes;

/* What the products of a session share. */
typedef struct okng_grad_room {
    okng_real *packed, *turned_weights; /* of a matrix */
    okng_real *rows, *turned, *columns, *zeros, *scratch;
    size_t each; /* of a thread's scratch */
    /* What rows holds packed, in so many numbers, and what turned does; NULL: nothing that could be used again. */
    const okng_real *rows_of, *turned_of;
    size_t rows_size;
} okng_grad_room;

/* Of a node whose products these can do; there is false else. */
okng_grad_maps okng_grad_maps_of(const okng_graph *graph, const okng_node *node);
/* Raises the sizes to what these maps want. */
void okng_grad_maps_sizes(const okng_grad_maps *maps, okng_grad_sizes *sizes);
/* Numbers that to_columns and to_inner have room for. */
size_t okng_grad_maps_forward_size(const okng_grad_maps *maps);
size_t okng_grad_maps_back_size(const okng_grad_maps *maps);
/* Packs the matrix for later use, where to_columns and to_inner have room. */
void okng_grad_maps_pack(const okng_grad_maps *maps, okng_grad_room *room, int threads, const okng_real *matrix);

/* y = x W + bias (NULL for 0) */
void okng_grad_maps_forward(const okng_grad_maps *maps, okng_grad_room *room, int threads, const okng_real *x,
                            const okng_real *matrix, const okng_real *bias, okng_real *y);
/* dx += dy W^T */
void okng_grad_maps_back(const okng_grad_maps *maps, okng_grad_room *room, int threads, const okng_real *dy,
                         const okng_real *matrix, okng_real *dx);
/* d_matrix [inner, columns] += x^T dy */
void okng_grad_maps_weights(const okng_grad_maps *maps, okng_grad_room *room, int threads, const okng_real *x,
                            const okng_real *dy, okng_real *d_matrix);

#endif
