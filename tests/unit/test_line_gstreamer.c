/* Video by GStreamer: its own test pictures, files, and pictures whose rows are not side by side. */
#include "line/kinds.h"
#include "made_line.h"

static bool can(void)
{
    okng_error error;
    if (okng_line_source_gstreamer.usable(&error) == OKNG_OK) return true;
    print_message("# skipped: %s\n", error.message);
    return false;
}

/* Where a plugin is missing the test is skipped, and says which. */
static bool lacks_plugin(const okng_error *error)
{
    bool lacks = strstr(error->message, "no element") != NULL || strstr(error->message, "plug-in") != NULL;
    if (lacks) print_message("# skipped: %s (gstreamer1.0-plugins-good, -bad)\n", error->message);
    return lacks;
}

/* The source of a pipeline or a file; NULL where a plugin is missing. */
static void *open_source(const okng_line_source_kind *kind, okng_line_settings **settings, const char *key,
                         const char *value, const char *more, const char *more_value)
{
    *settings = made_settings(kind->keys, NULL, key, value, more, more_value, NULL);
    void *source = NULL;
    okng_error error = {0};
    if (kind->open(&source, *settings, NULL, &error) != OKNG_OK && !lacks_plugin(&error)) fail_msg("%s", error.message);
    return source;
}

static bool wait_frame(const okng_line_source_kind *kind, void *source, double seconds, okng_frame *frame,
                       okng_error *error)
{
    double until = okng_clock() + seconds;
    bool got = false;
    memset(error, 0, sizeof *error);
    while (!got && okng_clock() < until) {
        memset(frame, 0, sizeof *frame);
        if (kind->next(source, 20, frame, &got, error) != OKNG_OK) return false;
    }
    return got;
}

static void let_go(okng_frame *frame)
{
    if (frame->release) frame->release(frame);
}

static int channel(const okng_frame *frame, int x, int y, int bytes, int c)
{
    return ((const uint8_t *)frame->picture.pixels)[y * frame->picture.stride + x * bytes + c];
}

/* Pictures of one colour, whose width leaves bytes between rows: each pixel of each row has the colour. */
static void check_colour(const char *pipeline, const char *colorimetry, okng_pixel_format format, int bytes,
                         const int *colour)
{
    const okng_line_source_kind *kind = &okng_line_source_gstreamer;
    okng_line_settings *settings;
    void *source = open_source(kind, &settings, "pipeline", pipeline, "colorimetry", colorimetry);
    okng_frame frame;
    okng_error error;
    if (source && !wait_frame(kind, source, 10, &frame, &error)) {
        if (!lacks_plugin(&error)) fail_msg("%s: no picture: %s", pipeline, error.message);
    } else if (source) {
        assert_string_equal(frame.why, "");
        assert_int_equal(frame.picture.format, format);
        assert_int_equal(frame.picture.width, 101);
        for (int y = 0; y < frame.picture.height; y++)
            for (int x = 0; x < 101; x++)
                for (int c = 0; c < (bytes > 3 ? 3 : bytes); c++)
                    if (abs(channel(&frame, x, y, bytes, c) - colour[c]) > 2)
                        fail_msg("%s: pixel %d,%d has %d in channel %d, expected %d", pipeline, x, y,
                                 channel(&frame, x, y, bytes, c), c, colour[c]);
        let_go(&frame);
    }
    if (source) kind->close(&source);
    okng_line_settings_free(&settings);
}

static void test_rows_and_colours(void **state)
{
    (void)state;
    if (!can()) skip();
    const char *solid =
        "videotestsrc pattern=solid-color foreground-color=0xff9f5c31 ! video/x-raw,width=101,height=67,format=";
    char text[256];
    static const int rgb[] = {0x9f, 0x5c, 0x31}, bgr[] = {0x31, 0x5c, 0x9f}, grey[] = {0x80};
    static const struct {
        const char *format;
        okng_pixel_format ours;
        int bytes;
        const int *colour;
    } cases[] = {{"RGB", OKNG_PIXEL_RGB8, 3, rgb},
                 {"BGR", OKNG_PIXEL_BGR8, 3, bgr},
                 {"RGBA", OKNG_PIXEL_RGBA8, 4, rgb},
                 {"BGRx", OKNG_PIXEL_BGRA8, 4, bgr}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(text, sizeof text, "%s%s", solid, cases[i].format);
        check_colour(text, "auto", cases[i].ours, cases[i].bytes, cases[i].colour);
    }
    check_colour("videotestsrc pattern=solid-color foreground-color=0xff808080 ! "
                 "video/x-raw,width=101,height=67,format=GRAY8,colorimetry=1:1:0:0",
                 "auto", OKNG_PIXEL_GREY8, 1, grey);
}

/* The same bytes of YUV, at heights on both sides of 576 lines: the colours stay once it is said how they are meant. */
static void test_colours_at_any_height(void **state)
{
    (void)state;
    if (!can()) skip();
    static const int copper[] = {49, 92, 159}; /* of Y, U, V = 110, 98, 160 by BT.601; blue first */
    for (int lines = 480; lines <= 720; lines += 240) {
        char text[512];
        (void)snprintf(
            text, sizeof text,
            "filesrc location=/tmp/okng-test-%d.uyvy blocksize=%d ! rawvideoparse format=uyvy width=101 height=%d "
            "plane-strides=<204>",
            getpid(), 204 * lines, lines);
        char path[64];
        (void)snprintf(path, sizeof path, "/tmp/okng-test-%d.uyvy", getpid());
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        for (int i = 0; i < 51 * lines; i++) (void)fwrite("\x62\x6e\xa0\x6e", 1, 4, file);
        assert_int_equal(fclose(file), 0);
        check_colour(text, "bt601", OKNG_PIXEL_BGRA8, 4, copper);
        (void)unlink(path);
    }
}

static void test_bayer(void **state)
{
    (void)state;
    if (!can()) skip();
    const okng_line_source_kind *kind = &okng_line_source_gstreamer;
    okng_line_settings *settings;
    void *source = open_source(kind, &settings, "pipeline",
                               "videotestsrc ! video/x-bayer,format=gbrg,width=102,height=68 ! appsink name=okng",
                               "timeout", "9000");
    okng_frame frame;
    okng_error error;
    if (source) {
        if (!wait_frame(kind, source, 10, &frame, &error)) fail_msg("no picture: %s", error.message);
        assert_string_equal(frame.why, "");
        assert_int_equal(frame.picture.format, OKNG_PIXEL_BAYER_GB8);
        assert_int_equal(frame.picture.stride, 104);
        let_go(&frame);
        kind->close(&source);
    }
    okng_line_settings_free(&settings);
}

static void test_trigger(void **state)
{
    (void)state;
    if (!can()) skip();
    const okng_line_source_kind *kind = &okng_line_source_gstreamer;
    okng_line_settings *settings;
    void *source =
        open_source(kind, &settings, "pipeline",
                    "videotestsrc is-live=true ! video/x-raw,width=64,height=48,framerate=50/1", "trigger", "software");
    okng_frame frame;
    okng_error error;
    assert_false(wait_frame(kind, source, 0.3, &frame, &error));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kind->trigger(source, &error), OKNG_OK);
        assert_int_equal(kind->trigger(source, &error), OKNG_ERROR_BUSY);
        if (!wait_frame(kind, source, 5, &frame, &error)) fail_msg("no picture: %s", error.message);
        let_go(&frame);
    }
    assert_false(wait_frame(kind, source, 0.2, &frame, &error));
    kind->close(&source);
    okng_line_settings_free(&settings);
}

/* A stream that ends, or falls silent, is told; a trigger then has an answer all the same. */
static void test_stream_that_ends(void **state)
{
    (void)state;
    if (!can()) skip();
    const okng_line_source_kind *kind = &okng_line_source_gstreamer;
    okng_line_settings *settings;
    void *source = open_source(kind, &settings, "pipeline",
                               "videotestsrc num-buffers=3 ! video/x-raw,width=64,height=48", "timeout", "500");
    okng_frame frame, seen;
    okng_error error;
    int count = 0;
    while (wait_frame(kind, source, 5, &frame, &error)) {
        count++;
        let_go(&frame);
    }
    assert_int_equal(count, 3);
    assert_non_null(strstr(error.message, "the stream has ended"));
    memset(&seen, 0, sizeof seen);
    assert_int_equal(kind->look(source, &seen, &error), OKNG_OK);
    kind->close(&source);
    assert_int_equal(seen.picture.width, 64);
    let_go(&seen);
    okng_line_settings_free(&settings);

    settings =
        made_settings(kind->keys, NULL, "pipeline", "videotestsrc num-buffers=1 ! video/x-raw,width=64,height=48",
                      "timeout", "300", "trigger", "software", NULL);
    assert_int_equal(kind->open(&source, settings, NULL, &error), OKNG_OK);
    assert_int_equal(kind->trigger(source, &error), OKNG_OK);
    if (!wait_frame(kind, source, 5, &frame, &error)) fail_msg("the trigger has no answer");
    let_go(&frame);
    kind->close(&source);
    okng_line_settings_free(&settings);
}

/* Each picture of a file, once. */
static void test_file(void **state)
{
    (void)state;
    if (!can()) skip();
    const okng_line_source_kind *kind = &okng_line_source_video;
    char path[64], write[256]; /* a name that must be written otherwise in a URI */
    (void)snprintf(path, sizeof path, "/tmp/okng%%20test-%d.ogg", getpid());
    (void)snprintf(write, sizeof write,
                   "gst-launch-1.0 -q videotestsrc num-buffers=20 ! video/x-raw,width=160,height=120 ! "
                   "theoraenc ! oggmux ! filesink location=%s >/dev/null 2>&1",
                   path);
    if (system(write) != 0) {
        print_message("# skipped: no gst-launch-1.0, or no Theora (gstreamer1.0-tools, gstreamer1.0-plugins-base)\n");
        skip();
    }
    okng_line_settings *settings;
    void *source = open_source(kind, &settings, "file", path, "colorimetry", "auto");
    okng_frame frame;
    okng_error error;
    int count = 0;
    while (wait_frame(kind, source, count < 20 ? 10 : 0.2, &frame, &error)) {
        assert_string_equal(frame.why, "");
        assert_int_equal(frame.picture.width, 160);
        count++;
        let_go(&frame);
    }
    assert_int_equal(error.status, OKNG_OK); /* the end of a file is no failure */
    assert_int_equal(count, 20);
    kind->close(&source);
    okng_line_settings_free(&settings);
    (void)unlink(path);
    settings = made_settings(kind->keys, NULL, "file", path, NULL);
    assert_int_equal(kind->ready(settings, &error), OKNG_ERROR_NOT_FOUND);
    assert_int_equal(kind->open(&source, settings, NULL, &error), OKNG_ERROR_NOT_FOUND);
    assert_null(source);
    assert_non_null(strstr(error.message, "cannot open"));
    okng_line_settings_free(&settings);
}

#ifdef OKNG_RTSP_SERVER
/* The server ends with the pipe that this opens; `port` gets where it listens. */
static FILE *start_stream(int *port)
{
    int words[2];
    char line[32] = "";
    assert_int_equal(pipe(words), 0);
    char command[512];
    (void)snprintf(command, sizeof command, "exec %s >&%d 2>/dev/null", OKNG_RTSP_SERVER, words[1]);
    FILE *server = popen(command, "w");
    (void)close(words[1]);
    FILE *said = fdopen(words[0], "r");
    if (fgets(line, sizeof line, said)) *port = atoi(line);
    (void)fclose(said);
    return server;
}

/* A stream gives pictures; when its server goes it is told, and it comes back. */
static void test_rtsp(void **state)
{
    (void)state;
    if (!can()) skip();
    const okng_line_source_kind *kind = &okng_line_source_gstreamer;
    int port = 0;
    char uri[64];
    FILE *server = start_stream(&port);
    assert_true(port > 0);
    (void)snprintf(uri, sizeof uri, "rtsp://127.0.0.1:%d/made", port);
    okng_line_settings *settings = made_settings(kind->keys, NULL, "uri", uri, "timeout", "3000", NULL);
    void *source;
    okng_frame frame;
    okng_error error;
    assert_int_equal(kind->open(&source, settings, NULL, &error), OKNG_OK);
    for (int i = 0; i < 5; i++) {
        if (!wait_frame(kind, source, 10, &frame, &error)) fail_msg("no picture: %s", error.message);
        assert_string_equal(frame.why, "");
        assert_int_equal(frame.picture.width, 160);
        assert_int_equal(frame.picture.height, 120);
        let_go(&frame);
    }
    (void)pclose(server);
    while (wait_frame(kind, source, 10, &frame, &error)) let_go(&frame);
    assert_int_equal(error.status, OKNG_ERROR_IO);
    kind->close(&source);
    okng_line_settings_free(&settings);
}
#else
static void test_rtsp(void **state)
{
    (void)state;
    print_message("# skipped: built without a server of RTSP (libgstrtspserver-1.0-dev)\n");
    skip();
}
#endif

static void check_refused(okng_status status, const char *part, const char *key, const char *value, const char *more,
                          const char *more_value)
{
    const okng_line_source_kind *kind = &okng_line_source_gstreamer;
    okng_line_settings *settings = made_settings(kind->keys, NULL, key, value, more, more_value, NULL);
    void *source;
    assert_fails(status, part, kind->open(&source, settings, NULL, error));
    assert_null(source);
    okng_line_settings_free(&settings);
}

static void test_refused(void **state)
{
    (void)state;
    if (!can()) skip();
    check_refused(OKNG_ERROR_ARGUMENT, "say one of", "timeout", "100", NULL, NULL);
    check_refused(OKNG_ERROR_ARGUMENT, "say one of", "uri", "rtsp://127.0.0.1/x", "device", "/dev/video0");
    check_refused(OKNG_ERROR_ARGUMENT, "no element \"nosuch\"", "pipeline", "nosuch", NULL, NULL);
    check_refused(OKNG_ERROR_ARGUMENT, "pipeline:", "pipeline", "videotestsrc ! (", NULL, NULL);
    okng_line_settings *settings =
        made_settings(okng_line_source_gstreamer.keys, NULL, "device", "/dev/no-such-camera", "width", "640", NULL);
    void *source;
    okng_error error;
    assert_int_not_equal(okng_line_source_gstreamer.open(&source, settings, NULL, &error), OKNG_OK);
    if (!lacks_plugin(&error)) assert_non_null(strstr(error.message, "no-such-camera"));
    assert_null(source);
    okng_line_settings_free(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_colours),
        cmocka_unit_test(test_colours_at_any_height),
        cmocka_unit_test(test_bayer),
        cmocka_unit_test(test_trigger),
        cmocka_unit_test(test_stream_that_ends),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_rtsp),
        cmocka_unit_test(test_refused),
    };
    return RUN_TESTS(tests);
}
