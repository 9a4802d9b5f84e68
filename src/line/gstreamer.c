#ifdef OKNG_HAVE_GSTREAMER
#include "line/gstreamer.h"

#include <pthread.h>

#include "base/catalogue.h"
#include "line/loaded.h"

okng_gstreamer okng_gst;

#define FUNCTION(name) {#name, &okng_gst.name},
static const okng_loaded_function core[] = {OKNG_GSTREAMER_FUNCTIONS(FUNCTION){0}};
static const okng_loaded_function app[] = {OKNG_GSTREAMER_APP_FUNCTIONS(FUNCTION){0}};
static const okng_loaded_function video[] = {OKNG_GSTREAMER_VIDEO_FUNCTIONS(FUNCTION){0}};
#undef FUNCTION

static okng_loaded_library libraries[] = {
    {.file = "libgstreamer-1.0.so.0",
     .package = "libgstreamer1.0-0",
     .purpose = N_("video by GStreamer"),
     .functions = core},
    {.file = "libgstapp-1.0.so.0",
     .package = "gstreamer1.0-plugins-base",
     .purpose = N_("video by GStreamer"),
     .functions = app},
    {.file = "libgstvideo-1.0.so.0",
     .package = "gstreamer1.0-plugins-base",
     .purpose = N_("video by GStreamer"),
     .functions = video},
};

/* Does nothing where it was done before. */
static okng_status initialise(okng_error *error)
{
    GError *why = NULL;
    if (okng_gst.gst_init_check(NULL, NULL, &why)) return OKNG_OK;
    (void)okng_fail(error, OKNG_ERROR_UNSUPPORTED, "GStreamer does not start: %s",
                    why ? why->message : "it does not say why");
    if (why) okng_gst.g_error_free(why);
    return OKNG_ERROR_UNSUPPORTED;
}

okng_status okng_gstreamer_load(okng_error *error)
{
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) OKNG_TRY(okng_loaded_need(&libraries[i], error));
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&mutex);
    okng_status status = initialise(error);
    (void)pthread_mutex_unlock(&mutex);
    return status;
}
#else
typedef int okng_no_gstreamer; /* ISO C wants a declaration in every file */
#endif
