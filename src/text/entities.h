/* Names of HTML5's character references, sorted by their bytes. */
#ifndef OKNG_TEXT_ENTITIES_H
#define OKNG_TEXT_ENTITIES_H

#include <stddef.h>
#include <stdint.h>

extern const char okng_entity_text[];       /* "AElig\0Æ\0AElig;\0Æ\0...", UTF-8 */
extern const uint16_t okng_entity_begins[]; /* [count] where each name begins; behind its NUL is what it stands for */
extern const size_t okng_entity_count;

#endif
