/* metrics.json and scores.json of an experiment: any bytes must give figures or an error, and figures can be drawn. */
#include <sys/mman.h>
#include <unistd.h>

#include "report/figures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void draw(const okng_category_figures *figures)
{
    okng_canvas_free(okng_figure_roc(figures));
    okng_canvas_free(okng_figure_pro(figures));
    okng_canvas_free(okng_figure_stages(figures->values));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static okng_category_figures figures;
    int file = memfd_create("metrics", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size) return 0;
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    okng_error error;
    okng_score_list scores;
    if (okng_category_figures_read(&figures, path, &error) == OKNG_OK) draw(&figures);
    if (okng_score_list_read(&scores, path, &error) == OKNG_OK) {
        okng_canvas_free(okng_figure_scores(&scores, "scores"));
        okng_score_list_free(&scores);
    }
    (void)close(file);
    return 0;
}
