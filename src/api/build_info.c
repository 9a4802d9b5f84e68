/* What this library was put together from: versions, and what of the CPU is used. */
#include <jansson.h>
#include <libdeflate.h>
#include <openssl/crypto.h>
#include <spng.h>
#include <stdio.h>
#include <string.h>
#include <tiffio.h>
#include <unistring/version.h>
#include <webp/decode.h>
#include <zlib.h>

#include <jpeglib.h> /* after stdio.h, which it does not include */

#include "base/error.h"
#include "base/json.h"
#include "base/sized.h"
#include "engine/engine.h"
#include "kernels/kernels.h"
#include "model/methods.h"
#include "okng/experimental.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

/* Of CPUs: name and whether this one has it, as far as okng's own kernels and the engine ask for it. */
static json_t *cpu_features(void)
{
    json_t *list = json_array();
#if defined(__x86_64__)
#define ADD(name) \
    if (__builtin_cpu_supports(name)) okng_json_add(&list, json_string(name))
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
    okng_json_add(&list, json_string("neon"));
#endif
    return list;
}

/* What runs networks: "oneDNN 2.6.3" as name and version. */
static json_t *engines(void)
{
    json_t *list = json_object();
    okng_engine_info info;
    char name[48];
    for (size_t i = 0; okng_engine_get(i, &info); i++) {
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(info.version, " "), info.version);
        const char *version = strchr(info.version, ' ');
        okng_json_put(&list, name, json_string(version ? version + 1 : ""));
    }
    return list;
}

static const char *engine_instructions(void)
{
    okng_engine_info info;
    return okng_engine_get(0, &info) ? info.instructions : "";
}

static json_t *libraries(void)
{
    char libwebp[32], unistring[32], tiff[32] = "";
    int webp = WebPGetDecoderVersion();
    (void)snprintf(libwebp, sizeof libwebp, "%d.%d.%d", webp >> 16, webp >> 8 & 0xff, webp & 0xff);
    (void)snprintf(unistring, sizeof unistring, "%d.%d", _libunistring_version >> 16,
                   _libunistring_version >> 8 & 0xff);
    (void)sscanf(TIFFGetVersion(), "%*[^0-9]%31[0-9.]", tiff); /* "LIBTIFF, Version 4.5.0" and a copyright */
    json_t *others = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
#ifdef LIBJPEG_TURBO_VERSION
                               "libjpeg-turbo", TEXT(LIBJPEG_TURBO_VERSION),
#else
                               "libjpeg", TEXT(JPEG_LIB_VERSION),
#endif
                               "libspng", spng_version_string(), "libdeflate", LIBDEFLATE_VERSION_STRING, "libtiff",
                               tiff, "libwebp", libwebp, "zlib", zlibVersion(), "libunistring", unistring, "jansson",
                               jansson_version_str(), "OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING));
    json_t *list = engines(); /* first, as it was */
    okng_json_merge(&list, others);
    return list;
}

/* What can learn and score: name and what it does, in a line. */
static json_t *known_methods(void)
{
    json_t *list = json_object();
    const okng_method *method;
    for (size_t i = 0; (method = okng_method_get(i)); i++)
        okng_json_put(&list, method->name, json_string(method->summary));
    return list;
}

okng_status okng_build_info(char **json, okng_error *error)
{
    OKNG_TRY(okng_need(json, "the place for the text", error));
    *json = NULL;
    json_t *document = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "version", okng_version(), "kernels",
                                 okng_kernels_get()->name, "onednn_isa", engine_instructions(), "cpu", cpu_features(),
                                 "methods", known_methods(), "libraries", libraries());
    okng_status status = okng_json_text(document, OKNG_JSON_PRETTY, "the versions", json, NULL, error);
    json_decref(document);
    return status;
}

okng_status okng_method_info_of(const char *name, okng_method_info *info, okng_error *error)
{
    const okng_method *method;
    OKNG_TRY(okng_need(name, "the name of a method", error));
    OKNG_TRY(okng_method_find(&method, name, error));
    const okng_method_info full = {.struct_size = sizeof full,
                                   .name = method->name,
                                   .summary = method->summary,
                                   .needs_pictures = (method->needs & OKNG_NEEDS_PICTURES) != 0,
                                   .needs_class_name = (method->needs & OKNG_NEEDS_CLASS_NAME) != 0};
    return okng_sized_give(info, &full, sizeof full, "the place for what is known of the method", error);
}
