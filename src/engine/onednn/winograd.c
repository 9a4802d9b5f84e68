/* U = G g G^T for every pair of channels. oneDNN has a reorder for it, which takes a second over wide_resnet50_2:
 * longer than all else from process start to the first result. */
#include "engine/onednn/winograd.h"

#include "base/parallel.h"

enum { SIDE = 6, TAPS = 3, BLOCK = 16, LANES = BLOCK * BLOCK };

/* The interpolation points are 0, +-a, +-b and infinity with a = 5/8, b = 3/2. Row p of G holds the powers 1, p, p^2,
 * divided by the product of p's differences to the other finite points. */
#define A2 (0.625 * 0.625)
#define B2 (1.5 * 1.5)
#define NA (2.0 * A2 * (A2 - B2))
#define NB (2.0 * B2 * (B2 - A2))
static const float G[SIDE][TAPS] = {{(float)(1.0 / (A2 * B2)), 0.0f, 0.0f},
                                    {(float)(1.0 / NA), (float)(0.625 / NA), (float)(A2 / NA)},
                                    {(float)(1.0 / NA), (float)(-0.625 / NA), (float)(A2 / NA)},
                                    {(float)(1.0 / NB), (float)(1.5 / NB), (float)(B2 / NB)},
                                    {(float)(1.0 / NB), (float)(-1.5 / NB), (float)(B2 / NB)},
                                    {0.0f, 0.0f, 1.0f}};

typedef struct packing {
    const okng_wino_layout *layout;
    const float *weights;
    float *packed;
} packing;

/* taps[k]: tap k of 16 input x 16 output channels, output channels innermost. */
static void gather(const packing *p, int64_t ic, int64_t oc, float taps[TAPS * TAPS][LANES])
{
    for (int64_t o = 0; o < BLOCK; o++) {
        const float *from = p->weights + ((oc + o) * p->layout->ic + ic) * TAPS * TAPS;
        for (int64_t i = 0; i < BLOCK; i++)
            for (int k = 0; k < TAPS * TAPS; k++) taps[k][i * BLOCK + o] = from[i * TAPS * TAPS + k];
    }
}

/* out = g[0] a + g[1] b + g[2] c */
static void combine(const float g[TAPS], const float *restrict a, const float *restrict b, const float *restrict c,
                    float *restrict out)
{
    for (int i = 0; i < LANES; i++) out[i] = g[0] * a[i] + g[1] * b[i] + g[2] * c[i];
}

/* One block of 16 x 16 channels: its 36 results lie `stride` floats apart. */
static void transform(float taps[TAPS * TAPS][LANES], float *packed, int64_t stride)
{
    float half[TAPS][LANES];
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < TAPS; x++) combine(G[y], taps[x], taps[TAPS + x], taps[2 * TAPS + x], half[x]);
        for (int x = 0; x < SIDE; x++) combine(G[x], half[0], half[1], half[2], packed + (y * SIDE + x) * stride);
    }
}

/* Index: a block of output channels, in the order of memory. */
static void pack_some(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const packing *p = context;
    const okng_wino_layout *l = p->layout;
    const int64_t ic_chunk = l->ic2 * BLOCK, oc_chunk = l->oc2 * BLOCK, stride = l->ic * oc_chunk;
    for (int64_t o = begin; o < end; o++) {
        float *chunk = p->packed + o / l->oc2 * SIDE * SIDE * stride;
        for (int64_t i = 0; i < l->ic / BLOCK; i++) {
            float taps[TAPS * TAPS][LANES];
            gather(p, i * BLOCK, o * BLOCK, taps);
            int64_t block = i / l->ic2 * ic_chunk * oc_chunk + (o % l->oc2 * l->ic2 + i % l->ic2) * LANES;
            transform(taps, chunk + block, stride);
        }
    }
}

void okng_wino_pack(const okng_wino_layout *layout, int threads, const float *weights, float *packed)
{
    packing p = {layout, weights, packed};
    okng_parallel_for(threads, layout->oc / BLOCK, 1, pack_some, &p);
}
