#include "export/read_ir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "export/ir_types.h"
#include "export/xml.h"

typedef struct reader {
    okng_ir *ir;
    okng_xml xml;
    /* of the layer that is open */
    okng_ir_port *ports[2]; /* inputs, outputs */
    size_t port_count[2], port_room[2];
} reader;

void okng_ir_free(okng_ir *ir)
{
    free(ir->layers);
    okng_arena_free(&ir->arena);
    *ir = (okng_ir){0};
}

static okng_status damaged(const reader *r, const char *what, const char *name, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s%s%.100s%s", r->ir->path, what, name ? " \"" : "",
                     name ? name : "", name ? "\"" : "");
}

/* A whole number of at least `least`. */
static bool number_of(const char *text, int64_t least, int64_t *number)
{
    char *end;
    if (!text || !*text) return false;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    *number = value;
    return errno == 0 && *end == '\0' && value >= least;
}

/* ---- ports ------------------------------------------------------------------------------------------------------- */

/* Reads on to the end of the element that is open, which holds nothing that matters here. */
static okng_status pass_element(reader *r, okng_error *error)
{
    for (int depth = 1; depth > 0;) {
        OKNG_TRY(okng_xml_next(&r->xml, error));
        if (r->xml.kind == OKNG_XML_OPEN) depth++;
        if (r->xml.kind == OKNG_XML_CLOSE) depth--;
    }
    return OKNG_OK;
}

static okng_status read_dim(reader *r, okng_program_type *type, okng_error *error)
{
    int64_t size;
    OKNG_TRY(okng_xml_next(&r->xml, error));
    if (r->xml.kind != OKNG_XML_TEXT || !number_of(r->xml.text, OKNG_ANY, &size) || size == 0)
        return damaged(r, "a dimension of a port is no number of 1 or more", NULL, error);
    if (type->rank == OKNG_PROGRAM_RANK_MAX)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: a port of more than %d dimensions", r->ir->path,
                         (int)OKNG_PROGRAM_RANK_MAX);
    type->dims[type->rank++] = size;
    return pass_element(r, error);
}

static okng_status read_port(reader *r, int side, okng_error *error)
{
    okng_ir_port port = {.value = OKNG_PROGRAM_NONE, .from_layer = -1, .names = okng_xml_get(&r->xml, "names")};
    const char *precision = okng_xml_get(&r->xml, "precision");
    if (!number_of(okng_xml_get(&r->xml, "id"), 0, &port.id)) return damaged(r, "a port without a number", NULL, error);
    port.has_type = precision != NULL;
    if (precision && !okng_ir_dtype_of_precision(precision, &port.type.dtype))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: a port of the precision \"%.40s\"", r->ir->path,
                         precision);
    for (;;) {
        OKNG_TRY(okng_xml_next(&r->xml, error));
        if (r->xml.kind == OKNG_XML_CLOSE) break;
        if (r->xml.kind != OKNG_XML_OPEN) continue;
        if (strcmp(r->xml.name, "dim") == 0)
            OKNG_TRY(read_dim(r, &port.type, error));
        else
            OKNG_TRY(pass_element(r, error));
    }
    if (!okng_grow((void **)&r->ports[side], &r->port_room[side], r->port_count[side] + 1, sizeof port))
        return okng_fail_memory(error, (r->port_count[side] + 1) * sizeof port);
    r->ports[side][r->port_count[side]++] = port;
    return OKNG_OK;
}

static okng_status read_ports(reader *r, int side, okng_error *error)
{
    for (;;) {
        OKNG_TRY(okng_xml_next(&r->xml, error));
        if (r->xml.kind == OKNG_XML_CLOSE) return OKNG_OK;
        if (r->xml.kind != OKNG_XML_OPEN) continue;
        if (strcmp(r->xml.name, "port") == 0)
            OKNG_TRY(read_port(r, side, error));
        else
            OKNG_TRY(pass_element(r, error));
    }
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

static okng_status read_data(reader *r, okng_ir_layer *layer, okng_error *error)
{
    if (layer->attributes) return damaged(r, "a layer with two elements data", layer->name, error);
    const int count = r->xml.attribute_count;
    layer->attributes = okng_arena_take(&r->ir->arena, (size_t)count + 1, sizeof *layer->attributes);
    if (!layer->attributes) return okng_fail_memory(error, r->ir->arena.wanted);
    for (int i = 0; i < count; i++)
        layer->attributes[i] = (okng_ir_attribute){r->xml.attributes[i].name, r->xml.attributes[i].value, false};
    layer->attribute_count = count;
    return pass_element(r, error);
}

static okng_status take_ports(reader *r, int side, okng_ir_port **ports, int32_t *count, okng_error *error)
{
    if (r->port_count[side] > OKNG_IR_MAX_PORTS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: a layer of more than %d ports", r->ir->path,
                         (int)OKNG_IR_MAX_PORTS);
    *count = (int32_t)r->port_count[side];
    *ports = okng_arena_copy(&r->ir->arena, r->ports[side], r->port_count[side] * sizeof **ports);
    return *ports ? OKNG_OK : okng_fail_memory(error, r->ir->arena.wanted);
}

static okng_status read_layer(reader *r, okng_error *error)
{
    okng_ir *ir = r->ir;
    int64_t opset;
    const char *version = okng_xml_get(&r->xml, "version");
    okng_ir_layer layer = {
        .type = okng_xml_get(&r->xml, "type"), .name = okng_xml_get(&r->xml, "name"), .place = ir->layer_count};
    if (!number_of(okng_xml_get(&r->xml, "id"), 0, &layer.id) || !layer.type || !layer.name)
        return damaged(r, "a layer without a number, a name or a type", layer.name, error);
    if (!version || strncmp(version, "opset", 5) != 0 || !number_of(version + 5, 1, &opset) || opset > 99)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: layer \"%.100s\" is of \"%.40s\", expected a set of operations, opset1 to opset16",
                         ir->path, layer.name, version ? version : "");
    layer.opset = (int32_t)opset;
    r->port_count[0] = r->port_count[1] = 0;
    for (;;) {
        OKNG_TRY(okng_xml_next(&r->xml, error));
        if (r->xml.kind == OKNG_XML_CLOSE) break;
        if (r->xml.kind != OKNG_XML_OPEN) continue;
        if (strcmp(r->xml.name, "data") == 0)
            OKNG_TRY(read_data(r, &layer, error));
        else if (strcmp(r->xml.name, "input") == 0)
            OKNG_TRY(read_ports(r, 0, error));
        else if (strcmp(r->xml.name, "output") == 0)
            OKNG_TRY(read_ports(r, 1, error));
        else if (strcmp(r->xml.name, "rt_info") == 0)
            OKNG_TRY(pass_element(r, error));
        else
            return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: layer \"%.100s\" holds \"%.40s\"", ir->path,
                             layer.name, r->xml.name);
    }
    OKNG_TRY(take_ports(r, 0, &layer.inputs, &layer.input_count, error));
    OKNG_TRY(take_ports(r, 1, &layer.outputs, &layer.output_count, error));
    if (ir->layer_count == OKNG_IR_MAX_LAYERS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: more than %d layers", ir->path, (int)OKNG_IR_MAX_LAYERS);
    if (!okng_grow((void **)&ir->layers, &ir->layer_room, ir->layer_count + 1, sizeof layer))
        return okng_fail_memory(error, (ir->layer_count + 1) * sizeof layer);
    ir->layers[ir->layer_count++] = layer;
    return OKNG_OK;
}

/* ---- edges ------------------------------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const okng_ir_layer *one = a, *other = b;
    return (one->id > other->id) - (one->id < other->id);
}

/* Layers are in order of their numbers by now. */
static okng_ir_layer *find_layer(const okng_ir *ir, int64_t id)
{
    const okng_ir_layer wanted = {.id = id};
    return ir->layer_count == 0 ? NULL : bsearch(&wanted, ir->layers, ir->layer_count, sizeof wanted, by_id);
}

static okng_ir_port *find_port(okng_ir_port *ports, int32_t count, int64_t id)
{
    for (int32_t i = 0; i < count; i++)
        if (ports[i].id == id) return &ports[i];
    return NULL;
}

static okng_status read_edge(reader *r, okng_error *error)
{
    static const char *const names[4] = {"from-layer", "from-port", "to-layer", "to-port"};
    int64_t ends[4];
    for (int i = 0; i < 4; i++)
        if (!number_of(okng_xml_get(&r->xml, names[i]), 0, &ends[i]))
            return damaged(r, "an edge without the number", names[i], error);
    okng_ir_layer *from = find_layer(r->ir, ends[0]), *to = find_layer(r->ir, ends[2]);
    if (!from || !to) return damaged(r, "an edge of a layer that is not there", NULL, error);
    const okng_ir_port *out = find_port(from->outputs, from->output_count, ends[1]);
    okng_ir_port *in = find_port(to->inputs, to->input_count, ends[3]);
    if (!out || !in) return damaged(r, "an edge of a port that is not there, to layer", to->name, error);
    if (in->from_layer >= 0) return damaged(r, "two edges lead to one port of layer", to->name, error);
    in->from_layer = (int32_t)(from - r->ir->layers);
    in->from_port = (int32_t)(out - from->outputs);
    return pass_element(r, error);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

typedef okng_status read_fn(reader *r, okng_error *error);

/* The elements of one name within the one that is open. */
static okng_status read_each(reader *r, const char *name, read_fn *read, okng_error *error)
{
    for (;;) {
        OKNG_TRY(okng_xml_next(&r->xml, error));
        if (r->xml.kind == OKNG_XML_CLOSE) return OKNG_OK;
        if (r->xml.kind != OKNG_XML_OPEN) continue;
        if (strcmp(r->xml.name, name) != 0)
            return damaged(r, "an element that is unexpected here,", r->xml.name, error);
        OKNG_TRY(read(r, error));
    }
}

static okng_status check_layers(reader *r, okng_error *error)
{
    okng_ir *ir = r->ir;
    if (ir->layer_count == 0) return damaged(r, "no layers before the edges", NULL, error);
    qsort(ir->layers, ir->layer_count, sizeof *ir->layers, by_id);
    for (size_t i = 1; i < ir->layer_count; i++)
        if (ir->layers[i].id == ir->layers[i - 1].id)
            return damaged(r, "two layers of one number, one of them", ir->layers[i].name, error);
    return OKNG_OK;
}

static okng_status read_net(reader *r, okng_error *error)
{
    int64_t version;
    bool has_edges = false;
    OKNG_TRY(okng_xml_next(&r->xml, error));
    if (r->xml.kind != OKNG_XML_OPEN || strcmp(r->xml.name, "net") != 0)
        return damaged(r, "is no OpenVINO IR, whose first element is net", NULL, error);
    if (!number_of(okng_xml_get(&r->xml, "version"), 0, &version) || (version != 10 && version != 11))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: OpenVINO IR of version %.20s, expected 10 or 11",
                         r->ir->path, okng_xml_get(&r->xml, "version") ? okng_xml_get(&r->xml, "version") : "none");
    for (;;) {
        OKNG_TRY(okng_xml_next(&r->xml, error));
        if (r->xml.kind == OKNG_XML_CLOSE) break;
        if (r->xml.kind != OKNG_XML_OPEN) continue;
        if (strcmp(r->xml.name, "layers") == 0 && !has_edges)
            OKNG_TRY(read_each(r, "layer", read_layer, error));
        else if (strcmp(r->xml.name, "edges") == 0 && !has_edges) {
            has_edges = true;
            OKNG_TRY(check_layers(r, error));
            OKNG_TRY(read_each(r, "edge", read_edge, error));
        } else if (strcmp(r->xml.name, "rt_info") == 0 || strcmp(r->xml.name, "meta_data") == 0)
            OKNG_TRY(pass_element(r, error));
        else
            return damaged(r, "an element that is unexpected here,", r->xml.name, error);
    }
    return has_edges ? okng_xml_next(&r->xml, error) : damaged(r, "no edges", NULL, error);
}

okng_status okng_ir_read(okng_ir *ir, const char *path, char *text, size_t size, okng_error *error)
{
    *ir = (okng_ir){.path = path};
    reader r = {.ir = ir};
    okng_xml_begin(&r.xml, path, text, size);
    const okng_status status = read_net(&r, error);
    free(r.ports[0]);
    free(r.ports[1]);
    if (status != OKNG_OK) okng_ir_free(ir);
    return status;
}
