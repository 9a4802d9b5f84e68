/* From modules to the names of their state_dict: TorchScript's, whose attributes are tensors and other modules; and
 * Python's, which keep them in three dicts. */
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "tensor/pth.h"

/* Modules may hold each other, and one may be held twice: what is gone through is bounded, whatever is memorised. */
enum { MAX_NESTING = 64, MAX_ATTRIBUTES = 1 << 20 };

typedef struct walk {
    okng_pth_collector collector;
    bool python;       /* else TorchScript */
    size_t attributes; /* gone through */
    char *name;        /* room for the longest */
} walk;

static okng_status too_much(const walk *w, const char *what)
{
    return okng_fail(w->collector.error, OKNG_ERROR_LIMIT, "%s: %s", w->collector.weights->path, okng_translate(what));
}

/* Puts an attribute's name after the module's of `length` bytes; its own length goes to *whole. */
static okng_status append_name(const walk *w, size_t length, const okng_pickle_value *key, size_t *whole)
{
    const size_t dot = length > 0 ? 1 : 0;
    if (length + dot + key->length > OKNG_MAX_TENSOR_NAME) return too_much(w, N_("a tensor's name is too long"));
    if (dot) w->name[length] = '.';
    memcpy(w->name + length + dot, key->as.text, key->length);
    *whole = length + dot + key->length;
    return OKNG_OK;
}

static okng_status add_module(walk *w, const okng_pickle_object *module, size_t length, int depth);
static okng_status add_dict(walk *w, const okng_pickle_value *dict, size_t length, int depth);

/* The three dicts that a module of Python's keeps its parts in. */
static bool holds_parts(const okng_pickle_value *key)
{
    return okng_pickle_is_text(key, "_parameters") || okng_pickle_is_text(key, "_buffers") ||
           okng_pickle_is_text(key, "_modules");
}

/* An attribute of a module, whose name has `length` bytes. */
static okng_status add_own(walk *w, const okng_pickle_value *key, const okng_pickle_value *value, size_t length,
                           int depth)
{
    if (value->kind != OKNG_PICKLE_DICT || !holds_parts(key)) return OKNG_OK;
    return add_dict(w, value, length, depth);
}

/* Numbers, texts and lists are no part of a state_dict. */
static okng_status add_attribute(walk *w, const okng_pickle_value *key, const okng_pickle_value *value, size_t length,
                                 int depth)
{
    const okng_pickle *p = w->collector.p;
    size_t whole = 0;
    if (key->kind != OKNG_PICKLE_TEXT) return OKNG_OK;
    if (value->kind != OKNG_PICKLE_TENSOR && value->kind != OKNG_PICKLE_OBJECT) return OKNG_OK;
    OKNG_TRY(append_name(w, length, key, &whole));
    if (value->kind == OKNG_PICKLE_OBJECT) return add_module(w, &p->objects[value->as.integer], whole, depth + 1);
    const okng_name name = {w->name, whole, 0};
    return okng_pth_add(&w->collector, &name, &p->tensors[value->as.integer]);
}

typedef okng_status member_fn(walk *, const okng_pickle_value *, const okng_pickle_value *, size_t, int);

static okng_status each_member(walk *w, const okng_pickle_value *dict, member_fn *add, size_t length, int depth)
{
    const okng_pickle *p = w->collector.p;
    w->attributes += dict->length / 2 + 1;
    if (w->attributes > MAX_ATTRIBUTES) return too_much(w, N_("its modules have more than a million attributes"));
    uint32_t cell = dict->as.items.first;
    for (uint32_t i = 0; i < dict->length; i += 2) {
        const okng_pickle_value *key = okng_pickle_get(p, p->cells[cell].value);
        cell = p->cells[cell].next;
        const okng_pickle_value *value = okng_pickle_get(p, p->cells[cell].value);
        cell = p->cells[cell].next;
        OKNG_TRY(add(w, key, value, length, depth));
    }
    return OKNG_OK;
}

static okng_status add_dict(walk *w, const okng_pickle_value *dict, size_t length, int depth)
{
    return each_member(w, dict, add_attribute, length, depth);
}

static okng_status add_module(walk *w, const okng_pickle_object *module, size_t length, int depth)
{
    if (depth == MAX_NESTING) return too_much(w, N_("its modules are nested deeper than 64"));
    if (module->state == OKNG_PICKLE_ABSENT) return OKNG_OK;
    const okng_pickle_value *state = okng_pickle_get(w->collector.p, module->state);
    if (state->kind != OKNG_PICKLE_DICT) return OKNG_OK;
    return each_member(w, state, w->python ? add_own : add_attribute, length, depth);
}

static okng_status collect_module(okng_weights *weights, const okng_pickle *p, okng_pickle_ref root,
                                  const uint8_t *const *data, okng_error *error)
{
    walk w = {.collector = {weights, p, data, error}, .python = !p->script, .name = malloc(OKNG_MAX_TENSOR_NAME)};
    if (!w.name) return okng_fail_memory(error, OKNG_MAX_TENSOR_NAME);
    okng_status status = add_module(&w, &p->objects[okng_pickle_get(p, root)->as.integer], 0, 0);
    free(w.name);
    return status;
}

okng_status okng_pth_collect_any(okng_weights *weights, const okng_pickle *p, okng_pickle_ref root,
                                 const uint8_t *const *data, okng_error *error)
{
    const bool module = okng_pickle_get(p, root)->kind == OKNG_PICKLE_OBJECT;
    if (module && (p->script || p->allowed)) return collect_module(weights, p, root, data, error);
    return okng_pth_collect(weights, p, root, data, error);
}
