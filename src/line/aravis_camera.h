/* A camera of Aravis with what line.yaml says of it. */
#ifndef OKNG_LINE_ARAVIS_CAMERA_H
#define OKNG_LINE_ARAVIS_CAMERA_H

#include "line/aravis.h"
#include "line/settings.h"

typedef struct okng_aravis_camera {
    ArvCamera *device;
    const okng_line_settings *settings;
} okng_aravis_camera;

/* Sets pixel format, region, rate, exposure, gain, features, trigger and size of packets, in this order, and checks
 * what came of them. ARGUMENT and IO errors name the key, what the camera said, and what it can. */
okng_status okng_aravis_set(const okng_aravis_camera *camera, okng_error *error);
/* The status for what Aravis says, which is released; `doing` is told. */
okng_status okng_aravis_fail(const okng_aravis_camera *camera, const char *doing, GError *why, okng_error *error);

/* A call that fills `why`: returns from the calling function when it fails. */
#define OKNG_ARAVIS_TRY(camera, doing, call)                             \
    do {                                                                 \
        GError *why = NULL;                                              \
        call;                                                            \
        if (why) return okng_aravis_fail((camera), (doing), why, error); \
    } while (0)

/* A call whose failure means only that the camera has no such thing. */
#define OKNG_ARAVIS_PASS(call)               \
    do {                                     \
        GError *why = NULL;                  \
        call;                                \
        if (why) okng_arv.g_error_free(why); \
    } while (0)

#endif
