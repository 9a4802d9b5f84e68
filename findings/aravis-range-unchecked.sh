#!/bin/sh
# What surprises: Aravis sets what a camera cannot do, and calls it done. The camera's own description, which Aravis has read, says
#   that its width ends at 2048 and its exposure begins at 10 us. arv_camera_set_region with a width of 100000 and
#   arv_camera_set_exposure_time with 0.5 us return without an error, reading back confirms 100000, and the exposure has become 0.
#   The check is there and off: arv_camera_set_range_check_policy with ARV_RANGE_CHECK_POLICY_ENABLE gives errors that
#   name feature, value and bound, and leaves the camera as it was.
# Why it matters: a wrong digit in a configuration gives black pictures, or ones of another size, and no word of it. A bank that learnt
#   from them finds all alike. Whether the camera refuses is up to its maker; one that rounds to its bounds has yet another
#   exposure than the file says. okng turns the check on.
# Version: Aravis 0.8.26 (Debian 12, libaravis-0.8-0 0.8.26-1), with the camera that it simulates in its own process ("Fake_1").
# Source: Aravis src/arvgc.h, ARV_RANGE_CHECK_POLICY_DEFAULT = ARV_RANGE_CHECK_POLICY_DISABLE.
# Output seen:
#   | width 1..2048, exposure 10..1e+07
#   | as it is: width 100000: no error, is 100000; exposure 0.5: no error, is 0
#   | checked: width 100000: [Width] Value '100000' greater than allowed maximum '2048', is 512; exposure 0.5: [ExposureTimeAbs] Value '0.5' lower than allowed minimum '10', is 10000
#
# Not part of CI: it downloads about 15 MB of Debian's packages into a folder that it removes again. Needs the apt-get and
# dpkg of a Debian 12 on x86-64, a C compiler, and no rights.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root"
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null -o Debug::NoLocking=1 \
    -o "Dir::Cache::Archives=$work/archives" install 'libaravis-0.8-0=0.8.26*' >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for package in "$work"/archives/*.deb; do dpkg -x "$package" "$work/root"; done
libraries=$work/root/usr/lib/x86_64-linux-gnu

cat >"$work/range.c" <<'C'
#include <stdio.h>

/* As Aravis's headers declare them, which would want those of GLib. */
typedef struct { unsigned domain; int code; char *message; } error;
typedef struct camera camera;
void arv_enable_interface(const char *);
camera *arv_camera_new(const char *, error **);
void arv_camera_set_range_check_policy(camera *, int);
void arv_camera_get_width_bounds(camera *, int *, int *, error **);
void arv_camera_get_exposure_time_bounds(camera *, double *, double *, error **);
void arv_camera_set_region(camera *, int, int, int, int, error **);
void arv_camera_get_region(camera *, int *, int *, int *, int *, error **);
void arv_camera_set_exposure_time(camera *, double, error **);
double arv_camera_get_exposure_time(camera *, error **);

int main(void)
{
    enum { OFF = 0, ON = 1 };
    int low, high, x, y, width, height;
    double shortest, longest;
    error *why = NULL;
    arv_enable_interface("Fake");
    camera *fake = arv_camera_new("Fake_1", &why);
    if (!fake) return printf("%s\n", why->message);
    arv_camera_get_width_bounds(fake, &low, &high, NULL);
    arv_camera_get_exposure_time_bounds(fake, &shortest, &longest, NULL);
    printf("width %d..%d, exposure %g..%g\n", low, high, shortest, longest);
    for (int policy = OFF; policy <= ON; policy++) {
        if (policy == ON) arv_camera_set_range_check_policy(fake, ON);
        arv_camera_set_region(fake, 0, 0, 512, 512, NULL);
        arv_camera_set_exposure_time(fake, 10000, NULL);
        why = NULL;
        arv_camera_set_region(fake, 0, 0, 100000, 100, &why);
        arv_camera_get_region(fake, &x, &y, &width, &height, NULL);
        printf("%s: width 100000: %s, is %d; ", policy == ON ? "checked" : "as it is", why ? why->message : "no error", width);
        why = NULL;
        arv_camera_set_exposure_time(fake, 0.5, &why);
        printf("exposure 0.5: %s, is %g\n", why ? why->message : "no error", arv_camera_get_exposure_time(fake, NULL));
    }
    return 0;
}
C
cc -o "$work/range" "$work/range.c" "$libraries/libaravis-0.8.so.0" -Wl,--unresolved-symbols=ignore-in-shared-libs
timeout 60 "$work/root/lib64/ld-linux-x86-64.so.2" --library-path "$libraries:$work/root/lib/x86_64-linux-gnu" "$work/range" >"$work/seen"
sed -n 's/^#   | //p' "$0" >"$work/expected"
cat "$work/seen"
diff "$work/expected" "$work/seen" >/dev/null || { echo "this is not what was seen before:"; cat "$work/expected"; exit 1; }
