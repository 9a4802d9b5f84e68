/* One value: from text to its field, and back. */
#ifndef OKNG_OPTIONS_VALUES_H
#define OKNG_OPTIONS_VALUES_H

#include "options/engine.h"

/* Bytes of the largest field: names and their count. */
typedef union okng_option_field {
    char bytes[OKNG_PATH_MAX];
    struct {
        char names[OKNG_MAX_LAYERS][OKNG_NAME_MAX];
        int32_t count;
    } names;
    struct {
        int32_t sides[OKNG_MAX_SCALES];
        int32_t count;
    } scales;
    struct {
        double values[OKNG_MAX_SCALES];
        int32_t count;
    } shares;
} okng_option_field;

/* Compares names as the command line does: '_' is '-'. */
bool okng_option_same_name(const char *a, const char *b);
/* Sets the field of row->size bytes from text; untouched where it fails. Errors: ARGUMENT, "found ..., expected ...".
 */
okng_status okng_option_parse(const okng_option_row *row, void *field, const char *value, okng_error *error);
/* The field as text that okng_option_parse accepts, or, of a struct that was filled by hand with what is no value, text
 * that it refuses. */
void okng_option_print(const okng_option_row *row, const void *field, char *text, size_t size);

#endif
