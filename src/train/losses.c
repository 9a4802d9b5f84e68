/* The alignment of patches is a mean of cosines over pairs inside a picture. It needs no matrix of them: the sum of the
 * cosines of all pairs of two sets is the product of their sums of vectors of length 1. */
#include "train/losses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

typedef okng_loss_real real;

enum { ROWS = 64, LANES = 8 }; /* cells of one piece of work; partial sums of a product */

static const double least_log = -100, least_product = 1e-12; /* as torch cuts them */

struct okng_losses {
    okng_loss_shape shape; /* of the batch in hand */
    okng_loss_rule rule;
    int threads;
    int64_t pieces; /* of a picture */
    const real *given_texts;
    const float *labels, *targets;
    real *text;          /* [2, E] of length 1 */
    real *inverse;       /* [streams, pictures, tokens]: 1 / length of z */
    double *logits;      /* [pictures, tokens, 2], sums over the streams; their gradients after finish */
    double *sums;        /* [streams, pictures, 2, E]: of normal, of anomalous cells */
    real *pulls;         /* [pictures, 2, E]: what alignment adds to the gradient of a cell of each kind */
    double *pieces_sums; /* [pictures, pieces, 2, E] */
    double *d_text;      /* [2, E], by the texts of length 1 */
    double *gain;        /* [streams]: gradient of the loss by a stream's difference of means; 0: cut */
    int64_t counts[2];   /* of normal and anomalous cells */
    double mixed, same;  /* pairs */
    int32_t stream;      /* for loops over pieces */
    const real *z;
    real *dz;
};

static int64_t tokens_of(const okng_losses *l)
{
    return 1 + l->shape.cells;
}

void okng_losses_free(okng_losses **losses)
{
    if (!losses || !*losses) return;
    okng_losses *l = *losses;
    void *const owned[] = {l->text, l->inverse, l->logits, l->sums, l->pulls, l->pieces_sums, l->d_text, l->gain};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) free(owned[i]);
    free(l);
    *losses = NULL;
}

static bool take_memory(okng_losses *l)
{
    const size_t pictures = (size_t)l->shape.pictures, tokens = (size_t)tokens_of(l),
                 streams = (size_t)l->shape.streams, two = 2 * (size_t)l->shape.embedding;
    l->text = okng_alloc(two, sizeof *l->text);
    l->inverse = okng_alloc(streams * pictures * tokens, sizeof *l->inverse);
    l->logits = okng_alloc(pictures * tokens * 2, sizeof *l->logits);
    l->sums = okng_alloc(streams * pictures * two, sizeof *l->sums);
    l->pulls = okng_alloc(pictures * two, sizeof *l->pulls);
    l->pieces_sums = okng_alloc(pictures * (size_t)l->pieces * two, sizeof *l->pieces_sums);
    l->d_text = okng_alloc(two, sizeof *l->d_text);
    l->gain = okng_alloc(streams, sizeof *l->gain);
    return l->text && l->inverse && l->logits && l->sums && l->pulls && l->pieces_sums && l->d_text && l->gain;
}

okng_status okng_losses_new(okng_losses **out, const okng_loss_shape *most, const okng_loss_rule *rule, int threads,
                            okng_error *error)
{
    okng_losses *l = *out = calloc(1, sizeof *l);
    if (!l) return okng_fail_memory(error, sizeof *l);
    l->shape = *most;
    l->rule = *rule;
    l->threads = threads;
    l->pieces = (tokens_of(l) + ROWS - 1) / ROWS;
    if (take_memory(l)) return OKNG_OK;
    const size_t bytes = (size_t)(most->pictures * tokens_of(l)) * (size_t)most->streams * sizeof *l->inverse;
    okng_losses_free(out);
    return okng_fail_memory(error, bytes);
}

/* Partial sums in a fixed order, which the compiler may keep side by side. */
static double product(const real *a, const real *b, int64_t count)
{
    double sums[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++) sums[lane] += (double)a[i + lane] * (double)b[i + lane];
    for (; i < count; i++) sums[i % LANES] += (double)a[i] * (double)b[i];
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
    return sums[0];
}

okng_status okng_losses_begin(okng_losses *l, int64_t pictures, const real *texts, const float *labels,
                              const float *targets, okng_error *error)
{
    const int64_t dim = l->shape.embedding;
    l->shape.pictures = pictures;
    l->given_texts = texts;
    l->labels = labels;
    l->targets = targets;
    for (int64_t state = 0; state < 2; state++) {
        const double length = sqrt(product(texts + state * dim, texts + state * dim, dim));
        if (!isfinite(length) || length <= 0)
            return okng_fail(error, OKNG_ERROR_MISMATCH,
                             "the words \"%s\" have no direction: the text tower's numbers are all 0 or not finite",
                             state == 0 ? "without defect." : "with defect.");
        for (int64_t i = 0; i < dim; i++) l->text[state * dim + i] = (real)((double)texts[state * dim + i] / length);
    }
    l->counts[0] = l->counts[1] = 0;
    l->mixed = l->same = 0;
    for (int64_t b = 0; b < pictures; b++) {
        double normal = 0, anomalous = 0;
        for (int64_t i = 0; i < l->shape.cells; i++) {
            normal += targets[b * l->shape.cells + i] == 0;
            anomalous += targets[b * l->shape.cells + i] == 1;
        }
        l->counts[0] += (int64_t)normal;
        l->counts[1] += (int64_t)anomalous;
        l->mixed += 2 * normal * anomalous;
        l->same += normal * normal + anomalous * anomalous;
    }
    memset(l->logits, 0, (size_t)(pictures * tokens_of(l) * 2) * sizeof *l->logits);
    memset(l->d_text, 0, (size_t)(2 * dim) * sizeof *l->d_text);
    return OKNG_OK;
}

/* Which sum a token belongs to: 0 normal, 1 anomalous, -1 neither. */
static int kind_of(const okng_losses *l, int64_t picture, int64_t token)
{
    if (token == 0) return -1;
    const float target = l->targets[picture * l->shape.cells + token - 1];
    return target == 0 ? 0 : target == 1 ? 1 : -1;
}

typedef struct piece {
    int64_t picture, first, last; /* tokens */
    double *sums;                 /* [2, E] */
} piece;

static piece piece_of(okng_losses *l, int64_t index)
{
    const int64_t picture = index / l->pieces, first = index % l->pieces * ROWS, tokens = tokens_of(l);
    double *sums = l->pieces_sums + index * 2 * l->shape.embedding;
    memset(sums, 0, (size_t)(2 * l->shape.embedding) * sizeof *sums);
    return (piece){picture, first, first + ROWS < tokens ? first + ROWS : tokens, sums};
}

/* Adds the pieces' sums of a picture, in their order. */
static void gather(const okng_losses *l, int64_t picture, double *to)
{
    const int64_t two = 2 * l->shape.embedding;
    for (int64_t p = 0; p < l->pieces; p++) {
        const double *from = l->pieces_sums + (picture * l->pieces + p) * two;
        for (int64_t i = 0; i < two; i++) to[i] += from[i];
    }
}

/* ---- forward ---- */

static void see_pieces(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    okng_losses *l = context;
    const int64_t dim = l->shape.embedding, tokens = tokens_of(l);
    for (int64_t index = begin; index < end; index++) {
        const piece p = piece_of(l, index);
        for (int64_t t = p.first; t < p.last; t++) {
            const int64_t row = p.picture * tokens + t;
            const real *z = l->z + row * dim;
            const double length = sqrt(product(z, z, dim)), inverse = length > 1e-12 ? 1 / length : 1e12;
            l->inverse[l->stream * l->shape.pictures * tokens + row] = (real)inverse;
            for (int64_t state = 0; state < 2; state++)
                l->logits[2 * row + state] += product(z, l->text + state * dim, dim) * inverse / l->rule.temperature;
            const int kind = kind_of(l, p.picture, t);
            if (kind < 0) continue;
            double *sum = p.sums + kind * dim;
            for (int64_t i = 0; i < dim; i++) sum[i] += (double)z[i] * inverse;
        }
    }
}

void okng_losses_see(okng_losses *l, int32_t stream, const real *z)
{
    const int64_t two = 2 * l->shape.embedding;
    l->stream = stream;
    l->z = z;
    okng_parallel_for(l->threads, l->shape.pictures * l->pieces, 1, see_pieces, l);
    for (int64_t b = 0; b < l->shape.pictures; b++) {
        double *to = l->sums + (stream * l->shape.pictures + b) * two;
        memset(to, 0, (size_t)two * sizeof *to);
        gather(l, b, to);
    }
}

/* Focal loss (gamma 4, no weights of classes) of a probability of a defect against a target, logarithms not below -100,
 * and its derivative by p; with `quirk` that of the original program for a normal cell. */
static double focal(double p, double target, bool quirk, double *derivative)
{
    const double log_p = fmax(log(p), least_log), log_rest = fmax(log(1 - p), least_log);
    const double entropy = (target - 1) * log_rest - target * log_p;
    const double miss = 1 - (p * target + (1 - p) * (1 - target)), cube = miss * miss * miss;
    const double seen = quirk ? -1 : target; /* what the target is by the time of the gradient */
    const double d_entropy = (p - seen) / fmax((1 - p) * p, least_product);
    const double d_right = seen - (1 - target); /* of 1 - miss; what was 1 - target before is kept */
    *derivative = d_entropy * cube * miss - entropy * 4 * cube * d_right;
    return entropy * cube * miss;
}

/* The two probabilities as float32 has them: one that is 1 there has no logarithm of the rest. */
static void softmax(const double logits[2], real p[2])
{
    const double most = fmax(logits[0], logits[1]);
    const double low = exp((double)((real)logits[0] - (real)most)), high = exp((double)((real)logits[1] - (real)most));
    p[0] = (real)(low / (low + high));
    p[1] = (real)(high / (low + high));
}

/* Puts the gradient by the logits in their place. */
static void to_logits(double logits[2], const real p[2], double derivative)
{
    logits[1] = (double)p[1] * (derivative - derivative * (double)p[1]);
    logits[0] = (double)p[0] * -(derivative * (double)p[1]);
}

/* Losses of probabilities; their gradients by the logits. */
static void judge_tokens(okng_losses *l, double weight, okng_loss_parts *parts)
{
    const int64_t pictures = l->shape.pictures, cells = l->shape.cells, tokens = tokens_of(l);
    const double by_picture = weight / (double)pictures,
                 by_cell = weight * l->rule.lambda1 / (double)(pictures * cells);
    const bool quirk = l->rule.quirk && l->counts[0] > 0;
    real p[2];
    double derivative;
    for (int64_t b = 0; b < pictures; b++) {
        double *logits = l->logits + 2 * b * tokens;
        softmax(logits, p);
        parts->image += focal((double)p[1], (double)l->labels[b], false, &derivative);
        to_logits(logits, p, derivative * by_picture);
        for (int64_t i = 0; i < cells; i++) {
            const double target = (double)l->targets[b * cells + i];
            logits += 2;
            softmax(logits, p);
            const double off = (double)p[1] - target;
            parts->focal += focal((double)p[1], target, quirk && target == 0, &derivative);
            parts->l1 += fabs(off);
            derivative += off > 0 ? 1 : off < 0 ? -1 : 0;
            to_logits(logits, p, derivative * by_cell);
        }
    }
    parts->image /= (double)pictures;
    parts->focal /= (double)(pictures * cells);
    parts->l1 /= (double)(pictures * cells);
}

/* Of a stream: mean cosine of mixed pairs less that of pairs of one kind. */
static double alignment_of(const okng_losses *l, int32_t stream)
{
    const int64_t dim = l->shape.embedding;
    double mixed = 0, same = 0;
    for (int64_t b = 0; b < l->shape.pictures; b++) {
        const double *normal = l->sums + (stream * l->shape.pictures + b) * 2 * dim, *anomalous = normal + dim;
        for (int64_t i = 0; i < dim; i++) {
            mixed += 2 * normal[i] * anomalous[i];
            same += normal[i] * normal[i] + anomalous[i] * anomalous[i];
        }
    }
    return mixed / l->mixed - same / l->same;
}

void okng_losses_finish(okng_losses *l, double weight, okng_loss_parts *parts)
{
    *parts = (okng_loss_parts){0};
    judge_tokens(l, weight, parts);
    for (int32_t s = 0; s < l->shape.streams; s++) {
        /* without a pair of two kinds there is nothing to keep apart */
        const double found = l->mixed > 0 ? alignment_of(l, s) : 0;
        const bool counts = !(found <= 0); /* also where it is not a number: it must be seen */
        l->gain[s] = counts && l->mixed > 0 ? weight * l->rule.lambda2 / l->shape.streams : 0;
        parts->alignment += counts ? found / l->shape.streams : 0;
    }
    parts->total = parts->image + l->rule.lambda1 * (parts->focal + parts->l1) + l->rule.lambda2 * parts->alignment;
}

/* ---- backward ---- */

/* What the stream's alignment adds to the gradients of cells of each kind. */
static void find_pulls(okng_losses *l)
{
    const int64_t dim = l->shape.embedding;
    const double gain = l->gain[l->stream];
    for (int64_t b = 0; b < l->shape.pictures; b++) {
        const double *normal = l->sums + (l->stream * l->shape.pictures + b) * 2 * dim, *anomalous = normal + dim;
        real *pulls = l->pulls + b * 2 * dim;
        for (int64_t i = 0; i < dim; i++) {
            pulls[i] = gain == 0 ? 0 : (real)(gain * 2 * (anomalous[i] / l->mixed - normal[i] / l->same));
            pulls[dim + i] = gain == 0 ? 0 : (real)(gain * 2 * (normal[i] / l->mixed - anomalous[i] / l->same));
        }
    }
}

/* dz of one token, from d_logits by temperature. */
static void back_token(const okng_losses *l, const real *z, real inverse, const double d_logits[2], const real *pull,
                       real *dz)
{
    const int64_t dim = l->shape.embedding;
    const real low = (real)d_logits[0], high = (real)d_logits[1];
    const real *without = l->text, *with = l->text + dim;
    real along[LANES] = {0};
    double sum = 0;
    /* the part along z goes: z's length changes nothing. Two passes, as dz may be z. */
    int64_t i = 0;
    for (; i + LANES <= dim; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            const int64_t at = i + lane;
            const real d = low * without[at] + high * with[at] + (pull ? pull[at] : 0);
            along[lane] += d * z[at];
        }
    for (; i < dim; i++) along[i % LANES] += (low * without[i] + high * with[i] + (pull ? pull[i] : 0)) * z[i];
    for (int lane = 0; lane < LANES; lane++) sum += (double)along[lane];
    const real part = (real)(sum * (double)inverse * (double)inverse);
    for (i = 0; i < dim; i++) {
        const real d = low * without[i] + high * with[i] + (pull ? pull[i] : 0);
        dz[i] = inverse * (d - part * z[i]);
    }
}

static void back_pieces(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    okng_losses *l = context;
    const int64_t dim = l->shape.embedding, tokens = tokens_of(l);
    for (int64_t index = begin; index < end; index++) {
        const piece p = piece_of(l, index);
        for (int64_t t = p.first; t < p.last; t++) {
            const int64_t row = p.picture * tokens + t;
            const real inverse = l->inverse[l->stream * l->shape.pictures * tokens + row], *z = l->z + row * dim;
            const int kind = kind_of(l, p.picture, t);
            const double d_logits[2] = {l->logits[2 * row] / l->rule.temperature,
                                        l->logits[2 * row + 1] / l->rule.temperature};
            const double low = d_logits[0] * (double)inverse, high = d_logits[1] * (double)inverse;
            for (int64_t i = 0; i < dim; i++) {
                p.sums[i] += low * (double)z[i];
                p.sums[dim + i] += high * (double)z[i];
            }
            back_token(l, z, inverse, d_logits, kind < 0 ? NULL : l->pulls + (2 * p.picture + kind) * dim,
                       l->dz + row * dim);
        }
    }
}

void okng_losses_back(okng_losses *l, int32_t stream, const real *z, real *dz)
{
    l->stream = stream;
    l->z = z;
    l->dz = dz;
    find_pulls(l);
    okng_parallel_for(l->threads, l->shape.pictures * l->pieces, 1, back_pieces, l);
    for (int64_t b = 0; b < l->shape.pictures; b++) gather(l, b, l->d_text);
}

void okng_losses_texts(const okng_losses *l, real *d_texts)
{
    const int64_t dim = l->shape.embedding;
    for (int64_t state = 0; state < 2; state++) {
        const real *given = l->given_texts + state * dim, *unit = l->text + state * dim;
        const double *d = l->d_text + state * dim, length = sqrt(product(given, given, dim));
        double along = 0;
        for (int64_t i = 0; i < dim; i++) along += d[i] * (double)unit[i];
        for (int64_t i = 0; i < dim; i++) d_texts[state * dim + i] = (real)((d[i] - along * (double)unit[i]) / length);
    }
}

/* ---- targets ---- */

/* Where output `i` of `count` lies on an axis of `size` pixels, in torch's arithmetic. */
static void place(int32_t i, int32_t count, int32_t size, int32_t *low, int32_t *high, float *share)
{
    const float at = ((float)i + 0.5f) * ((float)size / (float)count) - 0.5f, cut = at < 0 ? 0 : at;
    *low = (int32_t)cut < size - 1 ? (int32_t)cut : size - 1;
    *high = *low + (*low < size - 1);
    *share = cut - (float)*low;
}

void okng_targets_of(const uint8_t *mask, int32_t height, int32_t width, int32_t rows, int32_t columns, float *targets)
{
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < columns; x++) {
            int32_t top, bottom, left, right;
            float down, across;
            place(y, rows, height, &top, &bottom, &down);
            place(x, columns, width, &left, &right, &across);
            const uint8_t *a = mask + (size_t)top * (size_t)width, *b = mask + (size_t)bottom * (size_t)width;
            const float above = (1 - across) * ((float)a[left] / 255) + across * ((float)a[right] / 255);
            const float below = (1 - across) * ((float)b[left] / 255) + across * ((float)b[right] / 255);
            const float value = (1 - down) * above + down * below;
            *targets++ = value < 0.5f ? 0 : value > 0.5f ? 1 : value;
        }
}
