#include "line/result_files.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

okng_status okng_sorted_folder(char **out, const char *path, const char *sort, const okng_record *record,
                               okng_error *error)
{
    char time[32];
    const char *day = strstr(sort, "day") ? okng_time_text(record->time, time) : "";
    const char *verdict = strstr(sort, "verdict") ? okng_outcome_text(record->outcome) : "";
    const char *before_day = *day ? "/" : "", *before_verdict = *verdict ? "/" : "";
    if (asprintf(out, "%s%s%.10s%s%s", path, before_day, day, before_verdict, verdict) >= 0) return OKNG_OK;
    *out = NULL;
    return okng_fail_memory(error, strlen(path));
}

void okng_file_name_of(const okng_record *record, bool bare, char name[128])
{
    enum { MOST = 100 };
    const char *from = record->picture;
    const size_t whole = strlen(from);
    const char *dot = strrchr(from, '.');
    size_t length = bare && dot && dot > from ? (size_t)(dot - from) : whole;
    if (length > MOST) from += length - MOST, length = MOST; /* the end tells more: numbers, and the ending */
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)from[i];
        name[i] = (char)(isalnum(c) || c == '-' || c == '_' || (c == '.' && i > 0) || c >= 0x80 ? c : '_');
    }
    name[length] = '\0';
    if (length == 0) (void)snprintf(name, 128, "picture");
}

static okng_status copy(const char *from, okng_writer *writer, okng_error *error)
{
    char block[1 << 16];
    okng_reader reader;
    OKNG_TRY(okng_reader_open(&reader, from, error));
    okng_status status = OKNG_OK;
    while (status == OKNG_OK && reader.left > 0) {
        const size_t size = reader.left < sizeof block ? reader.left : sizeof block;
        status = okng_reader_next(&reader, block, size, error);
        if (status == OKNG_OK) (void)fwrite(block, 1, size, writer->stream); /* a failure is the commit's to tell */
    }
    return okng_reader_close(&reader, status, error);
}

okng_status okng_put_file(const char *from, const char *to, okng_error *error)
{
    okng_writer writer;
    if (link(from, to) == 0) return OKNG_OK;
    if (errno == EEXIST && unlink(to) == 0 && link(from, to) == 0) return OKNG_OK;
    OKNG_TRY(okng_writer_open(&writer, to, error));
    const okng_status status = copy(from, &writer, error);
    if (status == OKNG_OK) return okng_writer_commit(&writer, error);
    okng_writer_abort(&writer);
    return status;
}
