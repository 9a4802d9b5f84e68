#include "base/catalogue.h"

#include <printf.h>
#include <stdatomic.h>
#include <string.h>

enum { MAGIC = 0, REVISION, COUNT, ORIGINALS, TRANSLATIONS, HEAD_WORDS }; /* the head, in 32-bit words */
enum { MAX_ARGUMENTS = 16 };

static _Atomic(const okng_catalogue *) in_use;

static uint32_t word_at(const uint8_t *data, size_t offset)
{
    uint32_t word;
    memcpy(&word, data + offset, sizeof word);
    return word;
}

/* Text i of a table, which is a list of lengths and offsets. */
static const char *text_at(const okng_catalogue *catalogue, uint32_t table, uint32_t i)
{
    return (const char *)catalogue->data + word_at(catalogue->data, table + 8 * (size_t)i + 4);
}

/* msgfmt writes each text once: those that share bytes, as only a hostile file has them, would make comparing them take
 * the square of its size. */
static bool is_table(const okng_catalogue *catalogue, size_t size, uint32_t table)
{
    size_t together = 0;
    if (table > size || (size - table) / 8 < catalogue->count) return false;
    for (uint32_t i = 0; i < catalogue->count; i++) {
        size_t length = word_at(catalogue->data, table + 8 * (size_t)i);
        size_t offset = word_at(catalogue->data, table + 8 * (size_t)i + 4);
        if (offset >= size || length >= size - offset || catalogue->data[offset + length] != 0) return false;
        together += length;
        if (together > size) return false;
    }
    return true;
}

bool okng_catalogue_init(okng_catalogue *catalogue, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    if (size < 4 * HEAD_WORDS || word_at(bytes, 4 * MAGIC) != 0x950412deu) return false;
    if (word_at(bytes, 4 * REVISION) >> 16 != 0) return false; /* the major number */
    *catalogue = (okng_catalogue){.data = bytes,
                                  .count = word_at(bytes, 4 * COUNT),
                                  .originals = word_at(bytes, 4 * ORIGINALS),
                                  .translations = word_at(bytes, 4 * TRANSLATIONS)};
    if (!is_table(catalogue, size, catalogue->originals) || !is_table(catalogue, size, catalogue->translations))
        return false;
    for (uint32_t i = 1; i < catalogue->count; i++)
        if (strcmp(text_at(catalogue, catalogue->originals, i - 1), text_at(catalogue, catalogue->originals, i)) >= 0)
            return false;
    return true;
}

const char *okng_catalogue_find(const okng_catalogue *catalogue, const char *original)
{
    uint32_t low = 0, high = catalogue->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(original, text_at(catalogue, catalogue->originals, middle));
        if (order == 0) return text_at(catalogue, catalogue->translations, middle);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool okng_catalogue_same_arguments(const char *format, const char *other)
{
    int types[MAX_ARGUMENTS], others[MAX_ARGUMENTS];
    size_t count = parse_printf_format(format, MAX_ARGUMENTS, types);
    if (count > MAX_ARGUMENTS || parse_printf_format(other, MAX_ARGUMENTS, others) != count) return false;
    return memcmp(types, others, count * sizeof *types) == 0;
}

void okng_catalogue_use(const okng_catalogue *catalogue)
{
    atomic_store(&in_use, catalogue);
}

const char *okng_translate(const char *english)
{
    const okng_catalogue *catalogue = atomic_load(&in_use);
    if (!catalogue || !english || !*english) return english; /* the translation of "" is the catalogue's head */
    const char *found = okng_catalogue_find(catalogue, english);
    return found && *found ? found : english;
}

const char *okng_translate_format(const char *english)
{
    const char *found = okng_translate(english);
    return found == english || okng_catalogue_same_arguments(english, found) ? found : english;
}
