/* Where tests find a real onnxruntime: OKNG_ONNXRUNTIME, else npm's onnxruntime-node below OKNG_ORT (as tests/export.sh
 * has it), else below build/ort. */
#ifndef OKNG_TESTS_ONNXRUNTIME_LIBRARY_H
#define OKNG_TESTS_ONNXRUNTIME_LIBRARY_H

#include <glob.h>

#include "test.h"

/* Puts it into the environment; false where there is none. */
static inline bool find_onnxruntime(void)
{
    char pattern[512];
    const char *modules = getenv("OKNG_ORT"), *set = getenv("OKNG_ONNXRUNTIME");
    glob_t found;
    if (set && *set) return true;
    (void)snprintf(pattern, sizeof pattern, "%s/onnxruntime-node/bin/napi-v*/linux/x64/libonnxruntime.so.1*",
                   modules && *modules ? modules : OKNG_GOLDEN "/../../build/ort/node_modules");
    const bool there = glob(pattern, 0, NULL, &found) == 0;
    if (there) assert_int_equal(setenv("OKNG_ONNXRUNTIME", found.gl_pathv[0], 1), 0);
    globfree(&found);
    return there;
}

#define need_onnxruntime()                                                                                             \
    do {                                                                                                               \
        if (!find_onnxruntime()) {                                                                                     \
            print_message("SKIP %s: needs onnxruntime, see CONTRIBUTING.md (OKNG_ORT, OKNG_ONNXRUNTIME)\n", __func__); \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)

#endif
