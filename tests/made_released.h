/* Files as AF-CLIP's authors released them, of numbers that a test has: the pickles are torch's
 * (golden/make_released.py), for tokens of 256 numbers. */
#ifndef OKNG_TESTS_MADE_RELEASED_H
#define OKNG_TESTS_MADE_RELEASED_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "afclip/learnt.h"
#include "tensor/bytes.h"

enum { RELEASED_ENTRIES = 9, RELEASED_WIDTH = 256 };

typedef struct released_entry {
    char name[40];
    const void *data;
    size_t size;
    long offset;
} released_entry;

/* The whole file GOLDEN/import/NAME; NULL where it cannot be read. */
static inline void *released_pickle(const char *golden, const char *name, size_t *size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/import/%s", golden, name);
    FILE *file = fopen(path, "rb");
    void *data = file ? malloc(1 << 16) : NULL;
    *size = data ? fread(data, 1, 1 << 16, file) : 0;
    if (file) (void)fclose(file);
    return data;
}

/* What local and central headers of a zip share, from the version on. */
static inline void released_header(const released_entry *e, bool central, FILE *out)
{
    uint8_t bytes[46] = {'P', 'K', 3, 4}, *at = bytes + 4;
    if (central) memcpy(bytes, "PK\1\2\24", 6), at += 2;
    at[0] = 20;
    okng_store_u32(at + 10, (uint32_t)crc32(0, e->data, (uInt)e->size));
    okng_store_u32(at + 14, (uint32_t)e->size);
    okng_store_u32(at + 18, (uint32_t)e->size);
    okng_store_u16(at + 22, (uint16_t)strlen(e->name));
    if (central) okng_store_u32(bytes + 42, (uint32_t)e->offset);
    (void)fwrite(bytes, 1, central ? 46 : 30, out);
    (void)fwrite(e->name, 1, strlen(e->name), out);
}

static inline bool released_zip(const char *path, released_entry *entries, size_t count)
{
    FILE *out = fopen(path, "wb");
    if (!out) return false;
    for (size_t i = 0; i < count; i++) {
        entries[i].offset = ftell(out);
        released_header(&entries[i], false, out);
        (void)fwrite(entries[i].data, 1, entries[i].size, out);
    }
    const long directory = ftell(out);
    for (size_t i = 0; i < count; i++) released_header(&entries[i], true, out);
    uint8_t end[22] = {'P', 'K', 5, 6};
    okng_store_u16(end + 8, (uint16_t)count);
    okng_store_u16(end + 10, (uint16_t)count);
    okng_store_u32(end + 12, (uint32_t)(ftell(out) - directory));
    okng_store_u32(end + 16, (uint32_t)directory);
    (void)fwrite(end, 1, sizeof end, out);
    return fclose(out) == 0;
}

/* A zip of a pickle and the parameters from `first` up to `last`, in the order of the module. */
static inline bool released_torch(const char *path, const char *folder, const void *pickle, size_t size,
                                  const okng_afclip_learnt *learnt, int first, int last)
{
    released_entry entries[RELEASED_ENTRIES] = {{.data = pickle, .size = size}};
    size_t count = 1;
    (void)snprintf(entries[0].name, sizeof entries[0].name, "%s/data.pkl", folder);
    for (int p = first; p <= last; p++, count++) {
        (void)snprintf(entries[count].name, sizeof entries[count].name, "%s/data/%d", folder, p - first);
        entries[count].data = learnt->values[p];
        entries[count].size = okng_afclip_param_count(learnt, (okng_afclip_param)p) * sizeof(float);
    }
    entries[count] = (released_entry){.data = "3\n", .size = 2};
    (void)snprintf(entries[count].name, sizeof entries[count].name, "%s/version", folder);
    return released_zip(path, entries, count + 1);
}

/* As weight/mvtec_prompt.pt. */
static inline bool released_prompt(const char *path, const char *golden, const okng_afclip_learnt *learnt)
{
    size_t size;
    void *pickle = released_pickle(golden, "prompt.pkl", &size);
    bool fine = pickle && released_torch(path, "mvtec_prompt", pickle, size, learnt, OKNG_AFCLIP_PARAM_PROMPT,
                                         OKNG_AFCLIP_PARAM_PROMPT);
    free(pickle);
    return fine;
}

/* As weight/mvtec_adaptor.pt. */
static inline bool released_adapter(const char *path, const char *golden, const okng_afclip_learnt *learnt)
{
    size_t size;
    void *pickle = released_pickle(golden, "adaptor.pkl", &size);
    bool fine = pickle && released_torch(path, "mvtec_adaptor", pickle, size, learnt, OKNG_AFCLIP_PARAM_Q,
                                         OKNG_AFCLIP_PARAM_NORM_BIAS);
    free(pickle);
    return fine;
}

/* The adapter in the older container; of its pickles `from` is replaced by `to`, of as many bytes, where it is given.
 */
static inline bool released_legacy(const char *path, const char *golden, const okng_afclip_learnt *learnt,
                                   const char *from, const char *to, size_t length)
{
    size_t size;
    uint8_t *pickles = released_pickle(golden, "adaptor_legacy.pkl", &size);
    uint8_t *at = from && pickles ? memmem(pickles, size, from, length) : NULL;
    if (at) memcpy(at, to, length);
    FILE *out = fopen(path, "wb");
    bool fine = pickles && out && (at || !from);
    if (fine) (void)fwrite(pickles, 1, size, out);
    for (int p = OKNG_AFCLIP_PARAM_Q; fine && p <= OKNG_AFCLIP_PARAM_NORM_BIAS; p++) {
        uint8_t count[8];
        const size_t floats = okng_afclip_param_count(learnt, (okng_afclip_param)p);
        okng_store_u64(count, floats);
        (void)fwrite(count, 1, sizeof count, out);
        (void)fwrite(learnt->values[p], sizeof(float), floats, out);
    }
    if (out && fclose(out) != 0) fine = false;
    free(pickles);
    return fine;
}

#endif
