/* Scores as colours. */
#include <math.h>

#include "report/report.h"

enum { STOPS = 17, STEP = 16, UNSEEN = 128 };

/* From dark blue over red to yellow: equal steps of lightness in Oklab (0.18 to 0.96), the hue turning evenly from 275
 * to 465 degrees, as much colour as sRGB has there, at most 0.24. So equal steps of score look equal, and the map reads
 * the same in grey and to those who do not tell red from green. */
static const uint8_t stops[STOPS][3] = {
    {10, 1, 65},    {30, 2, 83},    {53, 3, 99},     {77, 5, 110},    {104, 7, 116},  {132, 8, 117},
    {160, 11, 113}, {188, 15, 104}, {217, 18, 89},   {242, 36, 64},   {252, 80, 42},  {252, 119, 45},
    {253, 149, 58}, {253, 176, 79}, {253, 201, 101}, {254, 224, 123}, {255, 247, 140}};

void okng_report_heat_rgb(uint8_t grey, uint8_t rgb[3])
{
    /* 255 is the last stop: 256 parts of sixteen make it so. */
    int place = grey + (grey >= UNSEEN), stop = place / STEP, rest = place % STEP;
    for (int c = 0; c < 3; c++) {
        int from = stops[stop][c], to = stops[stop + 1 < STOPS ? stop + 1 : stop][c];
        rgb[c] = (uint8_t)((from * (STEP - rest) + to * rest + STEP / 2) / STEP);
    }
}

okng_status okng_report_heat_colour(const float *map, int32_t height, int32_t width, float low, float threshold,
                                    okng_image *rgb, okng_error *error)
{
    okng_image grey = {0};
    uint8_t colours[256][3];
    for (int i = 0; i < 256; i++) okng_report_heat_rgb((uint8_t)i, colours[i]);
    OKNG_TRY(okng_report_heat(map, height, width, low, threshold, &grey, error));
    okng_status status = okng_image_new(rgb, width, height, 3, error);
    size_t pixels = (size_t)width * (size_t)height;
    for (size_t i = 0; i < pixels && status == OKNG_OK; i++)
        for (size_t c = 0; c < 3; c++) rgb->pixels[3 * i + c] = isnan(map[i]) ? UNSEEN : colours[grey.pixels[i]][c];
    okng_image_free(&grey);
    return status;
}
