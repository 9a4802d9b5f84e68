/* build.html: the oddest good pictures, to be looked at. */
#ifndef OKNG_LEARN_PAGE_H
#define OKNG_LEARN_PAGE_H

#include "bank/doubtful.h"
#include "features/pictures.h"
#include "model/model.h"

enum { OKNG_BUILD_PAGE_PICTURES = 12 };

/* Writes `path`: the first `count` of `doubts`, each with its heat map by `unseen`, which has not learnt them. `places`
 * [count]: where they stand in `pictures`. `unseen` NULL: without heat maps. Errors: those of decoding and inspecting,
 * IO, MEMORY. */
okng_status okng_build_page_write(const char *path, const okng_doubts *doubts, size_t count,
                                  const okng_pictures *pictures, const size_t *places, const okng_model *unseen,
                                  uint64_t max_pixels, int threads, okng_error *error);

#endif
