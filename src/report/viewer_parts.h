/* Between the files of the viewer. */
#ifndef OKNG_REPORT_VIEWER_PARTS_H
#define OKNG_REPORT_VIEWER_PARTS_H

#include <jansson.h>

#include "report/viewer.h"

/* What data.js begins with. */
#define OKNG_VIEWER_DATA "\"use strict\";\nvar okngViewerData = "

struct okng_viewer {
    char *dir, *stem; /* dir/STEM.html */
    char *files;      /* dir/STEM_files */
    json_t *rows;
};

#endif
