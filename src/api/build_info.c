/* What this library was put together from: versions, and what of the CPU is used. */
#include <dnnl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <spng.h>
#include <stdio.h>
#include <tiffio.h>
#include <webp/decode.h>
#include <zlib.h>

#include <jpeglib.h> /* after stdio.h, which it does not include */

#include "base/error.h"
#include "base/json.h"
#include "kernels/kernels.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

/* Of CPUs: name and whether this one has it, as far as okng's own kernels and oneDNN ask for it. */
static json_t *cpu_features(void)
{
    json_t *list = json_array();
#if defined(__x86_64__)
#define ADD(name) \
    if (__builtin_cpu_supports(name)) (void)json_array_append_new(list, json_string(name))
    ADD("sse4.1");
    ADD("avx");
    ADD("avx2");
    ADD("fma");
    ADD("avx512f");
    ADD("avx512bw");
    ADD("avx512dq");
    ADD("avx512vl");
    ADD("avx512vnni");
#undef ADD
#elif defined(__aarch64__)
    (void)json_array_append_new(list, json_string("neon"));
#endif
    return list;
}

/* The instruction set that oneDNN makes code for; ONEDNN_MAX_CPU_ISA bounds it. */
static const char *onednn_isa(void)
{
    switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41:
        return "sse41";
    case dnnl_cpu_isa_avx:
        return "avx";
    case dnnl_cpu_isa_avx2:
        return "avx2";
    case dnnl_cpu_isa_avx512_core:
        return "avx512_core";
    case dnnl_cpu_isa_avx512_core_vnni:
        return "avx512_core_vnni";
    case dnnl_cpu_isa_avx512_core_bf16:
        return "avx512_core_bf16";
    case dnnl_cpu_isa_avx512_core_amx:
        return "avx512_core_amx";
    default:
        return "the best it knows";
    }
}

static json_t *libraries(void)
{
    char onednn[32], libwebp[32], tiff[32] = "";
    const dnnl_version_t *version = dnnl_version();
    int webp = WebPGetDecoderVersion();
    (void)snprintf(onednn, sizeof onednn, "%d.%d.%d", version->major, version->minor, version->patch);
    (void)snprintf(libwebp, sizeof libwebp, "%d.%d.%d", webp >> 16, webp >> 8 & 0xff, webp & 0xff);
    (void)sscanf(TIFFGetVersion(), "%*[^0-9]%31[0-9.]", tiff); /* "LIBTIFF, Version 4.5.0" and a copyright */
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "oneDNN", onednn,
#ifdef LIBJPEG_TURBO_VERSION
                     "libjpeg-turbo", TEXT(LIBJPEG_TURBO_VERSION),
#else
                     "libjpeg", TEXT(JPEG_LIB_VERSION),
#endif
                     "libspng", spng_version_string(), "libtiff", tiff, "libwebp", libwebp, "zlib", zlibVersion(),
                     "jansson", jansson_version_str(), "OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING));
}

okng_status okng_build_info(char **json, okng_error *error)
{
    OKNG_TRY(okng_need(json, "the place for the text", error));
    *json = NULL;
    json_t *document =
        json_pack("{s:s, s:s, s:s, s:o, s:o}", "version", okng_version(), "kernels", okng_kernels_get()->name,
                  "onednn_isa", onednn_isa(), "cpu", cpu_features(), "libraries", libraries());
    if (document) *json = okng_json_text(document);
    json_decref(document);
    return *json ? OKNG_OK : okng_fail(error, OKNG_ERROR_MEMORY, "out of memory for the versions");
}
