/* A stream of RTSP on a free port of this machine, which it prints: rtsp://127.0.0.1:PORT/made. Ends with its standard
 * input. Usage: made_rtsp */
#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>

static gboolean end(GIOChannel *channel, GIOCondition condition, gpointer loop)
{
    (void)channel, (void)condition;
    g_main_loop_quit(loop);
    return FALSE;
}

int main(void)
{
    gst_init(NULL, NULL);
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    GstRTSPServer *server = gst_rtsp_server_new();
    gst_rtsp_server_set_address(server, "127.0.0.1");
    gst_rtsp_server_set_service(server, "0");
    GstRTSPMountPoints *mounts = gst_rtsp_server_get_mount_points(server);
    GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(
        factory, "( videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=20/1,format=I420 "
                 "! jpegenc ! rtpjpegpay name=pay0 )");
    gst_rtsp_mount_points_add_factory(mounts, "/made", factory);
    g_object_unref(mounts);
    if (gst_rtsp_server_attach(server, NULL) == 0) return 1;
    (void)g_io_add_watch(g_io_channel_unix_new(0), G_IO_HUP | G_IO_IN, end, loop);
    printf("%d\n", gst_rtsp_server_get_bound_port(server));
    (void)fflush(stdout);
    g_main_loop_run(loop);
    return 0;
}
