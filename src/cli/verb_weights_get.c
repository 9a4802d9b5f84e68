#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

typedef struct request {
    okng_public_file file;
    char *url, *path, *part;
    char *edition; /* beside the part, while nobody states a hash */
    char *note;    /* where the hash of a file is kept whose publisher states none: FILE.sha256 */
    bool local;    /* file:// is allowed */
} request;

static void release(request *r)
{
    free(r->url);
    free(r->path);
    free(r->part);
    free(r->note);
    free(r->edition);
}

static int name_files(request *r, const char *base, const char *path)
{
    const char *slash = strrchr(r->file.url, '/');
    r->local = base != NULL;
    r->url = base ? okng_cli_join(base, slash ? slash + 1 : r->file.url) : strdup(r->file.url);
    r->path = strdup(path);
    if (!r->path) return okng_cli_error("out of memory");
    const char *name = strrchr(r->path, '/') ? strrchr(r->path, '/') + 1 : r->path;
    size_t size = strlen(r->path) + sizeof "..okng-part-edition";
    r->part = malloc(size);
    r->note = malloc(size);
    r->edition = malloc(size);
    if (!r->url || !r->part || !r->note || !r->edition) return okng_cli_error("out of memory");
    (void)snprintf(r->part, size, "%.*s.%s.okng-part", (int)(name - r->path), r->path, name);
    (void)snprintf(r->edition, size, "%s-edition", r->part);
    (void)snprintf(r->note, size, "%s.sha256", r->path);
    return EXIT_OKAY;
}

static int make_request(const okng_cli_args *args, request *r)
{
    okng_error error;
    char cache[OKNG_PATH_MAX];
    const char *base = okng_cli_value(args, "url"), *out = okng_cli_value(args, "out");
    okng_status status = okng_public_file_find(args->operand, &r->file, &error);
    if (status == OKNG_ERROR_ARGUMENT) return okng_cli_usage(args->verb, "%s", error.message);
    if (status != OKNG_OK) return okng_cli_refused(args->verb, &error);
    if (!out && okng_public_file_cache(args->operand, cache, sizeof cache, &error) != OKNG_OK)
        return okng_cli_error("%s; give --out FILE", error.message);
    return name_files(r, base, out ? out : cache);
}

static okng_status make_parent(const char *path, okng_error *error)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path) return OKNG_OK;
    char *folder = strndup(path, (size_t)(slash - path));
    if (!folder) return okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
    okng_status status = okng_cli_make_folders(folder, error);
    free(folder);
    return status;
}

/* ---- what it must be ---- */

/* What is known of its SHA-256, by the publisher or by the first download: how it begins, or all; "" for nothing. */
typedef struct known {
    char hex[65];
    bool noted; /* by the first download */
} known;

static bool is_hash(const char *text)
{
    return strspn(text, "0123456789abcdef") >= 64;
}

/* A note has the form of sha256sum's. One that cannot be read is an error: without it any file would do. */
static okng_status read_known(const request *r, known *k, okng_error *error)
{
    const char *stated = r->file.sha256[0] ? r->file.sha256 : r->file.hash_prefix;
    *k = (known){.noted = false};
    (void)snprintf(k->hex, sizeof k->hex, "%s", stated);
    if (stated[0] || access(r->note, F_OK) != 0) return OKNG_OK;
    char line[65] = "";
    struct stat info; /* a pipe would wait for who writes into it */
    if (stat(r->note, &info) == 0 && !S_ISREG(info.st_mode))
        return okng_cli_set_error(error, OKNG_ERROR_FORMAT,
                                  "%s: is not a regular file, expected a SHA-256 of 64 digits", r->note);
    FILE *file = fopen(r->note, "r");
    const bool read = file && fgets(line, sizeof line, file);
    const int reason = errno;
    if (file) (void)fclose(file);
    if (!file) return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: %s", r->note, okng_translate(strerror(reason)));
    if (!read || !is_hash(line))
        return okng_cli_set_error(error, OKNG_ERROR_FORMAT,
                                  "%s: no SHA-256 of 64 digits; remove the file to trust the next download", r->note);
    memcpy(k->hex, line, 64);
    k->noted = true;
    return OKNG_OK;
}

/* Keeps the hash of a first download. */
static okng_status write_note(const request *r, const char *hex, okng_error *error)
{
    const char *name = strrchr(r->path, '/') ? strrchr(r->path, '/') + 1 : r->path;
    FILE *file = fopen(r->note, "w");
    bool written = file && fprintf(file, "%s  %s\n", hex, name) > 0;
    int reason = errno;
    if (file && fclose(file) != 0 && written) {
        written = false;
        reason = errno;
    }
    if (written) return OKNG_OK;
    return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: cannot write: %s", r->note, okng_translate(strerror(reason)));
}

/* What comes without a hash to hold it to is at least a whole weight file: no page of a proxy, none that was cut off.
 */
static okng_status check_whole(const request *r, const char *path, okng_error *error)
{
    okng_weights *weights = NULL;
    if (!r->file.is_weights) return OKNG_OK;
    okng_status status = okng_weights_open(&weights, path, error);
    okng_weights_close(&weights);
    return status;
}

/* The hash of `path` must be, or begin, as is known; FORMAT else. */
static okng_status verify(const request *r, const char *path, const known *k, char hex[65], okng_error *error)
{
    okng_status status = okng_file_sha256(path, hex, error);
    if (status != OKNG_OK) return status;
    if (!k->hex[0]) return check_whole(r, path, error);
    if (strncmp(hex, k->hex, strlen(k->hex)) == 0) return OKNG_OK;
    if (k->noted)
        return okng_cli_set_error(error, OKNG_ERROR_FORMAT,
                                  "%s: its SHA-256 begins with %.8s, expected %.8s, which it had at its first "
                                  "download (%s)",
                                  path, hex, k->hex, r->note);
    return okng_cli_set_error(error, OKNG_ERROR_FORMAT, "%s: its SHA-256 begins with %.8s, expected %.8s", path, hex,
                              k->hex);
}

/* ---- getting it ---- */

static okng_status keep(const request *r, okng_error *error)
{
    (void)unlink(r->edition);
    if (rename(r->part, r->path) == 0) return OKNG_OK;
    return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: cannot write: %s", r->path, okng_translate(strerror(errno)));
}

/* What came and is not as expected goes. */
static okng_status refuse(const request *r, const known *k, const char *hex, okng_error *error)
{
    (void)unlink(r->part);
    (void)unlink(r->edition);
    if (!k->hex[0]) {
        const okng_error why = *error;
        return okng_cli_set_error(error, OKNG_ERROR_FORMAT, "%s: what came is no weight file (%s); removed", r->url,
                                  why.message);
    }
    if (k->noted)
        return okng_cli_set_error(error, OKNG_ERROR_FORMAT,
                                  "%s: what came begins with the SHA-256 %.8s, expected %.8s, which it had at the "
                                  "first download; removed. Remove %s to take it all the same",
                                  r->url, hex, k->hex, r->note);
    return okng_cli_set_error(error, OKNG_ERROR_FORMAT,
                              "%s: what came begins with the SHA-256 %.8s, expected %.8s; removed", r->url, hex,
                              k->hex);
}

/* Under the lock of the part, until that bears its last name. */
static okng_status fetch_part(const okng_cli_args *args, const request *r, const known *k, int part, char hex[65],
                              okng_error *error)
{
    /* A download may have been killed between its end and the rename; without a hash nothing tells. */
    off_t size = lseek(part, 0, SEEK_END);
    if (size > 0 && k->hex[0] && verify(r, r->part, k, hex, error) == OKNG_OK) return keep(r, error);
    okng_cli_progress progress = okng_cli_progress_new(args);
    progress.bytes = true;
    const okng_cli_part into = {part, r->part, k->hex[0] ? NULL : r->edition};
    okng_status status = okng_cli_download(r->url, &into, r->local, &progress, error);
    okng_cli_progress_clear(&progress);
    if (status != OKNG_OK) return status;
    status = verify(r, r->part, k, hex, error);
    const bool wrong =
        status == OKNG_ERROR_FORMAT || (!k->hex[0] && (status == OKNG_ERROR_UNSUPPORTED || status == OKNG_ERROR_LIMIT));
    if (wrong) return refuse(r, k, hex, error);
    if (status == OKNG_OK && !k->hex[0]) status = write_note(r, hex, error);
    return status == OKNG_OK ? keep(r, error) : status;
}

static okng_status fetch(const okng_cli_args *args, const request *r, const known *k, char hex[65], okng_error *error)
{
    int part;
    okng_status status = make_parent(r->path, error);
    if (status == OKNG_OK) status = okng_cli_part_open(&part, r->part, error);
    if (status != OKNG_OK) return status;
    status = fetch_part(args, r, k, part, hex, error);
    (void)close(part);
    return status;
}

static int print_done(const okng_cli_args *args, const request *r, const known *k, const char *hex, bool fetched)
{
    if (args->json)
        return okng_cli_print_json(json_pack(
            "{s:s, s:o, s:s, s:b, s:b, s:s}", "name", r->file.name, "file", okng_cli_json_path(r->path), "sha256", hex,
            "stated", (int)(k->hex[0] && !k->noted), "downloaded", (int)fetched, "licence", r->file.licence));
    if (args->quiet) return EXIT_OKAY;
    if (k->hex[0])
        (void)printf(fetched ? _("%s: downloaded, SHA-256 %.8s... as expected\n")
                             : _("%s: is already here, SHA-256 %.8s... as expected\n"),
                     r->path, hex);
    else
        (void)printf(_("%s: its publisher states no SHA-256; %.8s... is kept in %s and held to from now on\n"), r->path,
                     hex, r->note);
    (void)printf(_("licence: %s\n"), r->file.licence);
    return EXIT_OKAY;
}

/* A file that is there, without a note of its hash, gets one. */
static okng_status look(const request *r, const known *k, char hex[65], okng_error *error)
{
    okng_status status = verify(r, r->path, k, hex, error);
    return status == OKNG_OK && !k->hex[0] ? write_note(r, hex, error) : status;
}

static int run(okng_cli_args *args)
{
    request r = {.file = {.struct_size = sizeof r.file}};
    okng_error error;
    char hex[65] = "";
    int code = make_request(args, &r);
    if (code == EXIT_OKAY) {
        known k;
        bool here = access(r.path, F_OK) == 0;
        okng_status status = read_known(&r, &k, &error);
        const bool readable = status == OKNG_OK;
        if (readable) status = here ? look(&r, &k, hex, &error) : fetch(args, &r, &k, hex, &error);
        if (status == OKNG_OK)
            code = print_done(args, &r, &k, hex, !here);
        else if (readable && here && (status == OKNG_ERROR_FORMAT || status == OKNG_ERROR_UNSUPPORTED))
            code = okng_cli_error("%s; remove the file and try again", error.message);
        else
            code = okng_cli_fail(&error);
    }
    release(&r);
    return code;
}

static const okng_cli_option options[] = {
    {"out", "FILE", "where it goes, in place of the cache", false},
    {"url", "BASE", "folder to take it from, in place of the public one: https://, http:// or file://", false},
    {0},
};

const okng_cli_verb okng_cli_weights_get = {
    .name = "weights get",
    .usage = "NAME [--out FILE] [--url BASE]",
    .summary = "downloads a backbone's weights, or the vocabulary of CLIP, once for all",
    .about =
        "Into $XDG_CACHE_HOME/okng/weights, else ~/.cache/okng/weights, where build and embed find them. A download "
        "that was cut off is continued, where nobody states its SHA-256 only while the server has the same edition. "
        "The "
        "file is kept only when its SHA-256 is as its publisher states; where none "
        "is stated, that of the first download is kept in FILE.sha256 and held to from then on. NAME is a backbone, or "
        "clip-vocabulary.",
    .examples = "  okng weights get wide_resnet50_2\n"
                "  okng weights get clip-vocabulary\n"
                "  okng weights get resnet18 --url file:///media/stick --out weights/resnet18.pth\n",
    .operand = "NAME",
    .options = options,
    .no_kernels = true,
    .stops = true,
    .run = run,
};
