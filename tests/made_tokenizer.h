/* The made-up vocabulary as vocab.json and tokenizer.json have it. */
#ifndef OKNG_TESTS_MADE_TOKENIZER_H
#define OKNG_TESTS_MADE_TOKENIZER_H

#include "base/grown.h"
#include "made_vocabulary.h"
#include "text/tokenizer.h"

/* The symbol `id` as JSON writes it, with its quotes. */
static inline void made_symbol(okng_grown *json, int id)
{
    char text[32] = "", line[16];
    if (id < 512) {
        for (int byte = 0, at; byte < 256; byte++) {
            const uint32_t code = okng_byte_symbol((uint8_t)byte, &at);
            if (at == id % 256)
                (void)snprintf(text, sizeof text, "\"\\u%04x%s\"", (unsigned)code, id < 256 ? "" : "</w>");
        }
    } else {
        made_merge(id - 512, line);
        *strchr(line, ' ') = '\n';
        (void)snprintf(text, sizeof text, "\"%.*s%s\"", (int)strcspn(line, "\n"), line, strchr(line, '\n') + 1);
    }
    (void)okng_grown_add(json, text, strlen(text));
}

static inline void made_add(okng_grown *json, const char *text)
{
    (void)okng_grown_add(json, text, strlen(text));
}

/* {"!": 0, ...} but with the ids of `first` and `first` + 1 exchanged, of MADE_MERGES merges at most. */
static inline void made_ids(okng_grown *json, int merges, int first)
{
    char id[32];
    made_add(json, "{");
    for (int i = 0; i < 512 + merges; i++) {
        made_symbol(json, i);
        (void)snprintf(id, sizeof id, ":%d,", i == first ? i + 1 : i == first + 1 ? i - 1 : i);
        made_add(json, id);
    }
    made_add(json, "\"<|startoftext|>\":49406,\"<|endoftext|>\":49407}");
}

/* As the library tokenizers writes it; `form` is of a merge. */
static inline void made_model(okng_grown *json, const char *head, const char *form, int first)
{
    made_add(json, "{\"version\": \"1.0\", \"added_tokens\": [], \"model\": {");
    made_add(json, head);
    made_add(json, ", \"vocab\": ");
    made_ids(json, MADE_MERGES, first);
    made_add(json, ", \"merges\": [");
    for (int i = 0; i < MADE_MERGES; i++) {
        char line[16], merge[48];
        made_merge(i, line);
        const int left = (int)strcspn(line, " ");
        (void)snprintf(merge, sizeof merge, form, i > 0 ? "," : "", left, line, line + left + 1);
        made_add(json, merge);
    }
    made_add(json, "]}}");
}

#define MADE_BPE "\"type\": \"BPE\", \"unk_token\": \"<|endoftext|>\", \"end_of_word_suffix\": \"</w>\""

#endif
