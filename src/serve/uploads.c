#include "serve/uploads.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "serve/decode.h"

enum { MOST_FOLDERS = 2, SEGMENT = 128, NUMBERS = 10000 };
#define UNUSED_DAYS 7
#define PICTURES "pictures"
#define TAUGHT "taught" /* a file that is there where a bank was taught with the upload */

typedef struct shot {
    char *name;
    int32_t width, height;
    uint64_t bytes;
} shot;

typedef struct upload {
    char id[OKNG_ID_TEXT];
    shot *shots;
    size_t count, room;
    int users; /* jobs */
    bool taught;
    struct upload *next;
} upload;

struct okng_uploads {
    char *folder;
    pthread_mutex_t mutex; /* guards what follows */
    upload *first;
    size_t count;
};

/* ---- paths and names --------------------------------------------------------------------------------------------- */

/* FOLDER/ID, with what lies below it where `below` is not ""; malloc'd. */
static char *path_of(const okng_uploads *uploads, const char *id, const char *below)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s%s%s", uploads->folder, id, *below ? "/" : "", below) < 0 ? NULL : path;
}

static char *shot_path(const okng_uploads *uploads, const char *id, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s/" PICTURES "/%s", uploads->folder, id, name) < 0 ? NULL : path;
}

static bool is_good_segment(const char *segment, size_t length)
{
    return length > 0 && length <= SEGMENT && segment[0] != '.';
}

/* A name that can lie in the folder of pictures, and nowhere else. */
static okng_status check_name(const char *name, okng_error *error)
{
    int folders = 0;
    bool good = strlen(name) < OKNG_UPLOAD_NAME && okng_utf8_valid(name, strlen(name), NULL) && !strchr(name, '\\');
    for (const char *c = name; *c; c++) good = good && (unsigned char)*c >= 0x20 && *c != 0x7f;
    for (const char *at = name; good;) {
        const size_t length = strcspn(at, "/");
        good = is_good_segment(at, length) && (!at[length] || ++folders <= MOST_FOLDERS);
        if (!at[length]) break;
        at += length + 1;
    }
    if (good) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "\"%.80s\" cannot be the name of a picture, expected UTF-8 of at most %d bytes, with at most %d "
                     "folders, none of them hidden",
                     name, SEGMENT, MOST_FOLDERS);
}

/* ---- the list: the mutex is held --------------------------------------------------------------------------------- */

static upload *find(const okng_uploads *uploads, const char *id)
{
    upload *u = uploads->first;
    while (u && strcmp(u->id, id) != 0) u = u->next;
    return u;
}

static okng_status fail_missing(okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "there is no upload of that id; it may have been removed");
}

static bool has(const upload *u, const char *name)
{
    for (size_t i = 0; i < u->count; i++)
        if (strcmp(u->shots[i].name, name) == 0) return true;
    return false;
}

static okng_status push(upload *u, const char *name, int32_t width, int32_t height, uint64_t bytes, okng_error *error)
{
    void *shots = u->shots;
    char *copy = strdup(name);
    if (!copy || !okng_grow(&shots, &u->room, u->count + 1, sizeof *u->shots)) {
        free(copy);
        return okng_fail_memory(error, (u->count + 1) * sizeof *u->shots);
    }
    u->shots = shots;
    u->shots[u->count++] = (shot){copy, width, height, bytes};
    return OKNG_OK;
}

static void free_upload(upload *u)
{
    if (!u) return;
    for (size_t i = 0; i < u->count; i++) free(u->shots[i].name);
    free(u->shots);
    free(u);
}

static void insert(okng_uploads *uploads, upload *u)
{
    u->next = uploads->first;
    uploads->first = u;
    uploads->count++;
}

static void take_out(okng_uploads *uploads, upload *u)
{
    upload **at = &uploads->first;
    while (*at != u) at = &(*at)->next;
    *at = u->next;
    uploads->count--;
}

/* ---- what an earlier run left ------------------------------------------------------------------------------------ */

static okng_status read_shot(upload *u, const okng_picture_list *list, size_t i, okng_error *error)
{
    const char *path = okng_picture_list_path(list, i);
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    struct stat info;
    int32_t width, height;
    if (stat(path, &info) != 0 || okng_picture_size(&picture, UINT64_MAX, &width, &height, NULL) != OKNG_OK)
        return OKNG_OK; /* it was not written to its end */
    return push(u, okng_picture_list_relative(list, i), width, height, (uint64_t)info.st_size, error);
}

static okng_status read_upload(okng_uploads *uploads, const char *id, okng_error *error)
{
    upload *u = calloc(1, sizeof *u);
    char *pictures = path_of(uploads, id, PICTURES), *taught = path_of(uploads, id, TAUGHT);
    okng_picture_list *list = NULL;
    okng_status status =
        u && pictures && taught ? OKNG_OK : okng_fail_memory(error, sizeof *u + strlen(uploads->folder));
    if (status == OKNG_OK) {
        memcpy(u->id, id, sizeof u->id);
        u->taught = access(taught, F_OK) == 0;
        status = okng_picture_list_open(&list, pictures, error);
    }
    for (size_t i = 0; status == OKNG_OK && i < okng_picture_list_count(list); i++)
        status = read_shot(u, list, i, error);
    okng_picture_list_free(&list);
    free(taught);
    free(pictures);
    if (status == OKNG_OK)
        insert(uploads, u);
    else
        free_upload(u);
    return status == OKNG_ERROR_MEMORY ? status : OKNG_OK; /* a folder that is none of ours is passed over */
}

/* Whether nobody has touched it for long. */
static bool is_stale(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && time(NULL) - info.st_mtime > (time_t)UNUSED_DAYS * 86400;
}

static okng_status read_folder(okng_uploads *uploads, okng_error *error)
{
    DIR *entries = opendir(uploads->folder);
    if (!entries) return okng_fail_errno(error, "look into", uploads->folder);
    okng_status status = OKNG_OK;
    for (struct dirent *entry; status == OKNG_OK && (entry = readdir(entries));) {
        if (!okng_id_is_good(entry->d_name)) continue;
        char *path = path_of(uploads, entry->d_name, ""), *taught = path_of(uploads, entry->d_name, TAUGHT);
        if (path && taught && is_stale(path) && access(taught, F_OK) != 0)
            (void)okng_folder_remove(path, NULL);
        else
            status = read_upload(uploads, entry->d_name, error);
        free(taught);
        free(path);
    }
    (void)closedir(entries);
    return status;
}

okng_status okng_uploads_open(okng_uploads **out, const char *folder, okng_error *error)
{
    *out = NULL;
    okng_uploads *uploads = calloc(1, sizeof *uploads);
    if (!uploads) return okng_fail_memory(error, sizeof *uploads);
    (void)pthread_mutex_init(&uploads->mutex, NULL);
    okng_status status = okng_make_folders(folder, error);
    if (status == OKNG_OK) status = okng_real_path(&uploads->folder, folder, error);
    if (status == OKNG_OK && !uploads->folder) status = okng_fail_errno(error, "find", folder);
    if (status == OKNG_OK) status = read_folder(uploads, error);
    if (status != OKNG_OK) okng_uploads_close(&uploads);
    *out = uploads;
    return status;
}

void okng_uploads_close(okng_uploads **uploads)
{
    if (!uploads || !*uploads) return;
    while ((*uploads)->first) {
        upload *u = (*uploads)->first;
        (*uploads)->first = u->next;
        free_upload(u);
    }
    (void)pthread_mutex_destroy(&(*uploads)->mutex);
    free((*uploads)->folder);
    free(*uploads);
    *uploads = NULL;
}

/* ---- making and adding ------------------------------------------------------------------------------------------- */

static okng_status make(okng_uploads *uploads, upload *u, okng_error *error)
{
    OKNG_TRY(okng_id_make(u->id, error));
    char *path = path_of(uploads, u->id, PICTURES);
    okng_status status = path ? okng_make_folders(path, error) : okng_fail_memory(error, strlen(uploads->folder));
    free(path);
    return status;
}

okng_status okng_uploads_make(okng_uploads *uploads, char id[OKNG_ID_TEXT], okng_error *error)
{
    upload *u = calloc(1, sizeof *u);
    if (!u) return okng_fail_memory(error, sizeof *u);
    (void)pthread_mutex_lock(&uploads->mutex);
    okng_status status =
        uploads->count < OKNG_UPLOADS
            ? make(uploads, u, error)
            : okng_fail(error, OKNG_ERROR_LIMIT, "%d uploads are there already; remove some", OKNG_UPLOADS);
    if (status == OKNG_OK) {
        insert(uploads, u);
        memcpy(id, u->id, sizeof u->id);
    }
    (void)pthread_mutex_unlock(&uploads->mutex);
    if (status != OKNG_OK) free_upload(u);
    return status;
}

/* "good/001.png" as "good/001-2.png" where there is a good/001.png. The mutex is held. */
static okng_status choose_name(const upload *u, const char *wanted, char name[OKNG_UPLOAD_NAME], okng_error *error)
{
    const char *slash = strrchr(wanted, '/'), *dot = strrchr(slash ? slash : wanted, '.');
    const int stem = dot ? (int)(dot - wanted) : (int)strlen(wanted);
    (void)snprintf(name, OKNG_UPLOAD_NAME, "%s", wanted);
    for (int i = 2; has(u, name) && i < NUMBERS; i++)
        (void)snprintf(name, OKNG_UPLOAD_NAME, "%.*s-%d%s", stem, wanted, i, wanted + stem);
    if (!has(u, name)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT, "%d pictures are called %s already", NUMBERS, wanted);
}

/* Puts a file that was written into its place. The mutex is held. */
static okng_status place(okng_uploads *uploads, upload *u, const char *written, const char *wanted, const shot *what,
                         okng_error *error)
{
    char name[OKNG_UPLOAD_NAME];
    if (u->count >= OKNG_UPLOAD_PICTURES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the upload has %d pictures, and more are not taken",
                         OKNG_UPLOAD_PICTURES);
    OKNG_TRY(choose_name(u, wanted, name, error));
    char *path = shot_path(uploads, u->id, name);
    okng_status status = path ? okng_make_parent(path, error) : okng_fail_memory(error, OKNG_UPLOAD_NAME);
    if (status == OKNG_OK) status = push(u, name, what->width, what->height, what->bytes, error);
    if (status == OKNG_OK && rename(written, path) != 0) {
        status = okng_fail_errno(error, "write", path);
        free(u->shots[--u->count].name);
    }
    free(path);
    return status;
}

/* Written beside its place, and not into it while others wait: "" where the upload is not there. */
static okng_status write_aside(okng_uploads *uploads, const char *id, const void *data, size_t size, char **path,
                               okng_error *error)
{
    char aside[OKNG_ID_TEXT + 8] = ".in-";
    OKNG_TRY(okng_id_make(aside + 4, error));
    *path = path_of(uploads, id, aside);
    if (!*path) return okng_fail_memory(error, strlen(uploads->folder));
    okng_status status = okng_file_write(*path, data, size, error);
    return status == OKNG_ERROR_NOT_FOUND ? fail_missing(error) : status;
}

/* All of it is decoded, so that no build ends with a picture that is cut off. */
static okng_status check_picture(const char *name, const void *data, size_t size, uint64_t max_pixels, shot *what,
                                 okng_error *error)
{
    const okng_picture picture = {.struct_size = sizeof picture, .data = data, .data_size = size};
    void *small;
    size_t small_size;
    okng_status status = okng_picture_size(&picture, max_pixels, &what->width, &what->height, error);
    if (status == OKNG_OK) status = okng_decode_png(&picture, 1, &small, &small_size, error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", name);
    okng_bytes_free(&small);
    return OKNG_OK;
}

okng_status okng_uploads_add(okng_uploads *uploads, const char *id, const char *name, const void *data, size_t size,
                             uint64_t max_pixels, okng_error *error)
{
    shot what = {.bytes = size};
    char *written = NULL;
    if (!okng_id_is_good(id)) return fail_missing(error);
    if (!*name) name = "picture.png";
    OKNG_TRY(check_name(name, error));
    OKNG_TRY(check_picture(name, data, size, max_pixels, &what, error));
    okng_status status = write_aside(uploads, id, data, size, &written, error);
    (void)pthread_mutex_lock(&uploads->mutex);
    upload *u = find(uploads, id);
    if (status == OKNG_OK && !u) status = fail_missing(error);
    if (status == OKNG_OK && u->users > 0)
        status = okng_fail(error, OKNG_ERROR_BUSY, "a job uses the upload; add pictures when it has ended");
    if (status == OKNG_OK) status = place(uploads, u, written, name, &what, error);
    (void)pthread_mutex_unlock(&uploads->mutex);
    if (status != OKNG_OK && written) (void)unlink(written);
    free(written);
    return status;
}

/* ---- what is there ----------------------------------------------------------------------------------------------- */

static uint64_t bytes_of(const upload *u)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < u->count; i++) bytes += u->shots[i].bytes;
    return bytes;
}

static json_t *upload_json(const upload *u)
{
    json_t *document = json_object(), *list = json_array();
    for (size_t i = 0; i < u->count; i++) {
        json_t *one = json_object();
        okng_json_put(&one, "name", json_string(u->shots[i].name));
        okng_json_put(&one, "width", json_integer(u->shots[i].width));
        okng_json_put(&one, "height", json_integer(u->shots[i].height));
        okng_json_put(&one, "bytes", json_integer((json_int_t)u->shots[i].bytes));
        okng_json_add(&list, one);
    }
    okng_json_put(&document, "id", json_string(u->id));
    okng_json_put(&document, "pictures", list);
    okng_json_put(&document, "bytes", json_integer((json_int_t)bytes_of(u)));
    okng_json_put(&document, "taught", json_boolean(u->taught));
    return document;
}

okng_status okng_uploads_json(okng_uploads *uploads, const char *id, json_t **out, okng_error *error)
{
    (void)pthread_mutex_lock(&uploads->mutex);
    const upload *u = find(uploads, id);
    *out = u ? upload_json(u) : NULL;
    (void)pthread_mutex_unlock(&uploads->mutex);
    if (!u) return fail_missing(error);
    return *out ? OKNG_OK : okng_fail_memory(error, sizeof *u);
}

json_t *okng_uploads_list(okng_uploads *uploads)
{
    json_t *document = json_object(), *list = json_array();
    (void)pthread_mutex_lock(&uploads->mutex);
    for (const upload *u = uploads->first; u; u = u->next) {
        json_t *one = json_object();
        okng_json_put(&one, "id", json_string(u->id));
        okng_json_put(&one, "count", json_integer((json_int_t)u->count));
        okng_json_put(&one, "bytes", json_integer((json_int_t)bytes_of(u)));
        okng_json_put(&one, "taught", json_boolean(u->taught));
        okng_json_add(&list, one);
    }
    (void)pthread_mutex_unlock(&uploads->mutex);
    okng_json_put(&document, "uploads", list);
    return document;
}

okng_status okng_uploads_picture(okng_uploads *uploads, const char *id, int64_t n, char **path, okng_error *error)
{
    okng_status status = OKNG_OK;
    *path = NULL;
    (void)pthread_mutex_lock(&uploads->mutex);
    const upload *u = find(uploads, id);
    if (!u)
        status = fail_missing(error);
    else if (n < 0 || (uint64_t)n >= u->count)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "picture %lld: the upload has %zu", (long long)n, u->count);
    else if (!(*path = shot_path(uploads, id, u->shots[n].name)))
        status = okng_fail_memory(error, OKNG_UPLOAD_NAME);
    (void)pthread_mutex_unlock(&uploads->mutex);
    return status;
}

/* ---- removing ---------------------------------------------------------------------------------------------------- */

static okng_status find_unused(const okng_uploads *uploads, const char *id, upload **out, okng_error *error)
{
    *out = find(uploads, id);
    if (!*out) return fail_missing(error);
    if ((*out)->users == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_BUSY, "a job uses the upload; cancel that, or wait until it has ended");
}

static okng_status remove_shot(okng_uploads *uploads, upload *u, int64_t n, okng_error *error)
{
    if (n < 0 || (uint64_t)n >= u->count)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "picture %lld: the upload has %zu", (long long)n, u->count);
    char *path = shot_path(uploads, u->id, u->shots[n].name);
    if (!path) return okng_fail_memory(error, OKNG_UPLOAD_NAME);
    okng_status status = unlink(path) == 0 || errno == ENOENT ? OKNG_OK : okng_fail_errno(error, "remove", path);
    free(path);
    if (status != OKNG_OK) return status;
    free(u->shots[n].name);
    u->count--;
    memmove(&u->shots[n], &u->shots[n + 1], (u->count - (size_t)n) * sizeof *u->shots);
    return OKNG_OK;
}

okng_status okng_uploads_remove_picture(okng_uploads *uploads, const char *id, int64_t n, okng_error *error)
{
    upload *u;
    (void)pthread_mutex_lock(&uploads->mutex);
    okng_status status = find_unused(uploads, id, &u, error);
    if (status == OKNG_OK) status = remove_shot(uploads, u, n, error);
    (void)pthread_mutex_unlock(&uploads->mutex);
    return status;
}

okng_status okng_uploads_remove(okng_uploads *uploads, const char *id, okng_error *error)
{
    upload *u = NULL;
    char *path = path_of(uploads, id, "");
    if (!path) return okng_fail_memory(error, strlen(uploads->folder));
    (void)pthread_mutex_lock(&uploads->mutex);
    okng_status status = find_unused(uploads, id, &u, error);
    if (status == OKNG_OK) take_out(uploads, u);
    (void)pthread_mutex_unlock(&uploads->mutex);
    if (status == OKNG_OK) {
        free_upload(u);
        status = okng_folder_remove(path, error);
    }
    free(path);
    return status;
}

/* ---- jobs -------------------------------------------------------------------------------------------------------- */

okng_status okng_uploads_hold(okng_uploads *uploads, const char *id, char **pictures, okng_error *error)
{
    okng_status status = OKNG_OK;
    *pictures = path_of(uploads, id, PICTURES);
    if (!*pictures) return okng_fail_memory(error, strlen(uploads->folder));
    (void)pthread_mutex_lock(&uploads->mutex);
    upload *u = find(uploads, id);
    if (u)
        u->users++;
    else
        status = fail_missing(error);
    (void)pthread_mutex_unlock(&uploads->mutex);
    if (status == OKNG_OK) return OKNG_OK;
    free(*pictures);
    *pictures = NULL;
    return status;
}

void okng_uploads_release(okng_uploads *uploads, const char *id, bool taught)
{
    (void)pthread_mutex_lock(&uploads->mutex);
    upload *u = find(uploads, id);
    if (u) u->users--;
    if (u && taught) u->taught = true;
    (void)pthread_mutex_unlock(&uploads->mutex);
    char *mark = taught ? path_of(uploads, id, TAUGHT) : NULL;
    if (mark) (void)okng_file_write(mark, "", 0, NULL); /* without it the pictures are gone some day, nothing else */
    free(mark);
}
