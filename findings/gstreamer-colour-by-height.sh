#!/bin/sh
# What surprises: of the same bytes of YUV, GStreamer makes other colours where the frame has more than 576 lines. Where the caps
#   name no colorimetry, it takes a picture of up to 576 lines for BT.601 and a higher one for BT.709. So a camera that
#   is set from 640 x 480 to 1280 x 720 changes its colours, though no light, lens or part did. Greys stay as they are, so
#   that a grey card does not show it. Nothing is said.
# Why it matters: frames of cameras reach okng and OpenCV by "videoconvert ! video/x-raw,format=RGB", or BGR, and a bank learns
#   colours: parts look different at another height, copper by 6 and red by 21 of 255 levels here. Name the colorimetry in
#   the caps before videoconvert, as the camera has it.
# Version: GStreamer 1.22.0 (Debian 12, gstreamer1.0-plugins-base).
# Source: GStreamer gst-libs/gst/video/video-info.c, set_default_colorimetry: height > 576 (gst-plugins-base; still so at
#   commit 01e127f of the repository of all). OpenCV 4.6.0's cvtColor(COLOR_YUV2RGB_UYVY) has BT.601 at any height.
# Output seen (RGB of frames of one colour, UYVY with Y, U, V as given):
#   | GStreamer 1.22.0
#   | 480 lines: red 81 90 240 -> 253 0 0; copper 110 98 160 -> 159 92 49; grey 126 128 128 -> 126 126 126
#   | 576 lines: red 81 90 240 -> 253 0 0; copper 110 98 160 -> 159 92 49; grey 126 128 128 -> 126 126 126
#   | 577 lines: red 81 90 240 -> 255 21 0; copper 110 98 160 -> 165 96 46; grey 126 128 128 -> 126 126 126
#   | 720 lines: red 81 90 240 -> 255 21 0; copper 110 98 160 -> 165 96 46; grey 126 128 128 -> 126 126 126
#   | 720 lines, colorimetry=bt601: red 81 90 240 -> 253 0 0
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

# show HEIGHT CAPS Y U V: a pixel of a frame of 64 x HEIGHT
show() {
    pixels=$(printf '\\%03o\\%03o\\%03o\\%03o' "$4" "$3" "$5" "$3")
    for _ in $(seq $((32 * $1))); do printf "$pixels"; done >"$work/uyvy"
    launch -q filesrc "location=$work/uyvy" blocksize=$((128 * $1)) ! \
        "video/x-raw,format=UYVY,width=64,height=$1,framerate=25/1$2" ! \
        videoconvert ! video/x-raw,format=RGB ! filesink "location=$work/rgb"
    od -An -tu1 -j $((192 * ($1 / 2) + 96)) -N 3 "$work/rgb" | tr -s ' '
}

{
    launch --version | sed -n 's/^GStreamer/&/p'
    for height in 480 576 577 720; do
        echo "$height lines: red 81 90 240 ->$(show $height "" 81 90 240); copper 110 98 160 ->$(show $height "" 110 98 160);" \
            "grey 126 128 128 ->$(show $height "" 126 128 128)"
    done
    echo "720 lines, colorimetry=bt601: red 81 90 240 ->$(show 720 ,colorimetry=bt601 81 90 240)"
} >"$work/seen"
sed -n 's/^#   | //p' "$0" >"$work/expected"
cat "$work/seen"
diff "$work/expected" "$work/seen" >/dev/null || { echo "this is not what was seen before:"; cat "$work/expected"; exit 1; }
