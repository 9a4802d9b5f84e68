/* XML as files of models have it: elements, attributes, text, comments, the five named characters and those by number.
 * What invites trouble is refused by name: a DTD, entities of its own, other encodings than UTF-8. Private to export/.
 */
#ifndef OKNG_EXPORT_XML_H
#define OKNG_EXPORT_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { OKNG_XML_ATTRIBUTES = 32, OKNG_XML_DEPTH = 32 };

typedef enum okng_xml_kind {
    OKNG_XML_OPEN,  /* name, attributes */
    OKNG_XML_CLOSE, /* name */
    OKNG_XML_TEXT,  /* text, without the blanks around it; never empty */
    OKNG_XML_END
} okng_xml_kind;

typedef struct okng_xml_attribute {
    const char *name, *value;
} okng_xml_attribute;

/* A text that is being read. Names, values and texts lie in the text itself, which is changed. */
typedef struct okng_xml {
    const char *path; /* for errors */
    char *begin, *at, *end;
    bool in_tag;   /* the "<" before `at` has been passed */
    bool to_close; /* the element that was opened last closes itself */
    bool had_root;
    const char *open[OKNG_XML_DEPTH];
    int depth;
    /* of the last event */
    okng_xml_kind kind;
    const char *name, *text;
    okng_xml_attribute attributes[OKNG_XML_ATTRIBUTES];
    int attribute_count;
} okng_xml;

/* text: `size` bytes and a NUL behind them; borrowed while reading and what was read lasts. */
void okng_xml_begin(okng_xml *xml, const char *path, char *text, size_t size);
/* The next event. Errors: FORMAT with the line, UNSUPPORTED, LIMIT. */
okng_status okng_xml_next(okng_xml *xml, okng_error *error);
/* The value of an attribute of the element that was opened last; NULL where it has none of that name. */
const char *okng_xml_get(const okng_xml *xml, const char *name);

#endif
