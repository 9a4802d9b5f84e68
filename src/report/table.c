#include "report/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/memory.h"

okng_status okng_table_new(okng_table *table, size_t rows, size_t columns, okng_error *error)
{
    size_t count;
    *table = (okng_table){.rows = rows, .columns = columns};
    if (okng_mul_size(rows, columns, &count)) table->cells = calloc(count ? count : 1, sizeof *table->cells);
    return table->cells ? OKNG_OK : okng_fail_memory(error, rows * columns * sizeof *table->cells);
}

void okng_table_free(okng_table *table)
{
    for (size_t i = 0; table->cells && i < table->rows * table->columns; i++) free(table->cells[i]);
    free(table->cells);
    *table = (okng_table){0};
}

bool okng_table_set(okng_table *table, size_t row, size_t column, const char *format, ...)
{
    char **cell = &table->cells[row * table->columns + column];
    va_list list;
    free(*cell);
    va_start(list, format);
    if (vasprintf(cell, format, list) < 0) *cell = NULL;
    va_end(list);
    /* Names come from files: a terminal must not obey them. */
    for (char *c = *cell; c && *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
    return *cell != NULL;
}

static const char *cell_of(const okng_table *table, size_t row, size_t column)
{
    const char *cell = table->cells[row * table->columns + column];
    return cell ? cell : "";
}

/* Characters, not bytes. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++) width += (*text & 0xc0) != 0x80;
    return width;
}

static bool is_number(const char *text)
{
    char *end;
    if (!*text) return true;
    (void)strtod(text, &end);
    return end != text && !*end;
}

typedef struct layout {
    int width;
    bool right;
} layout;

static layout layout_of(const okng_table *table, size_t column)
{
    layout found = {0, true};
    for (size_t row = 0; row < table->rows; row++) {
        const char *cell = cell_of(table, row, column);
        int width = width_of(cell);
        if (width > found.width) found.width = width;
        if (row > 0 && !is_number(cell)) found.right = false;
    }
    return found;
}

/* ---- CSV ---- */

bool okng_table_csv(const okng_table *table, FILE *stream)
{
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t column = 0; column < table->columns; column++) {
            if (column > 0) (void)fputc(',', stream);
            okng_csv_write_field(stream, cell_of(table, row, column));
        }
        (void)fputc('\n', stream);
    }
    return true;
}

/* ---- Markdown and text ---- */

/* What would end a cell or begin markup is made plain. */
static char *escape(const char *text)
{
    char *out = malloc(2 * strlen(text) + 1), *to = out;
    for (; out && *text; text++) {
        if (strchr("|\\`*_<", *text)) *to++ = '\\';
        *to++ = *text;
    }
    if (out) *to = '\0';
    return out;
}

static layout *lay_out(const okng_table *table, int least)
{
    layout *places = okng_alloc(table->columns, sizeof *places);
    for (size_t column = 0; places && column < table->columns; column++) {
        places[column] = layout_of(table, column);
        if (places[column].width < least) places[column].width = least;
    }
    return places;
}

static void put_cell(FILE *stream, const char *text, const layout *place)
{
    int gap = place->width - width_of(text);
    (void)fprintf(stream, "%*s%s%*s", place->right ? gap : 0, "", text, place->right ? 0 : gap, "");
}

static void rule(const layout *places, size_t columns, FILE *stream)
{
    for (size_t column = 0; column < columns; column++) {
        (void)fputs(column ? " | " : "| ", stream);
        for (int i = 0; i < places[column].width - places[column].right; i++) (void)fputc('-', stream);
        if (places[column].right) (void)fputc(':', stream);
    }
    (void)fputs(" |\n", stream);
}

static bool escape_all(const okng_table *table, okng_table *plain)
{
    if (okng_table_new(plain, table->rows, table->columns, NULL) != OKNG_OK) return false;
    for (size_t i = 0; i < table->rows * table->columns; i++)
        if (!(plain->cells[i] = escape(table->cells[i] ? table->cells[i] : ""))) return false;
    return true;
}

bool okng_table_markdown(const okng_table *table, FILE *stream)
{
    okng_table plain;
    bool escaped = escape_all(table, &plain);
    layout *places = escaped ? lay_out(&plain, 3) : NULL;
    for (size_t row = 0; places && row < table->rows; row++) {
        for (size_t column = 0; column < table->columns; column++) {
            (void)fputs(column ? " | " : "| ", stream);
            put_cell(stream, cell_of(&plain, row, column), &places[column]);
        }
        (void)fputs(" |\n", stream);
        if (row == 0) rule(places, table->columns, stream);
    }
    bool done = places != NULL;
    free(places);
    okng_table_free(&plain);
    return done;
}

bool okng_table_text(const okng_table *table, FILE *stream)
{
    layout *places = lay_out(table, 0);
    for (size_t row = 0; places && row < table->rows; row++) {
        for (size_t column = 0; column < table->columns; column++) {
            bool last = column + 1 == table->columns;
            if (column > 0) (void)fputs("  ", stream);
            if (last && !places[column].right)
                (void)fputs(cell_of(table, row, column), stream);
            else
                put_cell(stream, cell_of(table, row, column), &places[column]);
        }
        (void)fputc('\n', stream);
    }
    bool done = places != NULL;
    free(places);
    return done;
}
