/* The tables of kinds, and of the keys that all have. A new kind is a file and a row here. */
#include <stddef.h>

#include "base/catalogue.h"
#include "line/config.h"
#include "line/kinds.h"

/* clang-format off */
const okng_line_source_kind *const okng_line_source_kinds[] = {
    &okng_line_source_folder,
    &okng_line_source_aravis,
    &okng_line_source_gstreamer,
    &okng_line_source_video,
    &okng_line_source_push,
    NULL,
};

const okng_line_sink_kind *const okng_line_sink_kinds[] = {
    &okng_line_sink_files,
    &okng_line_sink_history,
    &okng_line_sink_move,
    &okng_line_sink_command,
    &okng_line_sink_modbus,
    &okng_line_sink_mqtt,
    &okng_line_sink_webhook,
    NULL,
};

const okng_line_key okng_line_source_keys[] = {
    {.name = "kind", .type = OKNG_LINE_TEXT, .values = "KIND", .help = N_("what the source is"), .required = true},
    {0},
};

const okng_line_key okng_line_sink_keys[] = {
    {.name = "kind", .type = OKNG_LINE_TEXT, .values = "KIND", .help = N_("what the sink is"), .required = true},
    {.name = "verdicts", .type = OKNG_LINE_WORDS, .values = "[VERDICT, ...]", .initial = "OK\nNG\nREVIEW\nNOT_FOUND\nNOT_INSPECTED",
     .help = N_("results of which verdicts it hears of")},
    {.name = "queue", .type = OKNG_LINE_INTEGER, .values = "RESULTS", .initial = "100000", .low = 1, .high = 10000000,
     .help = N_("results that may wait for it on disk; of more the oldest are given up and counted as lost")},
    {0},
};

const okng_line_key okng_line_keys[] = {
    {.name = "name", .type = OKNG_LINE_TEXT, .values = "NAME", .initial = "line", .help = N_("what the line is called in topics and metrics")},
    {.name = "banks", .type = OKNG_LINE_PATH, .values = "FOLDER", .help = N_("folder of the banks; inside okng serve those that it serves")},
    {.name = "bank", .type = OKNG_LINE_TEXT, .values = "NAME", .help = N_("the bank that judges")},
    {.name = "recipe", .type = OKNG_LINE_INTEGER, .values = "NUMBER", .low = 0, .high = 65535, .help = N_("the bank that judges at first, by its number in recipes")},
    {.name = "workers", .type = OKNG_LINE_INTEGER, .values = "N", .initial = "1", .low = 1, .high = 64,
     .help = N_("pictures inspected at a time; with more than one, results may come in another order than pictures")},
    {.name = "frames", .type = OKNG_LINE_INTEGER, .values = "N", .initial = "8", .low = 1, .high = 1024, .help = N_("pictures that wait in memory")},
    {.name = "limit", .type = OKNG_LINE_NUMBER, .values = "SECONDS", .initial = "30", .low = 0.05, .high = 3600,
     .help = N_("a picture that is not judged by then is NOT_INSPECTED")},
    {.name = "spool", .type = OKNG_LINE_PATH, .values = "FOLDER", .initial = "spool", .help = N_("where results wait for their sinks")},
    {.name = "spool_size", .type = OKNG_LINE_INTEGER, .values = "MEBIBYTES", .initial = "1024", .low = 2, .high = 1 << 20,
     .help = N_("largest size of all that waits; of more the oldest are given up and counted as lost")},
    {.name = "sync", .type = OKNG_LINE_FLAG, .values = "true|false", .initial = "true",
     .help = N_("each result is on the disk before it is told; without, a power cut can lose the last ones, a kill cannot")},
    {.name = "heartbeat", .type = OKNG_LINE_NUMBER, .values = "SECONDS", .initial = "1", .low = 0.1, .high = 3600, .help = N_("time between signs of life")},
    {.name = "heartbeat_file", .type = OKNG_LINE_PATH, .values = "FILE", .help = N_("file that is written at each sign of life, with the state of the line")},
    {.name = "metrics_file", .type = OKNG_LINE_PATH, .values = "FILE", .help = N_("file that is written at each sign of life, with the metrics")},
    {.name = "stop", .type = OKNG_LINE_NUMBER, .values = "SECONDS", .initial = "10", .low = 0, .high = 3600,
     .help = N_("time that sinks have at the end to hand over what waits; the rest waits for the next start")},
    {0},
};
/* clang-format on */
