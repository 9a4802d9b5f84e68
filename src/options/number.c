#include "options/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/locale.h"

bool okng_number_i64(const char *text, int64_t *out)
{
    if (!isdigit((unsigned char)text[text[0] == '-'])) return false;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0') return false;
    *out = value;
    return true;
}

bool okng_number_u64(const char *text, uint64_t *out)
{
    if (!isdigit((unsigned char)text[0])) return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0') return false;
    *out = value;
    return true;
}

/* The number at the start of `text`; NULL where there is none, else the character after it. */
static const char *read_real(const char *text, double *out)
{
    const char *first = text + (text[0] == '-');
    if (!isdigit((unsigned char)*first) && *first != '.') return NULL;
    if (strpbrk(text, "xX")) return NULL; /* strtod reads hexadecimal too */
    char *end;
    locale_t before = okng_locale_enter();
    double value = strtod(text, &end);
    okng_locale_leave(before);
    if (end == text || !isfinite(value)) return NULL;
    *out = value;
    return end;
}

bool okng_number_real(const char *text, double *out)
{
    double value;
    const char *end = read_real(text, &value);
    if (!end || *end != '\0') return false;
    *out = value;
    return true;
}

bool okng_number_bytes(const char *text, uint64_t *out)
{
    if (okng_number_u64(text, out)) return true;
    static const char units[] = "KMGT";
    double value;
    const char *end = read_real(text, &value);
    if (!end || value < 0) return false;
    const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    if (!unit || (end[1] != '\0' && strcasecmp(end + 1, "B") != 0 && strcasecmp(end + 1, "iB") != 0)) return false;
    value = ldexp(value, 10 * (int)(unit - units + 1));
    if (value >= 0x1p63) return false;
    *out = (uint64_t)value;
    return true;
}

void okng_number_text(double value, bool single, char *text, size_t size)
{
    locale_t before = okng_locale_enter();
    bool whole = isfinite(value) && fabs(value) < 1e6 && value == trunc(value);
    for (int digits = whole ? 7 : 1; digits <= 17; digits++) { /* 1000, not 1e+03 */
        char buffer[64];
        (void)snprintf(buffer, sizeof buffer, "%.*g", digits, value);
        (void)snprintf(text, size, "%s", buffer);
        double again = strtod(buffer, NULL);
        if (!isfinite(value) || again == value || (single && (float)again == (float)value)) break;
    }
    okng_locale_leave(before);
}
