/* Who may do what: tokens with roles, in a file that holds no token but its hash. */
#ifndef OKNG_SERVE_USERS_H
#define OKNG_SERVE_USERS_H

#include "serve/request.h"

enum { OKNG_USERS_MAX = 1000, OKNG_TOKEN_TEXT = 48 /* bytes of a token, NUL included */ };

typedef struct okng_users okng_users; /* threads may share it */

/* Reads `path`; one that is missing is made, with the user "admin", whose token is put into `made` ("" where none was
 * made). NULL: no tokens, everybody is the admin "local". Errors: those of reading; FORMAT names the line; ARGUMENT
 * where others may write to the file. */
okng_status okng_users_open(okng_users **out, const char *path, char made[OKNG_TOKEN_TEXT], okng_error *error);
void okng_users_close(okng_users **users);
/* Adds those of a file's bytes, lines "NAME ROLE sha256:HASH"; `path` is told in errors. FORMAT, LIMIT. */
okng_status okng_users_read(okng_users *users, const char *data, size_t size, const char *path, okng_error *error);
/* False: there are no tokens, and everybody may do all. */
bool okng_users_asked(const okng_users *users);

/* Who has the value of a header Authorization (NULL: none came). False: it is not the token of anybody. Takes the same
 * time whichever token it is compared with. */
bool okng_users_find(okng_users *users, const char *authorization, char name[OKNG_USER_NAME_MAX + 1], okng_role *role);

/* Copies of names and roles, in order; the caller frees *list. */
typedef struct okng_user {
    char name[OKNG_USER_NAME_MAX + 1];
    okng_role role;
} okng_user;
okng_status okng_users_list(okng_users *users, okng_user **list, size_t *count, okng_error *error);
/* Adds one and makes his token, which is told this once. Errors: ARGUMENT (a name that cannot be), MISMATCH (there is
 * one of this name), LIMIT, IO, UNSUPPORTED (there are no tokens). */
okng_status okng_users_add(okng_users *users, const char *name, okng_role role, char token[OKNG_TOKEN_TEXT],
                           okng_error *error);
/* Errors: NOT_FOUND, MISMATCH (the last admin stays), IO, UNSUPPORTED. */
okng_status okng_users_remove(okng_users *users, const char *name, okng_error *error);

#endif
