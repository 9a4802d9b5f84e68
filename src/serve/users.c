#include "serve/users.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sha256.h"
#include "base/utf8.h"

enum { HASH = 64, FILE_LIMIT = 1 << 20, SECRET_BYTES = 20 };
#define HASH_MARK "sha256:"
#define TOKEN_MARK "okng_"

typedef struct known {
    okng_user user;
    char hash[HASH + 1]; /* of his token, hex */
} known;

struct okng_users {
    pthread_mutex_t changing; /* who holds it may write the file and, with the lock too, the list */
    pthread_mutex_t lock;     /* of the list; never held while the disk works: each request waits for it */
    char *path;               /* NULL: no tokens */
    known list[OKNG_USERS_MAX];
    size_t count;
};

/* ---- the file: a line "NAME ROLE sha256:HEX" for each -------------------------------------------------------------
 */

static bool is_name(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > OKNG_USER_NAME_MAX || !okng_utf8_valid(name, length, NULL)) return false;
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7f || *c == '#' || *c == '/' || *c == '"') return false;
    return true;
}

static bool is_hash(const char *text)
{
    return strlen(text) == HASH && strspn(text, "0123456789abcdef") == HASH;
}

static known *find(okng_users *users, const char *name)
{
    for (size_t i = 0; i < users->count; i++)
        if (strcmp(users->list[i].user.name, name) == 0) return &users->list[i];
    return NULL;
}

/* A line without its end. */
static okng_status read_line(okng_users *users, char *line, okng_error *error)
{
    char *rest = NULL, *name = strtok_r(line, " \t\r", &rest), *role = name ? strtok_r(NULL, " \t\r", &rest) : NULL;
    char *hash = role ? strtok_r(NULL, " \t\r", &rest) : NULL;
    known one = {.hash = ""};
    if (!name || *name == '#') return OKNG_OK;
    if (!hash || strtok_r(NULL, " \t\r", &rest))
        return okng_fail(error, OKNG_ERROR_FORMAT, "expected NAME ROLE sha256:HASH");
    if (!is_name(name)) return okng_fail(error, OKNG_ERROR_FORMAT, "\"%s\" cannot be a name", name);
    if (!okng_role_find(role, &one.user.role))
        return okng_fail(error, OKNG_ERROR_FORMAT, "found the role \"%s\", expected operator, engineer or admin", role);
    if (strncmp(hash, HASH_MARK, strlen(HASH_MARK)) != 0 || !is_hash(hash + strlen(HASH_MARK)))
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "expected sha256: and 64 hexadecimal digits, the SHA-256 of the token");
    if (find(users, name)) return okng_fail(error, OKNG_ERROR_FORMAT, "\"%s\" is there twice", name);
    if (users->count == OKNG_USERS_MAX) return okng_fail(error, OKNG_ERROR_LIMIT, "more than %d users", OKNG_USERS_MAX);
    (void)snprintf(one.user.name, sizeof one.user.name, "%s", name);
    (void)snprintf(one.hash, sizeof one.hash, "%s", hash + strlen(HASH_MARK));
    users->list[users->count++] = one;
    return OKNG_OK;
}

okng_status okng_users_read(okng_users *users, const char *data, size_t size, const char *path, okng_error *error)
{
    int number = 0;
    for (size_t at = 0; at < size;) {
        const char *end = memchr(data + at, '\n', size - at);
        size_t length = end ? (size_t)(end - data) - at : size - at;
        char line[512];
        number++;
        if (length >= sizeof line || memchr(data + at, '\0', length))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s:%d: no line of a token file", path, number);
        memcpy(line, data + at, length);
        line[length] = '\0';
        okng_status status = read_line(users, line, error);
        if (status != OKNG_OK) return okng_error_context(error, status, "%s:%d", path, number);
        at += length + 1;
    }
    return OKNG_OK;
}

static okng_status write_file(const char *path, const known *list, size_t count, okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    (void)fchmod(fileno(writer.stream), 0600);
    (void)fprintf(writer.stream, "# okng serve --token-file: NAME ROLE " HASH_MARK "HASH, the SHA-256 of the token\n");
    for (size_t i = 0; i < count; i++)
        (void)fprintf(writer.stream, "%s %s " HASH_MARK "%s\n", list[i].user.name, okng_role_name(list[i].user.role),
                      list[i].hash);
    return okng_writer_commit(&writer, error);
}

/* `count` users, in the file first; the list is as it was where that fails. */
static okng_status replace(okng_users *users, const known *list, size_t count, okng_error *error)
{
    OKNG_TRY(write_file(users->path, list, count, error));
    (void)pthread_mutex_lock(&users->lock);
    memcpy(users->list, list, count * sizeof *list);
    users->count = count;
    (void)pthread_mutex_unlock(&users->lock);
    return OKNG_OK;
}

/* A copy of the list with room for one more; NULL where memory is out. */
static known *copy_list(const okng_users *users)
{
    known *list = calloc(users->count + 1, sizeof *list);
    if (list) memcpy(list, users->list, users->count * sizeof *list);
    return list;
}

/* ---- tokens ---------------------------------------------------------------------------------------------------------
 */

static okng_status make_token(char token[OKNG_TOKEN_TEXT], okng_error *error)
{
    unsigned char secret[SECRET_BYTES];
    if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        return okng_fail_errno(error, "make a token of", "random numbers");
    size_t used = (size_t)snprintf(token, OKNG_TOKEN_TEXT, TOKEN_MARK);
    for (size_t i = 0; i < sizeof secret; i++)
        used += (size_t)snprintf(token + used, OKNG_TOKEN_TEXT - used, "%02x", secret[i]);
    return OKNG_OK;
}

static okng_status add(okng_users *users, const char *name, okng_role role, char token[OKNG_TOKEN_TEXT],
                       okng_error *error)
{
    if (!is_name(name))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "\"%s\" cannot be a name: 1 to %d bytes without blanks, slashes, quotes and #", name,
                         OKNG_USER_NAME_MAX);
    if (find(users, name)) return okng_fail(error, OKNG_ERROR_MISMATCH, "there is a user \"%s\" already", name);
    if (users->count == OKNG_USERS_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "there are %d users already", OKNG_USERS_MAX);
    OKNG_TRY(make_token(token, error));
    known *list = copy_list(users);
    if (!list) return okng_fail_memory(error, (users->count + 1) * sizeof *list);
    known *one = &list[users->count];
    one->user.role = role;
    (void)snprintf(one->user.name, sizeof one->user.name, "%s", name);
    okng_sha256(token, strlen(token), one->hash);
    okng_status status = replace(users, list, users->count + 1, error);
    free(list);
    return status;
}

bool okng_users_find(okng_users *users, const char *authorization, char name[OKNG_USER_NAME_MAX + 1], okng_role *role)
{
    static const char scheme[] = "Bearer ";
    char hash[HASH + 1];
    bool found = false;
    (void)snprintf(name, OKNG_USER_NAME_MAX + 1, "%s", users->path ? "" : "local");
    *role = users->path ? OKNG_ROLE_NONE : OKNG_ROLE_ADMIN;
    if (!users->path) return true;
    if (!authorization || strncasecmp(authorization, scheme, strlen(scheme)) != 0) return false;
    const char *token = authorization + strlen(scheme);
    okng_sha256(token, strlen(token), hash);
    (void)pthread_mutex_lock(&users->lock);
    for (size_t i = 0; i < users->count; i++) {
        const known *one = &users->list[i];
        if (CRYPTO_memcmp(one->hash, hash, HASH) != 0) continue;
        found = true; /* the others are compared too: time does not tell which it was */
        (void)snprintf(name, OKNG_USER_NAME_MAX + 1, "%s", one->user.name);
        *role = one->user.role;
    }
    (void)pthread_mutex_unlock(&users->lock);
    return found;
}

/* ---- opening --------------------------------------------------------------------------------------------------------
 */

static okng_status check_mode(const char *path, okng_error *error)
{
    struct stat file;
    if (stat(path, &file) != 0) return okng_fail_errno(error, "read", path);
    if (file.st_mode & 022)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: others may write to it, and so make themselves admin; chmod 600 it", path);
    return OKNG_OK;
}

static okng_status read_file(okng_users *users, okng_error *error)
{
    void *data;
    size_t size;
    OKNG_TRY(check_mode(users->path, error));
    OKNG_TRY(okng_file_read(users->path, FILE_LIMIT, &data, &size, error));
    okng_status status = okng_users_read(users, data ? data : "", size, users->path, error);
    free(data);
    if (status == OKNG_OK && users->count == 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: it has no user; remove it to have it made anew", users->path);
    return status;
}

okng_status okng_users_open(okng_users **out, const char *path, char made[OKNG_TOKEN_TEXT], okng_error *error)
{
    okng_users *users = *out = calloc(1, sizeof *users);
    *made = '\0';
    if (!users) return okng_fail_memory(error, sizeof *users);
    (void)pthread_mutex_init(&users->changing, NULL);
    (void)pthread_mutex_init(&users->lock, NULL);
    if (!path) return OKNG_OK;
    users->path = strdup(path);
    if (!users->path) return okng_fail_memory(error, strlen(path));
    if (access(path, F_OK) != 0) return add(users, "admin", OKNG_ROLE_ADMIN, made, error);
    return read_file(users, error);
}

void okng_users_close(okng_users **users)
{
    if (!*users) return;
    (void)pthread_mutex_destroy(&(*users)->lock);
    (void)pthread_mutex_destroy(&(*users)->changing);
    free((*users)->path);
    free(*users);
    *users = NULL;
}

bool okng_users_asked(const okng_users *users)
{
    return users->path != NULL;
}

/* ---- who there is ---------------------------------------------------------------------------------------------------
 */

okng_status okng_users_list(okng_users *users, okng_user **list, size_t *count, okng_error *error)
{
    (void)pthread_mutex_lock(&users->lock);
    *count = users->count;
    *list = calloc(users->count + 1, sizeof **list);
    for (size_t i = 0; *list && i < users->count; i++) (*list)[i] = users->list[i].user;
    (void)pthread_mutex_unlock(&users->lock);
    return *list ? OKNG_OK : okng_fail_memory(error, (*count + 1) * sizeof **list);
}

static okng_status need_tokens(const okng_users *users, okng_error *error)
{
    if (users->path) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "this server runs without tokens; start it with --token-file FILE");
}

okng_status okng_users_add(okng_users *users, const char *name, okng_role role, char token[OKNG_TOKEN_TEXT],
                           okng_error *error)
{
    OKNG_TRY(need_tokens(users, error));
    (void)pthread_mutex_lock(&users->changing);
    okng_status status = add(users, name, role, token, error);
    (void)pthread_mutex_unlock(&users->changing);
    return status;
}

static size_t admins(const okng_users *users)
{
    size_t count = 0;
    for (size_t i = 0; i < users->count; i++) count += users->list[i].user.role == OKNG_ROLE_ADMIN;
    return count;
}

static okng_status remove_one(okng_users *users, const char *name, okng_error *error)
{
    known *one = find(users, name);
    if (!one) return okng_fail(error, OKNG_ERROR_NOT_FOUND, "there is no user \"%s\"", name);
    if (one->user.role == OKNG_ROLE_ADMIN && admins(users) == 1)
        return okng_fail(error, OKNG_ERROR_MISMATCH, "\"%s\" is the last admin, and stays", name);
    known *list = copy_list(users);
    if (!list) return okng_fail_memory(error, (users->count + 1) * sizeof *list);
    size_t at = (size_t)(one - users->list);
    memmove(&list[at], &list[at + 1], (users->count - at - 1) * sizeof *list);
    okng_status status = replace(users, list, users->count - 1, error);
    free(list);
    return status;
}

okng_status okng_users_remove(okng_users *users, const char *name, okng_error *error)
{
    OKNG_TRY(need_tokens(users, error));
    (void)pthread_mutex_lock(&users->changing);
    okng_status status = remove_one(users, name, error);
    (void)pthread_mutex_unlock(&users->changing);
    return status;
}
