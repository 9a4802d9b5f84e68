#include <math.h>
#include <stdio.h>
#include <string.h>

#include "options/number.h"
#include "options/values.h"

static void print_choice(const okng_option_row *r, int32_t index, char *text, size_t size)
{
    const char *choice = r->values;
    for (int32_t i = 0; i < index && *choice; i++) {
        choice += strcspn(choice, "|");
        choice += *choice == '|';
    }
    if (index < 0 || !*choice)
        (void)snprintf(text, size, "%d", (int)index);
    else
        (void)snprintf(text, size, "%.*s", (int)strcspn(choice, "|"), choice);
}

static void print_names(const okng_option_row *r, const void *field, char *text, size_t size)
{
    okng_option_field names;
    memcpy(&names, field, r->size);
    text[0] = '\0';
    if (names.names.count > OKNG_MAX_LAYERS) { /* no names, so that setting them fails */
        (void)snprintf(text, size, "%d layers", (int)names.names.count);
        return;
    }
    for (int32_t i = 0; i < names.names.count; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, size - used, "%s%.*s", i > 0 ? " " : "", OKNG_NAME_MAX, names.names.names[i]);
    }
}

static void print_scales(const okng_option_row *r, const void *field, char *text, size_t size)
{
    okng_option_field scales;
    memcpy(&scales, field, r->size);
    (void)snprintf(text, size, "%s", scales.scales.count == 0 && r->word ? r->word : "");
    if (scales.scales.count > OKNG_MAX_SCALES) { /* as with names */
        (void)snprintf(text, size, "%d scales", (int)scales.scales.count);
        return;
    }
    for (int32_t i = 0; i < scales.scales.count; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, size - used, "%s%d", i > 0 ? " " : "", (int)scales.scales.sides[i]);
    }
}

static void print_shares(const okng_option_row *r, const void *field, char *text, size_t size)
{
    okng_option_field shares;
    memcpy(&shares, field, r->size);
    (void)snprintf(text, size, "%s", shares.shares.count == 0 ? r->word : "");
    if (shares.shares.count < 0 || shares.shares.count > OKNG_MAX_SCALES) { /* as with names */
        (void)snprintf(text, size, "%d shares", (int)shares.shares.count);
        return;
    }
    for (int32_t i = 0; i < shares.shares.count; i++) {
        char number[48];
        size_t used = strlen(text);
        okng_number_text(shares.shares.values[i], false, number, sizeof number);
        (void)snprintf(text + used, size - used, "%s%s", i > 0 ? " " : "", number);
    }
}

static void print_resize(const okng_option_row *r, const void *field, char *text, size_t size)
{
    int32_t resize[3];
    memcpy(resize, field, sizeof resize);
    if (resize[0] == OKNG_RESIZE_NONE)
        (void)snprintf(text, size, "%s", r->word);
    else if (resize[0] == OKNG_RESIZE_AUTO)
        (void)snprintf(text, size, "auto");
    else if (resize[0] == OKNG_RESIZE_SHORTER)
        (void)snprintf(text, size, "%d", (int)resize[1]);
    else if (resize[0] == OKNG_RESIZE_EXACT)
        (void)snprintf(text, size, "%dx%d", (int)resize[1], (int)resize[2]);
    else
        (void)snprintf(text, size, "mode %d", (int)resize[0]);
}

static void print_size(const okng_option_row *r, const void *field, char *text, size_t size)
{
    int32_t sides[2];
    memcpy(sides, field, sizeof sides);
    if (sides[0] == 0 && sides[1] == 0)
        (void)snprintf(text, size, "%s", r->word);
    else
        (void)snprintf(text, size, "%d%c%d", (int)sides[0], strstr(r->values, "HxW") ? 'x' : ',', (int)sides[1]);
}

static void print_colour(const void *field, char *text, size_t size)
{
    float colour[3];
    char part[3][32];
    memcpy(colour, field, sizeof colour);
    for (int i = 0; i < 3; i++) okng_number_text((double)colour[i], true, part[i], sizeof part[i]);
    (void)snprintf(text, size, "%s,%s,%s", part[0], part[1], part[2]);
}

static void print_range(const okng_option_row *r, const void *field, char *text, size_t size)
{
    float range[2];
    char part[2][32];
    memcpy(range, field, sizeof range);
    if (isnan(range[0]) && isnan(range[1])) {
        (void)snprintf(text, size, "%s", r->word);
    } else if (isinf(range[0]) && range[0] == range[1]) {
        (void)snprintf(text, size, "off");
    } else {
        for (int i = 0; i < 2; i++) okng_number_text((double)range[i], true, part[i], sizeof part[i]);
        (void)snprintf(text, size, "%s,%s", part[0], part[1]);
    }
}

static void print_bool(const void *field, char *text, size_t size)
{
    bool on;
    memcpy(&on, field, sizeof on);
    (void)snprintf(text, size, "%s", on ? "true" : "false");
}

static void print_real(const okng_option_row *r, const void *field, char *text, size_t size)
{
    double real;
    float single = 0;
    bool narrow = r->kind == OKNG_KIND_FLOAT;
    memcpy(narrow ? (void *)&single : (void *)&real, field, narrow ? sizeof single : sizeof real);
    if (narrow) real = (double)single;
    if (r->word && (real == r->meaning || (isnan(real) && isnan(r->meaning))))
        (void)snprintf(text, size, "%s", r->word);
    else
        okng_number_text(real, narrow, text, size);
}

static void print_integer(const okng_option_row *r, const void *field, char *text, size_t size)
{
    int64_t whole;
    int32_t narrow = 0;
    bool wide = r->kind == OKNG_KIND_INT64 || r->kind == OKNG_KIND_UINT64 || r->kind == OKNG_KIND_BYTES;
    memcpy(wide ? (void *)&whole : (void *)&narrow, field, wide ? sizeof whole : sizeof narrow);
    if (!wide) whole = narrow;
    if (r->word && whole == (int64_t)r->meaning)
        (void)snprintf(text, size, "%s", r->word);
    else if (r->kind == OKNG_KIND_UINT64 || r->kind == OKNG_KIND_BYTES)
        (void)snprintf(text, size, "%llu", (unsigned long long)whole);
    else
        (void)snprintf(text, size, "%s%lld", r->before ? r->before : "", (long long)whole);
}

void okng_option_print(const okng_option_row *r, const void *field, char *text, size_t size)
{
    int32_t index;
    switch (r->kind) {
    case OKNG_KIND_TEXT:
    case OKNG_KIND_NAME:
    case OKNG_KIND_WORDS:
        (void)snprintf(text, size, "%.*s", (int)r->size, (const char *)field);
        return;
    case OKNG_KIND_NAMES:
        print_names(r, field, text, size);
        return;
    case OKNG_KIND_SCALES:
        print_scales(r, field, text, size);
        return;
    case OKNG_KIND_SHARES:
        print_shares(r, field, text, size);
        return;
    case OKNG_KIND_RESIZE:
        print_resize(r, field, text, size);
        return;
    case OKNG_KIND_SIZE:
        print_size(r, field, text, size);
        return;
    case OKNG_KIND_COLOUR:
        print_colour(field, text, size);
        return;
    case OKNG_KIND_RANGE:
        print_range(r, field, text, size);
        return;
    case OKNG_KIND_CHOICE:
        memcpy(&index, field, sizeof index);
        print_choice(r, index, text, size);
        return;
    case OKNG_KIND_BOOL:
        print_bool(field, text, size);
        return;
    case OKNG_KIND_FLOAT:
    case OKNG_KIND_DOUBLE:
        print_real(r, field, text, size);
        return;
    default:
        print_integer(r, field, text, size);
    }
}
