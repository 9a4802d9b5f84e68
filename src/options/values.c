#include "options/values.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/catalogue.h"
#include "base/utf8.h"
#include "options/number.h"

_Static_assert(sizeof(okng_sampler) == sizeof(int32_t), "enums are read and written as int32_t");

enum { MAX_SIDE = 65535 };

bool okng_option_same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b)) return false;
    return *a == *b;
}

/* ---- refusing ------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static okng_status refuse(const char *value, okng_error *error,
                                                                const char *format, ...)
{
    char expected[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(expected, sizeof expected, okng_translate_format(format), args);
    va_end(args);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected %s", value, expected);
}

static okng_status refuse_number(const okng_option_row *r, const char *value, const char *what, okng_error *error)
{
    char low[32], high[32];
    okng_number_text(r->low, false, low, sizeof low);
    okng_number_text(r->high, false, high, sizeof high);
    const char * or = r->word ? N_(" or ") : "", *word = r->word ? r->word : "";
    if (r->low <= -OKNG_OPTION_MANY)
        return refuse(value, error, "%s%s%s", okng_translate(what), okng_translate(or), word);
    if (r->high >= OKNG_OPTION_MANY)
        return refuse(value, error, "%s, %s or more%s%s", okng_translate(what), low, okng_translate(or), word);
    return refuse(value, error, "%s %s..%s%s%s", okng_translate(what), low, high, okng_translate(or), word);
}

static bool is_word(const okng_option_row *r, const char *value)
{
    return r->word && strcmp(value, r->word) == 0;
}

/* ---- words ---------------------------------------------------------------------------------- */

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f) return true;
    return false;
}

static okng_status parse_text(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    size_t length = strlen(value);
    bool folder = *value && !strchr(value, '/') && strcmp(value, ".") != 0 && strcmp(value, "..") != 0;
    if (r->kind == OKNG_KIND_NAME && !folder) return refuse(value, error, "a name without /");
    if (length >= r->size) return refuse(value, error, "fewer than %zu bytes", r->size);
    if (r->kind == OKNG_KIND_WORDS && !okng_utf8_valid(value, length, NULL))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "not UTF-8 text");
    if (r->kind == OKNG_KIND_WORDS && has_control(value))
        return refuse(value, error, "a line without control characters");
    memset(field, 0, r->size);
    memcpy(field, value, length);
    return OKNG_OK;
}

static okng_status parse_choice(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    const char *choice = r->values;
    for (int32_t index = 0; *choice; index++) {
        char name[OKNG_NAME_MAX];
        size_t length = strcspn(choice, "|");
        memcpy(name, choice, length);
        name[length] = '\0';
        if (okng_option_same_name(name, value)) {
            memcpy(field, &index, sizeof index);
            return OKNG_OK;
        }
        choice += length + (choice[length] == '|');
    }
    return refuse(value, error, "one of %s", r->values);
}

static okng_status parse_bool(void *field, const char *value, okng_error *error)
{
    bool on = strcasecmp(value, "true") == 0;
    if (!on && strcasecmp(value, "false") != 0) return refuse(value, error, "true|false");
    memcpy(field, &on, sizeof on);
    return OKNG_OK;
}

/* Copies the next word, cut at spaces and commas, and moves *text behind it. False at the end or when it is too long.
 */
static bool next_word(const char **text, char *word, size_t size)
{
    *text += strspn(*text, " ,\t");
    size_t length = strcspn(*text, " ,\t");
    if (length == 0 || length >= size) return false;
    memcpy(word, *text, length);
    word[length] = '\0';
    *text += length;
    *text += strspn(*text, " ,\t");
    return true;
}

static bool is_layer_name(const char *name)
{
    if (!isalpha((unsigned char)*name)) return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '.' && *name != '_') return false;
    return true;
}

static okng_status parse_names(void *field, const char *value, okng_error *error)
{
    okng_option_field names = {{0}};
    const char *rest = value;
    do {
        char *name = names.names.names[names.names.count];
        if (names.names.count == OKNG_MAX_LAYERS || !next_word(&rest, name, OKNG_NAME_MAX) || !is_layer_name(name))
            return refuse(value, error, "1..%d names such as layer2 layer3", OKNG_MAX_LAYERS);
        names.names.count++;
    } while (*rest);
    memcpy(field, &names.names, sizeof names.names);
    return OKNG_OK;
}

/* ---- sizes ---------------------------------------------------------------------------------- */

/* "N", "HxW" or, as a list in a file, "H,W". */
static bool parse_sides(const char *value, bool *exact, int32_t sides[2])
{
    char first[16] = "";
    int64_t height, width;
    size_t length = strcspn(value, "x,");
    *exact = value[length] != '\0';
    if (length >= sizeof first) return false;
    memcpy(first, value, length);
    if (!okng_number_i64(first, &height)) return false;
    width = height;
    if (*exact && !okng_number_i64(value + length + 1, &width)) return false;
    if (height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE) return false;
    sides[0] = (int32_t)height;
    sides[1] = (int32_t)width;
    return true;
}

static okng_status parse_size(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    int32_t sides[2] = {0, 0};
    bool exact, none = is_word(r, value), resizes = r->kind == OKNG_KIND_RESIZE;
    bool automatic = resizes && strcmp(value, "auto") == 0;
    if (!none && !automatic && !parse_sides(value, &exact, sides))
        return refuse(value, error, "%sN, HxW (each 1..%d) or %s", resizes ? "auto, " : "", MAX_SIDE, r->word);
    int32_t resize[3] = {none        ? OKNG_RESIZE_NONE
                         : automatic ? OKNG_RESIZE_AUTO
                         : exact     ? OKNG_RESIZE_EXACT
                                     : OKNG_RESIZE_SHORTER,
                         sides[0], sides[1]};
    if (r->kind == OKNG_KIND_RESIZE)
        memcpy(field, resize, sizeof resize);
    else
        memcpy(field, sides, sizeof sides);
    return OKNG_OK;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static okng_status parse_integer(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    const char *what = r->kind == OKNG_KIND_ODD ? N_("an odd number") : N_("a whole number");
    size_t before = r->before ? strlen(r->before) : 0;
    bool word = is_word(r, value), narrow = r->kind != OKNG_KIND_INT64;
    int64_t number = (int64_t)(word ? r->meaning : 0);
    if (!word) {
        if (before > 0 && strncmp(value, r->before, before) != 0)
            return refuse(value, error, "%s with N from %.0f to %.0f", r->values, r->low, r->high);
        bool fine = okng_number_i64(value + before, &number);
        bool zero = fine && r->word && number == 0 && r->meaning == 0; /* 0 says none, all, off */
        if (!zero && (!fine || (double)number < r->low || (double)number > r->high))
            return refuse_number(r, value, what, error);
        if (narrow && (number < INT32_MIN || number > INT32_MAX)) return refuse(value, error, "at most %d", INT32_MAX);
        if (r->kind == OKNG_KIND_ODD && number % 2 == 0) return refuse_number(r, value, what, error);
    }
    int32_t small = (int32_t)number;
    if (narrow)
        memcpy(field, &small, sizeof small);
    else
        memcpy(field, &number, sizeof number);
    return OKNG_OK;
}

static okng_status parse_unsigned(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    uint64_t number = (uint64_t)r->meaning;
    if (!is_word(r, value)) {
        bool bytes = r->kind == OKNG_KIND_BYTES;
        bool fine = bytes ? okng_number_bytes(value, &number) : okng_number_u64(value, &number);
        bool zero = fine && r->word && number == 0 && r->meaning == 0;
        if (!zero && (!fine || (double)number < r->low || (double)number > r->high))
            return refuse_number(r, value, bytes ? N_("bytes, as 512M or 4G") : N_("a whole number"), error);
    }
    memcpy(field, &number, sizeof number);
    return OKNG_OK;
}

static okng_status parse_real(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    double number = r->meaning;
    if (!is_word(r, value) && (!okng_number_real(value, &number) || number < r->low || number > r->high))
        return refuse_number(r, value, "a number", error);
    float single = (float)number;
    if (r->kind == OKNG_KIND_FLOAT)
        memcpy(field, &single, sizeof single);
    else
        memcpy(field, &number, sizeof number);
    return OKNG_OK;
}

static okng_status parse_colour(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    float colour[3];
    const char *rest = value;
    for (int i = 0; i < 3; i++) {
        char word[64];
        double number;
        if (!next_word(&rest, word, sizeof word) || !okng_number_real(word, &number) || number < r->low ||
            number > r->high)
            return refuse_number(r, value, "three numbers", error);
        colour[i] = (float)number;
    }
    if (*rest) return refuse_number(r, value, "three numbers", error);
    memcpy(field, colour, sizeof colour);
    return OKNG_OK;
}

/* "2 3", or "2,3". */
static okng_status parse_scales(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    okng_option_field scales = {{0}};
    const char *rest = value;
    int64_t before = -1;
    if (is_word(r, value)) {
        memcpy(field, &scales.scales, r->size);
        return OKNG_OK;
    }
    do {
        char word[16];
        int64_t side;
        if (scales.scales.count == OKNG_MAX_SCALES || !next_word(&rest, word, sizeof word) ||
            !okng_number_i64(word, &side) || (double)side < r->low || (double)side > r->high || side <= before)
            return refuse(value, error, "1..%d whole numbers from %.0f to %.0f, rising, %s %s", OKNG_MAX_SCALES, r->low,
                          r->high, r->word ? "or" : "such as", r->initial);
        scales.scales.sides[scales.scales.count++] = (int32_t)side;
        before = side;
    } while (*rest);
    memcpy(field, &scales.scales, r->size);
    return OKNG_OK;
}

/* "1 0.5", or the row's word for none. */
static okng_status parse_shares(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    okng_option_field shares = {{0}};
    const char *rest = is_word(r, value) ? "" : value;
    do {
        char word[64];
        double share;
        if (is_word(r, value)) break;
        if (shares.shares.count == OKNG_MAX_SCALES || !next_word(&rest, word, sizeof word) ||
            !okng_number_real(word, &share) || share < r->low || share > r->high)
            return refuse(value, error, "1..%d numbers from %g to %g, or %s", OKNG_MAX_SCALES, r->low, r->high,
                          r->word);
        shares.shares.values[shares.shares.count++] = share;
    } while (*rest);
    memcpy(field, &shares.shares, r->size);
    return OKNG_OK;
}

/* "LOW,HIGH", the row's word (both NaN) or "off" (both infinite). */
static okng_status parse_range(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    float range[2] = {(float)r->meaning, (float)r->meaning};
    bool off = strcmp(value, "off") == 0;
    const char *rest = value;
    for (int i = 0; i < 2 && !off && !is_word(r, value); i++) {
        char word[64];
        double number;
        if (!next_word(&rest, word, sizeof word) || !okng_number_real(word, &number) || number < r->low ||
            number > r->high)
            return refuse(value, error, "two numbers LOW,HIGH, %s or off", r->word);
        range[i] = (float)number;
        if (i == 1 && *rest) return refuse(value, error, "two numbers LOW,HIGH, %s or off", r->word);
    }
    if (range[0] > range[1]) return refuse(value, error, "LOW,HIGH with the lower number first");
    if (off) range[0] = range[1] = INFINITY;
    memcpy(field, range, sizeof range);
    return OKNG_OK;
}

okng_status okng_option_parse(const okng_option_row *r, void *field, const char *value, okng_error *error)
{
    switch (r->kind) {
    case OKNG_KIND_TEXT:
    case OKNG_KIND_NAME:
    case OKNG_KIND_WORDS:
        return parse_text(r, field, value, error);
    case OKNG_KIND_NAMES:
        return parse_names(field, value, error);
    case OKNG_KIND_RESIZE:
    case OKNG_KIND_SIZE:
        return parse_size(r, field, value, error);
    case OKNG_KIND_COLOUR:
        return parse_colour(r, field, value, error);
    case OKNG_KIND_RANGE:
        return parse_range(r, field, value, error);
    case OKNG_KIND_CHOICE:
        return parse_choice(r, field, value, error);
    case OKNG_KIND_BOOL:
        return parse_bool(field, value, error);
    case OKNG_KIND_SCALES:
        return parse_scales(r, field, value, error);
    case OKNG_KIND_SHARES:
        return parse_shares(r, field, value, error);
    case OKNG_KIND_UINT64:
    case OKNG_KIND_BYTES:
        return parse_unsigned(r, field, value, error);
    case OKNG_KIND_FLOAT:
    case OKNG_KIND_DOUBLE:
        return parse_real(r, field, value, error);
    case OKNG_KIND_INT32:
    case OKNG_KIND_ODD:
    case OKNG_KIND_INT64:
        break;
    }
    return parse_integer(r, field, value, error);
}
