/* GStreamer, loaded when it is used: its functions as members of one table. Where okng is built without its headers
 * there is none of this. */
#ifndef OKNG_LINE_GSTREAMER_H
#define OKNG_LINE_GSTREAMER_H

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include "base/error.h"

#define OKNG_GSTREAMER_FUNCTIONS(F) \
    F(gst_init_check)               \
    F(gst_parse_launch)             \
    F(gst_bin_get_by_name)          \
    F(gst_element_set_state)        \
    F(gst_element_get_bus)          \
    F(gst_element_get_clock)        \
    F(gst_element_get_base_time)    \
    F(gst_clock_get_time)           \
    F(gst_bus_pop_filtered)         \
    F(gst_message_parse_error)      \
    F(gst_mini_object_unref)        \
    F(gst_object_unref)             \
    F(gst_sample_get_buffer)        \
    F(gst_sample_get_caps)          \
    F(gst_sample_get_segment)       \
    F(gst_segment_to_running_time)  \
    F(gst_caps_get_structure)       \
    F(gst_structure_get_name)       \
    F(gst_structure_get_string)     \
    F(gst_structure_get_int)        \
    F(gst_buffer_map)               \
    F(gst_buffer_unmap)             \
    F(gst_filename_to_uri)          \
    F(g_object_set)                 \
    F(g_error_free)                 \
    F(g_free)
#define OKNG_GSTREAMER_APP_FUNCTIONS(F) \
    F(gst_app_sink_try_pull_sample)     \
    F(gst_app_sink_is_eos)
#define OKNG_GSTREAMER_VIDEO_FUNCTIONS(F) \
    F(gst_video_info_from_caps)           \
    F(gst_video_frame_map)                \
    F(gst_video_frame_unmap)

typedef struct okng_gstreamer {
#define OKNG_MEMBER(name) __typeof__(&(name)) name;
    OKNG_GSTREAMER_FUNCTIONS(OKNG_MEMBER)
    OKNG_GSTREAMER_APP_FUNCTIONS(OKNG_MEMBER)
    OKNG_GSTREAMER_VIDEO_FUNCTIONS(OKNG_MEMBER)
#undef OKNG_MEMBER
} okng_gstreamer;

/* The table; filled once okng_gstreamer_load has returned OKNG_OK. */
extern okng_gstreamer okng_gst;
/* Loads and initialises it. UNSUPPORTED, naming the package, where it is not installed; MEMORY. Any thread. */
okng_status okng_gstreamer_load(okng_error *error);

#endif
