/* Pictures that were sent, to teach with or to be judged: FOLDER/ID/pictures/NAME. The disk is the truth: what lies
 * there is what there is, also after a restart. */
#ifndef OKNG_SERVE_UPLOADS_H
#define OKNG_SERVE_UPLOADS_H

#include "base/json.h"
#include "serve/folders.h"

typedef struct okng_uploads okng_uploads; /* threads may share it */

enum {
    OKNG_UPLOADS = 200,           /* at a time */
    OKNG_UPLOAD_PICTURES = 20000, /* of one */
    OKNG_UPLOAD_NAME = 512        /* bytes of a picture's name, NUL included */
};

/* `folder` is made; what an earlier run left in it is there again. Uploads that nobody has touched for a week go, but
 * for those that a bank was taught with. Errors: IO, MEMORY. */
okng_status okng_uploads_open(okng_uploads **out, const char *folder, okng_error *error);
void okng_uploads_close(okng_uploads **uploads);

/* A new, empty one. Errors: LIMIT (OKNG_UPLOADS there are), IO, MEMORY. */
okng_status okng_uploads_make(okng_uploads *uploads, char id[OKNG_ID_TEXT], okng_error *error);
/* Adds a picture of at most `max_pixels`, under its name or, where that is taken, one with a number. `name`: at most
 * two folders and a file ("good/001.png"), none of them hidden; "" makes one up. Errors: NOT_FOUND (no such upload),
 * ARGUMENT (a name), FORMAT and others of a picture that is none, LIMIT, IO (the disk is full), MEMORY. */
okng_status okng_uploads_add(okng_uploads *uploads, const char *id, const char *name, const void *data, size_t size,
                             uint64_t max_pixels, okng_error *error);
/* {"id", "pictures": [{"name", "width", "height", "bytes"}], "bytes", "taught"}. Errors: NOT_FOUND, MEMORY. */
okng_status okng_uploads_json(okng_uploads *uploads, const char *id, json_t **out, okng_error *error);
/* {"uploads": [{"id", "count", "bytes", "taught"}]} */
json_t *okng_uploads_list(okng_uploads *uploads);
/* The file of picture `n`; malloc'd. Errors: NOT_FOUND, MEMORY. */
okng_status okng_uploads_picture(okng_uploads *uploads, const char *id, int64_t n, char **path, okng_error *error);
/* Those behind it move up by one. Errors: NOT_FOUND, BUSY (a job uses the upload), IO. */
okng_status okng_uploads_remove_picture(okng_uploads *uploads, const char *id, int64_t n, okng_error *error);
/* Errors: likewise. */
okng_status okng_uploads_remove(okng_uploads *uploads, const char *id, okng_error *error);

/* For a job: the folder of its pictures (malloc'd), which stays as it is until it is released. Errors: NOT_FOUND,
 * MEMORY. */
okng_status okng_uploads_hold(okng_uploads *uploads, const char *id, char **pictures, okng_error *error);
/* `taught`: a bank was taught with it, which shows its pictures from now on. */
void okng_uploads_release(okng_uploads *uploads, const char *id, bool taught);

#endif
