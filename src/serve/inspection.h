/* A picture of a request, inspected with a bank, noted in the history, answered. */
#ifndef OKNG_SERVE_INSPECTION_H
#define OKNG_SERVE_INSPECTION_H

#include "serve/route.h"
#include "serve/serve.h"

/* The query parameters that okng_inspection_answer reads: what the answer is, whether the history keeps it, options of
 * okng infer. */
#define OKNG_INSPECTION_QUERY                                                                                      \
    {"return", "json|overlay|heat|mask|map",                                                                       \
     "what is answered: the numbers; a PNG, or the map as .npy, with the numbers in the header X-Okng-Result"},    \
        {"record", "0|1", "whether the history keeps it; 1 unless given"},                                         \
        {"threshold_image", "number", "image threshold in place of the bank's"},                                   \
        {"threshold_pixel", "number", "pixel threshold in place of the bank's"},                                   \
        {"false_alarm", "number", "in place of an image threshold: at most this part of OK parts comes above it"}, \
        {"review", "string", "LOW,HIGH: scores between are REVIEW; off: none"},                                    \
        {"review_rate", "number", "the same, as wide as to hold this part of OK parts"},                           \
        {"open", "integer", "radius of an opening of the mask, pixels"},                                           \
        {"close", "integer", "radius of a closing of the mask, pixels"},                                           \
        {"min_area", "integer", "regions with fewer pixels are left out of the mask"},                             \
        {"max_length", "number", "a longer region of the mask makes the picture NG, pixels"},                      \
        {"max_count", "integer", "more regions of the mask make the picture NG"},                                  \
        {"mask_ok", "drawn|none", "the mask of a picture that is OK"},                                             \
    {                                                                                                              \
        "overlay", "both|outline|fill", "how overlays show the mask"                                               \
    }
/* Those; ends with a NULL name. */
extern const okng_query okng_inspection_query[];

/* Inspects the picture of the request with bank `name` and answers as POST /v1/banks/{name}/inspect does. `more`
 * (taken, may be NULL): members that the JSON has besides. */
void okng_inspection_answer(okng_serve *serve, const okng_request *request, const char *name, json_t *more,
                            okng_reply *reply);
/* Has the history keep the picture of the request as NOT_INSPECTED, of no bank, where none could be found for it. */
void okng_inspection_note_failure(okng_serve *serve, const okng_request *request, const okng_error *why);

#endif
