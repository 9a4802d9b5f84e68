/* Subspaces that grow. Private to subspace/. */
#ifndef OKNG_SUBSPACE_GROWN_H
#define OKNG_SUBSPACE_GROWN_H

#include "method/growing.h"

extern const okng_growing okng_subspace_growing;

#endif
