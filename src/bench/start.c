/* One picture from nothing: a process that starts, opens the bank, inspects and leaves its files; or the same in this
 * process, where no program is given. */
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

static okng_status run_here(const starting *s, okng_error *error)
{
    okng_bank *bank;
    okng_result *result = NULL;
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.threads = s->run->threads;
    const okng_picture picture = {.struct_size = sizeof picture, .path = s->given->pictures[0]};
    OKNG_TRY(okng_bank_open(&bank, s->given->bank_dir, NULL, error));
    okng_status status = okng_inspect(&result, bank, &picture, &options, error);
    if (status == OKNG_OK) status = okng_result_save(result, s->out, OKNG_SAVE_PICTURES, NULL, error);
    okng_result_free(&result);
    okng_bank_close(&bank);
    return status;
}

static okng_status measure(okng_bench_run *run, starting *s, okng_error *error)
{
    const size_t repeats = (size_t)okng_bench_repeats(run, REPEATS);
    const bool process = run->inputs.command != NULL;
    double *times = okng_alloc(repeats, sizeof *times);
    if (!times) return okng_fail_memory(error, repeats * sizeof *times);
    okng_status status = OKNG_OK;
    for (size_t i = 0; i <= repeats && status == OKNG_OK; i++) { /* the first brings the files into memory */
        status = okng_bench_go_on(run, error);
        double begin = okng_clock();
        if (status == OKNG_OK) status = process ? run_process(s, error) : run_here(s, error);
        if (i > 0) times[i - 1] = 1e3 * (okng_clock() - begin);
    }
    okng_bench_work work = {.stage = "start", .part = process ? "process" : "open"};
    (void)snprintf(work.what, sizeof work.what, "%s to files on disk, one picture",
                   process ? "start of okng infer" : "opening a bank");
    if (status == OKNG_OK) status = okng_bench_add(run, &work, times, repeats, error);
    if (status == OKNG_OK && process)
        status = okng_bench_put(okng_bench_last(run), "peak_bytes", json_integer((json_int_t)s->peak), error);
    free(times);
    return status;
}

okng_status okng_bench_start(okng_bench_run *run, okng_error *error)
{
    okng_given_bank given;
    OKNG_TRY(okng_given_bank_open(&given, run, error));
    starting s = {.run = run, .given = &given, .out = okng_path_join(given.scratch.path, "out")};
    okng_status status = s.out ? measure(run, &s, error) : okng_fail_memory(error, sizeof given.scratch.path);
    free(s.out);
    okng_given_bank_close(&given);
    return status;
}
