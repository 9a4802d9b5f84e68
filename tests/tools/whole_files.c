/* Judges a folder after a process that wrote to it was killed. Usage: whole_files [--final] [--between] [--gone
 * NAME]... DIR OLD NEW: OLD is the folder as it was before, NEW as a run that nobody disturbed leaves it. Each file of
 * DIR must be the one of OLD or of NEW, byte for byte; in JSON and CSV times and memory may differ, and a file of
 * another kind that differs only there (report.html) must be whole by its form. With --between any whole file that NEW
 * has too will do, as a summary of half of the categories. What OLD has must be there, but for files of NEW that are
 * called NAME. What a killed writer may leave is counted. --final: DIR must be NEW, and nothing be left. Prints what is
 * wrong, or the count of what was left. */
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/csv.h"
#include "base/file.h"
#include "image/image.h"
#include "okng/experimental.h"

enum { PATHS = 4096, MOST_GONE = 8 };

static const char *dir, *old, *new, *gone[MOST_GONE];
static size_t gone_count, left, wrong;
static bool final, between;

static void complain(const char *what, const char *name)
{
    printf("%s: %s\n", what, name);
    wrong++;
}

static bool is_there(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static const char *in(const char *folder, const char *name)
{
    static char paths[8][2 * PATHS];
    static int next;
    char *path = paths[next = (next + 1) % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

/* ---- whole by their form -------------------------------------------------------------------- */

static bool has_end(const char *path, const char *end)
{
    void *data;
    size_t size, length = strlen(end);
    if (okng_file_read(path, (size_t)1 << 30, &data, &size, NULL) != OKNG_OK) return false;
    bool has = size >= length && memcmp((char *)data + size - length, end, length) == 0;
    free(data);
    return has;
}

static bool is_json(const char *path)
{
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    json_decref(document);
    return document != NULL;
}

static bool is_csv(const char *path)
{
    okng_csv *csv;
    if (okng_csv_read(&csv, path, NULL) != OKNG_OK) return false;
    okng_csv_free(&csv);
    return has_end(path, "\n");
}

static bool is_picture(const char *path)
{
    okng_image image = {0};
    bool whole = okng_image_load(&image, path, 1 << 24, NULL) == OKNG_OK;
    okng_image_free(&image);
    return whole;
}

static bool is_array(const char *path)
{
    okng_array *array = NULL;
    bool whole = okng_array_read_npy(&array, path, NULL) == OKNG_OK;
    okng_array_free(&array);
    return whole;
}

static bool is_weights(const char *path)
{
    okng_weights *weights = NULL;
    bool whole = okng_weights_open(&weights, path, NULL) == OKNG_OK;
    okng_weights_close(&weights);
    return whole;
}

static bool is_whole(const char *path)
{
    static const char *const pictures[] = {".png", ".jpg", ".webp"}, *const weights[] = {".pt", ".pth", ".safetensors"};
    for (size_t i = 0; i < 3; i++) {
        if (ends_with(path, pictures[i])) return is_picture(path);
        if (ends_with(path, weights[i])) return is_weights(path);
    }
    if (ends_with(path, ".json")) return is_json(path);
    if (ends_with(path, ".csv")) return is_csv(path);
    if (ends_with(path, ".npy")) return is_array(path);
    if (ends_with(path, ".html")) return has_end(path, "</html>\n");
    if (ends_with(path, ".svg")) return has_end(path, "</svg>\n");
    if (ends_with(path, ".js")) return has_end(path, ";\n");
    return has_end(path, "\n");
}

/* ---- the same but for times ----------------------------------------------------------------- */

static bool same_bytes(const char *a, const char *b)
{
    char first[65], second[65];
    return okng_file_sha256(a, first, NULL) == OKNG_OK && okng_file_sha256(b, second, NULL) == OKNG_OK &&
           strcmp(first, second) == 0;
}

/* Names of what differs from run to run. */
static bool varies(const char *key)
{
    static const char *const words[] = {"second", "_ms", "bytes", "latency", "throughput", "stages", "_per_"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(key, words[i])) return true;
    return strcmp(key, "at") == 0;
}

static bool same_values(const json_t *a, const json_t *b)
{
    if (json_is_object(a) && json_is_object(b)) {
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)a, key, value) /* NOLINT */
            if (!json_object_get(b, key) ||
                (!varies(key) && !same_values(value, json_object_get(b, key)))) return false;
        return json_object_size(a) == json_object_size(b);
    }
    if (json_is_array(a) && json_is_array(b)) {
        for (size_t i = 0; i < json_array_size(a); i++)
            if (!same_values(json_array_get(a, i), json_array_get(b, i))) return false;
        return json_array_size(a) == json_array_size(b);
    }
    return json_equal(a, b) == 1;
}

static bool same_json(const char *a, const char *b)
{
    json_t *first = json_load_file(a, 0, NULL), *second = json_load_file(b, 0, NULL);
    bool same = first && second && same_values(first, second);
    json_decref(first);
    json_decref(second);
    return same;
}

static bool same_tables(const okng_csv *a, const okng_csv *b)
{
    if (okng_csv_rows(a) != okng_csv_rows(b) || okng_csv_columns(a) != okng_csv_columns(b)) return false;
    for (size_t c = 0; c < okng_csv_columns(a); c++)
        for (size_t r = 0; r < okng_csv_rows(a) && !varies(okng_csv_column_name(a, c)); r++)
            if (strcmp(okng_csv_field(a, r, c), okng_csv_field(b, r, c)) != 0) return false;
    return true;
}

static bool same_csv(const char *a, const char *b)
{
    okng_csv *first = NULL, *second = NULL;
    bool same = okng_csv_read(&first, a, NULL) == OKNG_OK && okng_csv_read(&second, b, NULL) == OKNG_OK &&
                same_tables(first, second);
    okng_csv_free(&first);
    okng_csv_free(&second);
    return same;
}

static bool same(const char *a, const char *b)
{
    if (!is_there(b)) return false;
    if (same_bytes(a, b)) return true;
    if (ends_with(a, ".json")) return same_json(a, b);
    /* they tell times and memory among other things */
    if (ends_with(a, ".html") || strstr(a, "_pretty.") || strstr(a, "/figures/")) return is_whole(a);
    return ends_with(a, ".csv") && same_csv(a, b) && has_end(a, "\n");
}

/* ---- the walk ------------------------------------------------------------------------------- */

/* What a killed writer may leave: locks, temporary files, banks that were being built. */
static bool is_left_over(const char *name)
{
    return strstr(name, ".okng-") != NULL || ends_with(name, "/.lock");
}

static void judge(const char *name)
{
    const char *path = in(dir, name);
    if (is_there(in(old, name)) && same_bytes(path, in(old, name))) {
        if (final && is_there(in(new, name)) && !same(path, in(new, name))) complain("still the old one", name);
        return;
    }
    if (same(path, in(new, name))) return;
    if (is_left_over(name)) {
        left++;
        if (final) complain("left", name);
    } else if (!is_there(in(new, name))) {
        complain("strange", name);
    } else if (!between || final || !is_whole(path)) {
        complain("neither old nor new", name);
    }
}

static bool may_be_gone(const char *name)
{
    for (size_t i = 0; i < gone_count; i++)
        if (strncmp(name, gone[i], strlen(gone[i])) == 0) return true;
    return false;
}

static void need(const char *name)
{
    if (!is_there(in(dir, name))) complain("lost", name);
}

static void need_old(const char *name)
{
    if (!may_be_gone(name)) need(name);
}

static void walk(const char *root, const char *below, void (*visit)(const char *name))
{
    char folder[2 * PATHS], name[PATHS];
    (void)snprintf(folder, sizeof folder, "%s", *below ? in(root, below) : root);
    DIR *entries = opendir(folder);
    if (!entries) return;
    for (const struct dirent *entry; (entry = readdir(entries));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        int length = snprintf(name, sizeof name, "%s%s%s", below, *below ? "/" : "", entry->d_name);
        if (length < 0 || (size_t)length >= sizeof name) abort();
        struct stat info;
        if (lstat(in(root, name), &info) == 0 && S_ISDIR(info.st_mode))
            walk(root, name, visit);
        else
            visit(name);
    }
    (void)closedir(entries);
}

int main(int argc, char **argv)
{
    int word = 1;
    for (; word < argc && strncmp(argv[word], "--", 2) == 0; word++) {
        if (strcmp(argv[word], "--final") == 0) final = true;
        if (strcmp(argv[word], "--between") == 0) between = true;
        if (strcmp(argv[word], "--gone") == 0 && gone_count < MOST_GONE) gone[gone_count++] = argv[++word];
    }
    if (argc - word != 3) return 2;
    dir = argv[word];
    old = argv[word + 1];
    new = argv[word + 2];
    walk(dir, "", judge);
    walk(old, "", need_old);
    if (final) walk(new, "", need);
    if (wrong == 0) printf("%zu\n", left);
    return wrong > 0;
}
