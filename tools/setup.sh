#!/bin/sh
# Installs the Debian packages that building and testing okng needs, where they are missing. Says what it does; uses sudo
# when not root. Usage: tools/setup.sh [build|serve|mpi|test|package|bench|node|bindings]...
set -eu

build="gcc g++ libc6-dev make cmake ninja-build pkg-config libdnnl-dev libjpeg62-turbo-dev libdeflate-dev libspng-dev libtiff-dev libwebp-dev
       libstb-dev libfyaml-dev libjansson-dev libcurl4-openssl-dev libssl-dev zlib1g-dev libunistring-dev
       libcairo2-dev fonts-dejavu-core liblapacke-dev gettext libonnx-dev protobuf-c-compiler libprotobuf-c-dev"
mpi="libopenmpi-dev"
serve="libmicrohttpd-dev libsqlite3-dev libmosquitto-dev libmodbus-dev libaravis-dev libgstreamer1.0-dev
       libgstreamer-plugins-base1.0-dev"
test="libcmocka-dev binutils python3-onnx curl sqlite3 mosquitto mosquitto-clients libmosquitto1 libmodbus5 libaravis-0.8-0
      aravis-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-tools
      libgstrtspserver-1.0-dev nginx-light openssl nodejs chromium
      python3-jsonschema openmpi-bin"
command -v npm >/dev/null || test="$test npm" # for playwright-core; with a Node.js of its own comes an npm of its own
package="dpkg-dev file"
bench="python3-torch python3-torchvision python3-faiss python3-sklearn python3-skimage python3-pil libopenblas0-pthread"
node="nodejs npm"
bindings="python3-numpy python3-cffi python3-pip python3-venv mypy python3-tqdm python3-nbconvert python3-ipykernel python3-matplotlib
          libopencv-dev qtbase5-dev libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev gstreamer1.0-plugins-base"

packages=""
for group in "${@:-build}"; do
    case $group in
        build) packages="$packages $build" ;;
        serve) packages="$packages $serve" ;;
        mpi) packages="$packages $mpi" ;;
        test) packages="$packages $test" ;;
        package) packages="$packages $package" ;;
        bench) packages="$packages $bench" ;;
        node) packages="$packages $node" ;;
        bindings) packages="$packages $bindings" ;;
        *) echo "setup.sh: unknown group '$group', expected build, serve, mpi, test, package, bench, node or bindings" >&2; exit 2 ;;
    esac
done

missing=""
for name in $packages; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
done
[ -n "$missing" ] || exit 0

echo "okng: installing Debian packages:$missing"
sudo=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "okng: not root and no sudo: install these packages by hand, then run this again" >&2; exit 1; }
    sudo=sudo
fi
$sudo apt-get update -qq
# shellcheck disable=SC2086 # words are packages
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
