#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

typedef struct request {
    okng_backbone_info info;
    char *url, *path, *part;
    bool local; /* file:// is allowed */
} request;

static void release(request *r)
{
    free(r->url);
    free(r->path);
    free(r->part);
}

static int make_request(const okng_cli_args *args, request *r)
{
    okng_error error;
    char cache[OKNG_PATH_MAX];
    const char *base = okng_cli_value(args, "url"), *out = okng_cli_value(args, "out");
    if (okng_backbone_find(args->operand, &r->info, &error) != OKNG_OK) return okng_cli_refused(args->verb, &error);
    if (r->info.built_in) return okng_cli_usage(args->verb, "%s is built in: it needs no file", args->operand);
    if (!out && okng_backbone_cache(args->operand, cache, sizeof cache, &error) != OKNG_OK)
        return okng_cli_error("%s; give --out FILE", error.message);
    const char *slash = strrchr(r->info.url, '/');
    r->local = base != NULL;
    r->url = base ? okng_cli_join(base, slash ? slash + 1 : r->info.url) : strdup(r->info.url);
    r->path = strdup(out ? out : cache);
    if (!r->path) return okng_cli_error("out of memory");
    const char *name = strrchr(r->path, '/') ? strrchr(r->path, '/') + 1 : r->path;
    size_t size = strlen(r->path) + sizeof "..okng-part";
    r->part = malloc(size);
    if (!r->url || !r->part) return okng_cli_error("out of memory");
    (void)snprintf(r->part, size, "%.*s.%s.okng-part", (int)(name - r->path), r->path, name);
    return EXIT_OKAY;
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

/* The hash of `path` must begin as the backbone's file name says. */
static okng_status verify(const request *r, const char *path, char hex[65], okng_error *error)
{
    okng_status status = okng_file_sha256(path, hex, error);
    if (status != OKNG_OK) return status;
    if (strncmp(hex, r->info.hash_prefix, strlen(r->info.hash_prefix)) == 0) return OKNG_OK;
    return okng_cli_set_error(error, OKNG_ERROR_FORMAT, "%s: its SHA-256 begins with %.8s, expected %s", path, hex,
                              r->info.hash_prefix);
}

static okng_status keep(const request *r, okng_error *error)
{
    if (rename(r->part, r->path) == 0) return OKNG_OK;
    return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: cannot write: %s", r->path, okng_translate(strerror(errno)));
}

/* Under the lock of the part, until that bears its last name. */
static okng_status fetch_part(const okng_cli_args *args, const request *r, int part, char hex[65], okng_error *error)
{
    /* A download may have been killed between its end and the rename. */
    off_t size = lseek(part, 0, SEEK_END);
    if (size > 0 && verify(r, r->part, hex, error) == OKNG_OK) return keep(r, error);
    okng_cli_progress progress = okng_cli_progress_new(args);
    progress.bytes = true;
    okng_status status = okng_cli_download(r->url, r->part, part, r->local, &progress, error);
    okng_cli_progress_clear(&progress);
    if (status != OKNG_OK) return status;
    status = verify(r, r->part, hex, error);
    if (status == OKNG_ERROR_FORMAT) {
        (void)unlink(r->part);
        return okng_cli_set_error(error, status, "%s: what came begins with the SHA-256 %.8s, expected %s; removed",
                                  r->url, hex, r->info.hash_prefix);
    }
    return status == OKNG_OK ? keep(r, error) : status;
}

static okng_status fetch(const okng_cli_args *args, const request *r, char hex[65], okng_error *error)
{
    int part;
    okng_status status = make_parent(r->path, error);
    if (status == OKNG_OK) status = okng_cli_part_open(&part, r->part, error);
    if (status != OKNG_OK) return status;
    status = fetch_part(args, r, part, hex, error);
    (void)close(part);
    return status;
}

static int print_done(const okng_cli_args *args, const request *r, const char *hex, bool fetched)
{
    if (args->json)
        return okng_cli_print_json(json_pack("{s:s, s:o, s:s, s:b}", "name", r->info.name, "file",
                                             okng_cli_json_path(r->path), "sha256", hex, "downloaded", (int)fetched));
    if (!args->quiet)
        (void)printf(fetched ? _("%s: downloaded, SHA-256 %.8s... as expected\n")
                             : _("%s: is already here, SHA-256 %.8s... as expected\n"),
                     r->path, hex);
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    request r = {.info = {.struct_size = sizeof r.info}};
    okng_error error;
    char hex[65] = "";
    int code = make_request(args, &r);
    if (code == EXIT_OKAY) {
        bool here = access(r.path, F_OK) == 0;
        okng_status status = here ? verify(&r, r.path, hex, &error) : fetch(args, &r, hex, &error);
        if (status == OKNG_OK)
            code = print_done(args, &r, hex, !here);
        else if (here && status == OKNG_ERROR_FORMAT)
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
    .summary = "downloads a backbone's weights once for all",
    .about =
        "Into $XDG_CACHE_HOME/okng/weights, else ~/.cache/okng/weights, where build and embed find them. A download "
        "that was cut off is continued. The file is kept only when its SHA-256 begins as its name says.",
    .examples = "  okng weights get wide_resnet50_2\n"
                "  okng weights get resnet18 --url file:///media/stick --out weights/resnet18.pth\n",
    .operand = "NAME",
    .options = options,
    .no_kernels = true,
    .stops = true,
    .run = run,
};
