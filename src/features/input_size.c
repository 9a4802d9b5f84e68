#include "features/input_size.h"

#include <math.h>

#include "net/graph.h"

/* The built-in network's where none is named: okng preprocess knows no network. */
static okng_network_info network_of(const okng_build_options *options)
{
    okng_network_info network;
    if (options->backbone[0] && okng_network_get(options->backbone, &network, NULL) == OKNG_OK) return network;
    (void)okng_network_get("okng-s", &network, NULL);
    return network;
}

int64_t okng_input_pixels(const okng_build_options *options)
{
    if (options->pixels > 0) return options->pixels;
    int64_t side = network_of(options).side;
    return side * side;
}

/* How far a size is from what is wanted. */
static double distance(double height, double width, double wanted_height, double wanted_width)
{
    double down = log(height / wanted_height), across = log(width / wanted_width);
    return 2 * fabs(across - down) + fabs(across + down);
}

okng_input_size okng_input_size_of(const okng_build_options *options, int64_t height, int64_t width)
{
    const int32_t step = network_of(options).step;
    double scale = sqrt((double)okng_input_pixels(options) / ((double)height * (double)width));
    double wanted_height = (double)height * scale, wanted_width = (double)width * scale, nearest = INFINITY;
    okng_input_size best = {step, step};
    for (int i = 0; i < 4; i++) {
        double down = fmax(floor(wanted_height / step) + (i & 1), 1) * step;
        double across = fmax(floor(wanted_width / step) + (i >> 1), 1) * step;
        double away = distance(down, across, wanted_height, wanted_width);
        if (away >= nearest || down > INT32_MAX || across > INT32_MAX) continue;
        nearest = away;
        best = (okng_input_size){(int32_t)down, (int32_t)across};
    }
    return best;
}
