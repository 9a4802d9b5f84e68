/* Packed weights of a network on disk, so that the next process need not read, fold and pack them: a file of the cache
 * folder, mapped, so that processes share its memory. It is known by all that its bytes depend on: the graph, the
 * SHA-256 of the weight file, precision, ways of multiplying, the CPU's instructions, this build of okng and of the
 * engine. Bits are those of packing anew.
 *
 * All files together stay below a bound (OKNG_KEEP in the environment: MiB, 0 = nothing is kept; 2048 unless given),
 * the least recently used go first. One that is damaged, somebody else's, or writable for others is not used. Two
 * processes that write the same one write the same bytes; each appears whole. */
#ifndef OKNG_ENGINE_KEPT_H
#define OKNG_ENGINE_KEPT_H

#include "engine/engine.h"

/* May be shared by threads. */
typedef struct okng_engine_kept okng_engine_kept;

/* What is kept of the graph with weights of that SHA-256, for an engine of these options (of which device, precision
 * and winograd matter). All of it is checked. *out is NULL where there is nothing, or the engine keeps nothing: int8,
 * other engines than oneDNN 2. Errors: MEMORY. */
okng_status okng_engine_kept_open(okng_engine_kept **out, const okng_graph *graph, const okng_engine_options *options,
                                  const char *sha256, okng_error *error);
void okng_engine_kept_close(okng_engine_kept **kept); /* NULL is fine; sets it to NULL */

/* Keeps an engine's packed weights, which were made of a weight file of that SHA-256. What cannot be written (no cache
 * folder, a full disk) is not. */
void okng_engine_keep(const okng_engine *engine, const char *sha256);

#endif
