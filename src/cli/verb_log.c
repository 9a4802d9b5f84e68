/* The verbs of the history; what they do is in src/serve/log.c and beside it. */
#include "cli.h"

#define HISTORY_ABOUT                                                                                          \
    "HISTORY is the folder that okng serve or okng line keeps it in, the folder of banks that are served, or " \
    "a file of okng log export."

/* Which inspections are meant. */
#define FILTERS                                                                              \
    {"bank", "NAME", "of this bank alone", false},                                           \
        {"source", "NAME", "from this source alone: http, or one of the line", false},       \
        {"verdict", "V,...", "of these verdicts alone, such as NG,REVIEW", false},           \
        {"judged", "OK|NG|none", "that a person judged so, or nobody did", false},           \
        {"from", "TIME", "from this time on: 2026-11-28, or 2026-11-28T10:15+09:00", false}, \
    {                                                                                        \
        "to", "TIME", "before this time", false                                              \
    }

static const okng_cli_option list_options[] = {
    FILTERS,
    {"limit", "N", "at most so many; 20 unless given", false},
    {0},
};

const okng_cli_verb okng_cli_log_list = {
    .name = "log list",
    .usage = "HISTORY [--bank NAME] [--verdict V,...] [--judged OK|NG|none] [--from TIME] [--to TIME] [--limit N]",
    .summary = "lists inspections that were recorded, the newest first",
    .about = HISTORY_ABOUT,
    .examples = "  okng log list banks --verdict NG,REVIEW --judged none\n"
                "  okng log list banks --bank nut --from 2026-11-28 --limit 100 --json\n",
    .operand = "HISTORY",
    .options = list_options,
    .no_kernels = true,
    .run = okng_cli_run_server,
};

static const okng_cli_option changes_options[] = {
    {"bank", "NAME", "of this bank alone", false},
    {"limit", "N", "at most so many, up to 1000; 20 unless given", false},
    {0},
};

const okng_cli_verb okng_cli_log_changes = {
    .name = "log changes",
    .usage = "HISTORY [--bank NAME] [--limit N]",
    .summary = "lists what was changed, and by whom, the newest first",
    .about = HISTORY_ABOUT,
    .examples = "  okng log changes banks\n"
                "  okng log changes banks --bank nut --json\n",
    .operand = "HISTORY",
    .options = changes_options,
    .no_kernels = true,
    .run = okng_cli_run_server,
};

static const okng_cli_option stats_options[] = {
    {"bank", "NAME", "of this bank alone", false},
    {"hours", "N", "of the last N hours, up to 744; 24 unless given", false},
    {0},
};

const okng_cli_verb okng_cli_log_stats = {
    .name = "log stats",
    .usage = "HISTORY [--bank NAME] [--hours N]",
    .summary = "counts verdicts per hour, and tells whether the scores of good parts drift",
    .about = HISTORY_ABOUT,
    .examples = "  okng log stats banks --bank nut\n"
                "  okng log stats banks --hours 168 --json\n",
    .operand = "HISTORY",
    .options = stats_options,
    .no_kernels = true,
    .run = okng_cli_run_server,
};

static const okng_cli_option judge_options[] = {
    {"id", "ID", "which inspection", true},
    {"as", "OK|NG|none", "what a person sees; none takes it back", true},
    {"by", "NAME", "who judges; the user of the system unless given", false},
    {0},
};

const okng_cli_verb okng_cli_log_judge = {
    .name = "log judge",
    .usage = "HISTORY --id ID --as OK|NG|none [--by NAME]",
    .summary = "records what a person sees in a picture that was inspected",
    .about = HISTORY_ABOUT " Judgements are noted among the changes; thresholds can be tuned by them.",
    .examples = "  okng log judge banks --id 01a221dfa262000008f2665185383c5d --as OK --by Kim\n",
    .operand = "HISTORY",
    .options = judge_options,
    .no_kernels = true,
    .run = okng_cli_run_server,
};

static const okng_cli_option export_options[] = {
    {"out", "FILE", "where it goes; csv and json go to the standard output unless given", false},
    {"format", "sqlite|csv|json", "what is written; sqlite, which takes all, unless given", false},
    FILTERS,
    {"limit", "N", "the newest N alone", false},
    {0},
};

const okng_cli_verb okng_cli_log_export = {
    .name = "log export",
    .usage = "HISTORY [--out FILE] [--format sqlite|csv|json] [--bank NAME] [--verdict V,...] [--judged OK|NG|none] "
             "[--from TIME] [--to TIME] [--limit N]",
    .summary = "hands the history over: a database in one file, or a table",
    .about = HISTORY_ABOUT
    " It may be in use meanwhile.\n"
    "The database is a copy out of WAL mode, which can be read where nothing can be written. It comes without "
    "the kept pictures. FILE appears whole or not at all.",
    .examples = "  okng log export banks --out history.db\n"
                "  okng log export banks --format csv --bank nut --from 2026-11-01 --out november.csv\n",
    .operand = "HISTORY",
    .options = export_options,
    .no_kernels = true,
    .run = okng_cli_run_server,
};

static const okng_cli_option no_options[] = {{0}};

const okng_cli_verb okng_cli_log_check = {
    .name = "log check",
    .usage = "HISTORY",
    .summary = "looks at every page of the database and at every kept picture",
    .about = HISTORY_ABOUT " Ends with 1 where something is wrong. It changes nothing.",
    .examples = "  okng log check banks\n",
    .operand = "HISTORY",
    .options = no_options,
    .no_kernels = true,
    .run = okng_cli_run_server,
};
