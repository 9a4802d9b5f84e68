#include "report/page.h"

#include <stdbool.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/utf8.h"
#include "report/style.h"

static void put_text(FILE *stream, const unsigned char *at, const unsigned char *end, bool lines)
{
    while (at < end) {
        size_t length = okng_utf8_length(at, (size_t)(end - at));
        bool plain = lines && (*at == '\n' || *at == '\t');
        if (length == 0 || (*at < 0x20 && !plain) || *at == 0x7f)
            (void)fputs("\xef\xbf\xbd", stream);
        else if (strchr("&<>\"'", *at))
            (void)fprintf(stream, "&#%u;", (unsigned)*at);
        else
            (void)fwrite(at, 1, length, stream);
        at += length > 0 ? length : 1;
    }
}

void okng_page_text(FILE *stream, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    put_text(stream, at, at + strlen(text), false);
}

void okng_page_lines(FILE *stream, const void *text, size_t size)
{
    const unsigned char *at = text;
    put_text(stream, at, at + size, true);
}

void okng_page_base64(FILE *stream, const void *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = data;
    for (size_t i = 0; i < size; i += 3) {
        size_t have = size - i < 3 ? size - i : 3;
        uint32_t group = (uint32_t)in[i] << 16;
        if (have > 1) group |= (uint32_t)in[i + 1] << 8;
        if (have > 2) group |= in[i + 2];
        char out[4] = {digits[group >> 18], digits[group >> 12 & 63], digits[group >> 6 & 63], digits[group & 63]};
        for (size_t j = have + 1; j < 4; j++) out[j] = '=';
        (void)fwrite(out, 1, 4, stream);
    }
}

void okng_page_begin(FILE *stream, const char *title)
{
    (void)fprintf(stream,
                  "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                  "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
                  "dark\">\n" OKNG_PAGE_GENERATOR "%s\">\n<title>",
                  okng_language(), okng_version());
    okng_page_text(stream, title);
    (void)fprintf(stream,
                  "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<header class=\"top\">\n<p class=\"brand\">"
                  "okng</p>\n<h1>",
                  okng_page_style);
    okng_page_text(stream, title);
    (void)fputs("</h1>\n", stream);
}

void okng_page_end(FILE *stream)
{
    (void)fputs("<p>", stream);
    (void)fprintf(stream, _("Made by okng %s."), okng_version());
    (void)fputs("</p>\n</footer>\n</main>\n</body>\n</html>\n", stream);
}
