#include "demo/demo.h"

typedef struct exposure {
    double gain[3];          /* brightness and white balance */
    double slope_x, slope_y; /* uneven light, from the middle to the border */
    double vignette, blur;
    double shot, read; /* noise that grows with light, and that does not */
} exposure;

static exposure exposure_new(okng_rng *rng)
{
    double gain = okng_between(rng, 0.94, 1.06), warm = okng_between(rng, -0.025, 0.025);
    exposure e = {.gain = {gain * (1 + warm), gain, gain * (1 - warm)}};
    e.slope_x = okng_between(rng, -0.07, 0.07);
    e.slope_y = okng_between(rng, -0.07, 0.07);
    e.vignette = okng_between(rng, 0.03, 0.08);
    e.blur = okng_between(rng, 0.04, 0.13);
    e.shot = okng_between(rng, 0.010, 0.016);
    e.read = okng_between(rng, 0.003, 0.006);
    return e;
}

/* Near enough to normal, variance 1, and the same on every machine. */
static double noise(okng_rng *rng)
{
    uint32_t bits = okng_rng_u32(rng), more = okng_rng_u32(rng);
    double sum = (double)(bits & 0xffff) + (double)(bits >> 16) + (double)(more & 0xffff) + (double)(more >> 16);
    return (sum * 0x1p-16 - 2) * 1.7320508;
}

static double blurred(const float *scene, int side, int x, int y, int c, double blur)
{
    double sum = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            int sx = x + dx < 0 ? 0 : x + dx >= side ? side - 1 : x + dx;
            int sy = y + dy < 0 ? 0 : y + dy >= side ? side - 1 : y + dy;
            double weight = (dx ? blur : 1 - 2 * blur) * (dy ? blur : 1 - 2 * blur);
            sum += weight * (double)scene[((size_t)sy * (size_t)side + (size_t)sx) * 3 + (size_t)c];
        }
    return sum;
}

void okng_demo_expose(const float *scene, int side, okng_rng *rng, okng_image *out)
{
    exposure e = exposure_new(rng);
    uint8_t *to = out->pixels;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            double u = 2.0 * x / side - 1, v = 2.0 * y / side - 1;
            double light = 1 + e.slope_x * u + e.slope_y * v - e.vignette * (u * u + v * v);
            double grey = e.read * noise(rng);
            for (int c = 0; c < 3; c++) {
                double value = blurred(scene, side, x, y, c, e.blur) * light * e.gain[c];
                value += e.shot * okng_clamp01(0.2 + value) * noise(rng) + grey;
                *to++ = (uint8_t)(okng_clamp01(value) * 255 + 0.5);
            }
        }
}
