/* The line; what it does is in src/line. */
#include "cli.h"

static const okng_cli_option options[] = {
    {"config", "FILE", "line.yaml: sources, sinks, banks", true},
    {"check", NULL, "only looks whether the file is good, its banks open and its libraries are there", false},
    {"banks", "DIR", "folder of the banks, in place of the file's", false},
    {"on-ng", "PROGRAM", "run for each result that is not OK, without a shell, with the record at its input", false},
    {0},
};

const okng_cli_verb okng_cli_line = {
    .name = "line",
    .usage = "--config line.yaml [--check] [--banks DIR] [--on-ng PROGRAM]",
    .summary = "inspects what cameras and folders give, and hands the verdicts on",
    .about =
        "Takes pictures from sources (a watched folder, cameras), inspects them with a bank and hands the results "
        "to sinks (folders, the history, MQTT, a PLC, a webhook, programs). Results wait on disk for sinks that are "
        "slow or gone. A restart loses and repeats none.\n"
        "What cannot be judged is NOT_INSPECTED, never OK. SIGTERM finishes what is in, then stops. "
        "okng serve --line FILE runs the same inside the server.",
    .examples = "  okng line --config line.yaml --check\n"
                "  okng line --config line.yaml\n"
                "  okng line --config line.yaml --json --on-ng /usr/local/bin/alarm\n",
    .options = options,
    .stops = true,
    .run = okng_cli_run_server,
};
