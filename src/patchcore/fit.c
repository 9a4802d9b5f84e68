#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parallel.h"
#include "patchcore/fitting.h"

static okng_status open_ledger(okng_fitting *fitting, okng_error *error)
{
    const okng_ledger_size size = okng_fitting_ledger_size(fitting, fitting->bank_count);
    okng_picture_names names;
    OKNG_TRY(okng_picture_names_of(&names, fitting->good, error));
    char *folder = okng_pictures_folder(fitting->good);
    okng_status status = folder
                             ? okng_ledger_new(&fitting->ledger, &size, okng_picture_names_get, &names, folder, error)
                             : okng_fail_memory(error, OKNG_PATH_MAX);
    free(folder);
    okng_picture_names_free(&names);
    return status;
}

/* The three slow steps, timed. */
static okng_status run_steps(okng_fitting *fitting, okng_tau *tau, okng_build_report *report, okng_error *error)
{
    OKNG_TRY(okng_fitting_agree(okng_fitting_reserve(fitting, error), error));
    OKNG_TRY(okng_fitting_compare(fitting, error));
    double since = okng_clock();
    OKNG_TRY(okng_fitting_features(fitting, error));
    okng_report_stage(report, "features", &since);
    OKNG_TRY(okng_fitting_leave_out_noise(fitting, error));
    OKNG_TRY(okng_fitting_select(fitting, error));
    okng_report_stage(report, "coreset", &since);
    OKNG_TRY(okng_fitting_agree(open_ledger(fitting, error), error));
    OKNG_TRY(okng_fitting_calibrate(fitting, false, tau, error));
    okng_report_stage(report, "calibration", &since);
    report->spilled = okng_store_spilled(fitting->store);
    return OKNG_OK;
}

static okng_status note_tiles(okng_sources *sources, const okng_pictures *good, okng_error *error)
{
    OKNG_TRY(okng_sources_add_tiles(sources, error));
    for (size_t i = 0; i < good->count; i++) {
        const okng_tile *tile = &good->tiles[i];
        const int32_t numbers[] = {tile->x, tile->y, tile->whole_width, tile->whole_height, tile->place};
        memcpy(sources->tiles + 5 * i, numbers, sizeof numbers);
    }
    return OKNG_OK;
}

static okng_status hand_over_places(const okng_fitting *fitting, okng_patchcore *model, okng_bank_file *bank,
                                    okng_error *error)
{
    okng_sources *sources;
    const okng_ledger *ledger = fitting->ledger;
    const int32_t grid[3] = {fitting->grid_height, fitting->grid_width, (int32_t)fitting->turns};
    OKNG_TRY(okng_sources_new(&sources, fitting->bank_count, &ledger->names, ledger->folder, grid, error));
    memcpy(sources->places, fitting->places, (size_t)fitting->bank_count * 3 * sizeof *sources->places);
    memcpy(sources->sizes, fitting->sizes, (size_t)ledger->count * 2 * sizeof *sources->sizes);
    okng_status status = fitting->good->tiles ? note_tiles(sources, fitting->good, error) : OKNG_OK;
    okng_patchcore_set_sources(model, sources);
    if (status == OKNG_OK) status = okng_patchcore_find_places(model, error);
    if (status != OKNG_OK) return status;
    bank->config.data[bank->config.data_count++] =
        (okng_bank_data){.file = OKNG_SOURCES_FILE, .rows = fitting->bank_count, .dim = 3};
    return OKNG_OK;
}

okng_status okng_fitting_hand_over(okng_fitting *fitting, okng_patchcore **out, okng_bank_file *bank,
                                   const okng_weights *weights, okng_error *error)
{
    const float *rows = fitting->bank;
    fitting->bank = NULL;
    bank->config.data_count = 1;
    bank->config.data[0] =
        (okng_bank_data){.file = OKNG_BANK_ROWS_FILE, .rows = fitting->bank_count, .dim = fitting->dim};
    OKNG_TRY(okng_patchcore_new(out, bank, weights, rows, true, error));
    okng_status status = fitting->places ? hand_over_places(fitting, *out, bank, error) : OKNG_OK;
    if (status != OKNG_OK) {
        okng_patchcore_close(out);
        return status;
    }
    if (fitting->good->tiles) return OKNG_OK; /* banks of tiles do not grow */
    bank->config.data[bank->config.data_count++] = okng_ledger_data(fitting->ledger);
    okng_patchcore_set_ledger(*out, fitting->ledger);
    fitting->ledger = NULL;
    return OKNG_OK;
}

okng_status okng_patchcore_fit(okng_patchcore **out, okng_bank_file *bank, const okng_weights *weights,
                               const okng_pictures *pictures, okng_ticker *ticker, okng_build_report *report,
                               okng_error *error)
{
    *out = NULL;
    okng_fitting fitting = {.config = &bank->config,
                            .options = &bank->config.options,
                            .good = pictures,
                            .turns = bank->config.options.turns,
                            .ticker = ticker,
                            .threads = okng_thread_count(bank->config.options.threads)};
    okng_turned_pictures_init(&fitting.turned, pictures, (size_t)fitting.turns);
    fitting.pictures = &fitting.turned.list;
    fitting.picture_count = (int64_t)fitting.pictures->count;
    if (fitting.threads > fitting.picture_count) fitting.threads = (int)fitting.picture_count;
    okng_status status = okng_fitting_agree(okng_fitting_open(&fitting, &bank->config, weights, error), error);
    if (status == OKNG_OK) status = run_steps(&fitting, &bank->tau, report, error);
    if (status == OKNG_OK) status = okng_fitting_hand_over(&fitting, out, bank, weights, error);
    okng_fitting_close(&fitting);
    return status;
}
