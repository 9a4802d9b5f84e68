/* Columns of a terminal: letters of some languages take two. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* Columns of a terminal that a character takes: two for Hangul, kana, Chinese characters and full-width forms. */
static int columns_of(uint32_t c)
{
    static const uint32_t wide[][2] = {{0x1100, 0x115f}, {0x2e80, 0x303e},  {0x3041, 0xa4cf}, {0xa960, 0xa97f},
                                       {0xac00, 0xd7a3}, {0xf900, 0xfaff},  {0xfe30, 0xfe6f}, {0xff00, 0xff60},
                                       {0xffe0, 0xffe6}, {0x20000, 0x3fffd}};
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (c >= wide[i][0] && c <= wide[i][1]) return 2;
    return 1;
}

int okng_cli_columns(const char *text, size_t size)
{
    int columns = 0;
    for (size_t i = 0; i < size && text[i];) {
        unsigned char first = (unsigned char)text[i++];
        uint32_t c = first < 0xc0 ? first : first < 0xe0 ? first & 0x1fu : first < 0xf0 ? first & 0x0fu : first & 0x07u;
        while (i < size && ((unsigned char)text[i] & 0xc0) == 0x80) c = c << 6 | ((unsigned char)text[i++] & 0x3fu);
        columns += columns_of(c);
    }
    return columns;
}

int okng_cli_padding(const char *text, int width)
{
    int columns = okng_cli_columns(text, strlen(text));
    return columns < width ? width - columns : 0;
}

void okng_cli_print_left(const char *text, int width)
{
    const char *translated = okng_translate(text);
    (void)printf("%s%*s", translated, okng_cli_padding(translated, width), "");
}

void okng_cli_print_right(const char *text, int width)
{
    const char *translated = okng_translate(text);
    (void)printf("%*s%s", okng_cli_padding(translated, width), "", translated);
}
