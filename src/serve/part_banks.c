/* The part of the server that has the banks: the cache, the queue before it, and what is known of the banks. */
#include "serve/part_banks.h"
#include "cache/queue.h"
#include "serve/bank_notes.h"
#include "serve/bank_router.h"

static okng_status open_all(okng_serve *serve, okng_error *error)
{
    const okng_serve_options *given = serve->options;
    const okng_cache_options cache = {
        .folder = given->banks, .max_banks = (int32_t)given->max_banks, .max_bytes = (uint64_t)given->max_bytes};
    const okng_queue_options queue = {.workers = (int32_t)given->workers, .max_waiting = (int32_t)given->max_queue};
    OKNG_TRY(okng_cache_open(&serve->cache, &cache, error));
    OKNG_TRY(okng_queue_open(&serve->queue, serve->cache, &queue, error));
    OKNG_TRY(okng_bank_notes_open(&serve->notes, serve->cache, error));
    return okng_bank_router_open(&serve->router, serve->cache, error);
}

static const okng_meter opened = {OKNG_METER_GAUGE, "okng_banks_open", "banks in the cache", {0}};
static const okng_meter bytes = {OKNG_METER_GAUGE, "okng_banks_open_bytes", "bytes of the banks in the cache", {0}};
static const okng_meter loads = {OKNG_METER_COUNTER, "okng_bank_loads_total", "banks that were opened", {"result"}};
static const okng_meter hits = {OKNG_METER_COUNTER, "okng_bank_hits_total", "times that a bank was open already", {0}};
static const okng_meter evicted = {OKNG_METER_COUNTER, "okng_bank_evictions_total", "banks closed to make room", {0}};
static const okng_meter waiting = {OKNG_METER_GAUGE, "okng_queue_waiting", "pictures that wait for a worker", {0}};
static const okng_meter busy = {OKNG_METER_GAUGE, "okng_queue_busy", "workers at work", {0}};
static const okng_meter workers = {OKNG_METER_GAUGE, "okng_queue_workers", "workers", {0}};
static const okng_meter ended = {OKNG_METER_COUNTER,
                                 "okng_queue_total",
                                 "pictures that were done, refused as the queue was full, or not begun in time",
                                 {"result"}};

static void look(void *user, okng_meters *meters)
{
    okng_serve *serve = user;
    const okng_cache_counts cache = okng_cache_count(serve->cache);
    const okng_queue_counts queue = okng_queue_count(serve->queue);
    okng_meters_set(meters, &opened, NULL, NULL, (double)cache.open);
    okng_meters_set(meters, &bytes, NULL, NULL, (double)cache.bytes);
    okng_meters_set(meters, &loads, "done", NULL, (double)cache.loads);
    okng_meters_set(meters, &loads, "failed", NULL, (double)cache.failures);
    okng_meters_set(meters, &hits, NULL, NULL, (double)cache.hits);
    okng_meters_set(meters, &evicted, NULL, NULL, (double)cache.evictions);
    okng_meters_set(meters, &waiting, NULL, NULL, queue.waiting);
    okng_meters_set(meters, &busy, NULL, NULL, queue.busy);
    okng_meters_set(meters, &workers, NULL, NULL, queue.workers);
    okng_meters_set(meters, &ended, "done", NULL, (double)queue.done);
    okng_meters_set(meters, &ended, "refused", NULL, (double)queue.refused);
    okng_meters_set(meters, &ended, "expired", NULL, (double)queue.expired);
}

okng_status okng_part_banks_open(okng_serve *serve, okng_error *error)
{
    OKNG_TRY(open_all(serve, error));
    okng_meters_on_look(serve->meters, look, serve);
    return OKNG_OK;
}

void okng_part_banks_close(okng_serve *serve)
{
    okng_bank_router_close(&serve->router);
    okng_bank_notes_close(&serve->notes);
    okng_queue_close(&serve->queue);
    okng_cache_close(&serve->cache);
}
