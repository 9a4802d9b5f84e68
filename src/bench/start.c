/* One picture from nothing: a process that starts, opens the bank, inspects and leaves its files, or the same in this
 * process, where no program is given; and what of that is opening the bank, and its first verdict. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "bench/bench.h"
#include "bench/given_bank.h"
#include "kernels/kernels.h"

enum { REPEATS = 7 };

extern char **environ;

typedef struct starting {
    const okng_bench_run *run;
    const okng_given_bank *given;
    char *out; /* folder of the results */
    uint64_t peak;
} starting;

/* ---- a process ---- */

static okng_status wait_for(pid_t child, const char *command, uint64_t *peak, okng_error *error)
{
    int state;
    struct rusage usage;
    while (wait4(child, &state, 0, &usage) < 0)
        if (errno != EINTR) return okng_fail_errno(error, "wait for", command);
    *peak = (uint64_t)usage.ru_maxrss * 1024;
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_INTERNAL, "%s infer --bank-dir %s --img %s ended with %s %d, expected 0",
                     command, "BANK", "FILE", WIFEXITED(state) ? "the exit code" : "signal",
                     WIFEXITED(state) ? WEXITSTATUS(state) : WTERMSIG(state));
}

static okng_status run_process(starting *s, okng_error *error)
{
    const char *command = s->run->inputs.command, *variant = okng_kernels_forced();
    char threads[16];
    (void)snprintf(threads, sizeof threads, "%d", s->run->threads);
    const char *words[] = {command,      "infer",
                           "--bank-dir", s->given->bank_dir,
                           "--img",      s->given->pictures[0],
                           "--out-dir",  s->out,
                           "--threads",  threads,
                           "--stamp", /* each run's results go into a folder of their own */
                           "--quiet",    variant ? "--cpu" : NULL,
                           variant,      NULL};
    pid_t child;
    okng_memory_peak_reset(); /* a child's peak begins with its parent's */
    int failed = posix_spawn(&child, command, NULL, NULL, (char *const *)(uintptr_t)words, environ);
    if (failed) return okng_fail(error, OKNG_ERROR_IO, "%s: cannot start it: %s", command, okng_reason_text(failed));
    return wait_for(child, command, &s->peak, error);
}

/* ---- or this process ---- */

static okng_status inspect(const starting *s, okng_bank *bank, bool save, okng_error *error)
{
    okng_result *result = NULL;
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.threads = s->run->threads;
    const okng_picture picture = {.struct_size = sizeof picture, .path = s->given->pictures[0]};
    okng_status status = okng_inspect(&result, bank, &picture, &options, error);
    if (status == OKNG_OK && save) status = okng_result_save(result, s->out, OKNG_SAVE_PICTURES, NULL, error);
    okng_result_free(&result);
    return status;
}

/* How far a repetition goes. */
typedef enum reach { OPENED, INSPECTED, SAVED } reach;

/* *seconds is without closing the bank, which nobody waits for. */
static okng_status run_here(const starting *s, reach how_far, double *seconds, okng_error *error)
{
    okng_bank *bank;
    const double begin = okng_clock();
    OKNG_TRY(okng_bank_open(&bank, s->given->bank_dir, NULL, error));
    okng_status status = how_far == OPENED ? OKNG_OK : inspect(s, bank, how_far == SAVED, error);
    *seconds = okng_clock() - begin;
    okng_bank_close(&bank);
    return status;
}

/* ---- all ---- */

/* What is measured, in order; the first only where a program is given, the second where none is. */
static const struct {
    const char *part, *what;
    reach how_far;
    bool process;
} parts[] = {
    {"process", "start of okng infer to files on disk, one picture", SAVED, true},
    {"open", "opening a bank to files on disk, one picture", SAVED, false},
    {"bank", "opening a bank", OPENED, false},
    {"verdict", "opening a bank, and its first verdict", INSPECTED, false},
};

static okng_status repeat(starting *s, size_t part, double *milliseconds, okng_error *error)
{
    double seconds = 0;
    const double begin = okng_clock();
    okng_status status =
        parts[part].process ? run_process(s, error) : run_here(s, parts[part].how_far, &seconds, error);
    *milliseconds = 1e3 * (parts[part].process ? okng_clock() - begin : seconds);
    return status;
}

static okng_status measure(okng_bench_run *run, starting *s, size_t part, okng_error *error)
{
    const size_t repeats = (size_t)okng_bench_repeats(run, REPEATS);
    double first, *times = okng_alloc(repeats, sizeof *times);
    if (!times) return okng_fail_memory(error, repeats * sizeof *times);
    okng_status status = repeat(s, part, &first, error); /* brings the files into memory */
    for (size_t i = 0; i < repeats && status == OKNG_OK; i++) {
        status = okng_bench_go_on(run, error);
        if (status == OKNG_OK) status = repeat(s, part, &times[i], error);
    }
    okng_bench_work work = {.stage = "start", .part = parts[part].part};
    (void)snprintf(work.what, sizeof work.what, "%s", parts[part].what);
    if (status == OKNG_OK) status = okng_bench_add(run, &work, times, repeats, error);
    if (status == OKNG_OK && parts[part].process)
        status = okng_bench_put(okng_bench_last(run), "peak_bytes", json_integer((json_int_t)s->peak), error);
    free(times);
    return status;
}

static okng_status measure_all(okng_bench_run *run, starting *s, okng_error *error)
{
    for (size_t i = run->inputs.command ? 0 : 1; i < sizeof parts / sizeof *parts; i++)
        if (i != 1 || !run->inputs.command) OKNG_TRY(measure(run, s, i, error));
    return OKNG_OK;
}

okng_status okng_bench_start(okng_bench_run *run, okng_error *error)
{
    okng_given_bank given;
    OKNG_TRY(okng_given_bank_open(&given, run, error));
    starting s = {.run = run, .given = &given, .out = okng_path_join(given.scratch.path, "out")};
    okng_status status = s.out ? measure_all(run, &s, error) : okng_fail_memory(error, sizeof given.scratch.path);
    free(s.out);
    okng_given_bank_close(&given);
    return status;
}
