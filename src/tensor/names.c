#include "tensor/names.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of the UTF-8 sequence at `at`, 0 when it is none: too short, too long a form, a surrogate or over U+10FFFF. */
static size_t utf8_length(const unsigned char *at, size_t left)
{
    unsigned first = at[0];
    if (first < 0x80) return 1;
    size_t length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 ? 4 : 0;
    if (length == 0 || length > left || first > 0xf4) return 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    unsigned second = at[1];
    if (first == 0xe0 && second < 0xa0) return 0;
    if (first == 0xed && second >= 0xa0) return 0;
    if (first == 0xf0 && second < 0x90) return 0;
    if (first == 0xf4 && second >= 0x90) return 0;
    return length;
}

bool okng_name_valid(const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t step = text[i] ? utf8_length((const unsigned char *)text + i, length - i) : 0;
        if (step == 0) return false;
        i += step;
    }
    return true;
}

static int compare_text(const okng_name *a, const char *text, size_t length)
{
    size_t shared = a->length < length ? a->length : length;
    int order = shared > 0 ? memcmp(a->text, text, shared) : 0;
    if (order != 0) return order;
    return a->length < length ? -1 : a->length > length;
}

static int compare(const void *left, const void *right)
{
    const okng_name *a = left, *b = right;
    int order = compare_text(a, b->text, b->length);
    if (order != 0) return order;
    return a->item < b->item ? -1 : a->item > b->item;
}

void okng_names_sort_index(okng_name *names, size_t count)
{
    if (count > 1) qsort(names, count, sizeof *names, compare);
}

const okng_name *okng_names_duplicate(const okng_name *names, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare_text(&names[i - 1], names[i].text, names[i].length) == 0) return &names[i - 1];
    return NULL;
}

const okng_name *okng_names_find(const okng_name *names, size_t count, const char *text, size_t length)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_text(&names[middle], text, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && compare_text(&names[low], text, length) == 0 ? &names[low] : NULL;
}
