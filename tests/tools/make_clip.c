/* Writes what tests need where no CLIP can be had.
 *
 *   make_clip NAME OUT.safetensors [--seed N] [--f16] [--layout open_clip|hf|timm|tinyclip] [--without PREFIX] [--nan
 * TENSOR] make_clip --vocabulary OUT.txt.gz
 *
 * A checkpoint has the tensors of a CLIP of that name, in the names and shapes of the projects that publish such files;
 * the same seed gives the same network in every layout (timm's is of the image tower alone). --without leaves tensors
 * out whose open_clip name begins so, --nan spoils one number. The vocabulary has 48,894 merges of ASCII letters: words
 * fall into pieces of up to four letters.
 *
 * Element i of a tensor comes from the 24 high bits of splitmix64(fnv1a64(open_clip's name) + seed' + i), uniform about
 * a base, so wide that activations and attention stay moderate: linear maps keep the size of what passes (1 / sqrt(fan
 * in)), norms are near 1, tokens are larger than positions, so that texts differ. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* ---- the networks ---- */

enum { VOCABULARY = 49408, CONTEXT = 77, NAME_ROOM = 192, CANON_ROOM = 96, TENSORS_MAX = 1024 };

typedef struct clip {
    const char *name;
    int side, patch, width, layers, text_width, text_layers, embedding;
} clip;

static const clip clips[] = {
    {"clip-vit-b-16", 224, 16, 768, 12, 512, 12, 512},       {"clip-vit-b-16-plus-240", 240, 16, 896, 12, 640, 12, 640},
    {"clip-vit-b-32", 224, 32, 768, 12, 512, 12, 512},       {"clip-vit-l-14", 224, 14, 1024, 24, 768, 12, 768},
    {"clip-vit-l-14-336", 336, 14, 1024, 24, 768, 12, 768},  {"clip-tinyclip-8m-16", 224, 16, 256, 10, 256, 3, 512},
    {"clip-tinyclip-39m-16", 224, 16, 512, 12, 512, 6, 512}, {"clip-tinyclip-40m-32", 224, 32, 512, 12, 512, 6, 512},
    {"clip-tinyclip-61m-32", 224, 32, 640, 12, 512, 9, 512},
};

typedef enum layout { OPEN_CLIP, HUGGING_FACE, TIMM, TINYCLIP } layout;

/* How the numbers of a tensor are made: base + uniform of that deviation. */
typedef struct rule {
    double base, deviation;
} rule;

static const rule norm_weight = {1.0, 0.1}, norm_bias = {0.0, 0.1}, bias = {0.0, 0.05};

static rule linear(int fan_in)
{
    return (rule){0.0, 1.0 / sqrt(fan_in)};
}

/* ---- the list of tensors ---- */

typedef struct tensor {
    char name[NAME_ROOM];   /* in the file */
    char canon[CANON_ROOM]; /* in open_clip's: what its numbers come from */
    rule rule;
    int64_t shape[4];
    int rank;
    int64_t first; /* element of open_clip's tensor that this one begins at */
    bool turned;   /* [columns, rows] of open_clip's [rows, columns] */
    bool numbers;  /* int64 0, 1, 2 ... */
} tensor;

typedef struct file {
    const clip *clip;
    layout layout;
    bool f16;
    uint64_t seed;
    const char *without, *nan;
    tensor tensors[TENSORS_MAX];
    int count;
} file;

static int64_t elements(const tensor *t)
{
    int64_t count = 1;
    for (int k = 0; k < t->rank; k++) count *= t->shape[k];
    return count;
}

/* The next tensor, of open_clip's name `canon` and in the file `name` (NULL: not in this layout). */
static tensor *add(file *f, const char *canon, const char *name, rule r, int rank, const int64_t *shape)
{
    static tensor nowhere;
    bool left_out = !name || (f->without && strncmp(canon, f->without, strlen(f->without)) == 0);
    if (!left_out && f->count == TENSORS_MAX) abort();
    tensor *t = left_out ? &nowhere : &f->tensors[f->count++];
    *t = (tensor){.rule = r, .rank = rank};
    (void)snprintf(t->canon, sizeof t->canon, "%s", canon);
    (void)snprintf(t->name, sizeof t->name, "%s", name ? name : "");
    memcpy(t->shape, shape, (size_t)rank * sizeof *shape);
    return t;
}

#define SHAPE(...)                                                             \
    (int)(sizeof(int64_t[]){__VA_ARGS__} / sizeof(int64_t)), (const int64_t[]) \
    {                                                                          \
        __VA_ARGS__                                                            \
    }

/* open_clip's name in the layout's words; TinyCLIP's is open_clip's, wrapped. */
static const char *in_layout(const file *f, char room[NAME_ROOM], const char *canon, const char *hf, const char *timm)
{
    if (f->layout == HUGGING_FACE) return hf;
    if (f->layout == TIMM) return timm;
    const char *wrap = f->layout == OPEN_CLIP              ? ""
                       : strcmp(canon, "logit_scale") == 0 ? "_logit_scale."
                       : strncmp(canon, "visual.", 7) == 0 ? "_image_encoder.module."
                                                           : "_text_encoder.module.";
    (void)snprintf(room, NAME_ROOM, "%s%s", wrap, canon);
    return room;
}

static tensor *put(file *f, const char *canon, const char *hf, const char *timm, rule r, int rank, const int64_t *shape)
{
    char room[NAME_ROOM];
    return add(f, canon, in_layout(f, room, canon, hf, timm), r, rank, shape);
}

/* ---- blocks ---- */

/* Of a block with tokens of width W: [rows W, columns W], [rows W] where columns is 0. A '?' in Hugging Face's name
 * stands for q, k, v, each a third. */
typedef struct part {
    const char *canon, *hf, *timm;
    int rows, columns;
    const rule *rule; /* NULL: of a linear map */
} part;

static const part parts[] = {
    {"ln_1.weight", "layer_norm1.weight", "norm1.weight", 1, 0, &norm_weight},
    {"ln_1.bias", "layer_norm1.bias", "norm1.bias", 1, 0, &norm_bias},
    {"attn.in_proj_weight", "self_attn.?_proj.weight", "attn.qkv.weight", 3, 1, NULL},
    {"attn.in_proj_bias", "self_attn.?_proj.bias", "attn.qkv.bias", 3, 0, &bias},
    {"attn.out_proj.weight", "self_attn.out_proj.weight", "attn.proj.weight", 1, 1, NULL},
    {"attn.out_proj.bias", "self_attn.out_proj.bias", "attn.proj.bias", 1, 0, &bias},
    {"ln_2.weight", "layer_norm2.weight", "norm2.weight", 1, 0, &norm_weight},
    {"ln_2.bias", "layer_norm2.bias", "norm2.bias", 1, 0, &norm_bias},
    {"mlp.c_fc.weight", "mlp.fc1.weight", "mlp.fc1.weight", 4, 1, NULL},
    {"mlp.c_fc.bias", "mlp.fc1.bias", "mlp.fc1.bias", 4, 0, &bias},
    {"mlp.c_proj.weight", "mlp.fc2.weight", "mlp.fc2.weight", 1, 4, NULL},
    {"mlp.c_proj.bias", "mlp.fc2.bias", "mlp.fc2.bias", 1, 0, &bias},
};

static void put_part(file *f, const part *p, const char *canon, const char *hf, const char *timm, int width)
{
    const rule r = p->rule ? *p->rule : linear(p->columns * width);
    const int rank = p->columns ? 2 : 1;
    char *third = f->layout == HUGGING_FACE ? strchr(hf, '?') : NULL;
    const int64_t shape[2] = {(third ? 1 : p->rows) * (int64_t)width, (int64_t)p->columns * width};
    for (int k = 0; k < (third ? 3 : 1); k++) {
        if (third) *third = "qkv"[k];
        tensor *t = put(f, canon, hf, timm, r, rank, shape);
        t->first = k * elements(t);
    }
}

static void put_blocks(file *f, bool image)
{
    const int layers = image ? f->clip->layers : f->clip->text_layers;
    const int width = image ? f->clip->width : f->clip->text_width;
    for (int i = 0; i < layers; i++)
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            char canon[CANON_ROOM], hf[CANON_ROOM], timm[CANON_ROOM];
            (void)snprintf(canon, sizeof canon, "%stransformer.resblocks.%d.%s", image ? "visual." : "", i,
                           parts[k].canon);
            (void)snprintf(hf, sizeof hf, "%s_model.encoder.layers.%d.%s", image ? "vision" : "text", i, parts[k].hf);
            (void)snprintf(timm, sizeof timm, "blocks.%d.%s", i, parts[k].timm);
            put_part(f, &parts[k], canon, hf, image ? timm : NULL, width);
        }
}

/* ---- the towers ---- */

static void put_norm(file *f, const char *canon, const char *hf, const char *timm, int width)
{
    for (int k = 0; k < 2; k++) {
        char names[3][CANON_ROOM];
        const char *given[3] = {canon, hf, timm}, *end = k == 0 ? ".weight" : ".bias";
        for (int i = 0; i < 3; i++) (void)snprintf(names[i], CANON_ROOM, "%s%s", given[i] ? given[i] : "", end);
        put(f, names[0], names[1], timm ? names[2] : NULL, k == 0 ? norm_weight : norm_bias, SHAPE(width));
    }
}

/* [in, out] in open_clip's files, [out, in] elsewhere. */
static void put_projection(file *f, const char *canon, const char *hf, const char *timm, int in, int out)
{
    const bool turned = f->layout == HUGGING_FACE || f->layout == TIMM;
    tensor *t =
        put(f, canon, hf, timm, linear(in), 2, turned ? (const int64_t[]){out, in} : (const int64_t[]){in, out});
    t->turned = turned;
}

static int places_of(const clip *c)
{
    return (c->side / c->patch) * (c->side / c->patch) + 1;
}

/* Files of older versions of Hugging Face's library count their positions. First of all, since they are the widest: so
 * every tensor lies aligned. */
static void put_places(file *f)
{
    const char *image = "vision_model.embeddings.position_ids", *text = "text_model.embeddings.position_ids";
    add(f, image, image, (rule){0}, SHAPE(1, places_of(f->clip)))->numbers = true;
    add(f, text, text, (rule){0}, SHAPE(1, CONTEXT))->numbers = true;
}

static void put_image_tower(file *f)
{
    const clip *c = f->clip;
    const int width = c->width, places = places_of(c);
    const bool timm = f->layout == TIMM;
    put(f, "visual.class_embedding", "vision_model.embeddings.class_embedding", "cls_token", (rule){0.0, 0.5},
        timm ? 3 : 1, timm ? (const int64_t[]){1, 1, width} : (const int64_t[]){width});
    put(f, "visual.positional_embedding", "vision_model.embeddings.position_embedding.weight", "pos_embed",
        (rule){0.0, 0.2}, timm ? 3 : 2, timm ? (const int64_t[]){1, places, width} : (const int64_t[]){places, width});
    put(f, "visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight", "patch_embed.proj.weight",
        linear(3 * c->patch * c->patch), SHAPE(width, 3, c->patch, c->patch));
    put_norm(f, "visual.ln_pre", "vision_model.pre_layrnorm", "norm_pre", width);
    put_blocks(f, true);
    put_norm(f, "visual.ln_post", "vision_model.post_layernorm", "norm", width);
    put_projection(f, "visual.proj", "visual_projection.weight", "head.weight", width, c->embedding);
    if (timm) add(f, "head.bias", "head.bias", (rule){0}, SHAPE(c->embedding)); /* timm's head has one, of zeros */
}

static void put_text_tower(file *f)
{
    const clip *c = f->clip;
    put(f, "positional_embedding", "text_model.embeddings.position_embedding.weight", NULL, (rule){0.0, 0.2},
        SHAPE(CONTEXT, c->text_width));
    put(f, "token_embedding.weight", "text_model.embeddings.token_embedding.weight", NULL, (rule){0.0, 0.7},
        SHAPE(VOCABULARY, c->text_width));
    put_blocks(f, false);
    put_norm(f, "ln_final", "text_model.final_layer_norm", NULL, c->text_width);
    put_projection(f, "text_projection", "text_projection.weight", NULL, c->text_width, c->embedding);
    put(f, "logit_scale", "logit_scale", NULL, (rule){log(100.0), 0.0}, 0, (const int64_t[]){0});
}

/* ---- the numbers ---- */

static uint64_t hash_of(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    return hash;
}

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static float number(const rule *r, uint64_t hash, uint64_t i)
{
    const int32_t u = (int32_t)(mix(hash + i) >> 40) - 0x800000;
    return (float)r->base + (float)(r->deviation * 1.7320508) * ((float)u * 0x1p-23f); /* sqrt(3): of a uniform one */
}

/* To the nearest, ties to even; of numbers within half precision's normal range or near 0. */
static uint16_t half(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t sign = bits >> 16 & 0x8000u, size = bits & 0x7fffffffu;
    if (size > 0x7f800000u) return (uint16_t)(sign | 0x7e00u);
    if (size < 0x38800000u) return (uint16_t)(sign | (uint32_t)lrintf(fabsf(x) * 0x1p24f)); /* below 2^-14 */
    return (uint16_t)(sign | ((size - 0x38000000u + 0xfffu + (size >> 13 & 1u)) >> 13));
}

static size_t width_of(const file *f, const tensor *t)
{
    return t->numbers ? 8 : f->f16 ? 2 : 4;
}

/* Element i of the tensor in the file: where it lies in open_clip's. */
static uint64_t place_of(const tensor *t, int64_t i)
{
    if (!t->turned) return (uint64_t)(t->first + i);
    const int64_t rows = t->shape[0], columns = t->shape[1];
    return (uint64_t)(t->first + i % columns * rows + i / columns);
}

static bool write_tensor(const file *f, const tensor *t, FILE *out)
{
    enum { CHUNK = 1 << 16 };
    static union {
        float f32[CHUNK];
        uint16_t f16[CHUNK];
        int64_t i64[CHUNK];
    } chunk;
    const uint64_t hash = hash_of(t->canon) + f->seed * 0xd1342543de82ef95u;
    const bool spoilt = f->nan && strcmp(f->nan, t->canon) == 0;
    const int64_t count = elements(t);
    for (int64_t start = 0; start < count; start += CHUNK) {
        const int64_t end = count - start < CHUNK ? count : start + CHUNK;
        for (int64_t i = start; i < end; i++) {
            if (t->numbers) {
                chunk.i64[i - start] = i;
                continue;
            }
            const float x = spoilt && i == count / 2 ? NAN : number(&t->rule, hash, place_of(t, i));
            if (f->f16)
                chunk.f16[i - start] = half(x);
            else
                chunk.f32[i - start] = x;
        }
        if (fwrite(&chunk, width_of(f, t), (size_t)(end - start), out) != (size_t)(end - start)) return false;
    }
    return true;
}

/* ---- the file ---- */

static bool write_header(const file *f, FILE *out)
{
    const size_t room = 256 + (size_t)f->count * (NAME_ROOM + 128);
    char *text = malloc(room);
    if (!text) return false;
    size_t used = (size_t)snprintf(text, room, "{\"__metadata__\":{\"format\":\"pt\"}"), offset = 0;
    for (int i = 0; i < f->count; i++) {
        const tensor *t = &f->tensors[i];
        const size_t end = offset + (size_t)elements(t) * width_of(f, t);
        used += (size_t)snprintf(text + used, room - used, ",\"%s\":{\"dtype\":\"%s\",\"shape\":[", t->name,
                                 t->numbers ? "I64"
                                 : f->f16   ? "F16"
                                            : "F32");
        for (int k = 0; k < t->rank; k++)
            used += (size_t)snprintf(text + used, room - used, "%s%lld", k ? "," : "", (long long)t->shape[k]);
        used += (size_t)snprintf(text + used, room - used, "],\"data_offsets\":[%zu,%zu]}", offset, end);
        offset = end;
    }
    text[used++] = '}';
    while (used % 8) text[used++] = ' ';
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)((uint64_t)used >> (8 * i));
    bool fine = fwrite(length, 8, 1, out) == 1 && fwrite(text, used, 1, out) == 1;
    free(text);
    return fine;
}

static int write_checkpoint(file *f, const char *path)
{
    if (f->layout == HUGGING_FACE) put_places(f);
    put_image_tower(f);
    if (f->layout != TIMM) put_text_tower(f);
    FILE *out = fopen(path, "wb");
    bool fine = out && write_header(f, out);
    for (int i = 0; fine && i < f->count; i++) fine = write_tensor(f, &f->tensors[i], out);
    if (out && fclose(out) != 0) fine = false;
    if (!fine) perror(path);
    return fine ? 0 : 1;
}

/* ---- the vocabulary ---- */

enum { MERGES = 48894, MORE = 100 };

/* Pairs of letters, of pairs and letters, of threes and letters, each within a word and at its end: what a merge joins
 * was made before it, and no two make the same. Like the true one, the file goes on behind what is read. */
static int write_vocabulary(const char *path)
{
    gzFile out = gzopen(path, "wb9");
    bool fine = out && gzputs(out, "#version: 0.2, made of letters\n") > 0;
    int left = MERGES + MORE;
    for (int length = 2, words = 26; fine && length <= 4; length++, words *= 26)
        for (int last = 0; fine && last < 2; last++)
            for (int word = 0; fine && word < words && left > 0; word++)
                for (int letter = 0; fine && letter < 26 && left > 0; letter++, left--) {
                    char first[4] = {0};
                    for (int k = length - 2, rest = word; k >= 0; k--, rest /= 26) first[k] = (char)('a' + rest % 26);
                    fine = gzprintf(out, "%s %c%s\n", first, 'a' + letter, last ? "</w>" : "") > 0;
                }
    if (out && gzclose(out) != Z_OK) fine = false;
    if (!fine) perror(path);
    return fine ? 0 : 1;
}

/* ---- the command line ---- */

static const clip *find(const char *name)
{
    for (size_t i = 0; i < sizeof clips / sizeof *clips; i++)
        if (strcmp(clips[i].name, name) == 0) return &clips[i];
    fprintf(stderr, "no CLIP is called \"%s\"\n", name);
    return NULL;
}

static bool find_layout(layout *out, const char *name)
{
    static const char *const names[] = {"open_clip", "hf", "timm", "tinyclip"};
    for (int i = 0; i < 4; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (layout)i;
            return true;
        }
    fprintf(stderr, "no layout is called \"%s\"\n", name);
    return false;
}

int main(int argc, char **argv)
{
    static file f; /* large */
    if (argc == 3 && strcmp(argv[1], "--vocabulary") == 0) return write_vocabulary(argv[2]);
    if (argc < 3 || !(f.clip = find(argv[1]))) return 2;
    for (int i = 3; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--f16") == 0) {
            f.f16 = true;
            continue;
        }
        if (!value) return 2;
        if (strcmp(argv[i], "--seed") == 0)
            f.seed = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--without") == 0)
            f.without = value;
        else if (strcmp(argv[i], "--nan") == 0)
            f.nan = value;
        else if (strcmp(argv[i], "--layout") != 0 || !find_layout(&f.layout, value))
            return 2;
        i++;
    }
    return write_checkpoint(&f, argv[2]);
}
