/* The tree of values that the pickle machine builds. */
#include "tensor/pickle_values.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

okng_status okng_pickle_fail(const okng_pickle *p, okng_status status, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return okng_fail(p->error, status, "%s: pickle, byte %zu: %s", p->path, (size_t)(p->at - p->begin), text);
}

okng_status okng_pickle_room(const okng_pickle *p, void **array, size_t *capacity, size_t count, size_t size)
{
    if (count >= OKNG_PICKLE_MAX_OBJECTS)
        return okng_pickle_fail(p, OKNG_ERROR_LIMIT, "more than %d objects", OKNG_PICKLE_MAX_OBJECTS);
    return okng_grow(array, capacity, count + 1, size) ? OKNG_OK : okng_fail_memory(p->error, (count + 1) * size);
}

okng_status okng_pickle_new(okng_pickle *p, okng_pickle_kind kind, okng_pickle_ref *out)
{
    OKNG_TRY(okng_pickle_room(p, (void **)&p->values, &p->value_room, p->value_count, sizeof *p->values));
    p->values[p->value_count] = (okng_pickle_value){.kind = kind};
    *out = (okng_pickle_ref)p->value_count++;
    return OKNG_OK;
}

okng_status okng_pickle_new_class(okng_pickle *p, const okng_pickle_class *named, okng_pickle_ref *out)
{
    OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_CLASS, out));
    OKNG_TRY(okng_pickle_room(p, (void **)&p->classes, &p->class_room, p->class_count, sizeof *p->classes));
    p->values[*out].as.integer = (int64_t)p->class_count;
    p->classes[p->class_count++] = *named;
    return OKNG_OK;
}

okng_status okng_pickle_new_object(okng_pickle *p, okng_pickle_ref type, okng_pickle_ref arguments,
                                   okng_pickle_ref *out)
{
    OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_OBJECT, out));
    OKNG_TRY(okng_pickle_room(p, (void **)&p->objects, &p->object_room, p->object_count, sizeof *p->objects));
    p->values[*out].as.integer = (int64_t)p->object_count;
    p->objects[p->object_count++] = (okng_pickle_object){type, arguments, OKNG_PICKLE_ABSENT, OKNG_PICKLE_ABSENT};
    return OKNG_OK;
}

okng_status okng_pickle_append(okng_pickle *p, okng_pickle_ref container, okng_pickle_ref item)
{
    OKNG_TRY(okng_pickle_room(p, (void **)&p->cells, &p->cell_room, p->cell_count, sizeof *p->cells));
    uint32_t cell = (uint32_t)p->cell_count++;
    p->cells[cell] = (okng_pickle_cell){.value = item};
    okng_pickle_value *value = &p->values[container];
    if (value->length == 0)
        value->as.items.first = cell;
    else
        p->cells[value->as.items.last].next = cell;
    value->as.items.last = cell;
    value->length++;
    return OKNG_OK;
}

const okng_pickle_value *okng_pickle_get(const okng_pickle *p, okng_pickle_ref ref)
{
    return &p->values[ref];
}

const okng_pickle_value *okng_pickle_item(const okng_pickle *p, const okng_pickle_value *container, uint32_t i)
{
    uint32_t cell = container->as.items.first;
    while (i-- > 0) cell = p->cells[cell].next;
    return &p->values[p->cells[cell].value];
}

bool okng_pickle_is_text(const okng_pickle_value *value, const char *text)
{
    return value->kind == OKNG_PICKLE_TEXT && value->length == strlen(text) &&
           memcmp(value->as.text, text, value->length) == 0;
}

const char *okng_pickle_kind_name(okng_pickle_kind kind)
{
    static const char *const names[] = {"None",     "a bool",   "an integer", "an integer", "a float",  "text",
                                        "bytes",    "a tuple",  "a list",     "a dict",     "a global", "a storage",
                                        "a tensor", "a device", "a class",    "an object",  "a set"};
    return names[kind];
}
