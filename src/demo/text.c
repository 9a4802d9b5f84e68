/* A dot-matrix face of 5 x 7 dots, one byte per row, bit 4 leftmost. */
#include <string.h>

#include "demo/paint.h"

static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:/";
static const uint8_t rows[][7] = {
    {14, 17, 19, 21, 25, 17, 14}, {4, 12, 4, 4, 4, 4, 14},      {14, 17, 1, 2, 4, 8, 31},
    {31, 2, 4, 2, 1, 17, 14},     {2, 6, 10, 18, 31, 2, 2},     {31, 16, 30, 1, 1, 17, 14},
    {6, 8, 16, 30, 17, 17, 14},   {31, 1, 2, 4, 8, 8, 8},       {14, 17, 17, 14, 17, 17, 14},
    {14, 17, 17, 15, 1, 2, 12},   {14, 17, 17, 31, 17, 17, 17}, {30, 17, 17, 30, 17, 17, 30},
    {14, 17, 16, 16, 16, 17, 14}, {28, 18, 17, 17, 17, 18, 28}, {31, 16, 16, 30, 16, 16, 31},
    {31, 16, 16, 30, 16, 16, 16}, {14, 17, 16, 23, 17, 17, 15}, {17, 17, 17, 31, 17, 17, 17},
    {14, 4, 4, 4, 4, 4, 14},      {7, 2, 2, 2, 2, 18, 12},      {17, 18, 20, 24, 20, 18, 17},
    {16, 16, 16, 16, 16, 16, 31}, {17, 27, 21, 21, 17, 17, 17}, {17, 17, 25, 21, 19, 17, 17},
    {14, 17, 17, 17, 17, 17, 14}, {30, 17, 17, 30, 16, 16, 16}, {14, 17, 17, 17, 21, 18, 13},
    {30, 17, 17, 30, 20, 18, 17}, {15, 16, 16, 14, 1, 1, 30},   {31, 4, 4, 4, 4, 4, 4},
    {17, 17, 17, 17, 17, 17, 14}, {17, 17, 17, 17, 17, 10, 4},  {17, 17, 17, 21, 21, 21, 10},
    {17, 17, 10, 4, 10, 17, 17},  {17, 17, 17, 10, 4, 4, 4},    {31, 1, 2, 4, 8, 16, 31},
    {0, 0, 0, 31, 0, 0, 0},       {0, 0, 0, 0, 0, 12, 12},      {0, 12, 12, 0, 12, 12, 0},
    {0, 1, 2, 4, 8, 16, 0},
};

static void paint_glyph(okng_canvas *canvas, const okng_place *place, const okng_print *print, double left,
                        const uint8_t glyph[7])
{
    for (int row = 0; row < 7; row++)
        for (int column = 0; column < 5; column++) {
            if (!(glyph[row] >> (4 - column) & 1)) continue;
            double x = left + (column + 0.5) * print->dot, y = print->y + (row + 0.5) * print->dot;
            double worn = 0.5 + okng_fractal(x * 0.12, y * 0.12, 2, print->seed);
            okng_box box = {.x = x,
                            .y = y,
                            .half_width = print->dot * 0.54,
                            .half_height = print->dot * 0.54,
                            .radius = print->dot * 0.15,
                            .colour = print->colour,
                            .alpha = print->alpha * (1 - okng_smooth(1 - print->wear, 1.3 - print->wear, worn)),
                            .soft = 0.35};
            okng_paint_box(canvas, place, &box);
        }
}

void okng_paint_text(okng_canvas *canvas, const okng_place *place, const okng_print *print, const char *text)
{
    for (double left = print->x; *text; text++, left += 6 * print->dot) {
        const char *letter = strchr(letters, *text);
        if (letter) paint_glyph(canvas, place, print, left, rows[letter - letters]);
    }
}
