/* What is told of a bank that was made from others. Private to grow/. */
#ifndef OKNG_GROW_REPORT_H
#define OKNG_GROW_REPORT_H

#include "grow/made.h"

/* `stages`: those that the method told. */
void okng_grow_tell(okng_grow_report *report, const okng_grow_source *before, const okng_grow_made *made,
                    const okng_build_report *stages);

#endif
