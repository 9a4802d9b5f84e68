#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "report/figures.h"

static const double png_scale = 2;

static char *file_name(const char *folder, const char *name, const char *ending)
{
    size_t size = strlen(folder) + strlen(name) + strlen(ending) + 2;
    char *path = malloc(size);
    if (path) (void)snprintf(path, size, "%s/%s%s", folder, name, ending);
    return path;
}

okng_status okng_figure_save(okng_canvas *canvas, const char *folder, const char *name, uint64_t *written,
                             okng_error *error)
{
    bool png = false;
    char *svg_path = file_name(folder, name, ".svg"), *png_path = file_name(folder, name, ".png");
    okng_status status = svg_path && png_path ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = okng_canvas_has_png(&png, error);
    if (status == OKNG_OK) status = okng_canvas_svg_file(canvas, svg_path, error);
    if (status == OKNG_OK && png) status = okng_canvas_png_file(canvas, png_scale, png_path, error);
    if (status == OKNG_OK && written) *written += png ? 2 : 1;
    okng_canvas_free(canvas);
    free(svg_path);
    free(png_path);
    return status;
}

static okng_status save_of(okng_canvas *canvas, const char *folder, const char *category, const char *what,
                           uint64_t *written, okng_error *error)
{
    char name[OKNG_LABEL_MAX + 16];
    (void)snprintf(name, sizeof name, "%s_%s", category, what);
    return okng_figure_save(canvas, folder, name, written, error);
}

/* Curves and scores that the category does not have are not drawn. */
static okng_status write_category(const okng_results *experiment, size_t i, const char *folder, uint64_t *written,
                                  okng_error *error)
{
    const okng_category_figures *figures = experiment->categories[i];
    if (figures->image_roc.count + figures->pixel_roc.count > 0)
        OKNG_TRY(save_of(okng_figure_roc(figures), folder, figures->name, "roc", written, error));
    if (figures->pro.count > 0)
        OKNG_TRY(save_of(okng_figure_pro(figures), folder, figures->name, "pro", written, error));
    char *path = okng_results_path(experiment, i, "scores.json");
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_status status = OKNG_OK;
    if (access(path, F_OK) == 0) {
        okng_score_list scores;
        status = okng_score_list_read(&scores, path, error);
        if (status == OKNG_OK) {
            status =
                save_of(okng_figure_scores(&scores, figures->name), folder, figures->name, "scores", written, error);
            okng_score_list_free(&scores);
        }
    }
    free(path);
    return status;
}

static okng_status write_all(const okng_results *experiment, const char *folder, uint64_t *written, okng_error *error)
{
    OKNG_TRY(okng_make_folders(folder, error));
    OKNG_TRY(okng_figure_save(okng_figure_categories(experiment), folder, "categories", written, error));
    if (okng_figure_has_stages(experiment->mean))
        OKNG_TRY(okng_figure_save(okng_figure_stages(experiment->mean), folder, "stages", written, error));
    for (size_t i = 0; i < experiment->count; i++) OKNG_TRY(write_category(experiment, i, folder, written, error));
    return OKNG_OK;
}

okng_status okng_figures_write(const okng_results *experiment, uint64_t *written, okng_error *error)
{
    char *folder = okng_path_join(experiment->dir, "figures");
    okng_status status =
        folder ? write_all(experiment, folder, written, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(folder);
    return status;
}
