#include "bank/farthest.h"

enum { REPORTS = 1000 /* times that the ticker hears of it */ };

static okng_status report(int64_t done, int64_t count, okng_ticker *ticker, okng_error *error)
{
    int64_t step = count / REPORTS + 1, rest = done % step;
    if (rest != 0 && done != count) return OKNG_OK;
    if (okng_ticker_advance(ticker, (uint64_t)(rest != 0 ? rest : step))) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled after %lld of %lld coreset rows", (long long)done,
                     (long long)count);
}

okng_status okng_pick_farthest(const float *rows, int64_t n, int64_t dim, const float *ceiling, int64_t first,
                               int64_t count, int threads, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    okng_hunt *hunt;
    OKNG_TRY(okng_hunt_new(&hunt, rows, n, dim, ceiling, count, threads, error));
    okng_contender best = {.row = first};
    okng_status status = OKNG_OK;
    for (int64_t i = 0; i < count && status == OKNG_OK; i++) {
        if (i > 0) status = okng_hunt_best(hunt, &best, error);
        if (status != OKNG_OK) break;
        picks[i] = best.row;
        okng_hunt_take(hunt, rows + best.row * dim, best.row);
        status = report(i + 1, count, ticker, error);
    }
    okng_hunt_free(&hunt);
    return status;
}
