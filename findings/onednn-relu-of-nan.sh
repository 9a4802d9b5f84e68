#!/bin/sh
# What surprises: a convolution of oneDNN with ReLU behind it makes 0 of NaN. Of a picture or of weights that are NaN nothing is
#   left to be seen: the output is all zeros, finite and plausible. So does its ReLU by itself. Without ReLU, and with
#   ReLU behind Winograd's algorithm (AVX-512 alone), NaN stays NaN, as it does in torch: whether a broken file
#   is noticed depends on the shape of a layer and on the CPU.
# Why it matters: what overflows in a network, or was NaN in its weights, makes maps that are alike for every picture. A bank of them
#   finds all parts good, and a check of the network's output for NaN, which one would rely on, does not help. okng refuses
#   weights that are not finite while it reads them, and its own convolutions keep what is not finite through ReLU.
# Version: oneDNN 2.6.3 (Debian 12, libdnnl2 2.6.3-1).
# Source: oneDNN src/cpu/x64/injectors/jit_uni_eltwise_injector.cpp, relu_zero_ns_compute_vector_fwd: maxps of the value and
#   zero, which gives the second operand where the first is NaN.
# Output seen (64 channels of 28 x 28 NaN, 3x3 taps of 0.01; held to AVX2, so that it is the same on every CPU since 2013):
#   | oneDNN 2.6.3
#   | jit:avx2, no ReLU: 50176 of 50176 are NaN
#   | jit:avx2, ReLU: 0 of 50176 are NaN, the largest is 0
#
# Not part of CI: it downloads about 20 MB of Debian's packages into a folder that it removes again. Needs an x86 CPU with AVX2,
# the apt-get and dpkg of a Debian 12, a C compiler, and no rights.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root"
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null -o Debug::NoLocking=1 \
    -o "Dir::Cache::Archives=$work/archives" install 'libdnnl2=2.6.3*' 'libdnnl-dev=2.6.3*' \
    >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for package in "$work"/archives/libdnnl*.deb; do dpkg -x "$package" "$work/root"; done

cat >"$work/relu.c" <<'C'
#include <dnnl.h>
#include <math.h>
#include <stdio.h>

enum { CHANNELS = 64, SIDE = 28 };

static dnnl_engine_t engine;
static dnnl_stream_t stream;

static dnnl_memory_t filled(const dnnl_memory_desc_t *layout, float value)
{
    dnnl_memory_t memory;
    void *at;
    dnnl_memory_create(&memory, layout, engine, DNNL_MEMORY_ALLOCATE);
    dnnl_memory_get_data_handle(memory, &at);
    for (size_t i = 0; i < dnnl_memory_desc_get_size(layout) / sizeof value; i++) ((float *)at)[i] = value;
    return memory;
}

static void convolve(int relu)
{
    dnnl_dims_t map = {1, CHANNELS, SIDE, SIDE}, taps = {CHANNELS, CHANNELS, 3, 3}, biases = {CHANNELS}, one = {1, 1};
    dnnl_memory_desc_t src, weights, bias, dst;
    dnnl_memory_desc_init_by_tag(&src, 4, map, dnnl_f32, dnnl_format_tag_any);
    dnnl_memory_desc_init_by_tag(&weights, 4, taps, dnnl_f32, dnnl_format_tag_any);
    dnnl_memory_desc_init_by_tag(&dst, 4, map, dnnl_f32, dnnl_format_tag_any);
    dnnl_memory_desc_init_by_tag(&bias, 1, biases, dnnl_f32, dnnl_x);
    dnnl_convolution_desc_t operation;
    dnnl_convolution_forward_desc_init(&operation, dnnl_forward_inference, dnnl_convolution_direct, &src, &weights,
                                       &bias, &dst, one, one, one);
    dnnl_primitive_attr_t attributes;
    dnnl_post_ops_t ops;
    dnnl_primitive_attr_create(&attributes);
    dnnl_post_ops_create(&ops);
    if (relu) dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0);
    dnnl_primitive_attr_set_post_ops(attributes, ops);

    dnnl_primitive_desc_t plan;
    dnnl_primitive_t primitive;
    const char *name;
    dnnl_primitive_desc_create(&plan, &operation, attributes, engine, NULL);
    dnnl_primitive_desc_query(plan, dnnl_query_impl_info_str, 0, &name);
    dnnl_primitive_create(&primitive, plan);
    const dnnl_memory_desc_t *result = dnnl_primitive_desc_query_md(plan, dnnl_query_dst_md, 0);
    dnnl_memory_t out = filled(result, -1);
    dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_SRC, filled(dnnl_primitive_desc_query_md(plan, dnnl_query_src_md, 0), NAN)},
        {DNNL_ARG_WEIGHTS, filled(dnnl_primitive_desc_query_md(plan, dnnl_query_weights_md, 0), 0.01f)},
        {DNNL_ARG_BIAS, filled(&bias, 0.01f)},
        {DNNL_ARG_DST, out}};
    dnnl_primitive_execute(primitive, stream, 4, arguments);
    dnnl_stream_wait(stream);

    void *at;
    float largest = -INFINITY;
    size_t count = dnnl_memory_desc_get_size(result) / sizeof largest, nans = 0;
    dnnl_memory_get_data_handle(out, &at);
    for (size_t i = 0; i < count; i++) {
        const float x = ((float *)at)[i];
        nans += isnan(x) != 0;
        if (x > largest) largest = x;
    }
    printf("%s, %s: %zu of %zu are NaN", name, relu ? "ReLU" : "no ReLU", nans, count);
    if (nans < count) printf(", the largest is %g", (double)largest);
    printf("\n");
}

int main(void)
{
    const dnnl_version_t *version = dnnl_version();
    printf("oneDNN %d.%d.%d\n", version->major, version->minor, version->patch);
    dnnl_engine_create(&engine, dnnl_cpu, 0);
    dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
    convolve(0);
    convolve(1);
    return 0;
}
C
library=$(dirname "$(find "$work/root" -name 'libdnnl.so.2')")
cc -O1 -I"$work/root/usr/include" "$work/relu.c" -o "$work/relu" -L"$library" -ldnnl -lm -Wl,-rpath,"$library" \
    -Wl,--allow-shlib-undefined
DNNL_MAX_CPU_ISA=AVX2 "$work/relu" >"$work/seen"
sed -n 's/^#   | //p' "$0" >"$work/expected"
cat "$work/seen"
diff "$work/expected" "$work/seen" >/dev/null || { echo "this is not what was seen before:"; cat "$work/expected"; exit 1; }
