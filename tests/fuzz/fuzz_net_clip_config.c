/* Any bytes as each of the configurations beside a CLIP's weights, of three layouts. */
#include <string.h>

#include "memory_file.h"
#include "net/clip_activation.h"
#include "net/clip_config.h"
#include "tensor/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LAYOUTS = 3 };
static okng_weights *weights[LAYOUTS];
static const char *const beside[] = {"open_clip_config.json", "preprocessor_config.json", "w.safetensors"};

static void clear(void)
{
    char path[512];
    for (int i = 0; i < LAYOUTS; i++) okng_weights_close(&weights[i]);
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", memory_folder, beside[i]);
        (void)unlink(path);
    }
}

/* Weights of one tensor, by which their layout is known. */
static okng_weights *make(const char *tensor)
{
    char path[512], header[256];
    uint8_t length[8];
    okng_weights *out;
    (void)snprintf(path, sizeof path, "%s/w.safetensors", memory_folder);
    (void)snprintf(header, sizeof header, "{\"%s\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}} ", tensor);
    okng_store_u64(length, strlen(header) - 1); /* the blank is the tensor */
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(length, 1, 8, file) != 8 || fputs(header, file) < 0 || fclose(file) != 0) abort();
    if (okng_weights_open(&out, path, NULL) != OKNG_OK) abort();
    return out;
}

static void set_up(void)
{
    static const char *const tensors[LAYOUTS] = {
        "visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight", "patch_embed.proj.weight"};
    char path[512];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", memory_folder, beside[i]);
        if (symlink("config.json", path) != 0) abort();
    }
    for (int i = 0; i < LAYOUTS; i++) weights[i] = make(tensors[i]);
    (void)atexit(clear);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_clip_shape shape;
    okng_clip_colours colours;
    okng_activation activation;
    memory_file("config.json", data, size);
    if (!weights[0]) set_up();
    if (okng_clip_shape_of("clip-vit-b-16", &shape, NULL) != OKNG_OK) abort();
    for (int i = 0; i < LAYOUTS; i++) {
        const okng_naming naming = okng_naming_clip(weights[i]);
        if (okng_clip_activation("clip-vit-b-16", weights[i], OKNG_ACTIVATION_AUTO, &activation, NULL) == OKNG_OK &&
            activation == OKNG_ACTIVATION_AUTO)
            abort();
        if (okng_clip_config_colours(&naming, &shape, &colours, NULL) != OKNG_OK || !colours.stated) continue;
        for (int k = 0; k < 3; k++)
            if (!(colours.mean[k] >= 0.0f && colours.std[k] > 0.0f)) abort();
    }
    return 0;
}
