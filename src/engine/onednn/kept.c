#include "engine/onednn/kept.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/fingerprint.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "base/xxh64.h"
#include "engine/onednn/compiled.h"
#include "kernels/kernels.h"
#include "recipe/map.h"

#define ENDING ".weights"

enum {
    FORM = 1, /* of the file */
    MOST_ENTRIES = 1 << 16,
    KEY = 64,       /* hex digits */
    PART = 1 << 20, /* bytes that are summed at a time */
};

static const char magic[] = "okngkept";

typedef struct header {
    char magic[8];
    uint32_t form, count;
    uint64_t size; /* of the whole file */
    char key[KEY]; /* its own name: a file under another is not taken */
    uint64_t table_sum;
} header;

typedef struct entry {
    okng_kept_name name;
    uint64_t offset, bytes, digest, sum;
} entry;

struct okng_kept {
    okng_map map;
    const entry *entries; /* in the map */
    uint32_t count;
};

/* ---- the name ---------------------------------------------------------------------------------------------------- */

static void put_text(okng_grown *grown, const char *text)
{
    okng_parcel_put_text(grown, text);
}

static void put_number(okng_grown *grown, int64_t number)
{
    okng_parcel_put(grown, &number, sizeof number);
}

/* Of the file that this code is in; 0 where it cannot be read any more. The program itself has no name there, and is
 * not to be looked for by what it was called. */
static uint64_t fingerprint_of_build(void)
{
    Dl_info here;
    struct link_map *map;
    if (dladdr1(&okng_kept_open, &here, (void **)&map, RTLD_DL_LINKMAP) == 0) return 0;
    return okng_fingerprint_of_file(*map->l_name ? map->l_name : "/proc/self/exe");
}

/* Layouts may change with every build, whatever its version says. */
static void put_build(okng_grown *grown)
{
    const uint64_t build = fingerprint_of_build();
    put_text(grown, okng_version());
    put_text(grown, okng_dnnl_version_text());
    put_number(grown, (int64_t)dnnl_get_effective_cpu_isa());
    put_text(grown, okng_kernels_get()->name);
    put_number(grown, (int64_t)build);
    if (build == 0) grown->wanted += 1; /* nobody knows which build it is */
}

static void put_node(okng_grown *grown, const okng_node *node)
{
    put_number(grown, node->op);
    put_number(grown, node->activation);
    put_number(grown, node->normalized);
    put_number(grown, node->groups);
    put_number(grown, node->heads);
    put_number(grown, node->causal);
    put_number(grown, node->axis);
    put_number(grown, node->begin);
    put_number(grown, node->transform != NULL);
    okng_parcel_put(grown, &node->window, sizeof node->window);
    okng_parcel_put(grown, &node->epsilon, sizeof node->epsilon);
    okng_parcel_put(grown, node->shape.dims, sizeof node->shape.dims);
    okng_parcel_put(grown, node->order, sizeof node->order);
    okng_parcel_put(grown, node->sizes, sizeof node->sizes);
    for (int32_t i = 0; i < node->input_count; i++) put_number(grown, node->inputs[i]);
    for (int32_t i = 0; i < node->param_count; i++) {
        put_number(grown, node->params[i].role);
        put_text(grown, node->params[i].name);
    }
}

/* False where memory is out. */
static bool make_key(const okng_kept_of *of, char key[KEY + 1])
{
    okng_grown grown = {0};
    put_build(&grown);
    put_text(&grown, of->sha256);
    put_number(&grown, of->precision);
    put_number(&grown, of->winograd);
    put_text(&grown, of->graph->backbone);
    for (size_t i = 0; i < of->graph->node_count; i++) put_node(&grown, &of->graph->nodes[i]);
    for (int i = 0; i < of->graph->output_count; i++) put_number(&grown, of->graph->outputs[i]);
    const bool whole = grown.wanted == 0;
    if (whole) okng_sha256(grown.data, grown.size, key);
    free(grown.data);
    return whole;
}

/* Where it would lie; false where nothing is kept. */
static bool find_path(const okng_kept_of *of, char key[KEY + 1], char path[OKNG_PATH_MAX])
{
    char name[KEY + sizeof ENDING];
    if (of->precision == OKNG_PRECISION_INT8 || okng_kept_limit() == 0 || !make_key(of, key)) return false;
    (void)snprintf(name, sizeof name, "%s%s", key, ENDING);
    return okng_kept_path(path, OKNG_PATH_MAX, name, NULL) == OKNG_OK;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* A file that others could have written is nothing that a verdict may depend on. */
static bool is_ours(int descriptor)
{
    struct stat info;
    return fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static bool check_table(okng_kept *kept, const char key[KEY + 1])
{
    header h;
    if (kept->map.size < sizeof h) return false; /* as a crash of the machine may leave it */
    memcpy(&h, kept->map.data, sizeof h);
    if (memcmp(h.magic, magic, sizeof h.magic) != 0 || h.form != FORM || h.size != kept->map.size ||
        memcmp(h.key, key, KEY) != 0 || h.count > MOST_ENTRIES || h.count * sizeof(entry) > h.size - sizeof h)
        return false;
    kept->entries = (const entry *)(const void *)(kept->map.data + sizeof h);
    kept->count = h.count;
    if (okng_xxh64(kept->entries, h.count * sizeof(entry)) != h.table_sum) return false;
    for (uint32_t i = 0; i < h.count; i++) {
        const entry *e = &kept->entries[i];
        if (e->offset % OKNG_ALIGNMENT != 0 || e->offset > h.size || e->bytes > h.size - e->offset) return false;
    }
    return true;
}

/* The sum of sums of parts, so that several threads can take a large constant. */
typedef struct summing {
    const unsigned char *data;
    size_t bytes;
    uint64_t *sums; /* [parts] */
} summing;

static void sum_parts(void *context, int64_t begin, int64_t end, int thread)
{
    const summing *s = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const size_t at = (size_t)i * PART, left = s->bytes - at;
        s->sums[i] = okng_xxh64(s->data + at, left < PART ? left : PART);
    }
}

/* false where memory is out. */
static bool sum_of(const void *data, size_t bytes, int threads, uint64_t *sum)
{
    const size_t parts = (bytes + PART - 1) / PART;
    summing s = {data, bytes, okng_alloc(parts, sizeof *s.sums)};
    if (!s.sums) return false;
    okng_parallel_for(threads, (int64_t)parts, 1, sum_parts, &s);
    *sum = okng_xxh64(s.sums, parts * sizeof *s.sums);
    free(s.sums);
    return true;
}

static okng_status check_sums(const okng_kept *kept, int threads, bool *whole, okng_error *error)
{
    *whole = true;
    for (uint32_t i = 0; i < kept->count && *whole; i++) {
        const entry *e = &kept->entries[i];
        uint64_t sum;
        if (!sum_of(kept->map.data + e->offset, e->bytes, threads, &sum))
            return okng_fail_memory(error, e->bytes / PART);
        *whole = sum == e->sum;
    }
    if (*whole) *whole = okng_map_settled(&kept->map, NULL) == OKNG_OK;
    return OKNG_OK;
}

/* Takes the descriptor over. */
static okng_status take(okng_kept **out, int descriptor, const char *path, const char key[KEY + 1], int threads,
                        okng_error *error)
{
    okng_kept *kept = calloc(1, sizeof *kept);
    bool whole = false;
    if (!kept) {
        (void)close(descriptor);
        return okng_fail_memory(error, sizeof *kept);
    }
    okng_status status = okng_map_open(&kept->map, descriptor, path, error);
    if (status == OKNG_OK && check_table(kept, key)) status = check_sums(kept, threads, &whole, error);
    if (status == OKNG_OK && whole) {
        *out = kept;
        return OKNG_OK;
    }
    okng_kept_close(kept);
    if (status == OKNG_ERROR_MEMORY) return status;
    if (status == OKNG_OK) (void)unlink(path);
    return OKNG_OK; /* it is made anew */
}

okng_status okng_kept_open(okng_kept **out, const okng_kept_of *of, int threads, okng_error *error)
{
    char key[KEY + 1], path[OKNG_PATH_MAX];
    *out = NULL;
    if (!find_path(of, key, path)) return OKNG_OK;
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return OKNG_OK;
    const struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};
    (void)futimens(descriptor, times); /* for who makes room; many file systems do not note it by themselves */
    if (!is_ours(descriptor)) {
        (void)close(descriptor);
        return OKNG_OK;
    }
    return take(out, descriptor, path, key, threads, error);
}

void okng_kept_close(okng_kept *kept)
{
    if (!kept) return;
    okng_map_close(&kept->map);
    free(kept);
}

void *okng_kept_find(const okng_kept *kept, okng_kept_name name, size_t bytes, uint64_t digest)
{
    for (uint32_t i = 0; i < kept->count; i++) {
        const entry *e = &kept->entries[i];
        if (e->name.value != name.value || e->name.kind != name.kind) continue;
        if (e->bytes != bytes || e->digest != digest || digest == 0) return NULL;
        return (void *)(uintptr_t)(kept->map.data + e->offset);
    }
    return NULL;
}

okng_status okng_kept_settled(const okng_kept *kept, okng_error *error)
{
    return okng_map_settled(&kept->map, error);
}

/* ---- room -------------------------------------------------------------------------------------------------------- */

typedef struct found {
    char name[KEY + sizeof ENDING];
    uint64_t bytes;
    struct timespec used;
} found;

static bool is_older(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* All files' bytes, and the one that was not used for the longest time. */
static uint64_t look_around(int folder, found *oldest)
{
    uint64_t bytes = 0;
    DIR *list = fdopendir(dup(folder));
    *oldest = (found){.name = ""};
    if (!list) return 0;
    rewinddir(list);
    for (const struct dirent *item; (item = readdir(list));) {
        struct stat info;
        if (strlen(item->d_name) != KEY + sizeof ENDING - 1 || strcmp(item->d_name + KEY, ENDING) != 0 ||
            fstatat(folder, item->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        bytes += (uint64_t)info.st_size;
        if (*oldest->name && !is_older(&info.st_atim, &oldest->used)) continue;
        (void)snprintf(oldest->name, sizeof oldest->name, "%s", item->d_name);
        oldest->bytes = (uint64_t)info.st_size;
        oldest->used = info.st_atim;
    }
    (void)closedir(list);
    return bytes;
}

/* Whether there is room for so many more bytes, once those that were used last are left. */
static bool make_room(const char *file, uint64_t wanted)
{
    char folder[OKNG_PATH_MAX];
    found oldest;
    (void)snprintf(folder, sizeof folder, "%s", file);
    *strrchr(folder, '/') = '\0';
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 || wanted > okng_kept_limit()) {
        if (descriptor >= 0) (void)close(descriptor);
        return false;
    }
    for (int i = 0; i < MOST_ENTRIES && look_around(descriptor, &oldest) + wanted > okng_kept_limit() && *oldest.name;
         i++)
        if (unlinkat(descriptor, oldest.name, 0) != 0 && errno != ENOENT) break;
    const bool room = look_around(descriptor, &oldest) + wanted <= okng_kept_limit();
    (void)close(descriptor);
    return room;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* What will be written: the table, with the memory of each entry beside it. */
typedef struct table {
    entry *entries;
    const void **data;
    uint32_t count;
    uint64_t size; /* of the file */
} table;

static uint64_t aligned(uint64_t size)
{
    return (size + OKNG_ALIGNMENT - 1) / OKNG_ALIGNMENT * OKNG_ALIGNMENT;
}

/* False where a constant cannot be told, or memory is out. */
static bool fill_table(table *t, const okng_compiled *compiled)
{
    const size_t most = compiled->graph->node_count * OKNG_CONSTANT_KINDS;
    t->entries = okng_alloc_zero(most, sizeof *t->entries);
    t->data = okng_alloc_zero(most, sizeof *t->data);
    if (!t->entries || !t->data || most > MOST_ENTRIES) return false;
    for (size_t i = 0; i < most; i++) {
        const okng_constant *constant = &compiled->constants[i];
        if (!constant->data) continue;
        entry *e = &t->entries[t->count];
        *e = (entry){.name = {(int32_t)(i / OKNG_CONSTANT_KINDS), (int32_t)(i % OKNG_CONSTANT_KINDS)},
                     .bytes = okng_md_bytes(&constant->md),
                     .digest = okng_md_digest(&constant->md)};
        if (e->digest == 0 || !sum_of(constant->data, e->bytes, compiled->threads, &e->sum)) return false;
        t->data[t->count++] = constant->data;
    }
    t->size = aligned(sizeof(header) + t->count * sizeof(entry));
    for (uint32_t i = 0; i < t->count; i++) {
        t->entries[i].offset = t->size;
        t->size = aligned(t->size + t->entries[i].bytes);
    }
    return t->count > 0;
}

static void put_padding(FILE *stream, uint64_t from, uint64_t to)
{
    static const char zeros[OKNG_ALIGNMENT];
    (void)fwrite(zeros, 1, (size_t)(to - from), stream);
}

static void put_file(FILE *stream, const table *t, const char key[KEY + 1])
{
    header h = {.form = FORM, .count = t->count, .size = t->size};
    memcpy(h.magic, magic, sizeof h.magic);
    memcpy(h.key, key, KEY);
    h.table_sum = okng_xxh64(t->entries, t->count * sizeof *t->entries);
    uint64_t at = sizeof h + t->count * sizeof *t->entries;
    (void)fwrite(&h, sizeof h, 1, stream);
    (void)fwrite(t->entries, sizeof *t->entries, t->count, stream);
    for (uint32_t i = 0; i < t->count; i++) {
        put_padding(stream, at, t->entries[i].offset);
        (void)fwrite(t->data[i], 1, t->entries[i].bytes, stream);
        at = t->entries[i].offset + t->entries[i].bytes;
    }
    put_padding(stream, at, t->size);
}

void okng_kept_write(const okng_compiled *compiled, const char *sha256)
{
    const okng_kept_of of = {compiled->graph, sha256, compiled->precision, compiled->winograd};
    char key[KEY + 1], path[OKNG_PATH_MAX];
    table t = {0};
    okng_writer writer;
    if (find_path(&of, key, path) && access(path, F_OK) != 0 && fill_table(&t, compiled) &&
        okng_make_parent(path, NULL) == OKNG_OK && make_room(path, t.size) &&
        okng_writer_open(&writer, path, NULL) == OKNG_OK) {
        writer.remakable = true;
        put_file(writer.stream, &t, key);
        if (fchmod(fileno(writer.stream), S_IRUSR | S_IWUSR) == 0)
            (void)okng_writer_commit(&writer, NULL);
        else
            okng_writer_abort(&writer);
    }
    free(t.entries);
    free(t.data);
}
