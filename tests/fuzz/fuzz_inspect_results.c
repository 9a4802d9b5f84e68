/* Any bytes as the results.csv of an earlier run: read, and where that succeeds written with a picture more, which can
 * be read again and has one line more. */
#include <math.h>
#include <string.h>

#include "inspect/results_file.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const okng_result_line line = {
        .name = "new/\"a\",b.png", .inspected = true, .score = 1, .threshold = 2, .p_value = (double)NAN};
    okng_earlier earlier, again;
    okng_error error = {0};
    memory_file("results.csv", data, size);
    if (okng_earlier_read(&earlier, memory_path, &error) != OKNG_OK) {
        if (!error.message[0]) abort();
        return 0;
    }
    if (okng_results_need_new(earlier.table, &line, 1, &error) == OKNG_OK) {
        if (okng_results_write(memory_path, &earlier, &line, 1, "good", &error) != OKNG_OK) abort();
        if (okng_earlier_read(&again, memory_path, &error) != OKNG_OK) {
            (void)fprintf(stderr, "%s\n", error.message);
            abort();
        }
        if (okng_csv_rows(again.table) > okng_csv_rows(earlier.table) + 1) abort();
        okng_earlier_close(&again);
    }
    okng_earlier_close(&earlier);
    return 0;
}
