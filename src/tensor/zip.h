/* Zip archives as PyTorch writes them: entries as views of the archive's bytes; zip64. */
#ifndef OKNG_TENSOR_ZIP_H
#define OKNG_TENSOR_ZIP_H

#include "base/error.h"
#include "tensor/names.h"

typedef struct okng_zip_entry {
    const char *name; /* in the archive, not NUL-terminated */
    size_t name_length;
    const uint8_t *data; /* NULL when compressed */
    size_t size;         /* of data as they are in the archive */
} okng_zip_entry;

typedef struct okng_zip {
    okng_zip_entry *entries; /* in the directory's order */
    size_t count;
    okng_name *index; /* sorted; item is the entry */
} okng_zip;

/* Reads the central directory and checks it against every local header: encrypted entries, names that come twice, and
 * entries that overlap are refused. Checksums are not computed: that would read the whole file. `path` is used in
 * errors. */
okng_status okng_zip_open(okng_zip *zip, const uint8_t *data, size_t size, const char *path, okng_error *error);
/* NULL when there is none. */
const okng_zip_entry *okng_zip_find(const okng_zip *zip, const char *name, size_t length);
void okng_zip_close(okng_zip *zip);

#endif
