/* okng-s: the built-in network, a small residual network that regresses ResNet-18's layer2 and layer3 (docs/okng-s.md).
 */
#ifndef OKNG_NET_OKNG_S_H
#define OKNG_NET_OKNG_S_H

#include "net/builder.h"

/* Up to layer3. Its batch norms were folded before the weights were written, so every convolution has a bias. */
void okng_okng_s_build(okng_builder *b, int batch, int height, int width);

#endif
