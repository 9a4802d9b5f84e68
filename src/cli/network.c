#include <stdio.h>

#include "cli.h"

int okng_cli_need_network(okng_cli_args *args)
{
    okng_error error;
    bool given = args->build.weights[0];
    if (okng_choose_network(&args->build, &error) != OKNG_OK) return okng_cli_refused(args->verb, &error);
    if (!given && args->build.weights[0] && !args->quiet)
        (void)fprintf(stderr, _("okng: using the weights %s\n"), args->build.weights);
    return EXIT_OKAY;
}
