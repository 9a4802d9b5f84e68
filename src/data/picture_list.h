/* Files of one kind below a folder. */
#ifndef OKNG_DATA_PICTURE_LIST_H
#define OKNG_DATA_PICTURE_LIST_H

#include <stdbool.h>

#include "base/error.h"

/* Is a file of this name one of them? */
typedef bool (*okng_name_fn)(const char *name);

/* "png", ..., NULL: how the names of pictures end, in either case. */
extern const char *const okng_picture_endings[];

/* Is it a folder that file stores and desktops keep thumbnails or removed files in? */
bool okng_is_thumbnail_folder(const char *name);

/* As okng_picture_list_open, of the files whose names are wanted; NULL: of pictures. */
okng_status okng_list_files(okng_picture_list **out, const char *dir, okng_name_fn wanted, okng_error *error);

#endif
