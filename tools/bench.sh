#!/bin/sh
# okng beside its peers on this machine: installs the peers, builds, times everything, writes build/bench/results.md and
# results.json (results-avx2 too where the CPU has AVX-512), then how okng scales. Words are handed to bench/peers/run.py.
set -eu
cd "$(dirname "$0")/.."

tools/setup.sh build bench
command -v node >/dev/null && command -v npm >/dev/null || tools/setup.sh node
ninja -C build okng >/dev/null

mkdir -p build/bench
[ -e build/bench/package.json ] || echo '{"private": true}' >build/bench/package.json
# without it the package fetches libraries for graphics cards too
[ -d build/bench/node_modules/onnxruntime-node ] ||
    ONNXRUNTIME_NODE_INSTALL_CUDA=skip npm install --prefix build/bench --no-audit --no-fund --loglevel=error onnxruntime-node

export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$(nproc)}"
/usr/bin/python3 bench/peers/run.py "$@"
# the same as on a CPU without AVX-512, which is what most lines have
if grep -qw avx512f /proc/cpuinfo; then
    /usr/bin/python3 bench/peers/run.py --only network,search,coreset,pictures,before "$@" --cpu avx2
fi
/usr/bin/python3 bench/scaling.py --out build/bench/scaling.json
