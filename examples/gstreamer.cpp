/* Inspects the frames of a GStreamer pipeline with a bank that `okng build` made:
 *
 *     c++ -std=c++17 gstreamer.cpp -o gst $(pkg-config --cflags --libs okng gstreamer-app-1.0 gstreamer-video-1.0)
 *     ./gst BANK "v4l2src ! videoconvert ! video/x-raw,format=RGB ! appsink name=sink max-buffers=1 drop=true"
 *
 * The pipeline needs an appsink called "sink" and may give GRAY8, RGB, BGR, RGBx, RGBA, BGRx or BGRA. A line is printed
 * for each frame. Exit status: 0 all OK, 10 some NG, 1 error. */
#include <cstdio>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <okng/okng.hpp>

static bool format_of(GstVideoFormat given, okng_pixel_format *format)
{
    switch (given) {
    case GST_VIDEO_FORMAT_GRAY8:
        *format = OKNG_PIXEL_GREY8;
        return true;
    case GST_VIDEO_FORMAT_RGB:
        *format = OKNG_PIXEL_RGB8;
        return true;
    case GST_VIDEO_FORMAT_BGR:
        *format = OKNG_PIXEL_BGR8;
        return true;
    case GST_VIDEO_FORMAT_RGBx:
    case GST_VIDEO_FORMAT_RGBA:
        *format = OKNG_PIXEL_RGBA8;
        return true;
    case GST_VIDEO_FORMAT_BGRx:
    case GST_VIDEO_FORMAT_BGRA:
        *format = OKNG_PIXEL_BGRA8;
        return true;
    default:
        return false;
    }
}

/* Rows of a frame begin where the buffer says, for RGB at multiples of 4 bytes: 101 pixels take 304 bytes, not 303. The
 * stride is asked of the mapped frame, which also knows what a driver put into the buffer's metadata. */
static okng::expected<okng::result> inspect(const okng::bank &bank, GstSample *sample)
{
    GstVideoInfo info;
    GstVideoFrame frame;
    okng_pixel_format format;
    if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) ||
        !format_of(GST_VIDEO_INFO_FORMAT(&info), &format))
        return okng::error{OKNG_ERROR_UNSUPPORTED,
                           "frames of another format: put videoconvert ! video/x-raw,format=RGB in"};
    if (!gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ))
        return okng::error{OKNG_ERROR_IO, "a frame could not be mapped"};
    auto result = bank.inspect(okng::picture::pixels(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
                                                     GST_VIDEO_FRAME_WIDTH(&frame), GST_VIDEO_FRAME_HEIGHT(&frame),
                                                     format, GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0)));
    gst_video_frame_unmap(&frame);
    return result;
}

/* What went wrong in the pipeline, "" where nothing did. */
static std::string complaint(GstElement *pipeline)
{
    std::string text;
    GstBus *bus = gst_element_get_bus(pipeline);
    if (GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR)) {
        GError *error = nullptr;
        gst_message_parse_error(message, &error, nullptr);
        text = error->message;
        g_error_free(error);
        gst_message_unref(message);
    }
    gst_object_unref(bus);
    return text;
}

/* The next frame; NULL at the end and after an error. A pipeline that fails sends no end, so that waiting for a frame
 * alone may take for ever. */
static GstSample *next(GstElement *pipeline, GstAppSink *sink, std::string *text)
{
    while (text->empty() && !gst_app_sink_is_eos(sink)) {
        if (GstSample *sample = gst_app_sink_try_pull_sample(sink, 100 * GST_MSECOND)) return sample;
        *text = complaint(pipeline);
    }
    return nullptr;
}

/* Inspects frames until the end, or an error. */
static int run(const okng::bank &bank, GstElement *pipeline, GstAppSink *sink)
{
    int status = 0;
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    std::string text;
    for (unsigned number = 0; GstSample *sample = next(pipeline, sink, &text); number++) {
        auto result = inspect(bank, sample);
        gst_sample_unref(sample);
        if (!result) {
            std::fprintf(stderr, "frame %u: %s\n", number, result.error().message.c_str());
            return 1;
        }
        std::printf("frame %u: %s, score %.9g\n", number, okng_verdict_text(result->verdict()),
                    static_cast<double>(result->score()));
        if (result->verdict() != OKNG_VERDICT_OK) status = 10;
    }
    if (text.empty()) text = complaint(pipeline); /* an end may follow an error */
    if (text.empty()) return status;
    std::fprintf(stderr, "%s\n", text.c_str());
    return 1;
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    if (argc != 3) {
        std::fprintf(stderr, "usage: gstreamer BANK PIPELINE\n");
        return 2;
    }
    auto bank = okng::bank::open(argv[1]);
    if (!bank) {
        std::fprintf(stderr, "%s\n", bank.error().message.c_str());
        return 1;
    }
    GError *error = nullptr;
    GstElement *pipeline = gst_parse_launch(argv[2], &error);
    if (error) { /* there may be a pipeline all the same */
        std::fprintf(stderr, "%s\n", error->message);
        g_error_free(error);
        if (pipeline) gst_object_unref(pipeline);
        return 1;
    }
    GstElement *sink = GST_IS_BIN(pipeline) ? gst_bin_get_by_name(GST_BIN(pipeline), "sink") : nullptr;
    int status = 1;
    if (sink && GST_IS_APP_SINK(sink))
        status = run(*bank, pipeline, GST_APP_SINK(sink));
    else
        std::fprintf(stderr, "the pipeline has no appsink name=sink\n");
    if (sink) gst_object_unref(sink);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
    return status;
}
