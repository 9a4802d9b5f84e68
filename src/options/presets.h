/* What each preset fixes, written as one would on the command line. */
#ifndef OKNG_OPTIONS_PRESETS_H
#define OKNG_OPTIONS_PRESETS_H

#include <stdbool.h>
#include <stddef.h>

/* Their names, in the order of presets.c. */
#define OKNG_PRESETS \
    "default|paper|inspection|anomalib|architecture|guide|anomalydino|winclip|winclip-anomalib|afclip|miniclip"

typedef struct okng_setting {
    const char *name, *value;
} okng_setting;

/* What `preset` sets beyond the initial values of the table; ends with a NULL name. NULL when there is no such preset.
 */
const okng_setting *okng_preset_settings(const char *preset);

/* Whether what `preset` sets of `option` is what its own network brings, so that another network brings its own. */
bool okng_preset_follows_network(const char *preset, const char *option);

/* What `method` sets, whatever the preset, its backbone where none is named; ends with a NULL name. */
const okng_setting *okng_method_settings(const char *method);

#endif
