#include "tensor/pickle_globals.h"

#include <string.h>

#include "base/memory.h"
#include "tensor/pickle_values.h"

typedef enum global {
    ORDERED_DICT,
    REBUILD_TENSOR,
    REBUILD_TENSOR_V2,
    REBUILD_TENSOR_V3,
    REBUILD_PARAMETER,
    SIZE,
    DEVICE,
    STORAGE /* the rest */
} global;

static const struct {
    const char *module, *name;
    global what;
    okng_dtype dtype; /* of a storage */
    size_t size;      /* of its elements where they are of OKNG_DTYPE_OTHER */
} globals[] = {
    {"collections", "OrderedDict", ORDERED_DICT, 0, 0},
    {"torch._utils", "_rebuild_tensor", REBUILD_TENSOR, 0, 0},
    {"torch._utils", "_rebuild_tensor_v2", REBUILD_TENSOR_V2, 0, 0},
    {"torch._utils", "_rebuild_tensor_v3", REBUILD_TENSOR_V3, 0, 0},
    {"torch._utils", "_rebuild_parameter", REBUILD_PARAMETER, 0, 0},
    {"torch._utils", "_rebuild_parameter_with_state", REBUILD_PARAMETER, 0, 0},
    {"torch", "Size", SIZE, 0, 0},
    {"torch", "device", DEVICE, 0, 0},
    {"torch", "FloatStorage", STORAGE, OKNG_F32, 0},
    {"torch", "DoubleStorage", STORAGE, OKNG_F64, 0},
    {"torch", "HalfStorage", STORAGE, OKNG_F16, 0},
    {"torch", "BFloat16Storage", STORAGE, OKNG_BF16, 0},
    {"torch", "LongStorage", STORAGE, OKNG_I64, 0},
    {"torch", "IntStorage", STORAGE, OKNG_I32, 0},
    {"torch", "ShortStorage", STORAGE, OKNG_I16, 0},
    {"torch", "CharStorage", STORAGE, OKNG_I8, 0},
    {"torch", "ByteStorage", STORAGE, OKNG_U8, 0},
    {"torch", "BoolStorage", STORAGE, OKNG_BOOL, 0},
    {"torch", "ComplexFloatStorage", STORAGE, OKNG_DTYPE_OTHER, 8},
    {"torch", "ComplexDoubleStorage", STORAGE, OKNG_DTYPE_OTHER, 16},
    {"torch", "UntypedStorage", STORAGE, OKNG_DTYPE_OTHER, 1},
    {"torch.storage", "UntypedStorage", STORAGE, OKNG_DTYPE_OTHER, 1},
};

static bool same(const char *text, const char *bytes, size_t length)
{
    return strlen(text) == length && memcmp(text, bytes, length) == 0;
}

/* torch's names for types of elements that have no storage of their own: float8_e4m3fn, uint16. */
static bool is_element(const okng_pickle_class *c)
{
    static const char *const names[] = {"float8_", "float6_", "float4_", "uint16", "uint32", "uint64", "complex32"};
    if (!same("torch", c->module, c->module_length)) return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        bool begins = c->name_length >= length && memcmp(names[i], c->name, length) == 0;
        if (begins && (names[i][length - 1] == '_' || c->name_length == length)) return true;
    }
    return false;
}

/* What only a file that is meant to run something asks for; a name of NULL is all of the package. A lenient machine
 * keeps the names of all else: a checkpoint may hold objects of any program's own classes. */
static const struct {
    const char *package, *name;
} for_running[] = {
    {"os", NULL},
    {"posix", NULL},
    {"nt", NULL},
    {"sys", NULL},
    {"subprocess", NULL},
    {"_posixsubprocess", NULL},
    {"commands", NULL},
    {"pty", NULL},
    {"shutil", NULL},
    {"socket", NULL},
    {"importlib", NULL},
    {"imp", NULL},
    {"runpy", NULL},
    {"ctypes", NULL},
    {"_ctypes", NULL},
    {"cffi", NULL},
    {"pickle", NULL},
    {"_pickle", NULL},
    {"cPickle", NULL},
    {"dill", NULL},
    {"joblib", NULL},
    {"marshal", NULL},
    {"code", NULL},
    {"codeop", NULL},
    {"types", "CodeType"},
    {"types", "FunctionType"},
    {"webbrowser", NULL},
    {"urllib", NULL},
    {"urllib2", NULL},
    {"http", NULL},
    {"httplib", NULL},
    {"requests", NULL},
    {"ftplib", NULL},
    {"smtplib", NULL},
    {"telnetlib", NULL},
    {"multiprocessing", NULL},
    {"asyncio", NULL},
    {"pdb", NULL},
    {"bdb", NULL},
    {"timeit", NULL},
    {"trace", NULL},
    {"cProfile", NULL},
    {"profile", NULL},
    {"doctest", NULL},
    {"pip", NULL},
    {"setuptools", NULL},
    {"venv", NULL},
    {"ensurepip", NULL},
    {"zipimport", NULL},
    {"pkgutil", NULL},
    {"pydoc", NULL},
    {"builtins", "eval"},
    {"builtins", "exec"},
    {"builtins", "execfile"},
    {"builtins", "compile"},
    {"builtins", "__import__"},
    {"builtins", "open"},
    {"builtins", "input"},
    {"builtins", "breakpoint"},
    {"builtins", "setattr"},
    {"builtins", "delattr"},
    {"builtins", "globals"},
    {"builtins", "locals"},
    {"builtins", "vars"},
    {"operator", "attrgetter"},
    {"operator", "methodcaller"},
};

static bool is_for_running(const okng_pickle_class *c)
{
    const char *dot = memchr(c->module, '.', c->module_length);
    size_t first = dot ? (size_t)(dot - c->module) : c->module_length;
    bool built_in = same("__builtin__", c->module, first); /* as Python 2, and so protocol 2, calls it */
    for (size_t i = 0; i < sizeof for_running / sizeof *for_running; i++) {
        bool package = same(for_running[i].package, c->module, first) ||
                       (built_in && strcmp(for_running[i].package, "builtins") == 0);
        if (package && (!for_running[i].name || same(for_running[i].name, c->name, c->name_length))) return true;
    }
    return false;
}

/* A class of a TorchScript archive's code, or of the few functions that its pickles name. */
static bool is_of_script(const okng_pickle_class *c)
{
    static const char *const modules[] = {"__torch__", "torch.jit._pickle"};
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        size_t length = strlen(modules[i]);
        bool begins = c->module_length >= length && memcmp(modules[i], c->module, length) == 0;
        if (begins && (c->module_length == length || c->module[length] == '.')) return true;
    }
    return false;
}

/* Whether it is one of those that the caller named. */
static bool is_allowed(const okng_pickle *p, const okng_pickle_class *c)
{
    for (const char *const *name = p->allowed; *name; name++) {
        const char *dot = strrchr(*name, '.');
        const bool module =
            c->module_length == (size_t)(dot - *name) && memcmp(*name, c->module, c->module_length) == 0;
        if (module && same(dot + 1, c->name, c->name_length)) return true;
    }
    return false;
}

static bool may_name(const okng_pickle *p, const okng_pickle_class *c)
{
    if (is_element(c)) return true;
    if (p->script) return is_of_script(c);
    if (p->allowed) return is_allowed(p, c);
    return p->lenient && !is_for_running(c);
}

okng_status okng_pickle_global(okng_pickle *p, const char *module, size_t module_length, const char *name,
                               size_t name_length, okng_pickle_ref *out)
{
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++) {
        if (!same(globals[i].module, module, module_length) || !same(globals[i].name, name, name_length)) continue;
        OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_GLOBAL, out));
        p->values[*out].as.integer = (int64_t)i;
        return OKNG_OK;
    }
    const okng_pickle_class named = {module, name, (uint32_t)module_length, (uint32_t)name_length};
    bool fits = module_length <= OKNG_PICKLE_MAX_GLOBAL && name_length <= OKNG_PICKLE_MAX_GLOBAL;
    if (fits && may_name(p, &named)) return okng_pickle_new_class(p, &named, out);
    int shown_module = module_length < OKNG_PICKLE_MAX_GLOBAL ? (int)module_length : OKNG_PICKLE_MAX_GLOBAL;
    int shown_name = name_length < OKNG_PICKLE_MAX_GLOBAL ? (int)name_length : OKNG_PICKLE_MAX_GLOBAL;
    return okng_pickle_fail(p, OKNG_ERROR_UNSUPPORTED,
                            "the global %.*s.%.*s is not allowed (only tensors are read, nothing is run); in torch, "
                            "save model.state_dict() alone",
                            shown_module, module, shown_name, name);
}

/* ---- calls ----------------------------------------------------------------------------------- */

typedef struct call {
    okng_pickle *p;
    const char *name;
    okng_pickle_ref arguments;
} call;

static okng_status bad_arguments(const call *c)
{
    return okng_pickle_fail(c->p, OKNG_ERROR_FORMAT, "%s is called with arguments that torch does not write", c->name);
}

static const okng_pickle_value *argument(const call *c, uint32_t i)
{
    return okng_pickle_item(c->p, okng_pickle_get(c->p, c->arguments), i);
}

static uint32_t argument_count(const call *c)
{
    return okng_pickle_get(c->p, c->arguments)->length;
}

static okng_pickle_ref ref_of(const okng_pickle *p, const okng_pickle_value *value)
{
    return (okng_pickle_ref)(value - p->values);
}

/* (storage, offset, shape, strides, ...), of `typed` the seventh is what its elements are */
static okng_status rebuild_tensor(const call *c, bool typed, okng_pickle_ref *out)
{
    okng_pickle *p = c->p;
    const okng_pickle_value *storage = argument(c, 0), *offset = argument(c, 1), *shape = argument(c, 2),
                            *strides = argument(c, 3);
    if (storage->kind != OKNG_PICKLE_STORAGE || offset->kind != OKNG_PICKLE_INT || shape->kind != OKNG_PICKLE_TUPLE ||
        strides->kind != OKNG_PICKLE_TUPLE)
        return bad_arguments(c);
    okng_pickle_tensor tensor = {(uint32_t)storage->as.integer, offset->as.integer, ref_of(p, shape),
                                 ref_of(p, strides), OKNG_PICKLE_ABSENT};
    if (typed && argument(c, 6)->kind != OKNG_PICKLE_CLASS) return bad_arguments(c);
    if (typed) tensor.type = ref_of(p, argument(c, 6));
    if (p->tensor_count == OKNG_PICKLE_MAX_TENSORS)
        return okng_pickle_fail(p, OKNG_ERROR_LIMIT, "more than %d tensors", OKNG_PICKLE_MAX_TENSORS);
    OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_TENSOR, out));
    if (!okng_grow((void **)&p->tensors, &p->tensor_room, p->tensor_count + 1, sizeof tensor))
        return okng_fail_memory(p->error, p->tensor_count * sizeof tensor);
    p->values[*out].as.integer = (int64_t)p->tensor_count;
    p->tensors[p->tensor_count++] = tensor;
    return OKNG_OK;
}

static okng_status rebuild_parameter(const call *c, okng_pickle_ref *out)
{
    const okng_pickle_value *tensor = argument(c, 0);
    if (tensor->kind != OKNG_PICKLE_TENSOR) return bad_arguments(c);
    *out = ref_of(c->p, tensor);
    return OKNG_OK;
}

/* Empty, or (Python 2) filled from a list of pairs. */
static okng_status ordered_dict(const call *c, okng_pickle_ref *out)
{
    okng_pickle *p = c->p;
    OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_DICT, out));
    if (argument_count(c) == 0) return OKNG_OK;
    okng_pickle_value pairs = *argument(c, 0);
    if (pairs.kind != OKNG_PICKLE_LIST) return bad_arguments(c);
    uint32_t cell = pairs.as.items.first;
    for (uint32_t i = 0; i < pairs.length; i++, cell = p->cells[cell].next) {
        const okng_pickle_value *pair = okng_pickle_get(p, p->cells[cell].value);
        bool is_pair = (pair->kind == OKNG_PICKLE_LIST || pair->kind == OKNG_PICKLE_TUPLE) && pair->length == 2;
        if (!is_pair) return bad_arguments(c);
        okng_pickle_ref key = ref_of(p, okng_pickle_item(p, pair, 0)), value = ref_of(p, okng_pickle_item(p, pair, 1));
        OKNG_TRY(okng_pickle_append(p, *out, key));
        OKNG_TRY(okng_pickle_append(p, *out, value));
    }
    return OKNG_OK;
}

static okng_status size(const call *c, okng_pickle_ref *out)
{
    const okng_pickle_value *tuple = argument(c, 0);
    if (tuple->kind != OKNG_PICKLE_TUPLE) return bad_arguments(c);
    *out = ref_of(c->p, tuple);
    return OKNG_OK;
}

/* What a lenient machine makes of a call: its name and its arguments. Two of Python's own helpers hand a class on, and
 * torch's for tensors of a class of their own, or with attributes, hand a call on: (function, class, arguments, state).
 */
static okng_status make_object(okng_pickle *p, okng_pickle_ref callable, okng_pickle_ref arguments,
                               okng_pickle_ref *out)
{
    const okng_pickle_value *function = okng_pickle_get(p, callable), *tuple = okng_pickle_get(p, arguments);
    bool has_first = tuple->kind == OKNG_PICKLE_TUPLE && tuple->length > 0;
    const okng_pickle_value *first = has_first ? okng_pickle_item(p, tuple, 0) : NULL;
    if (!first || function->kind != OKNG_PICKLE_CLASS) return okng_pickle_new_object(p, callable, arguments, out);
    const okng_pickle_class *named = &p->classes[function->as.integer];
    if (first->kind == OKNG_PICKLE_GLOBAL && tuple->length == 4 &&
        same("_rebuild_from_type_v2", named->name, named->name_length))
        return okng_pickle_call(p, ref_of(p, first), ref_of(p, okng_pickle_item(p, tuple, 2)), out);
    bool hands_on =
        same("_reconstructor", named->name, named->name_length) || same("__newobj__", named->name, named->name_length);
    if (hands_on && first->kind == OKNG_PICKLE_CLASS) callable = ref_of(p, first);
    return okng_pickle_new_object(p, callable, arguments, out);
}

okng_status okng_pickle_call(okng_pickle *p, okng_pickle_ref callable, okng_pickle_ref arguments, okng_pickle_ref *out)
{
    const okng_pickle_value *function = okng_pickle_get(p, callable);
    if (function->kind == OKNG_PICKLE_CLASS || function->kind == OKNG_PICKLE_OBJECT)
        return make_object(p, callable, arguments, out);
    if (function->kind != OKNG_PICKLE_GLOBAL)
        return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "calls %s", okng_pickle_kind_name(function->kind));
    size_t i = (size_t)function->as.integer;
    call c = {p, globals[i].name, arguments};
    if (okng_pickle_get(p, arguments)->kind != OKNG_PICKLE_TUPLE) return bad_arguments(&c);
    uint32_t count = argument_count(&c);
    /* clang-format off */
    switch (globals[i].what) {
    case ORDERED_DICT: return count <= 1 ? ordered_dict(&c, out) : bad_arguments(&c);
    case REBUILD_TENSOR: return count == 4 ? rebuild_tensor(&c, false, out) : bad_arguments(&c);
    case REBUILD_TENSOR_V2: return count == 6 || count == 7 ? rebuild_tensor(&c, false, out) : bad_arguments(&c);
    case REBUILD_TENSOR_V3: return count == 7 || count == 8 ? rebuild_tensor(&c, true, out) : bad_arguments(&c);
    case REBUILD_PARAMETER: return count == 3 || count == 4 ? rebuild_parameter(&c, out) : bad_arguments(&c);
    case SIZE: return count == 1 ? size(&c, out) : bad_arguments(&c);
    case DEVICE: return okng_pickle_new(p, OKNG_PICKLE_DEVICE, out);
    default: return bad_arguments(&c); /* a storage's class is only named, in persistent ids */
    }
    /* clang-format on */
}

/* ---- persistent ids -------------------------------------------------------------------------- */

static okng_status bad_id(const okng_pickle *p, const char *what)
{
    return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "a persistent id %s", what);
}

/* Old files may name a part of a storage: (key, offset, count). */
static okng_status read_view(const okng_pickle *p, const okng_pickle_value *view, okng_pickle_storage *storage)
{
    if (view->kind == OKNG_PICKLE_NONE) return OKNG_OK;
    if (view->kind != OKNG_PICKLE_TUPLE || view->length != 3) return bad_id(p, "with a broken view");
    const okng_pickle_value *offset = okng_pickle_item(p, view, 1), *count = okng_pickle_item(p, view, 2);
    if (offset->kind != OKNG_PICKLE_INT || count->kind != OKNG_PICKLE_INT || offset->as.integer < 0 ||
        offset->as.integer > storage->count || count->as.integer < 0 ||
        count->as.integer > storage->count - offset->as.integer)
        return bad_id(p, "with a view outside its storage");
    storage->offset = offset->as.integer;
    storage->available = count->as.integer;
    return OKNG_OK;
}

/* Of a class that only a lenient machine knows the size is not known. */
static void name_elements(const okng_pickle *p, const okng_pickle_value *type, okng_pickle_storage *storage)
{
    storage->dtype = OKNG_DTYPE_OTHER;
    if (type->kind == OKNG_PICKLE_CLASS) {
        storage->type = p->classes[type->as.integer].name;
        storage->type_length = p->classes[type->as.integer].name_length;
        return;
    }
    storage->dtype = globals[type->as.integer].dtype;
    storage->type = globals[type->as.integer].name;
    storage->type_length = (uint32_t)strlen(storage->type);
    bool other = storage->dtype == OKNG_DTYPE_OTHER;
    storage->size = other ? globals[type->as.integer].size : okng_dtype_size(storage->dtype);
}

/* ('storage', class, key, location, count) and, in the older container, a view or None. */
static okng_status read_id(const okng_pickle *p, const okng_pickle_value *id, okng_pickle_storage *storage)
{
    if (id->kind != OKNG_PICKLE_TUPLE || id->length < 2) return bad_id(p, "that is no tuple");
    const okng_pickle_value *tag = okng_pickle_item(p, id, 0), *type = okng_pickle_item(p, id, 1);
    if (!okng_pickle_is_text(tag, "storage") || (id->length != 5 && id->length != 6))
        return bad_id(p, "that names no storage");
    bool known = type->kind == OKNG_PICKLE_GLOBAL && globals[type->as.integer].what == STORAGE;
    if (!known && type->kind != OKNG_PICKLE_CLASS) return bad_id(p, "whose class is no storage");
    const okng_pickle_value *key = okng_pickle_item(p, id, 2), *count = okng_pickle_item(p, id, 4);
    if (key->kind != OKNG_PICKLE_TEXT || count->kind != OKNG_PICKLE_INT || count->as.integer < 0)
        return bad_id(p, "without a key and a count");
    if (key->length > OKNG_PICKLE_MAX_KEY)
        return okng_pickle_fail(p, OKNG_ERROR_LIMIT, "a storage's key of %u bytes, expected at most %d",
                                (unsigned)key->length, OKNG_PICKLE_MAX_KEY);
    *storage = (okng_pickle_storage){
        .key = key->as.text, .key_length = key->length, .count = count->as.integer, .available = count->as.integer};
    name_elements(p, type, storage);
    return id->length == 6 ? read_view(p, okng_pickle_item(p, id, 5), storage) : OKNG_OK;
}

/* The older container names the classes of networks so: ('module', class, file, text of the file). */
static bool names_module(const okng_pickle *p, const okng_pickle_value *id, okng_pickle_ref *out)
{
    if (!p->lenient || id->kind != OKNG_PICKLE_TUPLE || id->length != 4) return false;
    const okng_pickle_value *type = okng_pickle_item(p, id, 1);
    if (!okng_pickle_is_text(okng_pickle_item(p, id, 0), "module") || type->kind != OKNG_PICKLE_CLASS) return false;
    *out = ref_of(p, type);
    return true;
}

okng_status okng_pickle_persistent(okng_pickle *p, okng_pickle_ref id, okng_pickle_ref *out)
{
    okng_pickle_storage storage;
    if (names_module(p, okng_pickle_get(p, id), out)) return OKNG_OK;
    OKNG_TRY(read_id(p, okng_pickle_get(p, id), &storage));
    if (p->storage_count == OKNG_PICKLE_MAX_TENSORS)
        return okng_pickle_fail(p, OKNG_ERROR_LIMIT, "more than %d storages", OKNG_PICKLE_MAX_TENSORS);
    OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_STORAGE, out));
    if (!okng_grow((void **)&p->storages, &p->storage_room, p->storage_count + 1, sizeof storage))
        return okng_fail_memory(p->error, p->storage_count * sizeof storage);
    p->values[*out].as.integer = (int64_t)p->storage_count;
    p->storages[p->storage_count++] = storage;
    return OKNG_OK;
}
