/* What the library ftfy does to every text before CLIP sees it, without its guesses at text that was decoded wrongly:
 * names of HTML, letters of windows-1252 in place of controls, Latin ligatures, full and half width, quotes, line ends,
 * what terminals obey, controls; then the composed form NFC. All of it again until nothing changes. */
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/memory.h"
#include "text/clean.h"
#include "text/codes.h"

/* Times that all of it is done at most; ftfy has no end. A text of nested "&amp;amp;" changes as often as it is deep.
 */
enum { MOST_PASSES = 32 };

/* ---- single characters ---- */

static const char *ligature(uint32_t code)
{
    static const struct {
        uint32_t code;
        const char *letters;
    } table[] = {{0x132, "IJ"},         {0x133, "ij"},        {0x149, "\xCA\xBCn"}, {0x1c4, "D\xC5\xBD"},
                 {0x1c5, "D\xC5\xBE"},  {0x1c6, "d\xC5\xBE"}, {0x1c7, "LJ"},        {0x1c8, "Lj"},
                 {0x1c9, "lj"},         {0x1ca, "NJ"},        {0x1cb, "Nj"},        {0x1cc, "nj"},
                 {0x1f1, "DZ"},         {0x1f2, "Dz"},        {0x1f3, "dz"},        {0xfb00, "ff"},
                 {0xfb01, "fi"},        {0xfb02, "fl"},       {0xfb03, "ffi"},      {0xfb04, "ffl"},
                 {0xfb05, "\xC5\xBFt"}, {0xfb06, "st"}};
    for (size_t i = 0; code >= 0x132 && i < sizeof table / sizeof table[0]; i++)
        if (table[i].code == code) return table[i].letters;
    return NULL;
}

static uint32_t straight(uint32_t code)
{
    if (code == 0x2bc || (code >= 0x2018 && code <= 0x201b)) return '\'';
    if (code >= 0x201c && code <= 0x201f) return '"';
    if (code == '\r' || code == 0x2028 || code == 0x2029 || code == 0x85) return '\n';
    return code;
}

/* A full or half width form becomes its compatible one. */
static void add_width(okng_grown *out, uint32_t code)
{
    uint8_t bytes[6], room[64];
    size_t size = sizeof room;
    if (code < 0xff01 || code > 0xffef) {
        okng_utf8_add(out, straight(code == 0x3000 ? ' ' : code));
        return;
    }
    const int length = u8_uctomb(bytes, code, sizeof bytes);
    uint8_t *same = u8_normalize(UNINORM_NFKC, bytes, (size_t)length, room, &size);
    uint32_t first;
    if (!same) {
        out->wanted = sizeof room; /* missing, as by okng_grown_add */
        return;
    }
    const size_t taken = size > 0 ? okng_utf8_code((const char *)same, size, &first) : 0;
    if (taken == size && taken > 0)
        okng_utf8_add(out, straight(first));
    else
        (void)okng_grown_add(out, same, size);
    if (same != room) free(same);
}

static void add_mended(okng_grown *out, uint32_t code)
{
    if (code >= 0x80 && code <= 0x9f) code = okng_windows_1252(code);
    const char *letters = ligature(code);
    for (size_t at = 0; letters && letters[at];) {
        uint32_t letter;
        at += okng_utf8_code(letters + at, strlen(letters) - at, &letter);
        okng_utf8_add(out, straight(letter));
    }
    if (!letters) add_width(out, code);
}

static void mend_characters(okng_grown *out, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint32_t code;
        at += okng_utf8_code(text + at, size - at, &code);
        if (code == '\r' && at < size && text[at] == '\n') continue;
        if (code < 0x80)
            okng_utf8_add(out, straight(code));
        else
            add_mended(out, code);
    }
}

/* ---- what is taken away ---- */

/* Bytes of what colours a terminal: ESC [ digits and semicolons, a letter; 0 = none. */
static size_t terminal_escape(const char *text, size_t size)
{
    if (size < 3 || text[0] != 0x1b || text[1] != '[') return 0;
    size_t at = 2 + strspn(text + 2, "0123456789;");
    const char letter = text[at];
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ? at + 1 : 0;
}

static bool control(uint32_t code)
{
    return code <= 8 || code == 0xb || (code >= 0xe && code <= 0x1f) || code == 0x7f ||
           (code >= 0x206a && code <= 0x206f) || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffc);
}

/* In place, `text` ends in a NUL; returns the new size. */
static size_t drop_escapes(char *text, size_t size)
{
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        const size_t escape = terminal_escape(text + at, size - at);
        if (escape == 0) text[used++] = text[at];
        at += escape > 0 ? escape : 1;
    }
    text[used] = '\0';
    return used;
}

static size_t drop_controls(char *text, size_t size)
{
    size_t used = 0;
    for (size_t at = 0, length; at < size; at += length) {
        uint32_t code;
        length = okng_utf8_code(text + at, size - at, &code);
        if (!control(code)) {
            memmove(text + used, text + at, length);
            used += length;
        }
    }
    return used;
}

/* ---- passes ---- */

static okng_status one_pass(char **out, size_t *out_size, const char *text, size_t size, bool names, okng_error *error)
{
    okng_grown written = {0}, mended = {0};
    char *plain, *clean;
    *out = NULL;
    if (names)
        okng_html_unescape_strict(&written, text, size);
    else
        (void)okng_grown_add(&written, text, size);
    OKNG_TRY(okng_grown_take(&written, &plain, &size, error));
    mend_characters(&mended, plain, size);
    free(plain);
    OKNG_TRY(okng_grown_take(&mended, &clean, &size, error));
    size = drop_controls(clean, drop_escapes(clean, size));
    *out = (char *)u8_normalize(UNINORM_NFC, (const uint8_t *)clean, size, NULL, out_size);
    /* Of nothing it may give nothing. */
    if (!*out && size == 0) *out = okng_alloc(1, 1), *out_size = 0;
    free(clean);
    return *out ? OKNG_OK : okng_fail_memory(error, size);
}

static okng_status mend_line(okng_grown *out, const char *line, size_t size, bool names, okng_error *error)
{
    char *before = NULL;
    const char *text = line;
    for (int pass = 0; pass < MOST_PASSES; pass++) {
        char *after;
        size_t after_size;
        okng_status status = one_pass(&after, &after_size, text, size, names, error);
        const bool same = status == OKNG_OK && after_size == size && memcmp(after, text, size) == 0;
        free(before);
        OKNG_TRY(status);
        text = before = after;
        size = after_size;
        if (same) break;
    }
    (void)okng_grown_add(out, text, size);
    free(before);
    return OKNG_OK;
}

/* Line by line, as ftfy does: from the first line with a "<" on the text is taken for HTML, whose names are left alone.
 */
okng_status okng_text_mend(char **out, size_t *out_size, const char *text, size_t size, okng_error *error)
{
    okng_grown whole = {0};
    okng_status status = OKNG_OK;
    bool names = true;
    *out = NULL;
    for (size_t at = 0; at < size && status == OKNG_OK;) {
        const char *end = memchr(text + at, '\n', size - at);
        const size_t length = end ? (size_t)(end - text) + 1 - at : size - at;
        names = names && !memchr(text + at, '<', length);
        status = mend_line(&whole, text + at, length, names, error);
        at += length;
    }
    if (status == OKNG_OK) return okng_grown_take(&whole, out, out_size, error);
    free(whole.data);
    return status;
}
