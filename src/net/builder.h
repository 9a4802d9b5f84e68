/* Builds graphs, one function call per operator, in the order of the Python model so that lines tick off one by one.
 * The first failure sticks: later calls do nothing, and the builder's status is looked at once, at the end. Names are
 * PyTorch's: `prefix` ("layer1.0", "" at the top) and `name` ("conv1") joined by a dot. */
#ifndef OKNG_NET_BUILDER_H
#define OKNG_NET_BUILDER_H

#include "net/node.h"

typedef struct okng_builder {
    okng_graph *graph;
    okng_error *error;
    okng_status status;
} okng_builder;

okng_value okng_net_input(okng_builder *b, int64_t batch, int64_t channels, int64_t height, int64_t width);
/* Without bias. Parameter: name.weight [channels, C / groups, kernel, kernel]. */
okng_value okng_net_conv(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                         okng_window window, int32_t groups);
/* With one: name.bias [channels] too. */
okng_value okng_net_conv_bias(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                              okng_window window);
/* Parameters: name.weight, bias, running_mean, running_var [C]. */
okng_value okng_net_batch_norm(okng_builder *b, okng_value x, const char *prefix, const char *name);
okng_value okng_net_relu(okng_builder *b, okng_value x, const char *prefix, const char *name);
okng_value okng_net_add(okng_builder *b, okng_value x, okng_value y, const char *prefix, const char *name);
okng_value okng_net_max_pool(okng_builder *b, okng_value x, const char *name, okng_window window);

/* Gives a value a name that can be asked for; deeper ones later. */
void okng_net_mark(okng_builder *b, okng_value x, const char *name);
/* Weights that hold this tensor are of another network. */
void okng_net_absent(okng_builder *b, const char *name);

/* Channels of a value; 0 after a failure. */
int64_t okng_net_channels(const okng_builder *b, okng_value x);
/* "prefix.name" or "name" into text[OKNG_NAME_MAX]. */
void okng_net_name(okng_builder *b, char text[OKNG_NAME_MAX], const char *prefix, const char *name);

#endif
