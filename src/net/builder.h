/* Builds graphs, one function call per operator, in the order of the Python model so that lines tick off one by one.
 * The first failure sticks: later calls do nothing, and the builder's status is looked at once, at the end. Names are
 * PyTorch's: `prefix` ("layer1.0", "" at the top) and `name` ("conv1") joined by a dot.
 *
 * A transformer's first block, as an example (timm's vision_transformer.py; x is [N, T, C]):
 *
 *     okng_value image = okng_net_input(b, 3, height, width);
 *     okng_value x = okng_net_conv_bias(b, image, "patch_embed", "proj", width, okng_window_square(16, 16, 0));
 *     const int64_t rows = okng_net_dim(b, x, 2), columns = okng_net_dim(b, x, 3);
 *     x = okng_net_tokens(b, x, "", "tokens");                                           // [N, rows * columns, C]
 *     okng_value token = okng_net_constant(b, "", "cls_token", OKNG_SHAPE(1, 1, width));
 *     x = okng_net_concat(b, (okng_value[]){token, x}, 2, 1, "", "cat");                 // along axis 1
 *     okng_value places = okng_net_constant_made(b, "", "pos_embed", OKNG_SHAPE(1, 197, width),
 *                                                OKNG_SHAPE(1, 1 + rows * columns, width), resample,
 *                                                (int64_t[OKNG_RANK_MAX]){1, rows, columns});
 *     x = okng_net_add(b, x, places, "", "pos_add");                                     // repeated for every picture
 *     okng_value y = okng_net_layer_norm(b, x, "blocks.0", "norm1", 1e-6);
 *     y = okng_net_linear(b, y, "blocks.0.attn", "qkv", 3 * width, true);                // [N, T, 3 C]
 *     y = okng_net_attention_packed(b, y, "blocks.0", "attn", heads, false);             // [N, T, C]
 *     y = okng_net_linear(b, y, "blocks.0.attn", "proj", width, true);
 *     y = okng_net_scale(b, y, "blocks.0.ls1", "gamma");                                 // where there is one
 *     x = okng_net_add(b, x, y, "blocks.0", "add1");
 *     y = okng_net_layer_norm(b, x, "blocks.0", "norm2", 1e-6);
 *     y = okng_net_gelu(b, okng_net_linear(b, y, "blocks.0.mlp", "fc1", 4 * width, true), "blocks.0.mlp", "act");
 *     x = okng_net_add(b, x, okng_net_linear(b, y, "blocks.0.mlp", "fc2", width, true), "blocks.0", "add2");
 *     y = okng_net_slice(b, x, 1, 1, rows * columns, "blocks.0", "patches");             // without the class token
 *     okng_net_mark(b, okng_net_map(b, y, rows, columns, "blocks.0", "map"), "blocks.0"); // [N, C, rows, columns]
 *
 * What no asked layer needs is dropped from the graph, so every block may be marked. `resample` is an okng_transform
 * (node.h): it gets the tensor of the file and fills the one of the network. A builder that does not like its input
 * says so with okng_net_fail. */
#ifndef OKNG_NET_BUILDER_H
#define OKNG_NET_BUILDER_H

#include "net/node.h"

typedef struct okng_builder {
    okng_graph *graph;
    okng_error *error;
    okng_status status;
} okng_builder;

/* ---- builder.c: inputs, marks, names ---- */

/* Of one picture: [1, channels, height, width]. N is 1 in all shapes; how many go in at once is up to who runs it. */
okng_value okng_net_input(okng_builder *b, int64_t channels, int64_t height, int64_t width);
/* The same in three channels, of sides that are multiples of the patch: ARGUMENT names the nearest. */
okng_value okng_net_input_patches(okng_builder *b, int32_t patch, int64_t height, int64_t width);
/* [1, length, width]: vectors, one behind the other. */
okng_value okng_net_input_vectors(okng_builder *b, const char *name, int64_t length, int64_t width);
/* Whole numbers [1, length], int32: tokens of a text. */
okng_value okng_net_input_numbers(okng_builder *b, const char *name, int64_t length);
/* Gives a value a name that can be asked for; deeper ones later. */
void okng_net_mark(okng_builder *b, okng_value x, const char *name);
/* Weights that hold this tensor are of another network. */
void okng_net_absent(okng_builder *b, const char *name);
/* The builder's failure, unless it has failed before: what was found, what was expected. */
__attribute__((format(printf, 3, 4))) void okng_net_fail(okng_builder *b, okng_status status, const char *format, ...);
/* The extent of a value along an axis; 0 after a failure, or where it has no such axis. */
int64_t okng_net_dim(const okng_builder *b, okng_value x, int32_t axis);
/* "prefix.name" or "name" into text[OKNG_NAME_MAX]. */
void okng_net_name(okng_builder *b, char text[OKNG_NAME_MAX], const char *prefix, const char *name);
/* A shape: OKNG_SHAPE(1, 197, width) */
#define OKNG_SHAPE(...) \
    ((okng_shape){.rank = (int32_t)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), .dims = {__VA_ARGS__}})

/* For the functions below: a new node, whose parameters and settings are filled in between the two. NULL after a
 * failure; okng_net_end then gives OKNG_NO_VALUE. */
okng_node *okng_net_begin(okng_builder *b, okng_op op, const char *prefix, const char *name, const okng_value *inputs,
                          int32_t count);
okng_value okng_net_end(okng_builder *b, okng_node *node);
/* The parameter "<the node's name>.<name>". */
void okng_net_param(okng_builder *b, okng_node *node, okng_role role, const char *name, okng_shape shape);

/* ---- builder_maps.c: operators over [N, C, H, W] ---- */

/* Without bias. Parameter: name.weight [channels, C / groups, kernel, kernel]. */
okng_value okng_net_conv(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                         okng_window window, int32_t groups);
/* With one: name.bias [channels] too. */
okng_value okng_net_conv_bias(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                              okng_window window);
/* Parameters: name.weight, bias, running_mean, running_var [C]. */
okng_value okng_net_batch_norm(okng_builder *b, okng_value x, const char *prefix, const char *name);
okng_value okng_net_max_pool(okng_builder *b, okng_value x, const char *prefix, const char *name, okng_window window);

/* ---- builder_values.c: operators over values of any rank; C is the last axis ---- */

okng_value okng_net_relu(okng_builder *b, okng_value x, const char *prefix, const char *name);
okng_value okng_net_gelu(okng_builder *b, okng_value x, const char *prefix, const char *name);
okng_value okng_net_quick_gelu(okng_builder *b, okng_value x, const char *prefix, const char *name);
/* y: of x's shape, or with 1 (or no axis) where it is repeated. A constant is always y. */
okng_value okng_net_add(okng_builder *b, okng_value x, okng_value y, const char *prefix, const char *name);
okng_value okng_net_multiply(okng_builder *b, okng_value x, okng_value y, const char *prefix, const char *name);
/* The tensor `name` [C] of the file times x, channel by channel: a layer scale. */
okng_value okng_net_scale(okng_builder *b, okng_value x, const char *prefix, const char *name);
/* A tensor of the file as a value. */
okng_value okng_net_constant(okng_builder *b, const char *prefix, const char *name, okng_shape shape);
/* One that `transform` makes a value of `shape` from. */
okng_value okng_net_constant_made(okng_builder *b, const char *prefix, const char *name, okng_shape stored,
                                  okng_shape shape, okng_transform transform, const int64_t sizes[OKNG_RANK_MAX]);
/* Parameters: name.weight [width, C], with `bias` name.bias [width]. */
okng_value okng_net_linear(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t width,
                           bool bias);
/* [..., M, K] and [..., K, N], or a constant [K, N] */
okng_value okng_net_matmul(okng_builder *b, okng_value x, okng_value y, const char *prefix, const char *name);
/* Parameters: name.weight, bias [C]. */
okng_value okng_net_layer_norm(okng_builder *b, okng_value x, const char *prefix, const char *name, double epsilon);
/* Over the last axis. */
okng_value okng_net_softmax(okng_builder *b, okng_value x, const char *prefix, const char *name);
/* Q [N, T, C], K [N, S, C], V [N, S, V]; the heads lie side by side along the last axis. */
okng_value okng_net_attention(okng_builder *b, const okng_value qkv[3], const char *prefix, const char *name,
                              int32_t heads, bool causal);
/* qkv: [N, T, 3 C], as one linear map makes it; or [N, S, T, 3 C], of S sequences apart from each other. */
okng_value okng_net_attention_packed(okng_builder *b, okng_value qkv, const char *prefix, const char *name,
                                     int32_t heads, bool causal);
/* numbers [N, T]; parameter: name.weight [rows, width]. */
okng_value okng_net_embedding(okng_builder *b, okng_value numbers, const char *prefix, const char *name, int64_t rows,
                              int64_t width);

/* ---- builder_places.c: where the numbers are; the first axis stays ---- */

/* A constant [1, ...] among the inputs goes with every picture. */
okng_value okng_net_concat(okng_builder *b, const okng_value *inputs, int32_t count, int32_t axis, const char *prefix,
                           const char *name);
/* `length` from index `begin` on. */
okng_value okng_net_slice(okng_builder *b, okng_value x, int32_t axis, int64_t begin, int64_t length,
                          const char *prefix, const char *name);
/* Axis i of the result is axis order[i] of x; order[0] is 0. */
okng_value okng_net_transpose(okng_builder *b, okng_value x, const int32_t *order, const char *prefix,
                              const char *name);
/* `shape` without its first axis, which stays as it is. */
okng_value okng_net_reshape(okng_builder *b, okng_value x, okng_shape rest, const char *prefix, const char *name);
/* [N, C, H, W] -> [N, H W, C] */
okng_value okng_net_tokens(okng_builder *b, okng_value map, const char *prefix, const char *name);
/* [N, height width, C] -> [N, C, height, width] */
okng_value okng_net_map(okng_builder *b, okng_value tokens, int64_t height, int64_t width, const char *prefix,
                        const char *name);

#endif
