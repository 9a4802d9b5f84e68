/* Names under which vocabularies lie in folders. */
#ifndef OKNG_TEXT_NAMES_H
#define OKNG_TEXT_NAMES_H

#include <stdbool.h>

#include "base/error.h"

/* The vocabulary in `folder`, into `path` [OKNG_PATH_MAX]; false where there is none that can be read. */
bool okng_vocabulary_in(const char *folder, char *path);

#endif
