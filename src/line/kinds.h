/* The kinds that there are; each is a file, and a row in kinds.c. */
#ifndef OKNG_LINE_KINDS_H
#define OKNG_LINE_KINDS_H

#include "line/sink.h"
#include "line/source.h"

extern const okng_line_source_kind okng_line_source_folder, okng_line_source_aravis, okng_line_source_gstreamer,
    okng_line_source_video, okng_line_source_push;
extern const okng_line_sink_kind okng_line_sink_files, okng_line_sink_history, okng_line_sink_move,
    okng_line_sink_command, okng_line_sink_modbus, okng_line_sink_mqtt, okng_line_sink_webhook;

#endif
