#include "method/window_json.h"

#include "base/json.h"

const char *okng_window_kind_text(okng_window_kind kind)
{
    return kind == OKNG_WINDOW_WORDS ? "words" : kind == OKNG_WINDOW_PICTURES ? "pictures" : NULL;
}

json_t *okng_window_json(const okng_scored_window *window)
{
    const okng_scored_window *w = window;
    if (w->kind == OKNG_WINDOW_NONE) return NULL;
    json_t *json = json_pack("{s:s, s:i, s:[iiii], s:[iiii], s:f}", "by", okng_window_kind_text(w->kind), "scale",
                             (int)w->scale, "patches", (int)w->row, (int)w->column, (int)w->rows, (int)w->columns,
                             "box", (int)w->x, (int)w->y, (int)w->width, (int)w->height, "score", (double)w->score);
    if (w->depth > 0) okng_json_put(&json, "depth", json_integer(w->depth));
    return json;
}
