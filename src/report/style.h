/* The style sheet of the report. */
#ifndef OKNG_REPORT_STYLE_H
#define OKNG_REPORT_STYLE_H

extern const char okng_page_style[];

#endif
