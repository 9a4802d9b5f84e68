/* A table that says it all: the columns path, split and label, and where there are any mask, category and kind. Paths
 * are absolute, below the root, or below the table's own folder. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/file.h"
#include "data/listing.h"

enum { PATH, SPLIT, LABEL, MASK, CATEGORY, KIND, COLUMNS };

typedef struct table {
    okng_csv *csv;
    bool has[COLUMNS];
    size_t columns[COLUMNS];
    const char *root;
    char *folder; /* of the file */
    char *stem;   /* of its name: the category, where no column says it */
} table;

/* ---- the file ------------------------------------------------------------------------------- */

static bool is_csv(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && name[0] != '.' && strcasecmp(dot, ".csv") == 0;
}

/* The only file *.csv in the root, where no name was given. */
static okng_status only_csv(const char *root, char **out, okng_error *error)
{
    okng_names found = {0};
    DIR *stream = opendir(root);
    if (!stream) return okng_fail_errno(error, "list the folder", root);
    okng_status status = OKNG_OK;
    for (const struct dirent *child = readdir(stream); child && status == OKNG_OK; child = readdir(stream))
        if (is_csv(child->d_name)) status = okng_names_add(&found, child->d_name, error);
    (void)closedir(stream);
    char text[256];
    okng_names_sort(&found);
    if (status == OKNG_OK && found.count == 1)
        status = okng_path_format(out, error, "%s/%s", root, found.items[0]);
    else if (status == OKNG_OK && found.count == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no .csv here; name the table with the option csv", root);
    else if (status == OKNG_OK)
        status = okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: several tables (%s); name one with the option csv", root,
                           okng_names_text(&found, text, sizeof text));
    okng_names_free(&found);
    return status;
}

static okng_status find_csv(const okng_source *source, char **out, okng_error *error)
{
    const char *given = source->options->csv;
    if (*given == '/') return okng_path_format(out, error, "%s", given);
    if (*given) return okng_path_format(out, error, "%s/%s", source->root, given);
    if (!okng_is_folder(source->root)) return okng_path_format(out, error, "%s", source->root);
    return only_csv(source->root, out, error);
}

static void close_table(table *t)
{
    okng_csv_free(&t->csv);
    free(t->folder);
    free(t->stem);
    *t = (table){0};
}

static okng_status split_path(table *t, const char *path, okng_error *error)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    OKNG_TRY(okng_path_format(&t->folder, error, "%.*s", slash ? (int)(slash - path) + 1 : 2, slash ? path : "./"));
    return okng_path_format(&t->stem, error, "%.*s", dot ? (int)(dot - name) : (int)strlen(name), name);
}

static okng_status open_table(const okng_source *source, table *t, okng_error *error)
{
    static const char *const names[COLUMNS] = {"path", "split", "label", "mask", "category", "kind"};
    *t = (table){.root = source->root};
    char *path = NULL;
    okng_status status = find_csv(source, &path, error);
    if (status == OKNG_OK) status = okng_csv_read(&t->csv, path, error);
    if (status == OKNG_OK) status = split_path(t, path, error);
    for (size_t i = 0; status == OKNG_OK && i < COLUMNS; i++) {
        t->has[i] = okng_csv_has_column(t->csv, names[i], &t->columns[i]);
        if (i <= LABEL) status = okng_csv_column(t->csv, names[i], &t->columns[i], error);
    }
    free(path);
    if (status != OKNG_OK) close_table(t);
    return status;
}

/* "" where the table has no such column. */
static const char *field(const table *t, size_t row, int column)
{
    return t->has[column] ? okng_csv_field(t->csv, row, t->columns[column]) : "";
}

static const char *category_of(const table *t, size_t row)
{
    return t->has[CATEGORY] ? field(t, row, CATEGORY) : t->stem;
}

/* ---- records -------------------------------------------------------------------------------- */

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(word, words[i]) == 0) return true;
    return false;
}

static okng_status read_label(const table *t, size_t row, int32_t *label, okng_error *error)
{
    static const char *const good[] = {"0", "good", "ok", "normal"};
    static const char *const bad[] = {"1", "bad", "ng", "anomaly", "abnormal", "anomalous", "defect"};
    const char *text = field(t, row, LABEL);
    *label = is_one_of(text, bad, sizeof bad / sizeof bad[0]);
    if (*label || is_one_of(text, good, sizeof good / sizeof good[0])) return OKNG_OK;
    return okng_refuse_field(t->csv, row, "label", text,
                             "0, good, ok, normal, or 1, bad, ng, anomaly, abnormal, defect", error);
}

static okng_status read_split(const table *t, size_t row, okng_split *split, okng_error *error)
{
    static const char *const train[] = {"train"}, *const test[] = {"test"};
    static const char *const validation[] = {"validation", "val", "valid"};
    const char *text = field(t, row, SPLIT);
    *split = is_one_of(text, test, 1)    ? OKNG_SPLIT_TEST
             : is_one_of(text, train, 1) ? OKNG_SPLIT_TRAIN
                                         : OKNG_SPLIT_VALIDATION;
    if (*split != OKNG_SPLIT_VALIDATION || is_one_of(text, validation, 3)) return OKNG_OK;
    return okng_refuse_field(t->csv, row, "split", text, "train, validation or test", error);
}

/* The first place where the file is; below the root when it is nowhere, for the error that follows. */
static okng_status locate(const table *t, const char *name, char **out, okng_error *error)
{
    if (*name == '/') return okng_path_format(out, error, "%s", name);
    OKNG_TRY(okng_path_format(out, error, "%s/%s", t->root, name));
    if (access(*out, F_OK) == 0) return OKNG_OK;
    char *beside = NULL;
    okng_status status = okng_path_format(&beside, error, "%s%s", t->folder, name);
    if (status == OKNG_OK && (access(beside, F_OK) == 0 || !okng_is_folder(t->root))) {
        free(*out);
        *out = beside;
        return OKNG_OK;
    }
    free(beside);
    return status;
}

static okng_status add_row(const table *t, size_t row, okng_sample_list *out, okng_error *error)
{
    okng_sample sample = {.struct_size = sizeof sample, .name = field(t, row, PATH), .kind = "good"};
    OKNG_TRY(read_label(t, row, &sample.label, error));
    OKNG_TRY(read_split(t, row, &sample.split, error));
    if (!*sample.name) return okng_refuse_field(t->csv, row, "path", "", "the path of a picture", error);
    if (sample.label && sample.split != OKNG_SPLIT_TEST)
        return okng_refuse_field(t->csv, row, "label", field(t, row, LABEL),
                                 "a good one, as a bad picture can only be tested", error);
    if (sample.label) sample.kind = *field(t, row, KIND) ? field(t, row, KIND) : "bad";
    const char *mask = sample.label ? field(t, row, MASK) : "";
    char *path = NULL, *mask_path = NULL;
    okng_names masks = {0};
    okng_status status = locate(t, sample.name, &path, error);
    if (status == OKNG_OK && *mask) status = locate(t, mask, &mask_path, error);
    if (status == OKNG_OK && *mask) status = okng_names_add(&masks, mask_path, error);
    sample.path = path;
    while (*sample.name == '/') sample.name++;
    if (status == OKNG_OK) status = okng_sample_add(out, &sample, &masks, error);
    okng_names_free(&masks);
    free(mask_path);
    free(path);
    return status;
}

/* ---- the layout ----------------------------------------------------------------------------- */

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    table t;
    OKNG_TRY(open_table(source, &t, error));
    okng_status status = OKNG_OK;
    for (size_t row = 0; status == OKNG_OK && row < okng_csv_rows(t.csv); row++) {
        const char *category = category_of(&t, row);
        if (!*category) status = okng_refuse_field(t.csv, row, "category", "", "a name", error);
        if (status == OKNG_OK) status = okng_names_add_once(out, category, error);
    }
    if (status == OKNG_OK && out->count == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: has no record", okng_csv_name(t.csv));
    close_table(&t);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    table t;
    OKNG_TRY(open_table(source, &t, error));
    okng_status status = OKNG_OK;
    for (size_t row = 0; status == OKNG_OK && row < okng_csv_rows(t.csv); row++)
        if (strcmp(category_of(&t, row), category) == 0) status = add_row(&t, row, out, error);
    close_table(&t);
    return status;
}

const okng_layout okng_layout_csv = {
    .name = "csv",
    .help = "a table with the columns path, split, label, and where there are any mask, category, kind",
    .options = "csv",
    .categories = categories,
    .samples = samples,
    .masks_may_be_shared = true,
};
