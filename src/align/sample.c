#include "align/sample.h"

#include <math.h>

okng_placing okng_placing_of(const okng_pose *pose, int32_t part_width, int32_t part_height)
{
    const double turn = pose->angle * acos(-1) / 180;
    const double c = pose->scale * cos(turn), s = pose->scale * sin(turn);
    const double half_width = part_width / 2.0, half_height = part_height / 2.0;
    /* Rows lie downwards: a turn counter-clockwise takes what lies to the right upwards. */
    return (okng_placing){.x = pose->x - c * half_width - s * half_height,
                          .y = pose->y + s * half_width - c * half_height,
                          .across = {c, -s},
                          .down = {s, c}};
}

double okng_level_sample(const okng_level *level, double x, double y)
{
    const double right = level->width - 1, bottom = level->height - 1;
    x = x < 0.5 ? 0 : x - 0.5 > right ? right : x - 0.5;
    y = y < 0.5 ? 0 : y - 0.5 > bottom ? bottom : y - 0.5;
    const int32_t column = (int32_t)x, row = (int32_t)y;
    const size_t next = column < level->width - 1, below = row < level->height - 1 ? (size_t)level->width : 0;
    const uint8_t *at = level->pixels + (size_t)row * (size_t)level->width + (size_t)column;
    const double across = x - column, down = y - row;
    const double upper = at[0] + across * (at[next] - at[0]);
    const double lower = at[below] + across * (at[below + next] - at[below]);
    return upper + down * (lower - upper);
}
