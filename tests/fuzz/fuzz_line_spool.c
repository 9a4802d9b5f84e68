/* Any bytes as a file of a spool: entries are read up to the first that is not whole, and what lies in them is opened
 * as a result, or refused. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "line/envelope.h"
#include "line/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_entry entry;
    okng_opened opened;
    off_t at = 0;
    const int file = memfd_create("spool", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size) abort();
    while (okng_segment_next(file, "spool", &at, &entry, NULL) == OKNG_OK) {
        if (entry.size > OKNG_ENTRY_MOST || entry.text[entry.size] != '\0' || at > (off_t)size) abort();
        okng_entry_free(&entry);
    }
    /* Sums keep a fuzzer out of what follows, so that it gets there by itself. */
    char *text = calloc(1, size + 1);
    if (!text) abort();
    for (size_t i = 0; i < size; i++) text[i] = (char)(data[i] ? data[i] : ' ');
    if (okng_envelope_open(&opened, text, NULL) == OKNG_OK && !opened.envelope.source) abort();
    okng_opened_free(&opened);
    free(text);
    (void)close(file);
    return 0;
}
