/* A stored index: any numbers must give an index that can be searched, or an error. The bytes are its tensors one
 * behind the other; 600 rows of 32 numbers are searched by it, or 2,048 of 256, which have outlines. */
#include <stdlib.h>
#include <string.h>

#include "bank/knn_stored.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct source {
    const uint8_t *data;
    size_t size;
} source;

static okng_array made[OKNG_KNN_ARRAYS];
static okng_named_array named[OKNG_KNN_ARRAYS];

/* Tensors as this machine's index has them, their first numbers from the input. */
static void overwrite(source *s, const okng_knn_stored *stored)
{
    for (size_t i = 0; i < stored->count; i++) {
        made[i] = *stored->arrays[i].array;
        named[i] = (okng_named_array){stored->arrays[i].name, &made[i]};
        made[i].data = aligned_alloc(64, (made[i].bytes + 63) / 64 * 64);
        if (!made[i].data) abort();
        memcpy(made[i].data, stored->arrays[i].array->data, made[i].bytes);
        const size_t most = made[i].bytes < 512 ? made[i].bytes : 512, taken = most < s->size ? most : s->size;
        if (taken > 0) memcpy(made[i].data, s->data, taken);
        s->data += taken;
        s->size -= taken;
    }
}

static void search(const okng_rows *rows, const okng_weights *weights)
{
    enum { QUERIES = 5, K = 3 };
    float squared[QUERIES * K];
    int64_t found[QUERIES * K];
    okng_knn_index *index;
    okng_error error = {0};
    if (okng_knn_index_restore(&index, rows, weights, 1, &error) != OKNG_OK) {
        if (!error.message[0]) abort();
        return;
    }
    if (index && okng_knn_index_search(index, rows->data, QUERIES, K, -1, 1, squared, found, &error) != OKNG_OK)
        abort();
    for (int i = 0; index && i < QUERIES * K; i++)
        if (found[i] < -1 || found[i] >= rows->count) abort();
    okng_knn_index_free(&index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float values[2048 * 256];
    static okng_knn_index *indexes[2];
    static okng_rows rows[2];
    const int which = size > 0 && data[0] % 2;
    for (uint32_t i = 0; !indexes[1] && i < 2048 * 256; i++)
        values[i] = (float)(i * 7919 % 101) * 0.01f + (float)(i % 3);
    for (int i = 0; i < 2 && !indexes[i]; i++) {
        rows[i] = (okng_rows){.data = values, .count = i ? 2048 : 600, .dim = i ? 256 : 32};
        if (okng_knn_index_new(&indexes[i], &rows[i], OKNG_KNN_MANY, 1, NULL) != OKNG_OK) abort();
    }
    okng_knn_stored stored;
    okng_weights *weights;
    source s = {data + (size > 0), size - (size > 0)};
    okng_knn_index_store(indexes[which], &stored);
    overwrite(&s, &stored);
    const okng_weights_views views = {.path = "search", .tensors = named, .count = stored.count};
    if (okng_weights_of_views(&weights, &views, NULL) != OKNG_OK) abort();
    search(&rows[which], weights);
    okng_weights_close(&weights);
    for (size_t i = 0; i < stored.count; i++) free(made[i].data);
    return 0;
}
