/* Threads: one way to share a loop between cores. Results must not depend on the number of threads, so a body
 * writes only to places that belong to its own indices.
 *
 * Helping threads belong to the process: they are made when first wanted, sleep between loops, and take no signals but
 * those of their own faults. A caller works itself and waits for nothing but chunks that a helper has begun, so helpers
 * that come late, or not at all, cost nothing but their help. Any number of threads may call at once: each goes on by
 * itself, and shares the helpers with the others. In a child of fork() the helpers are made anew. */
#ifndef OKNG_BASE_PARALLEL_H
#define OKNG_BASE_PARALLEL_H

#include <stdbool.h>
#include <stdint.h>

enum { OKNG_MAX_THREADS = 1024 };

/* Threads for a request: `requested` when > 0 (capped at OKNG_MAX_THREADS), else one for each core that the calling
 * thread may run on, or as many as its cgroups' quota of computing time pays for (as it was when this was first called)
 * where that are fewer. Fewer still where the system does not give that many, because libgomp, which oneDNN has its
 * threads from, ends the process when a thread cannot be had. */
int okng_thread_count(int requested);
/* How many threads, the calling one among them, can be alive at once: starts them, up to `wanted` (at most
 * OKNG_MAX_THREADS).
 */
int okng_startable_threads(int wanted);

/* Handles indices begin..end-1; `thread` is 0..threads-1 and at any time belongs to one caller only. */
typedef void (*okng_parallel_fn)(void *context, int64_t begin, int64_t end, int thread);

/* Runs body over 0..count-1 in chunks of `grain` (>= 1), handed out in order to `threads` threads (>= 1), the
 * calling one among them. Nested calls run in the calling thread alone. Waking a helper takes about 10 us. */
void okng_parallel_for(int threads, int64_t count, int64_t grain, okng_parallel_fn body, void *context);

/* True in the body of a loop that several threads share. */
bool okng_parallel_inside(void);

#endif
