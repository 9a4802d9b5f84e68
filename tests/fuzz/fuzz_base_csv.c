/* Any bytes as a table: every field of what is read can be asked for. */
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_csv *csv;
    okng_error error = {0};
    if (okng_csv_read_memory(&csv, data, size, "fuzz.csv", &error) != OKNG_OK) {
        if (csv || !error.message[0]) abort();
        return 0;
    }
    size_t total = 0, column, last = 0;
    for (size_t r = 0; r < okng_csv_rows(csv); r++) {
        for (size_t c = 0; c < okng_csv_columns(csv); c++) total += strlen(okng_csv_field(csv, r, c)) + 1;
        if (okng_csv_line(csv, r) <= last) abort();
        last = okng_csv_line(csv, r);
    }
    if (total > size + 1) abort();
    if (!okng_csv_has_column(csv, okng_csv_column_name(csv, okng_csv_columns(csv) - 1), &column)) abort();
    (void)okng_csv_column(csv, "no such column", &column, &error);
    okng_csv_free(&csv);
    return 0;
}
