/* LAPACK by way of LAPACKE. Loaded when it is used: OpenBLAS, which may stand behind it, makes a thread per core and
 * takes 20 ms when a program starts, and only those that learn a subspace need it. */
#include "base/eigen.h"

#include <dlfcn.h>
#include <lapacke.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/library.h"
#include "base/memory.h"
#include "base/memory_room.h"

#define LIBRARY "liblapacke.so.3"

static struct {
    bool loaded;
    __typeof__(&(LAPACKE_dsyevd)) dsyevd;
    __typeof__(&(LAPACKE_dsyevr)) dsyevr;
    /* OpenBLAS's; NULL where another LAPACK is installed. */
    int (*threads)(void);
    void (*set_threads)(int threads);
} lapack;

static void find(void *handle, const char *name, void *function, size_t size)
{
    void *symbol = dlsym(handle, name);
    memcpy(function, &symbol, size); /* no cast: ISO C */
}

/* OpenBLAS waits for ever where it finds no memory while it is loaded. It takes 190 MB for two cores, and which LAPACK
 * is installed cannot be seen before. */
static okng_status prove(okng_error *error)
{
    enum { MIB = 1 << 20, ONCE = 64, PER_CORE = 112 };
    const long cores = sysconf(_SC_NPROCESSORS_CONF);
    const size_t bytes = (ONCE + PER_CORE * (size_t)(cores > 0 ? cores : 1)) * MIB;
    if (okng_memory_can_map(bytes)) return OKNG_OK;
    return okng_memory_prove(&(okng_memory_need){.mapped = bytes}, "LAPACK", error);
}

/* Tried again by the next caller where it fails. */
static okng_status load(okng_error *error)
{
    void *handle;
    OKNG_TRY(prove(error));
    OKNG_TRY(okng_library_load(&handle, LIBRARY, error));
    if (!handle) return OKNG_OK;
    find(handle, "LAPACKE_dsyevd", &lapack.dsyevd, sizeof lapack.dsyevd);
    find(handle, "LAPACKE_dsyevr", &lapack.dsyevr, sizeof lapack.dsyevr);
    find(handle, "openblas_get_num_threads", &lapack.threads, sizeof lapack.threads);
    find(handle, "openblas_set_num_threads", &lapack.set_threads, sizeof lapack.set_threads);
    lapack.loaded = lapack.dsyevd && lapack.dsyevr;
    return OKNG_OK;
}

/* ---- one thread while any call runs --------------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int running, threads_before;

static okng_status begin(okng_error *error)
{
    (void)pthread_mutex_lock(&mutex);
    okng_status status = lapack.loaded ? OKNG_OK : load(error);
    bool loaded = lapack.loaded;
    (void)pthread_mutex_unlock(&mutex);
    if (status != OKNG_OK) return status;
    if (!loaded)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "principal directions need LAPACK: " LIBRARY " could not be loaded (Debian: liblapacke)");
    if (!lapack.threads || !lapack.set_threads) return OKNG_OK;
    (void)pthread_mutex_lock(&mutex);
    if (running++ == 0) {
        threads_before = lapack.threads();
        lapack.set_threads(1);
    }
    (void)pthread_mutex_unlock(&mutex);
    return OKNG_OK;
}

static void end(void)
{
    if (!lapack.threads || !lapack.set_threads) return;
    (void)pthread_mutex_lock(&mutex);
    if (--running == 0) lapack.set_threads(threads_before);
    (void)pthread_mutex_unlock(&mutex);
}

/* ---- */

static void swap(double *a, double *b, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        double kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static void fix_sign(double *vector, int64_t n)
{
    int64_t largest = 0;
    for (int64_t i = 1; i < n; i++)
        if (fabs(vector[i]) > fabs(vector[largest])) largest = i;
    if (vector[largest] < 0)
        for (int64_t i = 0; i < n; i++) vector[i] = -vector[i];
}

static okng_status judge(lapack_int info, int64_t n, okng_error *error)
{
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return okng_fail_memory(error, (size_t)(n * n) * 2 * sizeof(double));
    if (info != 0)
        return okng_fail(error, OKNG_ERROR_INTERNAL, "LAPACK found no eigenvectors of a matrix of %lld rows (%d)",
                         (long long)n, (int)info);
    return OKNG_OK;
}

/* In both the upper triangle by rows is the lower one by columns, and eigenvectors in columns are our rows. */

okng_status okng_eigen_symmetric(double *matrix, int64_t n, double *values, okng_error *error)
{
    OKNG_TRY(begin(error));
    lapack_int info = lapack.dsyevd(LAPACK_COL_MAJOR, 'V', 'L', (lapack_int)n, matrix, (lapack_int)n, values);
    end();
    OKNG_TRY(judge(info, n, error));
    for (int64_t low = 0, high = n - 1; low < high; low++, high--) {
        swap(values + low, values + high, 1);
        swap(matrix + low * n, matrix + high * n, n);
    }
    for (int64_t i = 0; i < n; i++) fix_sign(matrix + i * n, n);
    return OKNG_OK;
}

okng_status okng_eigen_first(double *matrix, int64_t n, double *vector, okng_error *error)
{
    double *values = okng_alloc((size_t)n, sizeof *values);
    if (!values) return okng_fail_memory(error, (size_t)n * sizeof *values);
    lapack_int order = (lapack_int)n, found = 0, support[2], info = 0;
    okng_status status = begin(error);
    if (status == OKNG_OK) {
        info = lapack.dsyevr(LAPACK_COL_MAJOR, 'V', 'I', 'L', order, matrix, order, 0, 0, order, order, 0, &found,
                             values, vector, order, support);
        end();
        status = judge(info, n, error);
    }
    free(values);
    if (status == OKNG_OK) fix_sign(vector, n);
    return status;
}
