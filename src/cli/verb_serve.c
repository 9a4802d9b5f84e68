/* The server; what it does is in src/serve. */
#include "cli.h"

/* Each is a row of src/serve/options.c, which has more for serve.yaml. */
static const okng_cli_option options[] = {
    {"banks", "DIR", "folder of the banks that are served, one folder or recipe each", false},
    {"listen", "ADDRESS:PORT", "where to listen, 127.0.0.1:8080 unless given; :8080 is every address", false},
    {"config", "FILE", "options from a YAML file, such as max-banks: 6; those given here go first", false},
    {"token-file", "FILE", "who may do what; made with a first admin, whose token is told, where it is missing", false},
    {"insecure", NULL, "let everybody do all, from other machines too", false},
    {"host", "NAME", "a name that the server is called by, besides addresses and localhost; may be given several times",
     false},
    {"max-banks", "N", "banks that are open at once; 3 unless given", false},
    {"max-bytes", "N", "bytes of the banks that are open at once, such as 4G; no limit unless given", false},
    {"workers", "N", "pictures that are inspected at once; one a core unless given", false},
    {"max-queue", "N", "pictures that wait for a worker before others get 503; 64 unless given", false},
    {"max-body", "N", "bytes of a request, such as 64M; 64 MiB unless given", false},
    {"max-pixels", "N", "pixels of a picture; 64 million unless given", false},
    {"max-connections", "N", "open connections; those that idle the longest give way; 512 unless given", false},
    {"state", "DIR", "where history, uploads and the bin are kept; .okng-serve in the folder of banks unless given",
     false},
    {"root", "DIR", "folder whose folders of pictures may be taught from; none unless given", false},
    {"line", "FILE", "line.yaml that is run inside; none unless given", false},
    {0},
};

const okng_cli_verb okng_cli_serve = {
    .name = "serve",
    .usage = "--banks DIR [--listen 127.0.0.1:8080] [--token-file FILE] [--config serve.yaml]",
    .summary = "serves banks over HTTP, with a page to teach, inspect and judge",
    .about = "The page is at the address that is told; programs find the interface in /openapi.json.\n"
             "Other machines are let in with --listen and --token-file; put a proxy before it for TLS.\n"
             "SIGTERM finishes what runs.",
    .examples = "  okng serve --banks banks\n"
                "  okng serve --banks banks --listen :8080 --token-file tokens\n"
                "  okng serve --config serve.yaml\n",
    .options = options,
    .repeats = "host",
    .stops = true,
    .run = okng_cli_run_server,
};
