/* Puts the image tower of a ViT in timm's names into a made CLIP, so that there is one whose picture side is real.
 *
 *   make_joined CLIP.safetensors VIT.safetensors OUT.safetensors
 *
 * CLIP is as make_clip writes it, float32 in open_clip's layout, of the same patch and side, with at least as many
 * blocks; its text tower and projections stay. VIT is a ViT without ln_pre, of heads 64 wide, made for colours of mean
 * and deviation 1/2. It goes into the wider tower unchanged but for rounding:
 * - What a ViT writes to its residual stream is centred over its channels, which no norm of it sees. Then norms over
 *   more channels, of zeros, differ by a factor alone, which goes into their weights.
 * - The norm that a CLIP has before its blocks does nothing where channels of +-LARGE, which it takes out again, decide
 *   what it divides by.
 * - The colours that a CLIP is given go into the first convolution, and its bias into the positions.
 * Blocks, heads and channels that are left over write zeros. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tensor/weights.h"

static const float LARGE = 256.0f;
static const double mean[3] = {0.48145466, 0.4578275, 0.40821073}, deviation[3] = {0.26862954, 0.26130258, 0.27577711};

typedef struct join {
    const okng_weights *clip, *vit;
    int64_t width, inner;         /* of the CLIP: tokens, within its multilayer perceptrons */
    int64_t vit_width, vit_inner; /* of the ViT */
    int64_t blocks, vit_blocks;
    double norm; /* what its norms' weights are multiplied by */
} join;

static const okng_array *find(const okng_weights *weights, const char *name)
{
    const okng_array *array = okng_weights_find(weights, name);
    if (array) return array;
    fprintf(stderr, "no tensor \"%s\"\n", name);
    exit(1);
}

/* In place: the CLIP's file lies in memory of our own. */
static float *to(const join *j, const char *format, int64_t block, const char *part)
{
    char name[128];
    (void)snprintf(name, sizeof name, format, (int)block, part);
    return (float *)(uintptr_t)find(j->clip, name)->data;
}

static const float *from(const join *j, const char *format, int64_t block, const char *part)
{
    char name[128];
    (void)snprintf(name, sizeof name, format, (int)block, part);
    return find(j->vit, name)->data;
}

/* Column `c` of [rows, columns], less the mean over rows. */
static void centre(const float *in, int64_t rows, int64_t columns, int64_t c, double scale, float *out,
                   int64_t out_columns)
{
    double sum = 0;
    for (int64_t r = 0; r < rows; r++) sum += (double)in[r * columns + c];
    for (int64_t r = 0; r < rows; r++)
        out[r * out_columns + c] = (float)(scale * ((double)in[r * columns + c] - sum / (double)rows));
}

/* ---- parts ---- */

static void clear(float *out, int64_t count)
{
    memset(out, 0, (size_t)count * sizeof *out);
}

/* A linear map that reads the residual stream: `thirds` parts of `rows` each, put where a wider one has them. */
static void put_reader(const join *j, const float *w, const float *b, int64_t thirds, int64_t rows, int64_t out_rows,
                       float *out_w, float *out_b)
{
    clear(out_w, thirds * out_rows * j->width);
    clear(out_b, thirds * out_rows);
    for (int64_t t = 0; t < thirds; t++)
        for (int64_t r = 0; r < rows; r++) {
            memcpy(out_w + (t * out_rows + r) * j->width, w + (t * rows + r) * j->vit_width,
                   (size_t)j->vit_width * sizeof *w);
            out_b[t * out_rows + r] = b[t * rows + r];
        }
}

/* One that writes it. */
static void put_writer(const join *j, const float *w, const float *b, int64_t columns, int64_t out_columns,
                       float *out_w, float *out_b)
{
    clear(out_w, j->width * out_columns);
    clear(out_b, j->width);
    for (int64_t c = 0; c < columns; c++) centre(w, j->vit_width, columns, c, 1, out_w, out_columns);
    centre(b, j->vit_width, 1, 0, 1, out_b, 1);
}

static void put_norm(const join *j, const float *w, const float *b, float *out_w, float *out_b)
{
    clear(out_w, j->width);
    clear(out_b, j->width);
    for (int64_t c = 0; c < j->vit_width; c++) {
        out_w[c] = (float)(j->norm * (double)w[c]);
        out_b[c] = b[c];
    }
}

static void put_block(const join *j, int64_t i)
{
    const char *clip = "visual.transformer.resblocks.%d.%s", *vit = "blocks.%d.%s";
    if (i >= j->vit_blocks) { /* writes nothing */
        clear(to(j, clip, i, "attn.out_proj.weight"), j->width * j->width);
        clear(to(j, clip, i, "attn.out_proj.bias"), j->width);
        clear(to(j, clip, i, "mlp.c_proj.weight"), j->width * j->inner);
        clear(to(j, clip, i, "mlp.c_proj.bias"), j->width);
        return;
    }
    put_norm(j, from(j, vit, i, "norm1.weight"), from(j, vit, i, "norm1.bias"), to(j, clip, i, "ln_1.weight"),
             to(j, clip, i, "ln_1.bias"));
    put_reader(j, from(j, vit, i, "attn.qkv.weight"), from(j, vit, i, "attn.qkv.bias"), 3, j->vit_width, j->width,
               to(j, clip, i, "attn.in_proj_weight"), to(j, clip, i, "attn.in_proj_bias"));
    put_writer(j, from(j, vit, i, "attn.proj.weight"), from(j, vit, i, "attn.proj.bias"), j->vit_width, j->width,
               to(j, clip, i, "attn.out_proj.weight"), to(j, clip, i, "attn.out_proj.bias"));
    put_norm(j, from(j, vit, i, "norm2.weight"), from(j, vit, i, "norm2.bias"), to(j, clip, i, "ln_2.weight"),
             to(j, clip, i, "ln_2.bias"));
    put_reader(j, from(j, vit, i, "mlp.fc1.weight"), from(j, vit, i, "mlp.fc1.bias"), 1, j->vit_inner, j->inner,
               to(j, clip, i, "mlp.c_fc.weight"), to(j, clip, i, "mlp.c_fc.bias"));
    put_writer(j, from(j, vit, i, "mlp.fc2.weight"), from(j, vit, i, "mlp.fc2.bias"), j->vit_inner, j->inner,
               to(j, clip, i, "mlp.c_proj.weight"), to(j, clip, i, "mlp.c_proj.bias"));
}

/* ---- tokens ---- */

/* Colours come as (v - mean) / deviation, and were (v - 1/2) / (1/2) to the ViT. */
static void put_convolution(const join *j, int64_t area, float *bias)
{
    const float *w = from(j, "patch_embed.proj.weight", 0, ""), *b = from(j, "patch_embed.proj.bias", 0, "");
    float *out = to(j, "visual.conv1.weight", 0, "");
    clear(out, j->width * 3 * area);
    for (int64_t c = 0; c < j->vit_width; c++) {
        double sum = (double)b[c];
        for (int64_t i = 0; i < 3 * area; i++) sum += (double)w[c * 3 * area + i] * (mean[i / area] - 0.5) / 0.5;
        bias[c] = (float)sum;
    }
    for (int64_t i = 0; i < 3 * area; i++)
        centre(w, j->vit_width, 3 * area, i, deviation[i / area] / 0.5, out, 3 * area);
}

static void put_positions(const join *j, int64_t places, const float *bias)
{
    const float *table = from(j, "pos_embed", 0, "");
    float *out = to(j, "visual.positional_embedding", 0, "");
    for (int64_t p = 0; p < places; p++) {
        float row[1024];
        for (int64_t c = 0; c < j->vit_width; c++) row[c] = table[p * j->vit_width + c] + (p > 0 ? bias[c] : 0);
        centre(row, j->vit_width, 1, 0, 1, out + p * j->width, 1);
        for (int64_t c = j->vit_width; c < j->width; c++) out[p * j->width + c] = c % 2 ? LARGE : -LARGE;
    }
}

static void put_tokens(const join *j)
{
    const int64_t patch = find(j->clip, "visual.conv1.weight")->shape[2];
    const double extra = (double)(j->width - j->vit_width) / (double)j->width;
    float bias[1024], *token = to(j, "visual.class_embedding", 0, ""), *norm = to(j, "visual.ln_pre.weight", 0, "");
    put_convolution(j, patch * patch, bias);
    put_positions(j, find(j->clip, "visual.positional_embedding")->shape[0], bias);
    clear(token, j->width);
    centre(from(j, "cls_token", 0, ""), j->vit_width, 1, 0, 1, token, 1);
    clear(norm, j->width);
    clear(to(j, "visual.ln_pre.bias", 0, ""), j->width);
    for (int64_t c = 0; c < j->vit_width; c++) norm[c] = (float)(sqrt(extra) * (double)LARGE);
}

/* ---- all ---- */

static bool fits(join *j)
{
    const okng_array *conv = find(j->clip, "visual.conv1.weight"), *vit_conv = find(j->vit, "patch_embed.proj.weight");
    char name[64];
    j->width = conv->shape[0];
    j->vit_width = vit_conv->shape[0];
    j->inner = find(j->clip, "visual.transformer.resblocks.0.mlp.c_fc.weight")->shape[0];
    j->vit_inner = find(j->vit, "blocks.0.mlp.fc1.weight")->shape[0];
    do (void)snprintf(name, sizeof name, "visual.transformer.resblocks.%d.ln_1.weight", (int)j->blocks);
    while (okng_weights_find(j->clip, name) && ++j->blocks);
    do (void)snprintf(name, sizeof name, "blocks.%d.norm1.weight", (int)j->vit_blocks);
    while (okng_weights_find(j->vit, name) && ++j->vit_blocks);
    j->norm = sqrt((double)j->vit_width / (double)j->width);
    return j->vit_width % 64 == 0 && (j->width - j->vit_width) % 2 == 0 && j->vit_width < j->width &&
           j->width <= 1024 && j->vit_inner <= j->inner && j->vit_blocks <= j->blocks &&
           conv->shape[2] == vit_conv->shape[2] && conv->dtype == OKNG_F32 &&
           find(j->clip, "visual.positional_embedding")->shape[0] == find(j->vit, "pos_embed")->shape[1];
}

int main(int argc, char **argv)
{
    okng_error error;
    void *bytes = NULL;
    size_t size = 0;
    okng_weights *clip = NULL, *vit = NULL;
    join j = {0};
    if (argc != 4) return 2;
    okng_status status = okng_file_read(argv[1], SIZE_MAX, &bytes, &size, &error);
    if (status == OKNG_OK) status = okng_weights_open_memory(&clip, bytes, size, argv[1], &error);
    if (status == OKNG_OK) status = okng_weights_open(&vit, argv[2], &error);
    if (status != OKNG_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    j.clip = clip;
    j.vit = vit;
    if (!fits(&j)) {
        fprintf(stderr, "%s does not fit into %s\n", argv[2], argv[1]);
        return 1;
    }
    put_tokens(&j);
    for (int64_t i = 0; i < j.blocks; i++) put_block(&j, i);
    put_norm(&j, from(&j, "norm.weight", 0, ""), from(&j, "norm.bias", 0, ""), to(&j, "visual.ln_post.weight", 0, ""),
             to(&j, "visual.ln_post.bias", 0, ""));
    status = okng_file_write(argv[3], bytes, size, &error);
    if (status != OKNG_OK) fprintf(stderr, "%s\n", error.message);
    okng_weights_close(&clip);
    okng_weights_close(&vit);
    free(bytes);
    return status == OKNG_OK ? 0 : 1;
}
