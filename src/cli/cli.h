/* What the verbs of the command share. The command knows the library by its public header only: a verb parses its
 * words, calls, prints. */
#ifndef OKNG_CLI_CLI_H
#define OKNG_CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "okng/experimental.h"

enum {
    EXIT_OKAY = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_NG = 10,
    EXIT_REVIEW = 11,
    EXIT_SKIPPED = 12,
    EXIT_NOT_FOUND = 13,
    EXIT_SIGNAL = 128 /* + the signal */
};

/* ---- verbs ---------------------------------------------------------------------------------- */

enum { CLI_MAX_OPTIONS = 24 }; /* options of a verb's own */
enum { CLI_MAX_ROWS = 96 };    /* of the library's tables that a verb reads */
enum { CLI_MAX_OPERANDS = 256 };

/* An option that only one verb has. Those in the library's table are not repeated here. */
typedef struct okng_cli_option {
    const char *name;
    const char *values; /* "DIR"; NULL for a flag */
    const char *help;
    bool required;
} okng_cli_option;

typedef struct okng_cli_args okng_cli_args;
struct okng_cli_paths;

typedef struct okng_cli_verb {
    const char *name;  /* "build", "bank show" */
    const char *usage; /* what follows the name */
    const char *summary;
    const char *about;    /* paragraphs; may be NULL */
    const char *examples; /* lines */
    const char
        *operand; /* "BANK": one word without dashes that must be given; NULL = none is taken; "DIR...": several */
    const char *choices; /* of the operand, parts of the verb that read options of their own: "a|b|all"; NULL where it
                            is a path or a name */
    const okng_cli_option *options; /* ends with a NULL name */
    const char *repeats;            /* one of `options` that may be given several times; may be NULL */
    const char *repeats_too;        /* another of them; may be NULL */
    bool gathers;                   /* what repeats takes all words up to the next option: "--img a.png b.png" */
    const char *narrows;            /* one of `options` with which parts read less; may be NULL */
    bool makes;                     /* with --method it makes a bank in memory, and reads what build reads of the
                                       library's tables */
    bool clip;                      /* its backbone is a CLIP, whose defaults are told */
    bool no_kernels;                /* nothing that --cpu could change is computed */
    bool shares;                    /* its work between processes that mpirun has started */
    bool stops; /* looks at okng_cli_signal and stops in order; the others die of a signal as any program */
    int (*run)(okng_cli_args *args);
} okng_cli_verb;

extern const okng_cli_verb *const okng_cli_verbs[]; /* ends with NULL */

/* A parsed command line. */
struct okng_cli_args {
    const okng_cli_verb *verb;
    const char *operand; /* the first of operands */
    const char *operands[CLI_MAX_OPERANDS];
    size_t operand_count;
    const char *values[CLI_MAX_OPTIONS]; /* of verb->options, in that order; "" for a flag that is set */
    const char **repeated;               /* every value of the options that repeat, in order; malloc'd */
    const char **repeated_of;            /* the option of each; in the same block */
    size_t repeated_count;
    char joined[1024]; /* the words of an option that takes several ("NAME...") */
    char **words;      /* of the whole command line, argv */
    bool json, quiet, help;
    bool makes;      /* of a verb that can make a bank in memory: --method was given */
    const char *cpu; /* of --cpu; NULL = not given */
    okng_build_options build;
    okng_inspect_options inspect;
    okng_dataset_options data;
};

/* Words after the verb's name. Returns an exit code; what is wrong has been said. args->repeated is the caller's to
 * free in any case. */
int okng_cli_parse(okng_cli_args *args, const okng_cli_verb *verb, int count, char **words);
/* The value of one of the verb's own options; NULL when it was not given. */
const char *okng_cli_value(const okng_cli_args *args, const char *name);
/* Adds what the values of an option that repeats name, as okng_cli_paths_add. */
int okng_cli_repeated_paths(const okng_cli_args *args, const char *name, struct okng_cli_paths *paths);
/* Refuses what --out, --out-dir or --indices would put into the folder of a bank, or in place of a file that the verb
 * reads, below folders that it reads, or in one place with another. Returns an exit code; what is wrong has been said.
 */
int okng_cli_check_outputs(const okng_cli_args *args);
/* True when the verb takes any number of operands. */
bool okng_cli_takes_several(const okng_cli_verb *verb);

/* The row of that name which `reader` ("eval", "bench knn") reads; false where there is none. */
bool okng_cli_find_row(const char *reader, const char *name, okng_option_info *row);
/* A place in the library's tables of options, one table after the other; {0} is before the first row. */
typedef struct okng_cli_row_place {
    size_t list, row;
} okng_cli_row_place;
/* The next row called so, of any table; false where there is none. */
bool okng_cli_next_row(const char *name, okng_cli_row_place *place, okng_option_info *row);
/* Rows of all tables that `verb` reads (NULL: every row), each name once; their number. */
size_t okng_cli_gather_rows(const char *verb, okng_option_info rows[CLI_MAX_ROWS]);
/* Sets the option in each struct whose row of that name the verb reads. */
okng_status okng_cli_set_row(okng_cli_args *args, const char *name, const char *value, okng_error *error);
/* Says that `reader` does not read the option and who does, or that there is none. Returns EXIT_USAGE. */
int okng_cli_not_read(const okng_cli_verb *verb, const char *reader, const char *name);

/* Options of every verb; ends with a NULL name. */
extern const okng_cli_option okng_cli_common_options[];
/* Another name of an option of the verb's, or of its operand (`option` is NULL). */
typedef struct okng_cli_alias {
    const char *name, *values, *option;
} okng_cli_alias;
/* Alias i of the verb, and the one of that name; false when there is none. */
bool okng_cli_alias_get(const okng_cli_verb *verb, size_t i, okng_cli_alias *alias);
bool okng_cli_alias_find(const okng_cli_verb *verb, const char *name, okng_cli_alias *alias);

/* True for one of those that this verb has no use for. */
bool okng_cli_lacks(const okng_cli_verb *verb, const char *common);

/* What help texts, man pages and completions do with the title of a section and with an option. */
typedef struct okng_cli_sayer {
    void (*title)(void *user, const char *text);
    void (*entry)(void *user, const char *name, const char *values, const char *help);
} okng_cli_sayer;

/* Every option of a verb: its own, the library's by section, then those of all verbs. */
void okng_cli_say_options(const okng_cli_verb *verb, const okng_cli_sayer *sayer, void *user);

/* `okng --write-pages DIR`, for the build: man pages into DIR/man1, completions for bash and zsh into DIR/completions.
 */
int okng_cli_write_pages(const char *folder);
void okng_cli_man_all(FILE *page);
void okng_cli_man(FILE *page, const okng_cli_verb *verb);
void okng_cli_complete_bash(FILE *script);
void okng_cli_complete_zsh(FILE *script);

void okng_cli_help(const okng_cli_verb *verb);
void okng_cli_help_all(FILE *stream);
/* The verbs that begin with this word: those of okng bank. */
void okng_cli_help_group(const char *word);
int okng_cli_version(void); /* okng --version */

/* ---- language ------------------------------------------------------------------------------- */

/* A format or a text that the command says, translated; `N_` marks one in a table, which is translated where it is
 * printed. po/ko.po must have each (tests/translations.sh, tools/messages.sh). */
#define _(text) okng_translate_format(text)
#define N_(text) text

/* That of the environment, where there is a catalogue of it beside the command. */
void okng_cli_take_language(void);
/* Columns of a terminal that at most `size` bytes of `text` take; spaces that bring it to `width` columns. */
int okng_cli_columns(const char *text, size_t size);
int okng_cli_padding(const char *text, int width);
/* A cell of a table on stdout: the text, translated, brought to `width` columns, on the left or on the right side of
 * them. */
void okng_cli_print_left(const char *text, int width);
void okng_cli_print_right(const char *text, int width);
/* `okng --write-words`, for the translators: every text of the tables as a gettext template. Returns an exit code. */
int okng_cli_write_words(void);

/* ---- saying things -------------------------------------------------------------------------- */

/* "okng: ..." on stderr, its format translated. Returns EXIT_FAILED. */
__attribute__((format(printf, 1, 2))) int okng_cli_error(const char *format, ...);
/* The same and where to look it up; `verb` may be NULL. Returns EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int okng_cli_usage(const okng_cli_verb *verb, const char *format, ...);
/* The same of what the library found wrong with what was asked for; okng_cli_fail where it had no memory to find out.
 */
int okng_cli_refused(const okng_cli_verb *verb, const okng_error *error);
/* Says what the library said. Returns EXIT_FAILED, or for an interrupted call EXIT_SIGNAL + the signal. */
int okng_cli_fail(const okng_error *error);
/* Fills `error` as the library does. */
__attribute__((format(printf, 3, 4))) okng_status okng_cli_set_error(okng_error *error, okng_status status,
                                                                     const char *format, ...);
/* A path for a document: bytes that are no UTF-8, which JSON cannot hold, become U+FFFD. NULL when memory is out. */
json_t *okng_cli_json_path(const char *path);
/* Prints the oddest good pictures, a line for each, of the description of a bank (okng_bank_describe): the member
 * "doubtful". Nothing where there are none. */
void okng_cli_print_doubtful(const json_t *document, const char *indent);
/* Making documents: *object (*list) is released and NULL where something could not be added, and stays so; json_pack
 * and okng_cli_print_json know what to do with NULL. Each takes `value`. */
void okng_cli_json_put(json_t **object, const char *key, json_t *value);
void okng_cli_json_add(json_t **list, json_t *value);
/* What the library said as JSON. Exits where memory is out. */
json_t *okng_cli_json_parse(const char *text);
/* Prints and releases a document on stdout, its numbers with 9 significant digits or as many as told. Returns an exit
 * code; says that memory is out where it is NULL. */
int okng_cli_print_json(json_t *document);
int okng_cli_print_json_digits(json_t *document, int digits);
/* Says on stderr what a list left out: pictures that are not read, and folders of thumbnails unless --quiet. */
void okng_cli_tell_left_out(const okng_cli_args *args, const okng_picture_list *list);
/* The same of those paths that are folders; whatever cannot be listed is told by the work itself. */
void okng_cli_tell_all_left_out(const okng_cli_args *args, const char *const *paths, size_t count);
/* The same of the folders of a data set's categories, or of the data set where they have none of their own. */
void okng_cli_tell_left_out_of(const okng_cli_args *args, const char *root, const char *const *categories,
                               size_t count);
/* "1.2 GiB" into text; returns text. */
const char *okng_cli_size_text(uint64_t bytes, char *text, size_t size);
/* "[1, 3, 256, 256]" into text; returns text. */
const char *okng_cli_shape_text(int32_t dims, const int64_t *shape, char *text, size_t size);
const char *okng_cli_dtype_name(okng_dtype dtype);
/* A score or a threshold with as many digits as it takes to read it back and compare alike: most often it is a float32.
 * Into text; returns text. */
const char *okng_cli_number_text(double value, char *text, size_t size);
/* Says on stdout what array went to which file, and where its indices went (NULL: there are none): as JSON, as a line,
 * or not at all. Returns an exit code. */
int okng_cli_print_array(const okng_cli_args *args, const okng_array *array, const char *path, const char *indices);
uint64_t okng_cli_peak_memory(void); /* bytes */

/* ---- signals and progress ------------------------------------------------------------------- */

void okng_cli_catch_signals(void);
/* The signal that asked to stop; 0 = none. The second one kills. */
int okng_cli_signal(void);

/* One line on a terminal, rewritten; nothing elsewhere. */
typedef struct okng_cli_progress {
    bool visible, drawn;
    bool bytes; /* steps are bytes */
    const char *stage;
    char about[80]; /* what the stage is of; "" = nothing */
    double started, shown;
    uint64_t first; /* `done` when the stage began */
} okng_cli_progress;

okng_cli_progress okng_cli_progress_new(const okng_cli_args *args);
int okng_cli_progress_step(const okng_progress *progress,
                           void *user); /* an okng_progress_fn; user: okng_cli_progress */
void okng_cli_progress_clear(okng_cli_progress *progress);

/* ---- other programs ------------------------------------------------------------------------- */

/* Becomes the program of that name, with these words; returns where it cannot be started, and sets errno. */
void okng_cli_start_beside(const char *program, char **words);

/* What runs the verbs of the server. In okng it starts the program okng-serve with the same words (server.c); in
 * okng-serve it does what they say (serve/command.c). */
int okng_cli_run_server(okng_cli_args *args);

/* Of several processes that mpirun has started. In okng they become the program okng-mpi (ranks.c); there they find
 * each other (mpi/command.c). */
/* Before all else; true where this process has done its part, with its exit code. */
bool okng_cli_ranks_begin(char **words, int *code);
/* Once the words are known to be good: the verb shares its work from here on. Returns an exit code; what is wrong has
 * been said. */
int okng_cli_ranks_lead(const okng_cli_args *args);
/* After all else; returns the exit code of the process. */
int okng_cli_ranks_end(int code);

/* ---- files ---------------------------------------------------------------------------------- */

char *okng_cli_join(const char *folder, const char *name); /* malloc'd; NULL when memory is out */
/* Makes a folder that can be written to, with its parents. */
okng_status okng_cli_make_folders(const char *path, okng_error *error);

/* Files and folders that were named on the command line. Zeroed is empty. */
typedef struct okng_cli_paths {
    char **items;
    size_t count, room;
    size_t left_out; /* okng_cli_pictures_add: files of kinds that are not read, in the folders; not among the items */
} okng_cli_paths;
/* Adds what `word` names: what is there under that very name, else what it fits as a pattern of glob(3). Limits: 8
 * parts with wildcards, a million files. Returns an exit code; what is wrong has been said. */
int okng_cli_paths_add(okng_cli_paths *paths, const char *word);
/* Adds a copy of `text` as it is: a path, or any other text. Returns an exit code; what is wrong has been said. */
int okng_cli_paths_put(okng_cli_paths *paths, const char *text);
void okng_cli_paths_free(okng_cli_paths *paths);
/* Adds the pictures that the words of the verb's option that repeats name: files, patterns, folders with all below
 * them. Returns an exit code; what is wrong has been said. */
int okng_cli_pictures_add(const okng_cli_args *args, okng_cli_paths *pictures);

/* draw_regions.c: regions that somebody draws on a picture in a browser, as --roi takes them, into `text`. Says what is
 * wrong, without a browser that numbers must be given. Returns an exit code. */
int okng_cli_draw_regions(const char *picture, char *text, size_t size);

/* ---- results ---- */

/* The image threshold of pictures that are scored without one: the highest that there is. */
#define CLI_NO_THRESHOLD 1e15f
/* What any of the pictures came to. */
typedef struct okng_cli_outcomes {
    bool ng, not_found, skipped, review;
} okng_cli_outcomes;
/* What --exit-code makes of it, the worst first. */
int okng_cli_exit_code(const okng_cli_args *args, okng_cli_outcomes any);
/* A result as scores.json says it, and as lines on stdout; `out`: where its files are, NULL: nowhere. Verdict and
 * threshold are null and "none" where the threshold is CLI_NO_THRESHOLD. */
json_t *okng_cli_result_json(const char *path, const char *out, const okng_result *result);
void okng_cli_print_result(const char *path, const char *out, const okng_result *result);
void okng_cli_say_warning(const char *path, const okng_result *result);
/* Prints score and verdict of every picture that is named, and writes nothing. Where neither bank nor options have a
 * threshold there is no verdict, which is said. Returns an exit code. */
int okng_cli_print_scores(okng_cli_args *args, const okng_bank *bank);

/* ---- banks that grow ---- */

/* What the verb's --out-dir and the library's rows say. */
void okng_cli_grow_options(const okng_cli_args *args, okng_grow_options *options);
/* What came of it, as a document and as lines on stdout. */
json_t *okng_cli_grown_json(const char *bank, const okng_grow_report *report);
/* Says on stderr that a choice of thresholds was left out, unless --quiet. */
void okng_cli_warn_of_choice(const okng_cli_args *args, const okng_grow_report *report);
void okng_cli_print_grown(const char *bank, const okng_grow_report *report);

/* ---- texts ---------------------------------------------------------------------------------- */

/* Adds the lines of a file, each a text; blank ones too where those are wanted. Limits: a million lines, 64 MiB.
 * Returns an exit code; what is wrong has been said. */
int okng_cli_texts_read(okng_cli_paths *texts, const char *file, bool blank);
/* Where texts come from: the first `given` from the command line, the others from the lines of `file`. */
typedef struct okng_cli_text_source {
    size_t given;
    const char *file; /* NULL where all were given */
    bool blank;       /* blank lines are texts */
} okng_cli_text_source;
/* Says what is wrong with one of the texts, by its file and line where it is one of a file, or what else the library
 * said. Returns an exit code. */
int okng_cli_fail_text(const okng_cli_args *args, const okng_cli_paths *texts, const okng_cli_text_source *source,
                       const okng_error *error);
/* Refuses a command line that names no backbone, then okng_cli_need_network: a CLIP is never built in. Returns an exit
 * code; what is wrong has been said. */
int okng_cli_need_clip(okng_cli_args *args);
/* What the options of OKNG_CLI_TEXT_ROWS say. */
okng_text_options okng_cli_text_options(const okng_cli_args *args);
/* Says on stderr that `cut` of `count` texts were too long, unless there are none, or --quiet. */
void okng_cli_tell_cuts(const okng_cli_args *args, uint64_t cut, size_t count);
/* Rows of a verb's own options that say how texts are cut into tokens; the last one without its comma. */
#define OKNG_CLI_TEXT_ROWS                                                                                             \
    {"strict", NULL, "refuse a text of more than 77 tokens, which is cut else", false},                                \
    {                                                                                                                  \
        "text-fix", "none|basic", "basic makes quotes, ligatures and full-width forms plain first; none unless given", \
            false                                                                                                      \
    }

/* ---- data sets ------------------------------------------------------------------------------ */

/* Rows of a verb's own options that say which data set; the last one without its comma. */
#define OKNG_CLI_DATASET_ROWS                                                                                     \
    {"dataset", "NAME",                                                                                           \
     "layout of the data: mvtec, visa, folder, csv, ...; a name that there is not lists all; mvtec unless given", \
     false},                                                                                                      \
    {                                                                                                             \
        "root", "DIR", "where the data lies", true                                                                \
    }

/* ---- weights ------------------------------------------------------------------- */

/* Sees to it that args->build has a network and its weights, from the cache where none were given, and says which.
 * Returns an exit code. */
int okng_cli_need_network(okng_cli_args *args);
/* Opens and locks the file of a download, which may have begun; close() it when it bears its last name. */
okng_status okng_cli_part_open(int *descriptor, const char *part, okng_error *error);
/* The file of a download, opened by okng_cli_part_open. */
typedef struct okng_cli_part {
    int descriptor;
    const char *path;
    const char *edition; /* file beside it that keeps which edition of the server's it is of: the part of another, or of
                            an unknown one, begins anew. NULL: it is continued, as a hash tells in the end */
} okng_cli_part;
/* Continues or begins the download of `url` to that file. `local` allows file:// too. */
okng_status okng_cli_download(const char *url, const okng_cli_part *into, bool local, okng_cli_progress *progress,
                              okng_error *error);

/* ---- experiments ---------------------------------------------------------------------------- */

/* Runs an experiment, with `flags` and those that the verb's options --force and --keep-going stand for, and says what
 * comes of it. Releases it. Returns an exit code. */
int okng_cli_experiment(okng_cli_args *args, okng_experiment **experiment, unsigned flags);

/* ---- verbs ---------------------------------------------------------------------------------- */

extern const okng_cli_verb okng_cli_build, okng_cli_infer, okng_cli_bank_show, okng_cli_bank_set, okng_cli_pack,
    okng_cli_tune, okng_cli_weights_show, okng_cli_weights_list, okng_cli_weights_get, okng_cli_preprocess,
    okng_cli_embed, okng_cli_coreset, okng_cli_knn, okng_cli_demo, okng_cli_data_show, okng_cli_eval, okng_cli_run,
    okng_cli_metrics, okng_cli_bench, okng_cli_collect, okng_cli_plot;
extern const okng_cli_verb okng_cli_advise, okng_cli_text_embed, okng_cli_similarity, okng_cli_tokenize;
extern const okng_cli_verb okng_cli_log_list, okng_cli_log_changes, okng_cli_log_stats, okng_cli_log_judge,
    okng_cli_log_export, okng_cli_log_check;
extern const okng_cli_verb okng_cli_export, okng_cli_line, okng_cli_route, okng_cli_serve;
extern const okng_cli_verb okng_cli_import_inspection, okng_cli_import_anomalib, okng_cli_import_afclip;
extern const okng_cli_verb okng_cli_train_afclip;
extern const okng_cli_verb okng_cli_train_patchcore;
extern const okng_cli_verb okng_cli_bank_add, okng_cli_bank_merge, okng_cli_bank_shrink, okng_cli_bank_create,
    okng_cli_bank_diff, okng_cli_bank_rename_weights;

/* ---- bench ---- */

/* The figures of a stage, an array; NULL when it failed, *code then says how. */
json_t *okng_cli_bench_measure(const okng_cli_args *args, const char *stage, const okng_bench_inputs *in, int *code);
/* Measures a stage on the machine as it is and beside busy processes, by turns; adds a row to `all` for each thing that
 * was measured, and prints it as a line of a table. */
int okng_cli_bench_loaded(const okng_cli_args *args, const char *stage, const okng_bench_inputs *in, json_t *all);
/* Prints how many of the rows took longer than they should. */
void okng_cli_bench_judge(const json_t *all);

#endif
