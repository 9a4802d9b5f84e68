#!/bin/sh
# What surprises: a raw file whose rows lie side by side, as cameras' libraries, NumPy's tofile and okng write them, is not
#   what GStreamer's rawvideoparse reads by its format, width and height. It takes rows for padded to a multiple of 4 bytes:
#   304 of 101 pixels of RGB. Of ten frames it makes nine, without an error or a warning, and in the first of them row r
#   begins r bytes too late: the picture leans, and its colours change places from row to row.
#   frame-size=20301 does not help; plane-strides does. Then filesink writes 303 bytes a row, and 304 behind a conversion:
#   the caps do not tell, how long rows are stands in the buffer's GstVideoMeta alone.
# Why it matters: recorded frames are how a line is inspected again. Leaning pictures give a bank like any others, that calls
#   right ones anomalous; widths of 640 or 1024 hide it. okng's pictures in memory have a stride, its examples take that from the
#   frame and not from the width.
# Version: GStreamer 1.22.0 (Debian 12, gstreamer1.0-plugins-base).
# Source: gst-libs/gst/video/video-info.c, fill_planes: GST_ROUND_UP_4 (width * 3). gst-plugin-pylon issue #34: frames of
#   a camera handed to appsrc, which lean by the same rule.
# Output seen (frames of 101 x 67 whose pixels are row, column, number of the frame):
#   | GStreamer 1.22.0
#   | 10 frames: 9 frames of 20368 bytes, and 0 left over; 0 lines of messages
#   |   the first pixel of row 33 of the first frame: 33 11 0, of row 34: 11 0 34
#   | 10 frames, frame-size=20301: 9 frames of 20368 bytes, and 0 left over; 0 lines of messages
#   | 10 frames, plane-strides=<303>: 10 frames of 20301 bytes, and 0 left over; 0 lines of messages
#   | 10 frames, plane-strides=<303>, converted to BGR: 10 frames of 20368 bytes, and 0 left over; 0 lines of messages
#
# Not part of CI: it downloads about 20 MB of Debian's packages into a folder that it removes again. Needs the apt-get and
# dpkg of a Debian 12 on x86-64, and no rights.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root"
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null -o Debug::NoLocking=1 \
    -o "Dir::Cache::Archives=$work/archives" install 'gstreamer1.0-tools=1.22.0*' 'gstreamer1.0-plugins-base=1.22.0*' \
    >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for package in "$work"/archives/*.deb; do dpkg -x "$package" "$work/root"; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
export GST_PLUGIN_SYSTEM_PATH_1_0="$libraries/gstreamer-1.0" GST_REGISTRY_1_0="$work/registry" GST_REGISTRY_FORK=no

launch() {
    timeout 60 "$work/root/lib64/ld-linux-x86-64.so.2" --library-path "$libraries:$work/root/lib/x86_64-linux-gnu" \
        "$work/root/usr/bin/gst-launch-1.0" "$@"
}

# parse BYTES SETTINGS...: reads the file of ten frames, of which each has so many bytes when it is written again
parse() {
    bytes=$1
    shift
    launch -q filesrc "location=$work/frames" ! rawvideoparse format=rgb width=101 height=67 "$@" ! filesink "location=$work/read" \
        >"$work/said" 2>&1
    size=$(stat -c %s "$work/read")
    echo "$((size / bytes)) frames of $bytes bytes, and $((size % bytes)) left over; $(wc -l <"$work/said") lines of messages"
}

pixel() { od -An -tu1 -j $((304 * $1)) -N 3 "$work/read" | tr -s ' '; }

rows='for (r = 0; r < 67; r++) for (c = 0; c < 101; c++) printf "\\%03o\\%03o\\%03o", r, c, n'
awk "BEGIN { for (n = 0; n < 10; n++) $rows }" >"$work/text"
printf "$(cat "$work/text")" >"$work/frames"
{
    launch --version | sed -n 's/^GStreamer/&/p'
    echo "10 frames: $(parse 20368)"
    echo "  the first pixel of row 33 of the first frame:$(pixel 33), of row 34:$(pixel 34)"
    echo "10 frames, frame-size=20301: $(parse 20368 frame-size=20301)"
    echo "10 frames, plane-strides=<303>: $(parse 20301 'plane-strides=<303>')"
    echo "10 frames, plane-strides=<303>, converted to BGR:" \
        "$(parse 20368 'plane-strides=<303>' ! videoconvert ! video/x-raw,format=BGR)"
} >"$work/seen"
sed -n 's/^#   | //p' "$0" >"$work/expected"
cat "$work/seen"
diff "$work/expected" "$work/seen" >/dev/null || { echo "this is not what was seen before:"; cat "$work/expected"; exit 1; }
