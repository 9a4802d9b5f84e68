#include "options/engine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/sized.h"
#include "options/values.h"

enum { MAX_ROWS = 128 };

/* ---- rows ----------------------------------------------------------------------------------- */

const okng_option_row *okng_options_find(const okng_option_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (okng_option_same_name(name, table->rows[i].name)) return &table->rows[i];
    return NULL;
}

static const okng_option_table *table_of(const okng_option_table *table, const okng_option_row *row)
{
    return row->of ? row->of : table;
}

const okng_option_row *okng_options_target(const okng_option_table *table, const okng_option_row *row)
{
    return row->alias ? okng_options_find(table_of(table, row), row->alias) : row;
}

static okng_status unknown_name(const okng_option_table *table, const char *name, okng_error *error)
{
    const char *names[MAX_ROWS];
    size_t count = 0;
    for (; count < table->count && count < MAX_ROWS; count++) names[count] = table->rows[count].name;
    const char *nearest = okng_suggest(name, names, count);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "unknown option \"%.80s\"%s%s%s%s", name,
                     table->what ? table->what : "", nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                     nearest ? "\"?" : "");
}

/* Bytes of the caller's struct, which may be older and shorter than ours. */
static size_t size_of(const okng_option_table *table, const void *options)
{
    size_t size = table->struct_size;
    if (table->versioned) memcpy(&size, options, sizeof size);
    return size;
}

static bool fits(const okng_option_table *table, const okng_option_row *row, const void *options)
{
    return row->offset + row->size <= size_of(table, options);
}

static okng_status named(const okng_option_table *table, const okng_option_row *row, okng_status status,
                         okng_error *error)
{
    if (status == OKNG_OK || !table->noun) return status;
    return okng_error_context(error, status, "%s %s", table->noun, row->name);
}

/* ---- setting -------------------------------------------------------------------------------- */

typedef struct other_setting {
    char name[OKNG_NAME_MAX], value[OKNG_NAME_MAX];
} other_setting;

/* The first of "coreset-size=0 distance=l2"; what follows it. */
static const char *next_setting(const char *sets, other_setting *setting)
{
    size_t length = strcspn(sets, "="), end = strcspn(sets, " ");
    (void)snprintf(setting->name, sizeof setting->name, "%.*s", (int)length, sets);
    (void)snprintf(setting->value, sizeof setting->value, "%.*s", (int)(end - length - 1), sets + length + 1);
    return sets + end + strspn(sets + end, " ");
}

static okng_status set_others(const okng_option_table *table, void *options, const char *sets, okng_error *error)
{
    while (sets && *sets) {
        other_setting setting;
        sets = next_setting(sets, &setting);
        OKNG_TRY(okng_options_set(table, options, setting.name, setting.value, error));
    }
    return OKNG_OK;
}

static okng_status set_field(const okng_option_table *table, const okng_option_row *row, void *options,
                             const char *value, const void *context, okng_error *error)
{
    if (!fits(table, row, options))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option %s: the options struct has %zu bytes, which is too old or was not initialised",
                         row->name, size_of(table, options));
    okng_status status = row->set ? row->set(row, options, value, context, error)
                                  : okng_option_parse(row, (char *)options + row->offset, value, error);
    return named(table, row, status, error);
}

okng_status okng_options_set_row(const okng_option_table *table, const okng_option_row *row, void *options,
                                 const char *value, const void *context, okng_error *error)
{
    const okng_option_row *target = okng_options_target(table, row);
    const okng_option_table *theirs = table_of(table, row);
    void *inner = row->of ? (char *)options + row->offset : options;
    if (target == row || row->set)
        OKNG_TRY(set_field(table, row, options, value, context, error));
    else
        OKNG_TRY(okng_options_set_row(theirs, target, inner, value, context, error));
    return set_others(theirs, inner, row->sets, error);
}

okng_status okng_options_set(const okng_option_table *table, void *options, const char *name, const char *value,
                             okng_error *error)
{
    if (!options || !name || !value)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "options, the name of an option and its value must not be NULL");
    const okng_option_row *row = okng_options_find(table, name);
    if (!row) return unknown_name(table, name, error);
    return okng_options_set_row(table, row, options, value, NULL, error);
}

/* ---- initial values ------------------------------------------------------------------------- */

void okng_options_reset_row(const okng_option_table *table, const okng_option_row *row, void *options)
{
    if (row->alias || !fits(table, row, options)) return;
    void *field = (char *)options + row->offset;
    if (row->initial)
        (void)okng_option_parse(row, field, row->initial, NULL);
    else
        memset(field, 0, row->size);
}

void okng_options_init(const okng_option_table *table, void *options, size_t size)
{
    if (!options || (table->versioned && size < sizeof size)) return;
    memset(options, 0, size);
    if (table->versioned) memcpy(options, &size, sizeof size);
    for (size_t i = 0; i < table->count; i++) okng_options_reset_row(table, &table->rows[i], options);
}

/* ---- getting -------------------------------------------------------------------------------- */

void okng_options_get_row(const okng_option_table *table, const okng_option_row *row, const void *options, char *text,
                          size_t size)
{
    const okng_option_row *target = okng_options_target(table, row);
    const char *inner = (const char *)options + (row->of ? row->offset : 0);
    text[0] = '\0';
    if (fits(table_of(table, row), target, inner)) okng_option_print(target, inner + target->offset, text, size);
}

okng_status okng_options_get(const okng_option_table *table, const void *options, const char *name, char *text,
                             size_t size, okng_error *error)
{
    if (!options || !name || !text || size == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "options, name and text must not be NULL, nor the size 0");
    text[0] = '\0';
    const okng_option_row *row = okng_options_find(table, name);
    if (!row) return unknown_name(table, name, error);
    if (!fits(table, okng_options_target(table, row), options))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option %s: the options struct has %zu bytes, which is too old or was not initialised",
                         row->name, size_of(table, options));
    okng_options_get_row(table, row, options, text, size);
    return OKNG_OK;
}

/* ---- checking ------------------------------------------------------------------------------- */

okng_status okng_options_check(const okng_option_table *table, const void *options, okng_error *error)
{
    char text[OKNG_OPTION_TEXT_MAX];
    for (size_t i = 0; i < table->count; i++) {
        const okng_option_row *row = &table->rows[i];
        okng_option_field scratch;
        if (row->alias || row->size == 0 || !fits(table, row, options)) continue;
        okng_option_print(row, (const char *)options + row->offset, text, sizeof text);
        okng_status status = okng_option_parse(row, &scratch, text, error);
        if (status != OKNG_OK && !table->noun) return okng_error_context(error, status, "%s", row->name);
        OKNG_TRY(named(table, row, status, error));
    }
    return OKNG_OK;
}

okng_status okng_options_complete(const okng_option_table *table, const void *options, void *full, okng_error *error)
{
    char what[64];
    (void)snprintf(what, sizeof what, "the options%s", table->what ? table->what : "");
    okng_options_init(table, full, table->struct_size);
    OKNG_TRY(okng_sized_take(full, table->struct_size, options, what, error));
    return okng_options_check(table, full, error);
}

/* ---- what rows say -------------------------------------------------------------------------- */

/* The first setting of `sets` holds: "coreset-size=0" while coreset-size is 0. */
static bool holds(const okng_option_table *table, const okng_option_row *row, const void *options)
{
    other_setting first;
    okng_option_field field;
    (void)next_setting(row->sets, &first);
    const okng_option_row *other = okng_options_find(table, first.name);
    if (!other || !fits(table, other, options) || okng_option_parse(other, &field, first.value, NULL) != OKNG_OK)
        return true;
    return memcmp(&field, (const char *)options + other->offset, other->size) == 0;
}

bool okng_options_is_recorded(const okng_option_table *table, const okng_option_row *row, const void *options)
{
    if (!(row->flags & OKNG_ROW_RECORDED) || row->flags & OKNG_ROW_PASSING || row->alias) return false;
    if (row->sets) return holds(table, row, options);
    size_t length = strlen(row->name);
    for (size_t i = 0; i < table->count; i++) {
        const okng_option_row *other = &table->rows[i];
        if (other->alias || !other->sets || strncmp(other->sets, row->name, length) != 0 || other->sets[length] != '=')
            continue;
        return !holds(table, other, options);
    }
    return true;
}

bool okng_options_is_named(const okng_option_row *row, const char *const *names)
{
    if (!names || !(row->flags & OKNG_ROW_OF_METHOD)) return true;
    while (*names && strcmp(*names, row->name) != 0) names++;
    return *names != NULL;
}

bool okng_options_is_read(const char *verbs, const char *verb)
{
    size_t length = strlen(verb);
    for (; verbs && *verbs; verbs += strspn(verbs, ", ")) {
        size_t end = strcspn(verbs, ",");
        if (end >= length && strncmp(verbs, verb, length) == 0 && (end == length || verbs[length] == ' ')) return true;
        verbs += end;
    }
    return false;
}

static okng_option_type type_of(okng_option_kind kind)
{
    static const okng_option_type types[] = {
        [OKNG_KIND_TEXT] = OKNG_OPTION_TEXT,      [OKNG_KIND_NAME] = OKNG_OPTION_TEXT,
        [OKNG_KIND_WORDS] = OKNG_OPTION_TEXT,     [OKNG_KIND_SCALES] = OKNG_OPTION_TEXT,
        [OKNG_KIND_SHARES] = OKNG_OPTION_TEXT,    [OKNG_KIND_NAMES] = OKNG_OPTION_NAMES,
        [OKNG_KIND_RESIZE] = OKNG_OPTION_SIZE,    [OKNG_KIND_SIZE] = OKNG_OPTION_SIZE,
        [OKNG_KIND_COLOUR] = OKNG_OPTION_COLOUR,  [OKNG_KIND_CHOICE] = OKNG_OPTION_CHOICE,
        [OKNG_KIND_BOOL] = OKNG_OPTION_BOOL,      [OKNG_KIND_INT32] = OKNG_OPTION_INTEGER,
        [OKNG_KIND_ODD] = OKNG_OPTION_INTEGER,    [OKNG_KIND_INT64] = OKNG_OPTION_INTEGER,
        [OKNG_KIND_UINT64] = OKNG_OPTION_INTEGER, [OKNG_KIND_BYTES] = OKNG_OPTION_BYTES,
        [OKNG_KIND_FLOAT] = OKNG_OPTION_REAL,     [OKNG_KIND_DOUBLE] = OKNG_OPTION_REAL,
        [OKNG_KIND_RANGE] = OKNG_OPTION_RANGE,
    };
    return types[kind];
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    return a ? a : b ? b : c;
}

void okng_options_describe(const okng_option_table *table, const okng_option_row *row, okng_option_info *info)
{
    const okng_option_row *target = okng_options_target(table, row);
    const okng_option_type type = target->before ? OKNG_OPTION_TEXT : type_of(target->kind);
    bool number = type == OKNG_OPTION_INTEGER || type == OKNG_OPTION_REAL || type == OKNG_OPTION_BYTES ||
                  type == OKNG_OPTION_COLOUR || type == OKNG_OPTION_RANGE;
    const okng_option_info full = {
        .struct_size = sizeof full,
        .name = row->name,
        .values = row->values,
        .help = row->help,
        .group = first_of(row->group, table->group, target->group),
        .verbs = first_of(row->verbs, table->verbs, target->verbs),
        .initial = target->initial ? target->initial : "",
        .alias = row->alias && !row->of ? row->alias : NULL,
        .type = type,
        .minimum = number && target->low > -OKNG_OPTION_MANY ? target->low : (double)-INFINITY,
        .maximum = number && target->high < OKNG_OPTION_MANY ? target->high : (double)INFINITY,
        .word = target->word,
        .recorded = (target->flags & OKNG_ROW_RECORDED) != 0,
        .first = target->flags & OKNG_ROW_FIRST   ? 2
                 : target->flags & OKNG_ROW_EARLY ? 1
                                                  : 0,
    };
    (void)okng_sized_give(info, &full, sizeof full, "the place for the option", NULL);
}
