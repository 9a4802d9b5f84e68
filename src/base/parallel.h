/* Threads: one way to share a loop between cores. Results must not depend on the number of threads, so a body
 * writes only to places that belong to its own indices. */
#ifndef OKNG_BASE_PARALLEL_H
#define OKNG_BASE_PARALLEL_H

#include <stdint.h>

/* Threads for a request: `requested` when > 0 (capped at 1024), else one for each core that this process may run on;
 * fewer where the system does not give that many, because libgomp ends the process when a thread cannot be had. */
int okng_thread_count(int requested);

/* Handles indices begin..end-1; `thread` is 0..threads-1 and at any time belongs to one caller only. */
typedef void (*okng_parallel_fn)(void *context, int64_t begin, int64_t end, int thread);

/* Runs body over 0..count-1 in chunks of `grain` (>= 1), handed out in order to `threads` threads (>= 1), the
 * calling one among them. Nested calls run in the calling thread alone. */
void okng_parallel_for(int threads, int64_t count, int64_t grain, okng_parallel_fn body, void *context);

#endif
