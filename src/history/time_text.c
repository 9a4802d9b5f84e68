/* Times as people and programs give them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "history/record.h"

/* `count` digits to a number within low..high; NULL where they are none. */
static const char *take(const char *text, int count, int low, int high, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, text++) {
        if (*text < '0' || *text > '9') return NULL;
        *out = *out * 10 + (*text - '0');
    }
    return *out >= low && *out <= high ? text : NULL;
}

static const char *take_sign(const char *text, char sign)
{
    return text && *text == sign ? text + 1 : NULL;
}

/* "2026-11-28" into `parts`; what follows. */
static const char *take_date(const char *text, struct tm *parts)
{
    text = take(text, 4, 1970, 9999, &parts->tm_year);
    text = take_sign(text, '-');
    if (text) text = take(text, 2, 1, 12, &parts->tm_mon);
    text = take_sign(text, '-');
    return text ? take(text, 2, 1, 31, &parts->tm_mday) : NULL;
}

/* "T10:15", "T10:15:30", "T10:15:30.123"; a blank may stand for T. */
static const char *take_clock(const char *text, struct tm *parts, int64_t *fraction)
{
    text = take(text + 1, 2, 0, 23, &parts->tm_hour);
    text = take_sign(text, ':');
    if (text) text = take(text, 2, 0, 59, &parts->tm_min);
    if (!text || *text != ':') return text;
    text = take(text + 1, 2, 0, 59, &parts->tm_sec);
    if (!text || *text != '.') return text;
    int64_t unit = 100000;
    for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10) *fraction += (*text - '0') * unit;
    return text;
}

/* Minutes east of UTC of "Z", "+09:00", "-0330"; nothing is UTC. NULL where it is none of these. */
static const char *take_zone(const char *text, int *minutes)
{
    int hour, minute = 0;
    *minutes = 0;
    if (*text == '\0') return text;
    if (*text == 'Z') return text + 1;
    if (*text != '+' && *text != '-') return NULL;
    const int sign = *text == '-' ? -1 : 1;
    text = take(text + 1, 2, 0, 14, &hour);
    if (text && *text == ':') text++;
    if (text && *text) text = take(text, 2, 0, 59, &minute);
    *minutes = sign * (hour * 60 + minute);
    return text;
}

bool okng_time_of(const char *text, int64_t *time)
{
    struct tm parts = {0};
    int64_t fraction = 0;
    int minutes = 0;
    const char *rest = take_date(text, &parts);
    if (rest && (*rest == 'T' || *rest == ' ')) rest = take_clock(rest, &parts, &fraction);
    if (rest) rest = take_zone(rest, &minutes);
    if (!rest || *rest) return false;
    const int day = parts.tm_mday;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    const time_t seconds = timegm(&parts);
    if (seconds == (time_t)-1 || parts.tm_mday != day) return false; /* 31 February */
    *time = ((int64_t)seconds - minutes * 60) * 1000000 + fraction;
    return true;
}
