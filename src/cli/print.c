#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cli.h"

static void say(const char *format, va_list args)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "okng: ");
    (void)vfprintf(stderr, _(format), args);
    (void)fprintf(stderr, "\n");
}

int okng_cli_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    return EXIT_FAILED;
}

int okng_cli_usage(const okng_cli_verb *verb, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    (void)fprintf(stderr, _("try: okng %s%s--help\n"), verb ? verb->name : "", verb ? " " : "");
    return EXIT_USAGE;
}

int okng_cli_fail(const okng_error *error)
{
    int signal = okng_cli_signal();
    if (error->status == OKNG_ERROR_CANCELLED && signal != 0) {
        (void)okng_cli_error("interrupted");
        return EXIT_SIGNAL + signal;
    }
    return okng_cli_error("%s", error->message);
}

int okng_cli_refused(const okng_cli_verb *verb, const okng_error *error)
{
    return error->status == OKNG_ERROR_MEMORY ? okng_cli_fail(error) : okng_cli_usage(verb, "%s", error->message);
}

okng_status okng_cli_set_error(okng_error *error, okng_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(error->message, sizeof error->message, _(format), args);
    va_end(args);
    error->status = status;
    return status;
}

/* Makes a string; whether it cannot be one, as its bytes are no UTF-8, is another matter than that memory is out. */
static json_t *make_string(const char *text, size_t length, bool *is_text)
{
    json_error_t error;
    json_t *string = json_pack_ex(&error, 0, "s%", text, length);
    *is_text = string || json_error_code(&error) != json_error_invalid_utf8;
    return string;
}

/* Bytes of the UTF-8 character at `text`; 0 = none begins there, -1 = memory is out. */
static int character(const char *text)
{
    int left = (int)strnlen(text, 4);
    for (int length = 1; length <= left; length++) {
        bool is_text;
        json_t *string = make_string(text, (size_t)length, &is_text);
        json_decref(string);
        if (is_text) return string ? length : -1;
    }
    return 0;
}

json_t *okng_cli_json_path(const char *path)
{
    static const char unknown[] = "\xEF\xBF\xBD"; /* U+FFFD */
    bool is_text;
    json_t *document = make_string(path, strlen(path), &is_text);
    if (is_text) return document;
    char *text = malloc(strlen(path) * (sizeof unknown - 1) + 1);
    if (!text) return NULL;
    size_t used = 0;
    int length = 0;
    while (*path && (length = character(path)) >= 0) {
        size_t bytes = length > 0 ? (size_t)length : sizeof unknown - 1;
        memcpy(text + used, length > 0 ? path : unknown, bytes);
        used += bytes;
        path += length > 0 ? length : 1;
    }
    document = length >= 0 ? make_string(text, used, &is_text) : NULL;
    free(text);
    return document;
}

void okng_cli_json_put(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) == 0) return;
    json_decref(*object);
    *object = NULL;
}

void okng_cli_json_add(json_t **list, json_t *value)
{
    if (json_array_append_new(*list, value) == 0) return;
    json_decref(*list);
    *list = NULL;
}

static void *must_have(size_t size)
{
    void *memory = malloc(size);
    if (memory) return memory;
    (void)okng_cli_error("out of memory: %zu bytes could not be had", size);
    exit(EXIT_FAILED);
}

/* Where memory is short jansson (2.14) reads other texts than there are, or aborts: so the end comes before. */
json_t *okng_cli_json_parse(const char *text)
{
    json_malloc_t take;
    json_free_t give;
    json_get_alloc_funcs(&take, &give);
    json_set_alloc_funcs(must_have, give);
    json_t *document = json_loads(text, JSON_DECODE_ANY, NULL);
    json_set_alloc_funcs(take, give);
    return document;
}

/* A name from a file, without what a terminal would obey. */
static void print_name(const char *name)
{
    for (; *name; name++) (void)putchar((unsigned char)*name < 0x20 || *name == 0x7f ? '?' : *name);
}

void okng_cli_print_doubtful(const json_t *document, const char *indent)
{
    const json_t *list = json_object_get(document, "doubtful");
    size_t i;
    json_t *one;
    if (json_array_size(list) == 0) return;
    (void)printf("%s%s\n", indent, _("oddest good pictures (score, how far above the median of all): look at them"));
    json_array_foreach(list, i, one)
    {
        const json_t *above = json_object_get(one, "above");
        (void)printf("%s  %.6g  ", indent, json_number_value(json_object_get(one, "score")));
        if (json_is_number(above))
            (void)printf(_("%5.1f deviations"), json_number_value(above));
        else
            (void)printf("  -");
        (void)printf("  ");
        print_name(json_string_value(json_object_get(one, "name")));
        (void)printf("\n");
    }
}

int okng_cli_print_json_digits(json_t *document, int digits)
{
    if (!document) return okng_cli_error("out of memory for the result as JSON");
    int failed = json_dumpf(document, stdout, (size_t)(JSON_INDENT(2) | JSON_REAL_PRECISION(digits)));
    json_decref(document);
    (void)putchar('\n');
    if (ferror(stdout)) return okng_cli_error("cannot write to the standard output"); /* jansson overlooks some */
    return failed ? okng_cli_error("out of memory for the result as JSON") : EXIT_OKAY;
}

int okng_cli_print_json(json_t *document)
{
    return okng_cli_print_json_digits(document, 9);
}

int okng_cli_print_array(const okng_cli_args *args, const okng_array *array, const char *path, const char *indices)
{
    int64_t shape[OKNG_MAX_DIMS];
    int32_t dims = okng_array_dims(array);
    for (int32_t i = 0; i < dims && i < OKNG_MAX_DIMS; i++) shape[i] = okng_array_shape(array, i);
    const char *dtype = okng_cli_dtype_name(okng_array_dtype(array));
    if (args->json) {
        json_t *sizes = json_array();
        for (int32_t i = 0; i < dims; i++) okng_cli_json_add(&sizes, json_integer(shape[i]));
        json_t *document =
            json_pack("{s:o, s:s, s:o}", "out", okng_cli_json_path(path), "dtype", dtype, "shape", sizes);
        if (indices) okng_cli_json_put(&document, "indices", okng_cli_json_path(indices));
        return okng_cli_print_json(document);
    }
    char text[160];
    if (!args->quiet) (void)printf("%s: %s %s\n", path, dtype, okng_cli_shape_text(dims, shape, text, sizeof text));
    return EXIT_OKAY;
}

uint64_t okng_cli_peak_memory(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

/* One line of the files, or of the folders: how many, and the first few by name. */
static void tell_left_out(const okng_picture_list *list, bool folders)
{
    enum { NAMED = 8 };
    size_t files = okng_picture_list_left_out_files(list), all = okng_picture_list_left_out_count(list), told = 0;
    size_t count = folders ? all - files : files;
    okng_left_out left = {.struct_size = sizeof left};
    if (count == 0) return;
    if (folders)
        (void)fprintf(stderr,
                      count == 1 ? _("okng: %zu folder of thumbnails left out: ")
                                 : _("okng: %zu folders of thumbnails left out: "),
                      count);
    else
        (void)fprintf(stderr,
                      count == 1 ? _("okng: %zu file left out, of kinds that are not read: ")
                                 : _("okng: %zu files left out, of kinds that are not read: "),
                      count);
    for (size_t i = 0; told < NAMED && okng_picture_list_left_out(list, i, &left, NULL) == OKNG_OK; i++) {
        if ((left.is_folder != 0) != folders) continue;
        (void)fprintf(stderr, "%s%s", told++ > 0 ? ", " : "", left.path);
        if (!folders) (void)fprintf(stderr, " (%s)", okng_translate(left.what));
    }
    if (count > told) (void)fprintf(stderr, _(" and %zu more"), count - told);
    (void)fprintf(stderr, "\n");
}

void okng_cli_tell_left_out(const okng_cli_args *args, const okng_picture_list *list)
{
    tell_left_out(list, false);
    if (!args->quiet) tell_left_out(list, true);
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

void okng_cli_tell_all_left_out(const okng_cli_args *args, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        okng_picture_list *list;
        if (!is_folder(paths[i]) || okng_picture_list_open(&list, paths[i], NULL) != OKNG_OK) continue;
        okng_cli_tell_left_out(args, list);
        okng_picture_list_free(&list);
    }
}
