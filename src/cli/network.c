#include <stdio.h>

#include "cli.h"

int okng_cli_need_network(okng_cli_args *args)
{
    okng_error error;
    okng_backbone_info info = {.struct_size = sizeof info};
    bool given = args->build.weights[0];
    if (okng_choose_network(&args->build, &error) != OKNG_OK) {
        const bool known = okng_backbone_find(args->build.backbone, &info, NULL) == OKNG_OK;
        return known && error.status == OKNG_ERROR_NOT_FOUND ? okng_cli_fail(&error) /* a file, as a vocabulary is */
                                                             : okng_cli_refused(args->verb, &error);
    }
    if (!given && args->build.weights[0] && !args->quiet)
        (void)fprintf(stderr, _("okng: using the weights %s\n"), args->build.weights);
    return EXIT_OKAY;
}
