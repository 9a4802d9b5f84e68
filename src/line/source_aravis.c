/* Cameras of GigE Vision and USB3 Vision, by Aravis. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/clock.h"
#include "line/asked.h"
#include "line/camera_pixels.h"
#include "line/held.h"
#include "line/kinds.h"

/* clang-format off */
static const okng_line_key keys[] = {
    {.name = "camera", .type = OKNG_LINE_TEXT, .values = "NAME|ADDRESS",
     .help = N_("the camera as arv-tool-0.8 lists it, its serial number or its address; without, the only one there is")},
    {.name = "region", .type = OKNG_LINE_TEXT, .values = "X,Y,W,H", .help = N_("part of the sensor that is read, in pixels; without, as the camera is set")},
    {.name = "pixel_format", .type = OKNG_LINE_TEXT, .values = "NAME", .help = N_("Mono8, Mono12, BayerRG8, ... as the camera names it; without, as the camera is set")},
    {.name = "exposure", .type = OKNG_LINE_NUMBER, .values = "MICROSECONDS", .low = 0.1, .high = 1e9, .help = N_("fixed exposure time; without, as the camera is set")},
    {.name = "gain", .type = OKNG_LINE_NUMBER, .values = "DB", .low = -1000, .high = 10000, .help = N_("fixed gain, as the camera counts it; without, as the camera is set")},
    {.name = "rate", .type = OKNG_LINE_NUMBER, .values = "FPS", .low = 0.001, .high = 100000, .help = N_("pictures in a second of a camera that runs by itself")},
    {.name = "features", .type = OKNG_LINE_WORDS, .values = "[NAME=VALUE, ...]", .help = N_("other GenICam features that are set at the start, in this order")},
    {.name = "trigger", .type = OKNG_LINE_CHOICE, .values = "none|software|hardware", .initial = "none",
     .help = N_("what takes a picture: the camera by its rate, the line (a PLC, MQTT, HTTP), or a signal at trigger_line")},
    {.name = "trigger_line", .type = OKNG_LINE_TEXT, .values = "NAME", .initial = "Line1", .help = N_("input of a hardware trigger, as the camera names it")},
    {.name = "timeout", .type = OKNG_LINE_INTEGER, .values = "MS", .initial = "2000", .low = 50, .high = 600000,
     .help = N_("longest time from a software trigger to its picture, and between pictures of a camera that runs by itself")},
    {.name = "packet_socket", .type = OKNG_LINE_CHOICE, .values = "auto|yes|no", .initial = "auto",
     .help = N_("read packets of GigE Vision below UDP, which is faster and needs root; auto goes on by UDP where nothing comes so")},
    {.name = "packet_size", .type = OKNG_LINE_INTEGER, .values = "BYTES", .low = 576, .high = 16384, .help = N_("of GigE Vision; without, as the camera is set")},
    {.name = "packet_resend", .type = OKNG_LINE_FLAG, .values = "true|false", .initial = "true", .help = N_("ask the camera of GigE Vision for lost packets again")},
    {.name = "buffers", .type = OKNG_LINE_INTEGER, .values = "N", .initial = "16", .low = 4, .high = 256, .help = N_("pictures that the driver has room for, those being inspected among them")},
    {0},
};
/* clang-format on */

#ifdef OKNG_HAVE_ARAVIS
#include "line/aravis_camera.h"

typedef enum trigger_kind { TRIGGER_NONE, TRIGGER_SOFTWARE, TRIGGER_HARDWARE } trigger_kind;

/* Where buffers go back to that somebody held: a stream that may be closed by then. */
typedef struct pool {
    pthread_mutex_t mutex;
    ArvStream *stream; /* NULL: closed */
    atomic_int holders;
} pool;

/* What Aravis tells of the camera, from a thread of its own that may come late. */
typedef struct news {
    atomic_bool lost; /* it no longer answers */
    atomic_int holders;
} news;

typedef struct source {
    const okng_line_settings *settings;
    okng_aravis_camera camera;
    ArvStream *stream;
    pool *pool; /* of this stream */
    trigger_kind trigger;
    double timeout; /* seconds */
    bool gige, packet_socket;
    news *news;
    bool dead; /* the camera is silent: who talks to it waits for seconds */

    /* Of the source's thread. */
    uint64_t last_id;   /* frame number of the picture before */
    bool has_last;      /* there was one since the stream began */
    uint64_t missing;   /* numbers before `waiting` that never came, and are not yet told */
    ArvBuffer *waiting; /* the picture behind them */
    double since;       /* when the last picture came, or the stream began */
    bool restart;       /* the stream is to begin anew before the next picture */

    okng_asked asked; /* software triggers */
    okng_newest newest;
} source;

/* ---- the stream -----------------------------------------------------------------------------------------------------
 */

/* A burst of packets that comes while the thread that reads them sleeps is lost beyond the socket's buffer, which is as
 * large as two pictures where the system lets it (net.core.rmem_max). */
static void set_stream(source *it, size_t payload)
{
    size_t room = payload > (1 << 29) ? (1 << 30) : payload < (1 << 20) ? (2 << 20) : payload * 2;
    okng_arv.g_object_set(it->stream, "socket-buffer", ARV_GV_STREAM_SOCKET_BUFFER_FIXED, "socket-buffer-size",
                          (gint)room, "packet-resend",
                          okng_line_flag(it->settings, "packet_resend") ? ARV_GV_STREAM_PACKET_RESEND_ALWAYS
                                                                        : ARV_GV_STREAM_PACKET_RESEND_NEVER,
                          NULL);
}

static void drop_pool(pool *it)
{
    if (!it || atomic_fetch_sub(&it->holders, 1) != 1) return;
    (void)pthread_mutex_destroy(&it->mutex);
    free(it);
}

static void push(pool *it, ArvBuffer *buffer)
{
    (void)pthread_mutex_lock(&it->mutex);
    if (it->stream)
        okng_arv.arv_stream_push_buffer(it->stream, buffer);
    else
        okng_arv.g_object_unref(buffer);
    (void)pthread_mutex_unlock(&it->mutex);
}

static okng_status make_pool(source *it, okng_error *error)
{
    pool *made = calloc(1, sizeof *made);
    if (!made) return okng_fail_memory(error, sizeof *made);
    (void)pthread_mutex_init(&made->mutex, NULL);
    made->stream = it->stream;
    atomic_init(&made->holders, 1);
    it->pool = made;
    return OKNG_OK;
}

/* Aravis's objects, to be closed. */
typedef struct remains {
    ArvCamera *camera;
    ArvStream *stream; /* may be NULL */
    bool gige;
} remains;

static void bury(remains *it)
{
    if (it->stream) {
        OKNG_ARAVIS_PASS(okng_arv.arv_camera_stop_acquisition(it->camera, &why));
        okng_arv.g_object_unref(it->stream);
    }
    if (it->gige)
        OKNG_ARAVIS_PASS((void)okng_arv.arv_gv_device_leave_control(
            (ArvGvDevice *)okng_arv.arv_camera_get_device(it->camera), &why));
    okng_arv.g_object_unref(it->camera);
}

static void *bury_aside(void *given)
{
    remains *it = given;
    bury(it);
    free(it);
    return NULL;
}

/* Aravis waits for a silent camera 2.5 s at each of the steps of closing. It may be back by then. */
static void close_camera(source *it)
{
    remains left = {.camera = it->camera.device, .stream = it->stream, .gige = it->gige};
    remains *aside = it->dead ? malloc(sizeof *aside) : NULL;
    pthread_t thread;
    if (aside) *aside = left;
    if (aside && pthread_create(&thread, NULL, bury_aside, aside) == 0) {
        (void)pthread_detach(thread);
    } else {
        free(aside);
        bury(&left);
    }
}

/* Pictures that are lent stay good, and go elsewhere from now on. */
static void close_pool(source *it)
{
    okng_asked_open(&it->asked, false);
    if (it->waiting) okng_arv.arv_stream_push_buffer(it->stream, it->waiting);
    it->waiting = NULL;
    if (!it->pool) return;
    (void)pthread_mutex_lock(&it->pool->mutex);
    it->pool->stream = NULL;
    (void)pthread_mutex_unlock(&it->pool->mutex);
    drop_pool(it->pool);
    it->pool = NULL;
}

static okng_status start_stream(source *it, okng_error *error)
{
    enum { LARGEST = 1 << 30 }; /* bytes of a picture */
    guint payload;
    if (it->gige)
        okng_arv.arv_camera_gv_set_stream_options(it->camera.device, it->packet_socket
                                                                         ? ARV_GV_STREAM_OPTION_NONE
                                                                         : ARV_GV_STREAM_OPTION_PACKET_SOCKET_DISABLED);
    OKNG_ARAVIS_TRY(&it->camera, "payload", payload = okng_arv.arv_camera_get_payload(it->camera.device, &why));
    if (payload == 0 || payload > LARGEST)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the camera says that its pictures have %u bytes, expected 1 to %d",
                         payload, LARGEST);
    OKNG_ARAVIS_TRY(&it->camera, "stream",
                    it->stream = okng_arv.arv_camera_create_stream(it->camera.device, NULL, NULL, &why));
    OKNG_TRY(make_pool(it, error));
    if (it->gige) set_stream(it, payload);
    int64_t buffers = okng_line_integer(it->settings, "buffers");
    for (int64_t i = 0; i < buffers; i++)
        okng_arv.arv_stream_push_buffer(it->stream, okng_arv.arv_buffer_new_allocate(payload));
    OKNG_ARAVIS_TRY(&it->camera, "start", okng_arv.arv_camera_start_acquisition(it->camera.device, &why));
    it->has_last = false;
    it->missing = 0;
    it->since = okng_clock();
    okng_asked_open(&it->asked, it->trigger == TRIGGER_SOFTWARE);
    return OKNG_OK;
}

static bool packets_came(const source *it)
{
    return okng_arv.arv_stream_get_info_uint64_by_name(it->stream, "n_received_packets") > 0;
}

/* Root reads packets below UDP, and on some machines none come there from loopback. */
static bool can_try_udp(const source *it)
{
    return it->packet_socket && strcmp(okng_line_text(it->settings, "packet_socket"), "auto") == 0 && !packets_came(it);
}

/* Goes on by UDP. */
static okng_status restart_stream(source *it, okng_error *error)
{
    it->restart = it->packet_socket = false;
    close_pool(it);
    GError *why = NULL;
    okng_arv.arv_camera_stop_acquisition(it->camera.device, &why);
    it->dead = why != NULL;
    if (why) return okng_aravis_fail(&it->camera, "stop", why, error);
    okng_arv.g_object_unref(it->stream);
    it->stream = NULL;
    return start_stream(it, error);
}

/* ---- opening and closing --------------------------------------------------------------------------------------------
 */

static void drop_news(void *given, GClosure *closure)
{
    (void)closure;
    news *it = given;
    if (it && atomic_fetch_sub(&it->holders, 1) == 1) free(it);
}

static void on_lost(ArvDevice *device, void *given)
{
    (void)device;
    news *it = given;
    atomic_store(&it->lost, true);
}

static okng_status hear_news(source *it, okng_error *error)
{
    it->news = calloc(1, sizeof *it->news);
    if (!it->news) return okng_fail_memory(error, sizeof *it->news);
    atomic_init(&it->news->lost, false);
    atomic_init(&it->news->holders, 2);
    (void)okng_arv.g_signal_connect_data(okng_arv.arv_camera_get_device(it->camera.device), "control-lost",
                                         G_CALLBACK(on_lost), it->news, drop_news, (GConnectFlags)0);
    return OKNG_OK;
}

/* Without a name the camera is the only one: which of several is chosen must not depend on who answers first. */
static okng_status find_camera(source *it, okng_error *error)
{
    const char *name = okng_line_text(it->settings, "camera");
    if (!name) {
        okng_arv.arv_update_device_list();
        unsigned count = okng_arv.arv_get_n_devices();
        if (count == 0)
            return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                             "no camera of GigE Vision or USB3 Vision answers: check power, cable and the address of "
                             "the network card");
        name = okng_arv.arv_get_device_id(0);
        if (count > 1)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "%u cameras answer: say which by camera: %s, or %s, ...",
                             count, name, okng_arv.arv_get_device_id(1));
    }
    OKNG_ARAVIS_TRY(&it->camera, "open", it->camera.device = okng_arv.arv_camera_new(name, &why));
    return OKNG_OK;
}

static okng_status open_camera(source *it, okng_error *error)
{
    OKNG_TRY(find_camera(it, error));
    OKNG_TRY(hear_news(it, error));
    OKNG_TRY(okng_aravis_set(&it->camera, error));
    it->gige = okng_arv.arv_camera_is_gv_device(it->camera.device);
    it->packet_socket = it->gige && strcmp(okng_line_text(it->settings, "packet_socket"), "no") != 0;
    return start_stream(it, error);
}

static void close_source(void **given)
{
    source *it = *given;
    *given = NULL;
    if (!it) return;
    okng_newest_close(&it->newest);
    if (it->camera.device) {
        close_pool(it);
        close_camera(it);
    }
    drop_news(it->news, NULL);
    okng_asked_free(&it->asked);
    free(it);
}

static okng_status open_source(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    (void)line;
    *out = NULL;
    OKNG_TRY(okng_aravis_load(error));
    source *it = calloc(1, sizeof *it);
    if (!it) return okng_fail_memory(error, sizeof *it);
    const char *trigger = okng_line_text(settings, "trigger");
    it->settings = it->camera.settings = settings;
    it->trigger = strcmp(trigger, "software") == 0   ? TRIGGER_SOFTWARE
                  : strcmp(trigger, "hardware") == 0 ? TRIGGER_HARDWARE
                                                     : TRIGGER_NONE;
    it->timeout = (double)okng_line_integer(settings, "timeout") / 1000;
    okng_asked_init(&it->asked, it->timeout);
    okng_newest_init(&it->newest);
    *out = it;
    okng_status status = open_camera(it, error);
    if (status != OKNG_OK) close_source(out);
    return status;
}

/* ---- pictures -------------------------------------------------------------------------------------------------------
 */

/* A buffer that is out of the stream while somebody looks at it. */
typedef struct lent {
    pool *pool;
    ArvBuffer *buffer;
    void *unpacked; /* pixels in the way okng reads; NULL: those of the buffer */
} lent;

static void give_back(void *owner)
{
    lent *it = owner;
    push(it->pool, it->buffer);
    drop_pool(it->pool);
    free(it->unpacked);
    free(it);
}

static const char *status_text(ArvBufferStatus status)
{
    switch (status) {
    case ARV_BUFFER_STATUS_TIMEOUT:
        return N_("packets came too late or not at all");
    case ARV_BUFFER_STATUS_MISSING_PACKETS:
        return N_("packets were lost");
    case ARV_BUFFER_STATUS_WRONG_PACKET_ID:
        return N_("packets had wrong numbers");
    case ARV_BUFFER_STATUS_SIZE_MISMATCH:
        return N_("it is larger than the camera said");
    case ARV_BUFFER_STATUS_ABORTED:
        return N_("the camera was stopped meanwhile");
    default:
        return N_("it is not whole");
    }
}

static okng_status read_part(lent *it, okng_picture *picture, okng_error *error)
{
    guint parts = okng_arv.arv_buffer_get_n_parts(it->buffer), part = 0;
    while (part < parts &&
           okng_arv.arv_buffer_get_part_data_type(it->buffer, part) != ARV_BUFFER_PART_DATA_TYPE_2D_IMAGE)
        part++;
    if (part == parts)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "what the camera sent (payload 0x%x) holds no picture",
                         (unsigned)okng_arv.arv_buffer_get_payload_type(it->buffer));
    gint x_padding = 0, y_padding = 0;
    okng_arv.arv_buffer_get_part_padding(it->buffer, part, &x_padding, &y_padding);
    okng_camera_pixels pixels = {
        .code = okng_arv.arv_buffer_get_part_pixel_format(it->buffer, part),
        .width = okng_arv.arv_buffer_get_part_width(it->buffer, part),
        .height = okng_arv.arv_buffer_get_part_height(it->buffer, part),
        .row_padding = (size_t)(x_padding > 0 ? x_padding : 0),
    };
    pixels.data = okng_arv.arv_buffer_get_part_data(it->buffer, part, &pixels.size);
    return okng_camera_pixels_read(picture, &it->unpacked, &pixels, error);
}

static okng_status read_buffer(lent *it, okng_picture *picture, okng_error *error)
{
    if (okng_arv.arv_buffer_get_payload_type(it->buffer) != ARV_BUFFER_PAYLOAD_TYPE_JPEG)
        return read_part(it, picture, error);
    picture->data = okng_arv.arv_buffer_get_data(it->buffer, &picture->data_size);
    return OKNG_OK;
}

/* What is in a buffer that is not whole may be of pictures before: it goes back unread. */
static void tell_broken(source *it, ArvBuffer *buffer, okng_frame *frame)
{
    (void)snprintf(frame->why, sizeof frame->why, okng_translate("picture %llu of the camera: %s"),
                   (unsigned long long)okng_arv.arv_buffer_get_frame_id(buffer),
                   okng_translate(status_text(okng_arv.arv_buffer_get_status(buffer))));
    okng_arv.arv_stream_push_buffer(it->stream, buffer);
}

/* Takes the buffer out of the stream until nobody holds the picture any more. */
static okng_status hold(source *it, ArvBuffer *buffer, okng_held **out, lent **lends, okng_error *error)
{
    *lends = calloc(1, sizeof **lends);
    if (!*lends) return okng_fail_memory(error, sizeof **lends);
    okng_status status = okng_held_new(out, error);
    if (status != OKNG_OK) {
        free(*lends);
        return status;
    }
    (void)atomic_fetch_add(&it->pool->holders, 1);
    **lends = (lent){.pool = it->pool, .buffer = buffer};
    (*out)->owner = *lends;
    (*out)->give_back = give_back;
    uint64_t taken = okng_arv.arv_buffer_get_system_timestamp(buffer); /* nanoseconds */
    if (taken > 0) (*out)->time = (int64_t)(taken / 1000);
    return OKNG_OK;
}

/* Makes a frame of a buffer; one that is not whole, or of a format that is not read, says so. */
static okng_status lend(source *it, ArvBuffer *buffer, okng_frame *frame, okng_error *error)
{
    if (okng_arv.arv_buffer_get_status(buffer) != ARV_BUFFER_STATUS_SUCCESS) {
        tell_broken(it, buffer, frame);
        return OKNG_OK;
    }
    okng_held *held;
    lent *lends;
    okng_status status = hold(it, buffer, &held, &lends, error);
    if (status != OKNG_OK) {
        okng_arv.arv_stream_push_buffer(it->stream, buffer);
        return status;
    }
    okng_error why = {0};
    if (read_buffer(lends, &held->picture, &why) == OKNG_OK) {
        okng_held_lend(held, frame);
        okng_newest_put(&it->newest, held);
    } else {
        (void)snprintf(frame->why, sizeof frame->why, "%.*s", (int)sizeof frame->why - 1, why.message);
    }
    okng_held_drop(&held);
    return OKNG_OK;
}

/* Numbers of GigE Vision 1 have 16 bits and leave out 0. */
static uint64_t numbers_between(const source *it, uint64_t id)
{
    if (!it->has_last || id == it->last_id) return 0;
    if (id > it->last_id) return id - it->last_id - 1;
    return it->gige && it->last_id <= 65535 ? 65535 - it->last_id + id - 1 : 0;
}

/* A number that never came is a part that nobody saw: what is told of it is one result, as of any other. Of more than
 * PLENTY the rest is told at once. */
static void tell_missing(source *it, okng_frame *frame)
{
    enum { PLENTY = 100 };
    bool rest = it->missing > PLENTY;
    (void)snprintf(frame->why, sizeof frame->why,
                   rest ? okng_translate("%llu pictures of the camera never came")
                        : okng_translate("a picture of the camera never came, %llu in a row"),
                   (unsigned long long)it->missing);
    it->missing = rest ? 0 : it->missing - 1;
}

static okng_status tell_silence(source *it, okng_error *error)
{
    const char *camera = okng_line_text(it->settings, "camera");
    int milliseconds = (int)(it->timeout * 1000);
    it->dead = true;
    if (it->gige && !packets_came(it))
        return okng_fail(error, OKNG_ERROR_IO,
                         "camera %s: no packets in %d ms, though it answers: a firewall, packets that are too large "
                         "for the network (packet_size), or packet sockets (packet_socket: no)",
                         camera ? camera : "", milliseconds);
    return okng_fail(error, OKNG_ERROR_IO, "camera %s: no picture in %d ms", camera ? camera : "", milliseconds);
}

/* No picture came while the engine let us wait. */
static okng_status wait_on(source *it, okng_frame *frame, bool *got, okng_error *error)
{
    if (okng_asked_is_late(&it->asked, atomic_load(&it->news->lost))) {
        *got = true;
        it->restart = can_try_udp(it);
        if (!it->restart) atomic_store(&it->news->lost, true); /* what may still come is not for the next trigger */
        (void)snprintf(frame->why, sizeof frame->why, okng_translate("no picture came within %d ms of its trigger"),
                       (int)(it->timeout * 1000));
        return OKNG_OK;
    }
    it->dead = atomic_load(&it->news->lost);
    if (it->dead)
        return okng_fail(error, OKNG_ERROR_IO, "the camera no longer answers, or too late: check power and cable");
    if (it->trigger != TRIGGER_NONE || okng_clock() < it->since + it->timeout) return OKNG_OK;
    if (!can_try_udp(it)) return tell_silence(it, error);
    it->restart = true;
    return OKNG_OK;
}

static okng_status take(source *it, ArvBuffer *buffer, okng_frame *frame, bool *got, okng_error *error)
{
    uint64_t id = okng_arv.arv_buffer_get_frame_id(buffer);
    it->since = okng_clock();
    it->missing = it->trigger == TRIGGER_SOFTWARE ? 0 : numbers_between(it, id); /* those have a time limit each */
    it->has_last = true;
    it->last_id = id;
    if (it->missing > 0) {
        it->waiting = buffer;
        tell_missing(it, frame);
    } else if (it->trigger != TRIGGER_SOFTWARE || okng_asked_answer(&it->asked)) {
        OKNG_TRY(lend(it, buffer, frame, error));
    } else {
        okng_arv.arv_stream_push_buffer(it->stream, buffer);
        return OKNG_OK;
    }
    *got = true;
    return OKNG_OK;
}

static okng_status next(void *given, int wait_ms, okng_frame *frame, bool *got, okng_error *error)
{
    source *it = given;
    *got = false;
    if (it->restart) OKNG_TRY(restart_stream(it, error));
    if (it->missing > 0) {
        tell_missing(it, frame);
        *got = true;
        return OKNG_OK;
    }
    if (it->waiting) {
        ArvBuffer *behind = it->waiting;
        it->waiting = NULL;
        *got = true;
        return lend(it, behind, frame, error);
    }
    ArvBuffer *buffer = okng_arv.arv_stream_timeout_pop_buffer(it->stream, (guint64)wait_ms * 1000);
    return buffer ? take(it, buffer, frame, got, error) : wait_on(it, frame, got, error);
}

static okng_status trigger_now(void *given, okng_error *error)
{
    source *it = given;
    if (it->trigger != TRIGGER_SOFTWARE)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s takes no triggers: its line.yaml says trigger: %s",
                         okng_line_name(it->settings), okng_line_text(it->settings, "trigger"));
    OKNG_TRY(okng_asked_begin(&it->asked, error));
    GError *why = NULL;
    okng_arv.arv_camera_software_trigger(it->camera.device, &why);
    if (!why) return OKNG_OK;
    (void)okng_asked_answer(&it->asked);
    atomic_store(&it->news->lost, true);
    return okng_aravis_fail(&it->camera, "trigger", why, error);
}

static okng_status look(void *given, okng_frame *frame, okng_error *error)
{
    source *it = given;
    return okng_newest_lend(&it->newest, frame, error);
}

static okng_status usable(okng_error *error)
{
    return okng_aravis_load(error);
}
#else
static okng_status usable(okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "this okng was built without Aravis: cameras of GigE Vision and USB3 Vision need one that was "
                     "built where the package libaravis-dev is installed");
}

static okng_status open_source(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    (void)settings, (void)line;
    *out = NULL;
    return usable(error);
}
#define next NULL
#define trigger_now NULL
#define look NULL
#define close_source NULL
#endif

const okng_line_source_kind okng_line_source_aravis = {
    .name = "aravis",
    .summary = N_("a camera of GigE Vision or USB3 Vision"),
    .keys = keys,
    .live = true,
    .usable = usable,
    .open = open_source,
    .next = next,
    .trigger = trigger_now,
    .look = look,
    .close = close_source,
};
