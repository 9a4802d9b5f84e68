#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "text/tokenizer.h"

static const char word_end[] = "</w>";
enum { WORD_END = sizeof word_end - 1 };
enum { SLOTS = 1 << 17 }; /* of both tables: more than twice what they hold */

struct okng_tokenizer {
    struct {
        uint32_t pair; /* left id << 16 | right id */
        uint32_t id;   /* of what they become; 0 = the slot is free */
    } slots[SLOTS];
    uint16_t bytes[OKNG_TOKEN_BYTES];
};

struct okng_merges {
    size_t count; /* of symbols */
    char *text;   /* of all, one after the other */
    size_t room;
    uint32_t begins[512 + OKNG_TOKEN_MERGES + 1];
    struct {
        uint32_t left, right;
    } pairs[OKNG_TOKEN_MERGES];
    uint32_t slots[SLOTS]; /* id + 1 by the hash of the text; 0 = free */
};

/* ---- the alphabet ---- */

static bool plain(uint32_t byte)
{
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

uint32_t okng_byte_symbol(uint8_t byte, int32_t *id)
{
    /* First those that write themselves, then the others, from 256 up. */
    uint32_t before = 0, all = 0;
    for (uint32_t i = 0; i < OKNG_TOKEN_BYTES; i++) {
        before += plain(i) == plain(byte) && i < byte;
        all += plain(i);
    }
    *id = (int32_t)(plain(byte) ? before : all + before);
    return plain(byte) ? byte : 256 + before;
}

/* ---- texts of symbols ---- */

static uint64_t hash_of(const char *text, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3u;
    return hash ^ (hash >> 29);
}

const char *okng_merges_text(const okng_merges *merges, int32_t id, size_t *size)
{
    *size = merges->begins[id + 1] - merges->begins[id];
    return merges->text + merges->begins[id];
}

/* The slot of that text, or the free one where it belongs. */
static uint32_t *find(okng_merges *merges, const char *text, size_t size)
{
    for (uint64_t at = hash_of(text, size);; at++) {
        uint32_t *slot = &merges->slots[at % SLOTS];
        size_t length;
        if (*slot == 0) return slot;
        const char *other = okng_merges_text(merges, (int32_t)*slot - 1, &length);
        if (length == size && memcmp(other, text, size) == 0) return slot;
    }
}

/* Adds the symbol whose text is `left` and `right` together; *known where it is there already. */
static okng_status add_symbol(okng_merges *merges, const char *left, size_t left_size, const char *right,
                              size_t right_size, bool *known, okng_error *error)
{
    const size_t begin = merges->begins[merges->count], size = left_size + right_size;
    void *text = merges->text;
    if (size > UINT32_MAX - begin || !okng_grow(&text, &merges->room, begin + size, 1))
        return okng_fail_memory(error, begin + size);
    merges->text = text;
    memcpy(merges->text + begin, left, left_size);
    memcpy(merges->text + begin + left_size, right, right_size);
    uint32_t *slot = find(merges, merges->text + begin, size);
    *known = *slot != 0;
    if (*known) return OKNG_OK;
    merges->count++;
    merges->begins[merges->count] = (uint32_t)(begin + size);
    *slot = (uint32_t)merges->count;
    return OKNG_OK;
}

static size_t put_utf8(uint32_t code, char *to)
{
    if (code < 0x80) return to[0] = (char)code, 1;
    to[0] = (char)(0xc0 | code >> 6); /* the alphabet goes up to 323 */
    to[1] = (char)(0x80 | (code & 0x3f));
    return 2;
}

static okng_status add_alphabet(okng_merges *merges, const char *end, okng_error *error)
{
    char texts[OKNG_TOKEN_BYTES][2];
    size_t sizes[OKNG_TOKEN_BYTES];
    for (int byte = 0; byte < OKNG_TOKEN_BYTES; byte++) {
        int32_t id;
        uint32_t code = okng_byte_symbol((uint8_t)byte, &id);
        sizes[id] = put_utf8(code, texts[id]);
    }
    bool known;
    for (int id = 0; id < OKNG_TOKEN_BYTES; id++)
        OKNG_TRY(add_symbol(merges, texts[id], sizes[id], end, strlen(end), &known, error));
    return OKNG_OK;
}

okng_status okng_merges_new(okng_merges **out, okng_error *error)
{
    *out = okng_alloc_zero(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    okng_status status = add_alphabet(*out, "", error);
    if (status == OKNG_OK) status = add_alphabet(*out, word_end, error);
    if (status != OKNG_OK) okng_merges_free(out);
    return status;
}

void okng_merges_free(okng_merges **merges)
{
    if (*merges) free((*merges)->text);
    free(*merges);
    *merges = NULL;
}

size_t okng_merges_count(const okng_merges *merges)
{
    return merges->count - 512;
}

/* ---- merges ---- */

enum { SHOWN = 40 }; /* bytes of a symbol in messages */

static int shown(const char *text, size_t size)
{
    char head[SHOWN + 1];
    size_t length = size < SHOWN ? size : SHOWN;
    memcpy(head, text, length);
    head[length] = '\0';
    return okng_utf8_cut(head, SHOWN - 4);
}

okng_status okng_merges_add(okng_merges *merges, const char *left, size_t left_size, const char *right,
                            size_t right_size, const char *path, okng_error *error)
{
    const size_t count = okng_merges_count(merges);
    if (count == OKNG_TOKEN_MERGES)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: more than %d merges: another model's vocabulary", path,
                         OKNG_TOKEN_MERGES);
    const uint32_t first = *find(merges, left, left_size), second = *find(merges, right, right_size);
    if (first == 0 || second == 0) {
        const char *odd = first == 0 ? left : right;
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: merge %zu: \"%.*s\" is no symbol of the merges before it: damaged, or another model's "
                         "vocabulary",
                         path, count + 1, shown(odd, first == 0 ? left_size : right_size), odd);
    }
    bool known;
    OKNG_TRY(add_symbol(merges, left, left_size, right, right_size, &known, error));
    if (known)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: merge %zu: \"%.*s\" and \"%.*s\" make a symbol that is there already", path, count + 1,
                         shown(left, left_size), left, shown(right, right_size), right);
    merges->pairs[count].left = first - 1;
    merges->pairs[count].right = second - 1;
    return OKNG_OK;
}

/* ---- the tokenizer ---- */

static uint32_t slot_of(uint32_t pair)
{
    return (uint32_t)((pair * UINT64_C(0x9e3779b97f4a7c15)) >> 47);
}

static void add_pair(okng_tokenizer *tokenizer, uint32_t left, uint32_t right, uint32_t id)
{
    const uint32_t pair = left << 16 | right;
    uint32_t at = slot_of(pair);
    while (tokenizer->slots[at].id != 0) at = (at + 1) % SLOTS;
    tokenizer->slots[at].pair = pair;
    tokenizer->slots[at].id = id;
}

static bool ends_words(const okng_merges *merges)
{
    for (size_t id = 512; id < merges->count; id++) {
        size_t size;
        const char *text = okng_merges_text(merges, (int32_t)id, &size);
        if (size > WORD_END && memcmp(text + size - WORD_END, word_end, WORD_END) == 0) return true;
    }
    return false;
}

okng_status okng_merges_finish(okng_tokenizer **out, const okng_merges *merges, const char *path, okng_error *error)
{
    const size_t count = okng_merges_count(merges);
    *out = NULL;
    if (count != OKNG_TOKEN_MERGES)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: %zu merges, expected the %d of CLIP: it is cut off, or another model's vocabulary", path,
                         count, OKNG_TOKEN_MERGES);
    if (!ends_words(merges))
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: no merge ends a word with %s, as those of CLIP do: another model's vocabulary", path,
                         word_end);
    okng_tokenizer *made = okng_alloc_zero(1, sizeof *made);
    if (!made) return okng_fail_memory(error, sizeof *made);
    for (uint32_t i = 0; i < OKNG_TOKEN_MERGES; i++)
        add_pair(made, merges->pairs[i].left, merges->pairs[i].right, 512 + i);
    for (int byte = 0; byte < OKNG_TOKEN_BYTES; byte++) {
        int32_t id;
        (void)okng_byte_symbol((uint8_t)byte, &id);
        made->bytes[byte] = (uint16_t)id;
    }
    *out = made;
    return OKNG_OK;
}

int32_t okng_tokenizer_pair(const okng_tokenizer *tokenizer, int32_t left, int32_t right)
{
    const uint32_t pair = (uint32_t)left << 16 | (uint32_t)right;
    for (uint32_t at = slot_of(pair); tokenizer->slots[at].id != 0; at = (at + 1) % SLOTS)
        if (tokenizer->slots[at].pair == pair) return (int32_t)tokenizer->slots[at].id;
    return -1;
}

int32_t okng_tokenizer_byte(const okng_tokenizer *tokenizer, uint8_t byte)
{
    return tokenizer->bytes[byte];
}

void okng_tokenizer_close(okng_tokenizer **tokenizer)
{
    if (!tokenizer) return;
    free(*tokenizer);
    *tokenizer = NULL;
}
