#include "afclip/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/layout.h"
#include "okng/experimental.h"

static const char *const sentences[OKNG_AFCLIP_STATES] = {"without defect.", "with defect."};

okng_status okng_afclip_ids_read(okng_afclip_ids *out, const char *vocabulary, okng_error *error)
{
    enum { MOST = OKNG_CLIP_TOKENS - OKNG_AFCLIP_PROMPT };
    _Static_assert((int)OKNG_CLIP_TOKENS == (int)OKNG_TEXT_TOKENS, "a tokenizer fills what the tower takes");
    const okng_text_options options = {.struct_size = sizeof options, .strict = 1};
    okng_tokenizer *tokenizer;
    OKNG_TRY(okng_tokenizer_open(&tokenizer, vocabulary, error));
    okng_status status = OKNG_OK;
    for (int i = 0; i < OKNG_AFCLIP_STATES && status == OKNG_OK; i++) {
        status = okng_tokenizer_encode(tokenizer, sentences[i], &options, out->ids[i], &out->lengths[i], NULL, error);
        if (status == OKNG_OK && out->lengths[i] > MOST)
            status = okng_fail(error, OKNG_ERROR_LIMIT,
                               "%s: makes %d tokens of \"%s\", expected at most %d beside the prompt's; is it CLIP's?",
                               vocabulary, (int)out->lengths[i], sentences[i], MOST);
    }
    okng_tokenizer_close(&tokenizer);
    return status;
}

static okng_status check_tower(const okng_naming *naming, okng_error *error)
{
    if (okng_naming_towers(naming) & OKNG_TOWER_TEXT) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: holds no text tower of a CLIP, expected both towers: AF-CLIP reads words by it",
                     okng_weights_path(naming->weights));
}

/* Copies the rows of the table; behind the end of the shorter one those of id 0, which nothing looks at. */
static void take_rows(okng_afclip_words *words, const okng_array *table, const okng_afclip_ids *ids)
{
    const size_t width = (size_t)words->text_width, size = okng_dtype_size(table->dtype);
    float *to = words->tokens;
    for (int i = 0; i < OKNG_AFCLIP_STATES; i++)
        for (int32_t k = 0; k < words->length - OKNG_AFCLIP_PROMPT; k++, to += width) {
            const size_t id = k < ids->lengths[i] ? (size_t)ids->ids[i][k] : 0;
            okng_to_float(table->dtype, (const char *)table->data + id * width * size, width, to);
        }
}

okng_status okng_afclip_words_new(okng_afclip_words *out, const okng_weights *weights, int32_t text_width,
                                  const okng_afclip_ids *ids, okng_error *error)
{
    const okng_naming naming = okng_naming_clip(weights);
    const int64_t shape[] = {OKNG_CLIP_VOCABULARY, text_width};
    const int32_t longer = ids->lengths[0] > ids->lengths[1] ? ids->lengths[0] : ids->lengths[1];
    okng_tensor table;
    *out = (okng_afclip_words){0};
    OKNG_TRY(check_tower(&naming, error));
    OKNG_TRY(okng_naming_tensor(&naming, "token_embedding.weight", 2, shape, &table, error));
    out->text_width = text_width;
    out->length = OKNG_AFCLIP_PROMPT + longer;
    for (int i = 0; i < OKNG_AFCLIP_STATES; i++) out->readout[i] = OKNG_AFCLIP_PROMPT + ids->lengths[i] - 1;
    const size_t floats = OKNG_AFCLIP_STATES * (size_t)longer * (size_t)text_width;
    out->tokens = okng_alloc(floats, sizeof *out->tokens);
    if (out->tokens) take_rows(out, &table.array, ids);
    okng_tensor_release(&table);
    if (out->tokens) return OKNG_OK;
    *out = (okng_afclip_words){0};
    return okng_fail_memory(error, floats * sizeof *out->tokens);
}

void okng_afclip_words_free(okng_afclip_words *words)
{
    free(words->tokens);
    *words = (okng_afclip_words){0};
}

void okng_afclip_words_vectors(const okng_afclip_words *words, const float *prompt, float *vectors)
{
    const size_t width = (size_t)words->text_width, learnt = OKNG_AFCLIP_PROMPT * width,
                 said = (size_t)words->length * width - learnt;
    for (size_t i = 0; i < OKNG_AFCLIP_STATES; i++) {
        memcpy(vectors + i * (learnt + said), prompt, learnt * sizeof *prompt);
        memcpy(vectors + i * (learnt + said) + learnt, words->tokens + i * said, said * sizeof *words->tokens);
    }
}
