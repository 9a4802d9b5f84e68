/* The kinds that there are; each is a file, and a row in kinds.c. */
#ifndef OKNG_LINE_KINDS_H
#define OKNG_LINE_KINDS_H

#include "line/sink.h"
#include "line/source.h"

extern const okng_line_source_kind okng_line_source_aravis;

#endif
