/* The server; what it does is in src/serve. */
#include "cli.h"

static const okng_cli_option options[] = {
    {"banks", "DIR", "folder of the banks that are served, one folder or recipe each", true},
    {"listen", "ADDRESS:PORT", "where to listen; 127.0.0.1:8080 unless given", false},
    {0},
};

const okng_cli_verb okng_cli_serve = {
    .name = "serve",
    .usage = "--banks DIR [--listen 127.0.0.1:8080]",
    .summary = "serves banks over HTTP, with a page to teach, inspect and judge",
    .examples = "  okng serve --banks banks\n",
    .options = options,
    .stops = true,
    .run = okng_cli_run_server,
};
