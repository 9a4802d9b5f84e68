/* Video by GStreamer: cameras of V4L2, streams of RTSP, any pipeline (kind `gstreamer`, whose pictures do not wait),
 * and files (kind `video`, of which none is left out). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/clock.h"
#include "line/asked.h"
#include "line/held.h"
#include "line/kinds.h"

/* clang-format off */
#define COLORIMETRY {.name = "colorimetry", .type = OKNG_LINE_CHOICE, .values = "auto|bt601|bt709|sRGB", .initial = "auto", \
     .help = N_("how colours of a camera are meant that does not say it; auto makes them other colours above 576 lines than below")}

static const okng_line_key keys[] = {
    {.name = "uri", .type = OKNG_LINE_TEXT, .values = "URI", .help = N_("a stream: rtsp://HOST/PATH, http://...")},
    {.name = "device", .type = OKNG_LINE_TEXT, .values = "/dev/videoN", .help = N_("a camera of V4L2")},
    {.name = "pipeline", .type = OKNG_LINE_TEXT, .values = "PIPELINE", .help = N_("anything else, as gst-launch-1.0 takes it, without a sink at its end")},
    {.name = "width", .type = OKNG_LINE_INTEGER, .values = "PIXELS", .low = 1, .high = 65535, .help = N_("of a device's pictures")},
    {.name = "height", .type = OKNG_LINE_INTEGER, .values = "PIXELS", .low = 1, .high = 65535, .help = N_("of a device's pictures")},
    {.name = "latency", .type = OKNG_LINE_INTEGER, .values = "MS", .initial = "100", .low = 0, .high = 10000, .help = N_("time that packets of rtsp have to come in order")},
    COLORIMETRY,
    {.name = "trigger", .type = OKNG_LINE_CHOICE, .values = "none|software", .initial = "none",
     .help = N_("none: every picture is inspected; software: the first one after each trigger of the line")},
    {.name = "timeout", .type = OKNG_LINE_INTEGER, .values = "MS", .initial = "5000", .low = 50, .high = 600000,
     .help = N_("longest time without a picture; after it the stream is opened anew")},
    {0},
};

static const okng_line_key video_keys[] = {
    {.name = "file", .type = OKNG_LINE_PATH, .values = "FILE", .help = N_("a video; each of its pictures is inspected once")},
    {.name = "pipeline", .type = OKNG_LINE_TEXT, .values = "PIPELINE", .help = N_("anything else that waits, as gst-launch-1.0 takes it, without a sink at its end")},
    COLORIMETRY,
    {0},
};
/* clang-format on */

static okng_status check_one(const okng_line_settings *settings, const char *of, okng_error *error)
{
    static const char *const from[] = {"uri", "device", "file", "pipeline"};
    size_t given = 0;
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) given += okng_line_has(settings, from[i]);
    return given == 1 ? OKNG_OK : okng_fail(error, OKNG_ERROR_ARGUMENT, "say one of %s", of);
}

static okng_status check_live(const okng_line_settings *settings, okng_error *error)
{
    return check_one(settings, "uri, device, pipeline", error);
}

static okng_status check_video(const okng_line_settings *settings, okng_error *error)
{
    return check_one(settings, "file, pipeline", error);
}

/* A file that can be read; GStreamer says less of why it cannot. */
static okng_status ready_video(const okng_line_settings *settings, okng_error *error)
{
    const char *file = okng_line_text(settings, "file");
    struct stat info;
    if (!file) return OKNG_OK;
    const bool is_folder = stat(file, &info) == 0 && S_ISDIR(info.st_mode);
    if (!is_folder && access(file, R_OK) == 0) return OKNG_OK;
    if (is_folder) errno = EISDIR;
    return okng_error_context(error, okng_fail_errno(error, "open", file), "%s", "file");
}

#ifdef OKNG_HAVE_GSTREAMER
#include "line/gstreamer.h"

typedef struct source {
    const okng_line_settings *settings;
    GstElement *pipeline, *sink;
    GstBus *bus;
    bool live, triggered, ended;
    double timeout, since;
    _Atomic(uint64_t) asked_at; /* running time of the pipeline at the trigger, nanoseconds */
    okng_asked asked;
    okng_newest newest;
} source;

/* ---- the pipeline ---------------------------------------------------------------------------------------------------
 */

/* What stands before the conversion; values that people gave go in as properties, not as text. */
static okng_status describe(const okng_line_settings *settings, char *text, size_t size, okng_error *error)
{
    const char *uri = okng_line_text(settings, "uri"), *device = okng_line_text(settings, "device");
    const char *pipeline = okng_line_text(settings, "pipeline");
    int width = (int)okng_line_integer(settings, "width"), height = (int)okng_line_integer(settings, "height");
    char caps[64] = "", lines[32] = "";
    if (width) (void)snprintf(caps, sizeof caps, ",width=%d", width);
    if (height) (void)snprintf(lines, sizeof lines, ",height=%d", height);
    if (device)
        (void)snprintf(text, size, "v4l2src name=from ! video/x-raw%s%s;image/jpeg%s%s ! decodebin", caps, lines, caps,
                       lines);
    else if (uri && strncmp(uri, "rtsp", 4) == 0)
        (void)snprintf(text, size, "rtspsrc name=from ! application/x-rtp,media=video ! decodebin");
    else if (pipeline)
        (void)snprintf(text, size, "%s", pipeline);
    else
        (void)snprintf(text, size, "uridecodebin name=from caps=video/x-raw expose-all-streams=false");
    if (pipeline && strlen(pipeline) >= size)
        return okng_fail(error, OKNG_ERROR_LIMIT, "pipeline: %zu bytes, at most %zu are taken", strlen(pipeline),
                         size - 1);
    return OKNG_OK;
}

static void set_from(source *it)
{
    const char *uri = okng_line_text(it->settings, "uri"), *device = okng_line_text(it->settings, "device");
    const char *file = okng_line_text(it->settings, "file");
    GstElement *from = okng_gst.gst_bin_get_by_name((GstBin *)it->pipeline, "from");
    if (!from) return;
    if (device) okng_gst.g_object_set(from, "device", device, NULL);
    if (uri && strncmp(uri, "rtsp", 4) == 0)
        okng_gst.g_object_set(from, "location", uri, "latency", (guint)okng_line_integer(it->settings, "latency"),
                              NULL);
    else if (uri)
        okng_gst.g_object_set(from, "uri", uri, NULL);
    /* Not "file://" and the path: a relative one, or one with a %, would be another. */
    char *named = file ? okng_gst.gst_filename_to_uri(file, NULL) : NULL;
    if (named) okng_gst.g_object_set(from, "uri", named, NULL);
    if (named) okng_gst.g_free(named);
    okng_gst.gst_object_unref(from);
}

static okng_status parse(source *it, const char *text, okng_error *error)
{
    GError *why = NULL;
    it->pipeline = okng_gst.gst_parse_launch(text, &why);
    okng_status status = OKNG_OK;
    if (why) status = okng_fail(error, OKNG_ERROR_ARGUMENT, "pipeline: %s, in: %s", why->message, text);
    if (!why && !it->pipeline) status = okng_fail(error, OKNG_ERROR_ARGUMENT, "pipeline: nothing comes of: %s", text);
    if (why) okng_gst.g_error_free(why);
    return status;
}

static okng_status make_pipeline(source *it, okng_error *error)
{
    char before[3000], text[4000];
    const char *colorimetry = okng_line_text(it->settings, "colorimetry");
    bool told = strcmp(colorimetry, "auto") != 0;
    OKNG_TRY(describe(it->settings, before, sizeof before, error));
    /* Grey stays grey, and what is in colour comes out in the order that costs least. */
    (void)snprintf(
        text, sizeof text,
        "%s ! %s%s%s videoconvert ! video/x-raw,format=(string){RGB,BGR,GRAY8,GRAY16_LE,RGBA,BGRA,RGBx,BGRx} ! "
        "appsink name=okng sync=false max-buffers=%d",
        before, told ? "capssetter caps=video/x-raw,colorimetry=" : "", told ? colorimetry : "", told ? " !" : "",
        it->live ? 16 : 2);
    const char *own = strstr(before, "appsink name=okng"); /* pixels of Bayer go past videoconvert */
    OKNG_TRY(parse(it, own ? before : text, error));
    it->sink = okng_gst.gst_bin_get_by_name((GstBin *)it->pipeline, "okng");
    it->bus = okng_gst.gst_element_get_bus(it->pipeline);
    if (!it->sink || !it->bus) return okng_fail(error, OKNG_ERROR_ARGUMENT, "pipeline: it is none, in: %s", before);
    set_from(it);
    return OKNG_OK;
}

/* Why the pipeline has stopped; OKNG_OK where it has not. */
static okng_status hear(source *it, okng_error *error)
{
    GstMessage *message = okng_gst.gst_bus_pop_filtered(it->bus, (GstMessageType)(GST_MESSAGE_ERROR | GST_MESSAGE_EOS));
    if (!message) return OKNG_OK;
    okng_status status = OKNG_OK;
    GError *why = NULL;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        okng_gst.gst_message_parse_error(message, &why, NULL);
        status = okng_fail(error, OKNG_ERROR_IO, "GStreamer: %s", why->message);
        okng_gst.g_error_free(why);
    } else if (it->live) {
        status = okng_fail(error, OKNG_ERROR_IO, "the stream has ended");
    } else {
        it->ended = true;
    }
    okng_gst.gst_mini_object_unref((GstMiniObject *)message);
    return status;
}

/* ---- opening and closing --------------------------------------------------------------------------------------------
 */

static void close_source(void **given)
{
    source *it = *given;
    *given = NULL;
    if (!it) return;
    okng_newest_close(&it->newest);
    if (it->pipeline) (void)okng_gst.gst_element_set_state(it->pipeline, GST_STATE_NULL);
    if (it->sink) okng_gst.gst_object_unref(it->sink);
    if (it->bus) okng_gst.gst_object_unref(it->bus);
    if (it->pipeline) okng_gst.gst_object_unref(it->pipeline);
    okng_asked_free(&it->asked);
    free(it);
}

static okng_status begin(source *it, okng_error *error)
{
    OKNG_TRY(make_pipeline(it, error));
    if (okng_gst.gst_element_set_state(it->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        OKNG_TRY(hear(it, error));
        return okng_fail(error, OKNG_ERROR_IO, "GStreamer: the pipeline does not start");
    }
    it->since = okng_clock();
    okng_asked_open(&it->asked, it->triggered);
    return OKNG_OK;
}

static okng_status open_source(void **out, const okng_line_settings *settings, bool live, okng_error *error)
{
    *out = NULL;
    OKNG_TRY(okng_gstreamer_load(error));
    source *it = calloc(1, sizeof *it);
    if (!it) return okng_fail_memory(error, sizeof *it);
    it->settings = settings;
    it->live = live;
    it->triggered = live && strcmp(okng_line_text(settings, "trigger"), "software") == 0;
    it->timeout = live ? (double)okng_line_integer(settings, "timeout") / 1000 : 0;
    okng_asked_init(&it->asked, it->timeout);
    okng_newest_init(&it->newest);
    *out = it;
    okng_status status = begin(it, error);
    if (status != OKNG_OK) close_source(out);
    return status;
}

static okng_status open_live(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    (void)line;
    *out = NULL;
    OKNG_TRY(check_live(settings, error));
    return open_source(out, settings, true, error);
}

static okng_status open_video(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    (void)line;
    *out = NULL;
    OKNG_TRY(check_video(settings, error));
    OKNG_TRY(ready_video(settings, error));
    return open_source(out, settings, false, error);
}

/* ---- pictures -------------------------------------------------------------------------------------------------------
 */

/* A sample that somebody looks at. */
typedef struct lent {
    GstSample *sample;
    GstVideoFrame frame; /* mapped where `video` */
    GstMapInfo map;      /* mapped where `bytes` */
    bool video, bytes;
} lent;

static void give_back(void *owner)
{
    lent *it = owner;
    if (it->video) okng_gst.gst_video_frame_unmap(&it->frame);
    if (it->bytes) okng_gst.gst_buffer_unmap(okng_gst.gst_sample_get_buffer(it->sample), &it->map);
    okng_gst.gst_mini_object_unref((GstMiniObject *)it->sample);
    free(it);
}

static bool format_of(GstVideoFormat format, okng_pixel_format *found)
{
    static const struct {
        GstVideoFormat theirs;
        okng_pixel_format ours;
    } formats[] = {
        {GST_VIDEO_FORMAT_GRAY8, OKNG_PIXEL_GREY8}, {GST_VIDEO_FORMAT_GRAY16_LE, OKNG_PIXEL_MONO16},
        {GST_VIDEO_FORMAT_RGB, OKNG_PIXEL_RGB8},    {GST_VIDEO_FORMAT_BGR, OKNG_PIXEL_BGR8},
        {GST_VIDEO_FORMAT_RGBA, OKNG_PIXEL_RGBA8},  {GST_VIDEO_FORMAT_BGRA, OKNG_PIXEL_BGRA8},
        {GST_VIDEO_FORMAT_RGBx, OKNG_PIXEL_RGBA8},  {GST_VIDEO_FORMAT_BGRx, OKNG_PIXEL_BGRA8},
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].theirs == format) {
            *found = formats[i].ours;
            return true;
        }
    return false;
}

static bool bayer_of(const char *order, okng_pixel_format *found)
{
    static const struct {
        const char *theirs;
        okng_pixel_format ours;
    } orders[] = {{"rggb", OKNG_PIXEL_BAYER_RG8},
                  {"grbg", OKNG_PIXEL_BAYER_GR8},
                  {"gbrg", OKNG_PIXEL_BAYER_GB8},
                  {"bggr", OKNG_PIXEL_BAYER_BG8}};
    for (size_t i = 0; order && i < sizeof orders / sizeof *orders; i++)
        if (strcmp(orders[i].theirs, order) == 0) {
            *found = orders[i].ours;
            return true;
        }
    return false;
}

/* GStreamer pads rows of Bayer to a multiple of 4 bytes, and has no word for other rows. */
static okng_status read_bayer(lent *it, const GstStructure *caps, okng_picture *picture, okng_error *error)
{
    int width = 0, height = 0;
    if (!okng_gst.gst_structure_get_int(caps, "width", &width) ||
        !okng_gst.gst_structure_get_int(caps, "height", &height) || width < 1 || height < 1 ||
        !bayer_of(okng_gst.gst_structure_get_string(caps, "format"), &picture->format))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "GStreamer: a Bayer format that is not read; use bayer2rgb");
    it->bytes = okng_gst.gst_buffer_map(okng_gst.gst_sample_get_buffer(it->sample), &it->map, GST_MAP_READ);
    size_t stride = ((size_t)width + 3) / 4 * 4, size = it->bytes ? it->map.size : 0;
    if (size < stride * (size_t)(height - 1) + (size_t)width)
        return okng_fail(error, OKNG_ERROR_FORMAT, "GStreamer: %zu bytes came of a picture of %d x %d", size, width,
                         height);
    picture->pixels = it->map.data;
    picture->width = width;
    picture->height = height;
    picture->stride = (ptrdiff_t)stride;
    return OKNG_OK;
}

/* Rows are as far apart as the buffer says, which is not always what the width gives. */
static okng_status read_sample(lent *it, okng_picture *picture, okng_error *error)
{
    GstCaps *caps = okng_gst.gst_sample_get_caps(it->sample);
    GstBuffer *buffer = okng_gst.gst_sample_get_buffer(it->sample);
    GstVideoInfo info;
    if (!caps || !buffer) return okng_fail(error, OKNG_ERROR_FORMAT, "GStreamer: a picture without data");
    const GstStructure *structure = okng_gst.gst_caps_get_structure(caps, 0);
    if (strcmp(okng_gst.gst_structure_get_name(structure), "video/x-bayer") == 0)
        return read_bayer(it, structure, picture, error);
    if (!okng_gst.gst_video_info_from_caps(&info, caps) || !format_of(GST_VIDEO_INFO_FORMAT(&info), &picture->format))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "GStreamer: pixels that are not read; end the pipeline without a sink");
    it->video = okng_gst.gst_video_frame_map(&it->frame, &info, buffer, GST_MAP_READ);
    if (!it->video)
        return okng_fail(error, OKNG_ERROR_FORMAT, "GStreamer: a picture that has fewer bytes than its size wants");
    picture->pixels = GST_VIDEO_FRAME_PLANE_DATA(&it->frame, 0);
    picture->width = GST_VIDEO_FRAME_WIDTH(&it->frame);
    picture->height = GST_VIDEO_FRAME_HEIGHT(&it->frame);
    picture->stride = GST_VIDEO_FRAME_PLANE_STRIDE(&it->frame, 0);
    return OKNG_OK;
}

static okng_status hold(GstSample *sample, okng_held **out, lent **lends, okng_error *error)
{
    *lends = calloc(1, sizeof **lends);
    okng_status status = *lends ? okng_held_new(out, error) : okng_fail_memory(error, sizeof **lends);
    if (status != OKNG_OK) {
        free(*lends);
        okng_gst.gst_mini_object_unref((GstMiniObject *)sample);
        return status;
    }
    (*lends)->sample = sample;
    (*out)->owner = *lends;
    (*out)->give_back = give_back;
    return OKNG_OK;
}

static okng_status lend(source *it, GstSample *sample, okng_frame *frame, okng_error *error)
{
    okng_held *held;
    lent *lends;
    okng_error why = {0};
    OKNG_TRY(hold(sample, &held, &lends, error));
    GstBuffer *buffer = okng_gst.gst_sample_get_buffer(sample);
    if (buffer && GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_CORRUPTED))
        (void)okng_fail(&why, OKNG_ERROR_FORMAT, "the picture was damaged on its way");
    else
        (void)read_sample(lends, &held->picture, &why);
    if (why.status == OKNG_OK) {
        okng_held_lend(held, frame);
        okng_newest_put(&it->newest, held);
    } else {
        (void)snprintf(frame->why, sizeof frame->why, "%.*s", (int)sizeof frame->why - 1, why.message);
    }
    okng_held_drop(&held);
    return OKNG_OK;
}

/* Whether it is the picture that a trigger asked for: taken after it, though others may have waited in the pipeline. */
static bool was_asked_for(source *it, GstSample *sample)
{
    if (!it->triggered) return true;
    if (!okng_asked_waits(&it->asked)) return false;
    GstBuffer *buffer = okng_gst.gst_sample_get_buffer(sample);
    GstSegment *segment = okng_gst.gst_sample_get_segment(sample);
    if (buffer && segment && GST_BUFFER_PTS_IS_VALID(buffer)) {
        uint64_t taken = okng_gst.gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
        if (taken != GST_CLOCK_TIME_NONE && taken < it->asked_at) return false;
    }
    return okng_asked_answer(&it->asked);
}

/* No picture came while the engine let us wait. */
static okng_status wait_on(source *it, int wait_ms, okng_frame *frame, bool *got, okng_error *error)
{
    okng_error why = {0};
    okng_status status = hear(it, &why);
    bool silent = it->live && okng_clock() > it->since + it->timeout;
    if (okng_asked_is_late(&it->asked, status != OKNG_OK || silent)) {
        *got = true;
        (void)snprintf(frame->why, sizeof frame->why, okng_translate("no picture came within %d ms of its trigger"),
                       (int)(it->timeout * 1000));
        it->since = 0; /* what comes now may be that trigger's: the stream is opened anew */
        return OKNG_OK;
    }
    if (status != OKNG_OK) return okng_fail(error, status, "%s", why.message);
    if (silent && it->since == 0) return okng_fail(error, OKNG_ERROR_IO, "the stream gave no picture in time");
    if (silent) return okng_fail(error, OKNG_ERROR_IO, "no picture in %d ms", (int)(it->timeout * 1000));
    if (it->ended) (void)usleep((useconds_t)wait_ms * 1000);
    return OKNG_OK;
}

static okng_status next(void *given, int wait_ms, okng_frame *frame, bool *got, okng_error *error)
{
    source *it = given;
    *got = false;
    if (it->ended || (it->live && it->since == 0)) return wait_on(it, wait_ms, frame, got, error);
    double until = okng_clock() + wait_ms / 1000.0;
    do {
        GstClockTime wait = (GstClockTime)(wait_ms > 0 ? wait_ms : 0) * GST_MSECOND;
        GstSample *sample = okng_gst.gst_app_sink_try_pull_sample((GstAppSink *)it->sink, wait);
        if (!sample) return wait_on(it, wait_ms, frame, got, error);
        it->since = okng_clock();
        if (was_asked_for(it, sample)) {
            *got = true;
            return lend(it, sample, frame, error);
        }
        okng_gst.gst_mini_object_unref((GstMiniObject *)sample);
    } while (okng_clock() < until);
    return wait_on(it, 0, frame, got, error);
}

static okng_status trigger_now(void *given, okng_error *error)
{
    source *it = given;
    if (!it->triggered)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s takes no triggers: its line.yaml says trigger: %s",
                         okng_line_name(it->settings), okng_line_text(it->settings, "trigger"));
    GstClock *clock = okng_gst.gst_element_get_clock(it->pipeline);
    uint64_t now = 0;
    if (clock) {
        now = okng_gst.gst_clock_get_time(clock) - okng_gst.gst_element_get_base_time(it->pipeline);
        okng_gst.gst_object_unref(clock);
    }
    if (!okng_asked_waits(&it->asked)) it->asked_at = now;
    return okng_asked_begin(&it->asked, error);
}

static okng_status look(void *given, okng_frame *frame, okng_error *error)
{
    source *it = given;
    return okng_newest_lend(&it->newest, frame, error);
}

static okng_status usable(okng_error *error)
{
    return okng_gstreamer_load(error);
}
#else
static okng_status usable(okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "this okng was built without GStreamer: video needs one that was built where the package "
                     "libgstreamer-plugins-base1.0-dev is installed");
}

static okng_status open_live(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    (void)settings, (void)line;
    *out = NULL;
    return usable(error);
}
#define open_video open_live
#define next NULL
#define trigger_now NULL
#define look NULL
#define close_source NULL
#endif

const okng_line_source_kind okng_line_source_gstreamer = {
    .name = "gstreamer",
    .summary = N_("a camera of V4L2, a stream of RTSP, or a pipeline of GStreamer"),
    .keys = keys,
    .live = true,
    .usable = usable,
    .check = check_live,
    .open = open_live,
    .next = next,
    .trigger = trigger_now,
    .look = look,
    .close = close_source,
};

const okng_line_source_kind okng_line_source_video = {
    .name = "video",
    .summary = N_("a video file, each picture of it, by GStreamer"),
    .keys = video_keys,
    .usable = usable,
    .check = check_video,
    .ready = ready_video,
    .open = open_video,
    .next = next,
    .look = look,
    .close = close_source,
};
