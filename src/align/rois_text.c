/* Regions as people write them. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "align/rois.h"
#include "base/utf8.h"

enum { SIDE_MAX = 65535 };

const char *okng_roi_name_fault(const char *name)
{
    const size_t length = strlen(name);
    if (length == 0) return "is empty";
    if (length >= OKNG_NAME_MAX) return "has more than 63 bytes";
    if (!okng_utf8_valid(name, length, NULL)) return "is no UTF-8";
    if (name[0] == '.') return "begins with a \".\"";
    if (name[strcspn(name, "/\\=;,\"")]) return "holds one of / \\ = ; , \"";
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 127) return "holds a blank or a control character";
    return "";
}

static bool take_number(const char **text, int32_t *number)
{
    char *end;
    if (!isdigit((unsigned char)**text)) return false;
    errno = 0;
    const long value = strtol(*text, &end, 10);
    if (errno != 0 || value > SIDE_MAX) return false;
    *number = (int32_t)value;
    *text = end;
    return true;
}

/* "X,Y,W,H" and nothing behind it. */
static bool take_box(const char *text, okng_roi_box *box)
{
    int32_t *const numbers[4] = {&box->x, &box->y, &box->width, &box->height};
    for (int i = 0; i < 4; i++)
        if (!take_number(&text, numbers[i]) || *text++ != (i < 3 ? ',' : '\0')) return false;
    return box->width > 0 && box->height > 0;
}

/* One region: `word` is cut at its '='. */
static okng_status take_word(char *word, size_t number, okng_roi_box *box, okng_error *error)
{
    char *numbers = strrchr(word, '=');
    *box = (okng_roi_box){.name = ""};
    if (numbers) *numbers++ = '\0';
    const char *fault = numbers ? okng_roi_name_fault(word) : "";
    if (*fault) return okng_fail(error, OKNG_ERROR_ARGUMENT, "the name \"%.80s\" of a region %s", word, fault);
    if (!take_box(numbers ? numbers : word, box))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "found \"%.80s\", expected the X,Y,W,H of a region in pixels, 0 to %d, or NAME=X,Y,W,H",
                         numbers ? numbers : word, SIDE_MAX);
    if (numbers)
        (void)snprintf(box->name, sizeof box->name, "%s", word);
    else
        (void)snprintf(box->name, sizeof box->name, "region-%zu", number);
    return OKNG_OK;
}

static okng_status take_words(okng_rois *rois, char *text, okng_error *error)
{
    char *rest = NULL;
    rois->count = 0;
    for (char *word = strtok_r(text, " \t\r\n;", &rest); word; word = strtok_r(NULL, " \t\r\n;", &rest)) {
        if (rois->count == OKNG_ROIS_MAX)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "found more than %d regions", OKNG_ROIS_MAX);
        OKNG_TRY(take_word(word, rois->count + 1, &rois->boxes[rois->count], error));
        rois->count++;
    }
    if (rois->count > 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "found no region, expected X,Y,W,H in pixels, or NAME=X,Y,W,H");
}

okng_status okng_rois_parse(okng_rois *rois, const char *text, okng_error *error)
{
    char *copy = strdup(text);
    if (!copy) return okng_fail_memory(error, strlen(text) + 1);
    okng_status status = take_words(rois, copy, error);
    free(copy);
    return status;
}
