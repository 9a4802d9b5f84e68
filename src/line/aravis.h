/* Aravis, loaded when it is used: its functions as members of one table. Where okng is built without its headers there
 * is none of this. */
#ifndef OKNG_LINE_ARAVIS_H
#define OKNG_LINE_ARAVIS_H

#include <arv.h>

#include "base/error.h"

#define OKNG_ARAVIS_FUNCTIONS(F)                         \
    F(arv_update_device_list)                            \
    F(arv_get_n_devices)                                 \
    F(arv_get_device_id)                                 \
    F(arv_camera_new)                                    \
    F(arv_camera_get_device)                             \
    F(arv_camera_create_stream)                          \
    F(arv_camera_get_payload)                            \
    F(arv_camera_start_acquisition)                      \
    F(arv_camera_stop_acquisition)                       \
    F(arv_camera_set_acquisition_mode)                   \
    F(arv_camera_set_pixel_format_from_string)           \
    F(arv_camera_dup_available_pixel_formats_as_strings) \
    F(arv_camera_set_range_check_policy)                 \
    F(arv_camera_set_region)                             \
    F(arv_camera_get_region)                             \
    F(arv_camera_get_sensor_size)                        \
    F(arv_camera_is_exposure_auto_available)             \
    F(arv_camera_set_exposure_time_auto)                 \
    F(arv_camera_set_exposure_time)                      \
    F(arv_camera_is_gain_auto_available)                 \
    F(arv_camera_set_gain_auto)                          \
    F(arv_camera_set_gain)                               \
    F(arv_camera_set_frame_rate)                         \
    F(arv_camera_set_trigger)                            \
    F(arv_camera_clear_triggers)                         \
    F(arv_camera_software_trigger)                       \
    F(arv_camera_is_gv_device)                           \
    F(arv_camera_gv_set_stream_options)                  \
    F(arv_camera_gv_set_packet_size)                     \
    F(arv_device_set_features_from_string)               \
    F(arv_gv_device_leave_control)                       \
    F(arv_stream_push_buffer)                            \
    F(arv_stream_timeout_pop_buffer)                     \
    F(arv_stream_get_info_uint64_by_name)                \
    F(arv_buffer_new_allocate)                           \
    F(arv_buffer_get_status)                             \
    F(arv_buffer_get_payload_type)                       \
    F(arv_buffer_get_frame_id)                           \
    F(arv_buffer_get_system_timestamp)                   \
    F(arv_buffer_get_data)                               \
    F(arv_buffer_get_n_parts)                            \
    F(arv_buffer_get_part_data)                          \
    F(arv_buffer_get_part_data_type)                     \
    F(arv_buffer_get_part_pixel_format)                  \
    F(arv_buffer_get_part_width)                         \
    F(arv_buffer_get_part_height)                        \
    F(arv_buffer_get_part_padding)                       \
    F(g_object_unref)                                    \
    F(g_object_set)                                      \
    F(g_signal_connect_data)                             \
    F(g_error_free)                                      \
    F(g_free)

typedef struct okng_aravis {
#define OKNG_MEMBER(name) __typeof__(&(name)) name;
    OKNG_ARAVIS_FUNCTIONS(OKNG_MEMBER)
#undef OKNG_MEMBER
} okng_aravis;

/* The table; filled once okng_aravis_load has returned OKNG_OK. */
extern okng_aravis okng_arv;
/* UNSUPPORTED, naming the package, where the library is not installed; MEMORY. Any thread. */
okng_status okng_aravis_load(okng_error *error);

#endif
