/* Any bytes as regions that people write, and as regions.json: boxes within bounds and names that are fit, or an error.
 */
#include <stdlib.h>
#include <string.h>

#include "bank/rois_file.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const okng_rois *rois)
{
    if (rois->count < 1 || rois->count > OKNG_ROIS_MAX) abort();
    for (size_t i = 0; i < rois->count; i++) {
        const okng_roi_box *box = &rois->boxes[i];
        if (*okng_roi_name_fault(box->name)) abort();
        if (box->x < 0 || box->y < 0 || box->width < 1 || box->height < 1 || box->x > UINT16_MAX ||
            box->y > UINT16_MAX || box->width > UINT16_MAX || box->height > UINT16_MAX)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const okng_bank_source from = {memory_folder, NULL, ""};
    okng_rois rois;
    okng_rois_file file;
    okng_error error = {0};
    char *text = strndup((const char *)data, size);
    if (!text) return 0;
    if (okng_rois_parse(&rois, text, &error) == OKNG_OK)
        check(&rois);
    else if (!error.message[0])
        abort();
    free(text);
    memory_file(OKNG_BANK_ROIS_FILE, data, size);
    error.message[0] = '\0';
    if (okng_rois_source_look(&file, &from, &error) == OKNG_OK)
        check(&file.rois);
    else if (!error.message[0])
        abort();
    return 0;
}
