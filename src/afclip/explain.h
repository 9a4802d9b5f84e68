/* Which of the streams says most for the highest place of a picture's map. Private to afclip/. */
#ifndef OKNG_AFCLIP_EXPLAIN_H
#define OKNG_AFCLIP_EXPLAIN_H

#include "afclip/view.h"
#include "method/scored.h"

/* map [P], of which `share` x view->p are by words. The window, of patches alone: the neighbourhood, behind a depth,
 * that rises most above its own mean at the highest place of the map, among those of words or of pictures, whichever of
 * both rises more in the map. The whole picture, by words, where nothing rises. Its score is what that stream alone
 * says there: the share of bad at that temperature, or the distance. */
okng_scored_window okng_afclip_explain(const okng_afclip_plan *plan, const okng_afclip_view *view, double share,
                                       double temperature, const float *map);

#endif
