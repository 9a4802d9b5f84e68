/* What the two PyTorch containers share: from the pickled object to named tensors. Private to tensor/. */
#ifndef OKNG_TENSOR_PTH_H
#define OKNG_TENSOR_PTH_H

#include "tensor/pickle.h"
#include "tensor/weights_build.h"

/* Adds the tensors of a checkpoint. The object may be
 *   - one tensor, added under the name "";
 *   - a dict from names to tensors; values that are no tensors (epoch, options, optimizer) are left out;
 *   - a dict with such a dict under "state_dict" or "model" (timm, Lightning, torchvision's references do so): then
 * that one's tensors are added, and nothing else. data[i] is where the elements of storage i begin in the file. */
okng_status okng_pth_collect(okng_weights *weights, const okng_pickle *p, okng_pickle_ref root,
                             const uint8_t *const *data, okng_error *error);
/* The same, or of a module that was pickled whole, in a TorchScript archive or where the machine allows classes: its
 * tensors and those of the modules in it get the names that they have in its state_dict:
 * "visual.transformer.resblocks.0.ln_1.weight". */
okng_status okng_pth_collect_any(okng_weights *weights, const okng_pickle *p, okng_pickle_ref root,
                                 const uint8_t *const *data, okng_error *error);

/* What tensors are collected from, and where to. */
typedef struct okng_pth_collector {
    okng_weights *weights;
    const okng_pickle *p;
    const uint8_t *const *data;
    okng_error *error;
} okng_pth_collector;

okng_status okng_pth_add(const okng_pth_collector *c, const okng_name *name, const okng_pickle_tensor *tensor);

#endif
