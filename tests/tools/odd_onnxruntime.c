/* A library that stands in for onnxruntime and fails as ODD_ONNXRUNTIME says: old, table, lacks, start, providers,
 * session, memory, run; "silent" runs, says that it went well, and writes nothing. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct status {
    int code;
    const char *why;
} status;

enum { ENTRIES = 276 };
static void *table[ENTRIES];

static bool is(const char *mode)
{
    const char *asked = getenv("ODD_ONNXRUNTIME");
    return asked && strcmp(asked, mode) == 0;
}

static status *fail(const char *why)
{
    static status failed;
    failed = (status){1, why};
    return &failed;
}

static int error_code(const status *s)
{
    return s->code;
}

static const char *error_message(const status *s)
{
    return s->why;
}

static status *create_env(void *log, void *context, int severity, const char *id, void **out)
{
    (void)log, (void)context, (void)severity, (void)id;
    *out = table;
    return is("start") ? fail("no logger") : NULL;
}

static status *create_session(const void *env, const void *model, size_t bytes, const void *options, void **out)
{
    (void)env, (void)model, (void)bytes, (void)options;
    *out = NULL;
    if (is("session")) return fail("this graph is not mine\nat all");
    if (is("memory")) return fail("std::bad_alloc");
    *out = table;
    return NULL;
}

static status *run(void *session, const void *options, const char *const *names, const void *const *inputs,
                   size_t count, const char *const *output_names, size_t output_count, void **outputs)
{
    (void)session, (void)options, (void)names, (void)inputs, (void)count;
    (void)output_names, (void)output_count, (void)outputs;
    return is("run") ? fail("the device is gone") : NULL;
}

static status *make(void **out)
{
    *out = table;
    return NULL;
}

static status *set_number(void *options, int number)
{
    (void)options, (void)number;
    return NULL;
}

static status *set_words(void *options, const char *key, const char *value)
{
    (void)options, (void)key, (void)value;
    return NULL;
}

static status *create_value(const void *memory, void *data, size_t bytes, const int64_t *dims, size_t rank, int type,
                            void **out)
{
    (void)memory, (void)data, (void)bytes, (void)dims, (void)rank, (void)type;
    return make(out);
}

static status *create_memory(int allocator, int kind, void **out)
{
    (void)allocator, (void)kind;
    return make(out);
}

static status *get_providers(char ***names, int *count)
{
    static char cpu[] = "CPUExecutionProvider", *list[] = {cpu};
    if (is("providers")) return fail("nobody knows");
    *names = list;
    *count = 1;
    return NULL;
}

static status *release_providers(char **names, int count)
{
    (void)names, (void)count;
    return NULL;
}

static void release(void *any)
{
    (void)any;
}

static void put(int number, void (*function)(void))
{
    memcpy(&table[number], &function, sizeof function);
}

#define PUT(number, function) put(number, (void (*)(void))(function))

static const void *get_table(uint32_t version)
{
    static const int released[] = {93, 95, 96, 100};
    for (int i = 0; i < ENTRIES; i++) PUT(i, release);
    for (int i = 0; i < 4; i++) PUT(released[i], release);
    PUT(1, error_code);
    PUT(2, error_message);
    PUT(4, create_env);
    PUT(8, create_session);
    PUT(9, run);
    PUT(10, make);
    PUT(23, set_number);
    PUT(24, set_number);
    PUT(49, create_value);
    PUT(69, create_memory);
    PUT(125, get_providers);
    PUT(126, release_providers);
    PUT(130, set_words);
    if (is("lacks")) table[9] = NULL;
    return version == 17 && !is("table") ? table : NULL;
}

static const char *get_version(void)
{
    return is("old") ? "1.16.3" : "1.17.0";
}

__attribute__((visibility("default"))) const void *OrtGetApiBase(void);
const void *OrtGetApiBase(void)
{
    static const struct {
        const void *(*table)(uint32_t version);
        const char *(*version)(void);
    } base = {get_table, get_version};
    return &base;
}
