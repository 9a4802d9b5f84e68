/* Numbers in files have a point, and names the order of their bytes, whatever the locale of the program around. */
#ifndef OKNG_BASE_LOCALE_H
#define OKNG_BASE_LOCALE_H

#include <locale.h>

/* The locale "C" for the calling thread until okng_locale_leave; they may be nested. */
locale_t okng_locale_enter(void);
void okng_locale_leave(locale_t before); /* what enter returned */

#endif
