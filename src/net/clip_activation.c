#include "net/clip_activation.h"

#include "base/error.h"
#include "net/graph.h"

okng_status okng_clip_activation(const char *backbone, const okng_weights *weights, okng_activation asked,
                                 okng_activation *out, okng_error *error)
{
    (void)weights;
    okng_network_info info;
    OKNG_TRY(okng_network_get(backbone, &info, error));
    if (info.activation == OKNG_ACTIVATION_AUTO && asked != OKNG_ACTIVATION_AUTO)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s has no choice of its activation, expected auto", backbone);
    *out = asked == OKNG_ACTIVATION_AUTO ? info.activation : asked;
    return OKNG_OK;
}
