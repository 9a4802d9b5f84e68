/* What each preset fixes, written as one would on the command line. */
#ifndef OKNG_OPTIONS_PRESETS_H
#define OKNG_OPTIONS_PRESETS_H

#include <stddef.h>

typedef struct okng_setting {
    const char *name, *value;
} okng_setting;

/* The settings of `default`, which every preset starts from; ends with a NULL name. */
const okng_setting *okng_preset_base(void);
/* The settings that `preset` adds to those; ends with a NULL name. NULL when there is no such preset. */
const okng_setting *okng_preset_settings(const char *preset);

#endif
