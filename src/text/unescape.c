/* HTML's character references. */
#include <stdlib.h>
#include <string.h>
#include <unicase.h>

#include "text/clean.h"
#include "text/codes.h"
#include "text/entities.h"

/* The text of a name, which may end in a semicolon; NULL where HTML5 has no such name. */
static const char *entity(const char *name, size_t size)
{
    size_t low = 0, high = okng_entity_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const char *other = okng_entity_text + okng_entity_begins[middle];
        const size_t length = strlen(other);
        const int order = memcmp(other, name, length < size ? length : size);
        if (order == 0 && length == size) return other + length + 1;
        if (order < 0 || (order == 0 && length < size))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void add_text(okng_grown *out, const char *text)
{
    (void)okng_grown_add(out, text, strlen(text));
}

uint32_t okng_windows_1252(uint32_t number)
{
    static const uint16_t codes[32] = {0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                       0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
                                       0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                       0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};
    return number >= 0x80 && number <= 0x9f ? codes[number - 0x80] : number;
}

/* Controls and what is no character: written as a number they vanish. */
static bool vanishes(uint32_t code)
{
    return (code >= 1 && code <= 8) || code == 0xb || (code >= 0xe && code <= 0x1f) || code == 0x7f ||
           (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
}

static void add_number(okng_grown *out, uint32_t number)
{
    if ((number >= 0xd800 && number <= 0xdfff) || number > 0x10ffff)
        okng_utf8_add(out, 0xfffd);
    else if (!vanishes(number))
        okng_utf8_add(out, number == 0 ? 0xfffd : okng_windows_1252(number));
}

static int digit(char c, bool hex)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (hex && c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (hex && c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Bytes of the digits of the number behind "&#", with an x that says that they are hexadecimal; 0 = there are none.
 * Above every character *number stays where it is. */
static size_t read_number(const char *text, size_t size, uint32_t *number)
{
    const bool hex = size > 0 && (text[0] == 'x' || text[0] == 'X');
    size_t at = hex;
    *number = 0;
    for (; at < size && digit(text[at], hex) >= 0; at++)
        if (*number <= 0x10ffff) *number = *number * (hex ? 16 : 10) + (uint32_t)digit(text[at], hex);
    return at > hex ? at : 0;
}

/* Bytes behind "&" that may be a name: up to 32 characters other than these, and a semicolon. */
static size_t name_length(const char *text, size_t size)
{
    size_t at = 0;
    for (int characters = 0; at < size && characters < 32; characters++) {
        uint32_t code;
        const size_t length = okng_utf8_code(text + at, size - at, &code);
        if (code < 0x80 && memchr("\t\n\f <&#;", (int)code, 8)) break;
        at += length;
    }
    if (at > 0 && at < size && text[at] == ';') at++;
    return at;
}

/* Bytes behind "&" that were taken; 0: it stands for itself. */
static size_t add_reference(okng_grown *out, const char *text, size_t size)
{
    if (size > 0 && text[0] == '#') {
        uint32_t number;
        size_t length = read_number(text + 1, size - 1, &number);
        if (length == 0) return 0;
        add_number(out, number);
        length++;
        return length < size && text[length] == ';' ? length + 1 : length;
    }
    /* The longest name that it begins with. No name of HTML has more than 32 bytes. */
    const size_t whole = name_length(text, size);
    for (size_t length = whole < 33 ? whole : 33; length >= 2; length--) {
        const char *found = entity(text, length);
        if (!found) continue;
        add_text(out, found);
        return length;
    }
    return 0;
}

/* Writes what the "&" that `text` [size] begins with stands for; bytes that were taken, 0: it stands for itself. */
typedef size_t write_reference(okng_grown *out, const char *text, size_t size);

static void unescape(okng_grown *out, const char *text, size_t size, write_reference *write)
{
    for (size_t at = 0; at < size;) {
        const char *next = memchr(text + at, '&', size - at);
        const size_t plain = next ? (size_t)(next - text) - at : size - at;
        (void)okng_grown_add(out, text + at, plain);
        at += plain;
        if (!next) break;
        const size_t taken = write(out, text + at, size - at);
        if (taken == 0) (void)okng_grown_add(out, "&", 1);
        at += taken > 0 ? taken : 1;
    }
}

static size_t write_lax(okng_grown *out, const char *text, size_t size)
{
    const size_t taken = add_reference(out, text + 1, size - 1);
    return taken > 0 ? 1 + taken : 0;
}

void okng_html_unescape(okng_grown *out, const char *text, size_t size)
{
    unescape(out, text, size, write_lax);
}

/* ---- as ftfy does it ---- */

/* A name that is only in lower case, written in capitals, stands for the capital; `name` [size] ends in a semicolon. */
static bool add_capital(okng_grown *out, const char *name, size_t size)
{
    char small[24 + 1];
    uint8_t *capital;
    size_t capital_size;
    if (size > sizeof small || entity(name, size)) return false;
    for (size_t i = 0; i < size; i++) {
        if (name[i] >= 'a' && name[i] <= 'z') return false;
        small[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
    }
    for (size_t length = 2; length < size; length++) /* one that begins with a name is left alone */
        if (entity(name, length)) return false;
    const char *found = entity(small, size);
    if (!found) return false;
    capital = u8_toupper((const uint8_t *)found, strlen(found), NULL, NULL, NULL, &capital_size);
    if (capital)
        (void)okng_grown_add(out, capital, capital_size);
    else
        out->wanted = size; /* missing, as by okng_grown_add */
    free(capital);
    return true;
}

/* Bytes of "&name;" or "&#number;" at `text`; 0 where there is none. */
static size_t whole_reference(const char *text, size_t size)
{
    size_t at = size > 1 && text[1] == '#' ? 2 : 1;
    const size_t begin = at;
    while (
        at < size && at - begin < 24 &&
        (digit(text[at], false) >= 0 || (text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z')))
        at++;
    return at > begin && at < size && text[at] == ';' ? at + 1 : 0;
}

/* False where it is left as it stands. */
static bool add_whole(okng_grown *out, const char *text, size_t size)
{
    if (text[1] == '#') {
        uint32_t number;
        const size_t digits = read_number(text + 2, size - 2, &number);
        if (digits == 0 || 2 + digits + 1 != size || number == ';') return false;
        add_number(out, number);
        return true;
    }
    const char *found = entity(text + 1, size - 1);
    if (found) add_text(out, found);
    return found || add_capital(out, text + 1, size - 1);
}

static size_t write_strict(okng_grown *out, const char *text, size_t size)
{
    const size_t length = whole_reference(text, size);
    return length > 0 && add_whole(out, text, length) ? length : 0;
}

void okng_html_unescape_strict(okng_grown *out, const char *text, size_t size)
{
    unescape(out, text, size, write_strict);
}
