/* Programs as OpenVINO IR and back: what is read computes the same numbers as what was written. What IR is, apart from
 * okng's own reader, tests/openvino.sh asks. */
#include "test.h"

#include "base/clock.h"
#include "base/file.h"
#include "export/export.h"
#include "export/read_openvino.h"
#include "export/xml.h"
#include "made_programs.h"

static char folder[] = "/tmp/okng_test_openvino_XXXXXX", model[64], data[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(model, sizeof model, "%s/model.xml", folder);
    (void)snprintf(data, sizeof data, "%s/model.bin", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static okng_program *make(const made_program *made)
{
    okng_program *p;
    assert_ok(okng_program_new(&p, error));
    made->build(p);
    assert_ok(okng_program_check(p, error));
    return p;
}

static okng_program *make_named(const char *name)
{
    for (size_t i = 0; i < MADE_PROGRAMS; i++)
        if (strcmp(made_programs[i].name, name) == 0) return make(&made_programs[i]);
    fail_msg("no program %s", name);
    return NULL;
}

typedef struct results {
    okng_array *outputs[OKNG_PROGRAM_MAX_ENDS];
} results;

static results run(const okng_program *p)
{
    results all = {0};
    okng_array *inputs[OKNG_PROGRAM_MAX_ENDS] = {0};
    for (int32_t i = 0; i < p->input_count; i++) assert_non_null(inputs[i] = made_input(p, i));
    assert_ok(okng_program_run(p, (const okng_array *const *)inputs, 1, all.outputs, error));
    for (int32_t i = 0; i < p->input_count; i++) okng_array_free(&inputs[i]);
    return all;
}

static void release(results *all)
{
    for (int32_t i = 0; i < OKNG_PROGRAM_MAX_ENDS; i++) okng_array_free(&all->outputs[i]);
}

/* The largest difference of numbers; infinite where types, shapes or other numbers differ. */
static double difference(const okng_array *a, const okng_array *b)
{
    double most = 0;
    if (a->dtype != b->dtype || a->dims != b->dims || a->bytes != b->bytes) return INFINITY;
    for (int32_t i = 0; i < a->dims; i++)
        if (a->shape[i] != b->shape[i]) return INFINITY;
    if (a->dtype != OKNG_F32) return memcmp(a->data, b->data, a->bytes) == 0 ? 0 : INFINITY;
    for (size_t i = 0; i < a->bytes / sizeof(float); i++)
        most = fmax(most, fabs((double)((const float *)a->data)[i] - (double)((const float *)b->data)[i]));
    return most;
}

/* Writes and reads a program; what is read has the same inputs, outputs and, within `tolerance`, results. */
static void go_round(const okng_program *p, const okng_export_target *target, double tolerance)
{
    okng_program *read;
    assert_ok(okng_export_openvino(p, target, NULL, error));
    assert_ok(okng_export_read_openvino(&read, target->path, error));
    assert_int_equal(read->input_count, p->input_count);
    assert_int_equal(read->output_count, p->output_count);
    for (int32_t i = 0; i < p->input_count; i++) {
        const okng_program_node *a = &p->nodes[p->inputs[i]], *b = &read->nodes[read->inputs[i]];
        assert_string_equal(a->name, b->name);
        assert_true(okng_program_type_equal(&a->type, &b->type));
    }
    results own = run(p), other = run(read);
    for (int32_t i = 0; i < p->output_count; i++) {
        assert_string_equal(p->outputs[i].name, read->outputs[i].name);
        const double off = difference(own.outputs[i], other.outputs[i]);
        if (!(off <= tolerance)) fail_msg("%s, output %s: off by %g", target->name, p->outputs[i].name, off);
    }
    release(&own);
    release(&other);
    okng_program_free(&read);
}

static void test_every_program_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < MADE_PROGRAMS; i++) {
        okng_program *p = make(&made_programs[i]);
        /* a bias is added behind the products, where a convolution of okng's begins with it */
        go_round(p, &(okng_export_target){.path = model, .name = made_programs[i].name}, 1e-6);
        okng_program_free(&p);
    }
}

static void test_half(void **state)
{
    (void)state;
    okng_export_files whole, halved;
    okng_program *p = make_named("names");
    const okng_export_target target = {.path = model, .name = "names", .half = true};
    assert_ok(okng_export_openvino(p, &(okng_export_target){.path = model, .name = "names"}, &whole, error));
    assert_ok(okng_export_openvino(p, &target, &halved, error));
    assert_int_equal(whole.data_bytes - halved.data_bytes, 128 * 160 * 2);
    go_round(p, &target, 128 * 5e-4);
    okng_program_free(&p);
}

/* ---- what is in the files ---- */

static char *read_text(const char *path)
{
    void *bytes;
    size_t size;
    assert_ok(okng_file_read(path, 1 << 20, &bytes, &size, error));
    char *text = realloc(bytes, size + 1);
    assert_non_null(text);
    text[size] = '\0';
    return text;
}

static void test_names_and_notes(void **state)
{
    (void)state;
    struct stat info;
    okng_export_files files;
    okng_program *p = make_named("names");
    const okng_export_note notes[] = {{"method", "patchcore"}, {"a key", "<\"&\n\">"}};
    const okng_export_target target = {
        .path = model, .name = "A & <B>, \"C\"", .notes = notes, .note_count = sizeof notes / sizeof *notes};
    assert_ok(okng_export_openvino(p, &target, &files, error));
    assert_true(stat(model, &info) == 0 && (uint64_t)info.st_size == files.bytes);
    assert_true(stat(data, &info) == 0 && (uint64_t)info.st_size == files.data_bytes);
    char *text = read_text(model);
    assert_non_null(strstr(text, "<net name=\"A &amp; &lt;B&gt;, &quot;C&quot;\" version=\"11\">"));
    assert_non_null(strstr(text, "names=\"result,twice\""));
    assert_non_null(strstr(text, "names=\"input,given\""));
    assert_non_null(strstr(text, "<method value=\"patchcore\" />"));
    assert_non_null(strstr(text, "<a_key value=\"&lt;&quot;&amp;&#10;&quot;&gt;\" />"));
    assert_null(strstr(text, "_exp")); /* which nobody needs */
    free(text);
    okng_program_free(&p);
}

static void test_refusals(void **state)
{
    (void)state;
    okng_program *p = make_named("names"), *empty, *read;
    okng_export_target target = {.path = "/nowhere/model.xml", .name = "x"};
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere/model", okng_export_openvino(p, &target, NULL, error));
    target.path = "/tmp/model.onnx";
    assert_fails(OKNG_ERROR_ARGUMENT, "ends in .xml", okng_export_openvino(p, &target, NULL, error));
    assert_ok(okng_program_new(&empty, error));
    target.path = model;
    assert_fails(OKNG_ERROR_ARGUMENT, "without outputs", okng_export_openvino(empty, &target, NULL, error));
    okng_program_free(&empty);
    assert_ok(okng_export_openvino(p, &target, NULL, error));
    assert_int_equal(truncate(data, 1000), 0);
    assert_fails(OKNG_ERROR_FORMAT, "beyond the end of the .bin", okng_export_read_openvino(&read, model, error));
    assert_int_equal(unlink(data), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "model.bin", okng_export_read_openvino(&read, model, error));
    okng_program_free(&p);
}

/* ---- files of others, and damaged ones ---- */

/* Refuses the model after one change of its text, for the reason. */
static void refuse(const char *program, okng_status status, const char *reason, const char *what, const char *by)
{
    okng_program *p = make_named(program), *read = (okng_program *)1;
    assert_ok(okng_export_openvino(p, &(okng_export_target){.path = model, .name = "x"}, NULL, error));
    okng_program_free(&p);
    char *text = read_text(model), *at = strstr(text, what), *changed;
    if (!at) fail_msg("%s is not in the text of %s", what, program);
    assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, by, at + strlen(what)) > 0);
    assert_ok(okng_file_write(model, changed, strlen(changed), error));
    assert_fails(status, reason, okng_export_read_openvino(&read, model, error));
    assert_null(read);
    free(changed);
    free(text);
}

static void test_what_it_cannot_read(void **state)
{
    (void)state;
    const okng_status format = OKNG_ERROR_FORMAT, unsupported = OKNG_ERROR_UNSUPPORTED;
    refuse("names", unsupported, "version 7", "version=\"11\"", "version=\"7\"");
    refuse("names", unsupported, "no such operator", "type=\"MatMul\"", "type=\"Einsum\"");
    refuse("places", unsupported, "no such operator", "version=\"opset11\"", "version=\"opset1\"");
    refuse("names", unsupported, "extension", "version=\"opset1\"", "version=\"extension\"");
    refuse("names", unsupported, "a setting", "transpose_a=\"false\"", "transpose_a=\"true\"");
    refuse("names", unsupported, "its attribute odd", "transpose_a=\"false\"", "odd=\"1\" transpose_a=\"false\"");
    refuse("places", unsupported, "a setting", "sort=\"value\"", "sort=\"index\"");
    refuse("reductions", unsupported, "a setting", "keep_dims=\"true\"", "keep_dims=\"false\"");
    refuse("names", unsupported, "type \"u4\"", "element_type=\"f32\" shape=\"128,160\"",
           "element_type=\"u4\" shape=\"128,160\"");
    refuse("names", format, "shape and size", "shape=\"128,160\"", "shape=\"128,161\"");
    refuse("names", format, "its port says",
           "<dim>160</dim>\n\t\t\t\t</port>\n\t\t\t</output>\n\t\t</layer>\n\t\t<layer id=\"3",
           "<dim>161</dim>\n\t\t\t\t</port>\n\t\t\t</output>\n\t\t</layer>\n\t\t<layer id=\"3");
    refuse("names", format, "two layers of one number", "layer id=\"1\"", "layer id=\"0\"");
    refuse("names", format, "a layer that is not there", "from-layer=\"0\"", "from-layer=\"1000\"");
    refuse("names", format, "two edges", "to-layer=\"2\" to-port=\"1\"", "to-layer=\"2\" to-port=\"0\"");
    refuse("names", format, "depends on itself", "from-layer=\"0\" from-port=\"0\" to-layer=\"2\"",
           "from-layer=\"2\" from-port=\"2\" to-layer=\"2\"");
    refuse("names", unsupported, "DTD", "<net", "<!DOCTYPE net [<!ENTITY a \"b\">]><net");
    refuse("names", format, "five names", "<net name=\"x\"", "<net name=\"&bomb;\"");
    refuse("names", format, "line 4: the end of an element that is not open", "<layer id=\"0\"",
           "</layer><layer id=\"0\"");
}

/* Reads `size` bytes of a text as a model; what came of it. */
static okng_status read_bytes(const char *bytes, size_t size, const uint8_t *bin, size_t bin_size)
{
    okng_program *read;
    okng_error found;
    char *text = malloc(size + 1);
    assert_non_null(text);
    memcpy(text, bytes, size);
    text[size] = '\0';
    assert_ok(okng_program_new(&read, error));
    const okng_status status = okng_openvino_read(read, "model.xml", text, size, bin, bin_size, &found);
    okng_program_free(&read);
    free(text);
    return status;
}

/* "x" [1, side] to a layer of this type and its attributes, which may ask for `axis`, to a result. names: of what the
 * layer gives. */
static okng_status read_layer(int side, const char *type, const char *attributes, const char *names, okng_error *found)
{
    static const int64_t axis = 1;
    okng_program *read;
    char *text;
    const int size = asprintf(
        &text,
        "<net name=\"m\" version=\"11\"><layers>"
        "<layer id=\"0\" name=\"x\" type=\"Parameter\" version=\"opset1\"><data shape=\"1,%d\" "
        "element_type=\"f32\"/><output><port id=\"0\" precision=\"FP32\"><dim>1</dim><dim>%d</dim></port></output>"
        "</layer><layer id=\"1\" name=\"axis\" type=\"Const\" version=\"opset1\"><data element_type=\"i64\" "
        "shape=\"1\" offset=\"0\" size=\"8\"/><output><port id=\"0\"/></output></layer>"
        "<layer id=\"2\" name=\"y\" type=\"%s\"><data %s/><input><port id=\"0\"/><port id=\"1\"/></input>"
        "<output><port id=\"2\" names=\"%s\"/></output></layer>"
        "<layer id=\"3\" name=\"y/result\" type=\"Result\" version=\"opset1\"><input><port id=\"0\"/></input></layer>"
        "</layers><edges><edge from-layer=\"0\" from-port=\"0\" to-layer=\"2\" to-port=\"0\"/>"
        "<edge from-layer=\"1\" from-port=\"0\" to-layer=\"2\" to-port=\"1\"/>"
        "<edge from-layer=\"2\" from-port=\"2\" to-layer=\"3\" to-port=\"0\"/></edges></net>",
        side, side, type, attributes, names);
    assert_true(size > 0);
    assert_ok(okng_program_new(&read, error));
    const okng_status status =
        okng_openvino_read(read, "model.xml", text, (size_t)size, (const uint8_t *)&axis, sizeof axis, found);
    okng_program_free(&read);
    free(text);
    return status;
}

#define MVN "MVN\" version=\"opset6"
#define MVN_SET "eps=\"1e-6\" normalize_variance=\"true\" eps_mode=\"inside_sqrt\""

/* What a few bytes of a file ask for is neither memory without end nor time. */
static void test_large_claims(void **state)
{
    (void)state;
    okng_error found;
    assert_int_equal(read_layer(1 << 20, MVN, MVN_SET, "y", &found), OKNG_OK);
    assert_int_equal(read_layer((1 << 20) + 1, MVN, MVN_SET, "y", &found), OKNG_ERROR_UNSUPPORTED);
    enum { NAMES = 300000 };
    char *names = malloc(2 * NAMES);
    assert_non_null(names);
    for (size_t i = 0; i < NAMES; i++) memcpy(names + 2 * i, "a,", 2);
    names[2 * NAMES - 1] = '\0';
    const double since = okng_clock();
    assert_int_equal(read_layer(4, MVN, MVN_SET, names, &found), OKNG_OK);
    assert_true(okng_clock() - since < 5); /* half a minute, were every name looked for from the first on */
    free(names);
}

/* Constants of one name, each another number: a name that is taken is not tried for with every number behind it. */
static void test_constants_of_one_name(void **state)
{
    (void)state;
    enum { CONSTANTS = 3000 };
    static float numbers[CONSTANTS];
    char *layers, *edges, *text;
    size_t layers_size, edges_size;
    okng_error found;
    okng_program *read;
    FILE *put = open_memstream(&layers, &layers_size), *join = open_memstream(&edges, &edges_size);
    assert_true(put && join);
    for (int i = 0; i < CONSTANTS; i++) {
        numbers[i] = (float)i;
        (void)fprintf(put,
                      "<layer id=\"%d\" name=\"w\" type=\"Const\" version=\"opset1\"><data element_type=\"f32\" "
                      "shape=\"1\" offset=\"%d\" size=\"4\"/><output><port id=\"0\"/></output></layer>",
                      i, 4 * i);
        (void)fprintf(join, "<edge from-layer=\"%d\" from-port=\"0\" to-layer=\"9998\" to-port=\"%d\"/>", i, i);
    }
    (void)fprintf(put, "<layer id=\"9997\" name=\"x\" type=\"Parameter\" version=\"opset1\"><data shape=\"1\" "
                       "element_type=\"f32\"/><output><port id=\"0\" precision=\"FP32\"><dim>1</dim></port></output>"
                       "</layer><layer id=\"9998\" name=\"y\" type=\"Concat\" version=\"opset1\"><data axis=\"0\"/>"
                       "<input>");
    for (int i = 0; i < CONSTANTS; i++) (void)fprintf(put, "<port id=\"%d\"/>", i);
    assert_true(fclose(put) == 0 && fclose(join) == 0);
    const int size = asprintf(
        &text,
        "<net name=\"m\" version=\"11\"><layers>%s</input><output><port id=\"9998\"/></output></layer><layer "
        "id=\"9999\" "
        "name=\"y/result\" type=\"Result\" version=\"opset1\"><input><port id=\"0\"/></input></layer></layers><edges>%s"
        "<edge from-layer=\"9998\" from-port=\"9998\" to-layer=\"9999\" to-port=\"0\"/></edges></net>",
        layers, edges);
    assert_true(size > 0);
    assert_ok(okng_program_new(&read, error));
    const double since = okng_clock();
    assert_int_equal(
        okng_openvino_read(read, "model.xml", text, (size_t)size, (const uint8_t *)numbers, sizeof numbers, &found),
        OKNG_OK);
    assert_true(okng_clock() - since < 5);
    okng_program_free(&read);
    free(layers);
    free(edges);
    free(text);
}

/* A text that is cut off, or damaged anywhere, is refused or read as something whole. */
static void test_damage(void **state)
{
    (void)state;
    size_t size, bin_size;
    void *bytes, *bin;
    okng_program *p = make_named("conditions");
    assert_ok(okng_export_openvino(p, &(okng_export_target){.path = model, .name = "conditions"}, NULL, error));
    assert_ok(okng_file_read(model, 1 << 20, &bytes, &size, error));
    assert_ok(okng_file_read(data, 1 << 20, &bin, &bin_size, error));
    assert_int_equal(read_bytes(bytes, size, bin, bin_size), OKNG_OK);
    for (size_t cut = 0; cut + 2 < size; cut += 7) {
        const okng_status status = read_bytes(bytes, cut, bin, bin_size);
        if (status != OKNG_ERROR_FORMAT && status != OKNG_ERROR_UNSUPPORTED)
            fail_msg("status %d of %zu of %zu bytes", (int)status, cut, size);
    }
    for (size_t at = 0; at < size; at += 5) {
        ((uint8_t *)bytes)[at] ^= 0x15;
        (void)read_bytes(bytes, size, bin, bin_size);
        ((uint8_t *)bytes)[at] ^= 0x15;
    }
    free(bytes);
    free(bin);
    okng_program_free(&p);
}

/* ---- XML ---- */

static void test_xml(void **state)
{
    (void)state;
    char text[] = "\xef\xbb\xbf<?xml version='1.0'?><!-- <no> -->\n<a one = \"1\" two='&lt;&#65;&#x20ac;&quot;'>\n"
                  " text &amp; more <b/><c ></c >\n</a>\n<!-- end -->";
    okng_xml xml;
    okng_xml_begin(&xml, "text", text, sizeof text - 1);
    static const struct {
        okng_xml_kind kind;
        const char *name;
    } events[] = {{OKNG_XML_OPEN, "a"}, {OKNG_XML_TEXT, "text & more"}, {OKNG_XML_OPEN, "b"}, {OKNG_XML_CLOSE, "b"},
                  {OKNG_XML_OPEN, "c"}, {OKNG_XML_CLOSE, "c"},          {OKNG_XML_CLOSE, "a"}};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        assert_ok(okng_xml_next(&xml, error));
        assert_int_equal(xml.kind, events[i].kind);
        assert_string_equal(xml.kind == OKNG_XML_TEXT ? xml.text : xml.name, events[i].name);
        if (i > 0) continue;
        assert_int_equal(xml.attribute_count, 2);
        assert_string_equal(okng_xml_get(&xml, "one"), "1");
        assert_string_equal(okng_xml_get(&xml, "two"), "<A\xe2\x82\xac\"");
        assert_null(okng_xml_get(&xml, "three"));
    }
    assert_ok(okng_xml_next(&xml, error));
    assert_int_equal(xml.kind, OKNG_XML_END);
}

static void test_bad_xml(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "text",
                                        "<a>",
                                        "<a></b>",
                                        "<a/><b/>",
                                        "<a b/>",
                                        "<a b=c/>",
                                        "<a b=\"c/>",
                                        "<a b=\"c\" b=\"d\"/>",
                                        "<a b=\"<\"/>",
                                        "<a>&#0;</a>",
                                        "<a>&#xd800;</a>",
                                        "<a>&#99999999;</a>",
                                        "<a>&</a>",
                                        "<a/>text",
                                        "<a /b>",
                                        "<a><!-- </a>",
                                        "<?xml <a/>",
                                        "< a/>",
                                        "</a>"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        okng_xml xml;
        okng_error found = {0};
        char *text = strdup(texts[i]);
        okng_xml_begin(&xml, "text", text, strlen(text));
        okng_status status;
        do status = okng_xml_next(&xml, &found);
        while (status == OKNG_OK && xml.kind != OKNG_XML_END);
        if (status != OKNG_ERROR_FORMAT) fail_msg("\"%s\" was read, status %d", texts[i], (int)status);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_program_comes_back),
        cmocka_unit_test(test_half),
        cmocka_unit_test(test_names_and_notes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_what_it_cannot_read),
        cmocka_unit_test(test_large_claims),
        cmocka_unit_test(test_constants_of_one_name),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_xml),
        cmocka_unit_test(test_bad_xml),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
