/* What line.yaml says of a camera, set in it. */
#ifdef OKNG_HAVE_ARAVIS
#include "line/aravis_camera.h"

#include <stdio.h>
#include <string.h>

okng_status okng_aravis_fail(const okng_aravis_camera *it, const char *doing, GError *why, okng_error *error)
{
    const char *name = okng_line_text(it->settings, "camera");
    (void)okng_fail(error, OKNG_ERROR_IO, "camera %s: %s: %s", name ? name : "", doing, why->message);
    okng_arv.g_error_free(why);
    return OKNG_ERROR_IO;
}

/* The camera's pixel formats, one behind the other. */
static void list_pixel_formats(const okng_aravis_camera *it, char *text, size_t size)
{
    guint count = 0;
    const char **names = NULL;
    OKNG_ARAVIS_PASS(names = okng_arv.arv_camera_dup_available_pixel_formats_as_strings(it->device, &count, &why));
    text[0] = '\0';
    for (guint i = 0; names && i < count; i++) {
        size_t length = strlen(text);
        (void)snprintf(text + length, size - length, "%s%s", i ? ", " : "", names[i]);
    }
    okng_arv.g_free(names);
}

static okng_status set_pixel_format(const okng_aravis_camera *it, okng_error *error)
{
    const char *name = okng_line_text(it->settings, "pixel_format");
    if (!name) return OKNG_OK;
    GError *refused = NULL;
    okng_arv.arv_camera_set_pixel_format_from_string(it->device, name, &refused);
    if (!refused) return OKNG_OK;
    okng_arv.g_error_free(refused);
    char offered[512];
    list_pixel_formats(it, offered, sizeof offered);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "pixel_format %s: the camera has no such format, it offers %s", name,
                     offered);
}

static okng_status set_region(const okng_aravis_camera *it, okng_error *error)
{
    const char *text = okng_line_text(it->settings, "region");
    if (!text) return OKNG_OK;
    int x, y, width, height, end = 0;
    if (sscanf(text, "%6d,%6d,%6d,%6d%n", &x, &y, &width, &height, &end) != 4 || text[end] != '\0' || x < 0 || y < 0 ||
        width < 1 || height < 1)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "region %s: expected X,Y,W,H in pixels", text);
    int is_x, is_y, is_width, is_height, sensor_width = 0, sensor_height = 0;
    OKNG_ARAVIS_PASS(okng_arv.arv_camera_get_sensor_size(it->device, &sensor_width, &sensor_height, &why));
    OKNG_ARAVIS_TRY(it, "region", okng_arv.arv_camera_set_region(it->device, x, y, width, height, &why));
    OKNG_ARAVIS_TRY(it, "region",
                    okng_arv.arv_camera_get_region(it->device, &is_x, &is_y, &is_width, &is_height, &why));
    if (is_x != x || is_y != y || is_width != width || is_height != height)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "region %s: the camera makes %d,%d,%d,%d of it; its sensor has %d x %d pixels, and it may "
                         "want sizes in steps",
                         text, is_x, is_y, is_width, is_height, sensor_width, sensor_height);
    return OKNG_OK;
}

static okng_status set_exposure(const okng_aravis_camera *it, okng_error *error)
{
    if (!okng_line_has(it->settings, "exposure")) return OKNG_OK;
    double value = okng_line_number(it->settings, "exposure");
    gboolean automatic = FALSE;
    OKNG_ARAVIS_PASS(automatic = okng_arv.arv_camera_is_exposure_auto_available(it->device, &why));
    if (automatic)
        OKNG_ARAVIS_TRY(it, "exposure", okng_arv.arv_camera_set_exposure_time_auto(it->device, ARV_AUTO_OFF, &why));
    OKNG_ARAVIS_TRY(it, "exposure", okng_arv.arv_camera_set_exposure_time(it->device, value, &why));
    return OKNG_OK;
}

static okng_status set_gain(const okng_aravis_camera *it, okng_error *error)
{
    if (!okng_line_has(it->settings, "gain")) return OKNG_OK;
    double value = okng_line_number(it->settings, "gain");
    gboolean automatic = FALSE;
    OKNG_ARAVIS_PASS(automatic = okng_arv.arv_camera_is_gain_auto_available(it->device, &why));
    if (automatic) OKNG_ARAVIS_TRY(it, "gain", okng_arv.arv_camera_set_gain_auto(it->device, ARV_AUTO_OFF, &why));
    OKNG_ARAVIS_TRY(it, "gain", okng_arv.arv_camera_set_gain(it->device, value, &why));
    return OKNG_OK;
}

static okng_status set_rate(const okng_aravis_camera *it, okng_error *error)
{
    if (!okng_line_has(it->settings, "rate")) return OKNG_OK;
    double value = okng_line_number(it->settings, "rate");
    OKNG_ARAVIS_TRY(it, "rate", okng_arv.arv_camera_set_frame_rate(it->device, value, &why));
    return OKNG_OK;
}

static okng_status set_features(const okng_aravis_camera *it, okng_error *error)
{
    const char *word;
    for (size_t i = 0; (word = okng_line_word(it->settings, "features", i)) != NULL; i++)
        OKNG_ARAVIS_TRY(
            it, word,
            (void)okng_arv.arv_device_set_features_from_string(okng_arv.arv_camera_get_device(it->device), word, &why));
    return OKNG_OK;
}

static okng_status set_trigger(const okng_aravis_camera *it, okng_error *error)
{
    const char *trigger = okng_line_text(it->settings, "trigger");
    if (strcmp(trigger, "none") == 0)
        OKNG_ARAVIS_PASS(okng_arv.arv_camera_clear_triggers(it->device, &why));
    else
        OKNG_ARAVIS_TRY(
            it, "trigger",
            okng_arv.arv_camera_set_trigger(
                it->device,
                strcmp(trigger, "software") == 0 ? "Software" : okng_line_text(it->settings, "trigger_line"), &why));
    return OKNG_OK;
}

static okng_status set_packet_size(const okng_aravis_camera *it, okng_error *error)
{
    if (okng_line_has(it->settings, "packet_size") && okng_arv.arv_camera_is_gv_device(it->device))
        OKNG_ARAVIS_TRY(it, "packet_size",
                        okng_arv.arv_camera_gv_set_packet_size(
                            it->device, (int)okng_line_integer(it->settings, "packet_size"), &why));
    return OKNG_OK;
}

okng_status okng_aravis_set(const okng_aravis_camera *it, okng_error *error)
{
    /* Not every camera refuses what is beyond its bounds. */
    okng_arv.arv_camera_set_range_check_policy(it->device, ARV_RANGE_CHECK_POLICY_ENABLE);
    OKNG_ARAVIS_PASS(okng_arv.arv_camera_set_acquisition_mode(it->device, ARV_ACQUISITION_MODE_CONTINUOUS, &why));
    OKNG_TRY(set_pixel_format(it, error));
    OKNG_TRY(set_region(it, error));
    OKNG_TRY(set_rate(it, error));
    OKNG_TRY(set_exposure(it, error));
    OKNG_TRY(set_gain(it, error));
    OKNG_TRY(set_features(it, error));
    OKNG_TRY(set_trigger(it, error));
    return set_packet_size(it, error);
}
#else
typedef int okng_no_aravis_camera; /* ISO C wants a declaration in every file */
#endif
