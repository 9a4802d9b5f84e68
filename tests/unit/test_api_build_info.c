/* What the library says of itself. */
#include <jansson.h>

#include "kernels/kernels.h"
#include "test.h"

static void the_library_tells_its_versions_and_kernels(void **state)
{
    (void)state;
    char *text = NULL;
    assert_ok(okng_build_info(&text, error));
    json_t *info = json_loads(text, 0, NULL);
    okng_text_free(&text);
    assert_null(text);
    assert_non_null(info);
    assert_string_equal(json_string_value(json_object_get(info, "version")), okng_version());
    assert_string_equal(json_string_value(json_object_get(info, "kernels")), okng_kernels_get()->name);
    assert_true(json_is_array(json_object_get(info, "cpu")));
    json_t *methods = json_object_get(info, "methods");
    assert_true(*json_string_value(json_object_get(methods, "patchcore")));
    assert_true(*json_string_value(json_object_get(methods, "subspace")));
    json_t *libraries = json_object_get(info, "libraries"), *version;
    const char *name;
    assert_int_equal(json_object_size(libraries), 11);
    json_object_foreach(libraries, name, version)
    {
        int major, minor;
        if (strcmp(name, "onnxruntime") == 0) continue; /* has one once it is loaded */
        if (sscanf(json_string_value(version), "%d.%d", &major, &minor) != 2) fail_msg("%s has no version", name);
    }
    json_decref(info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_tells_its_versions_and_kernels),
    };
    return RUN_TESTS(tests);
}
