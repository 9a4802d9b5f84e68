/* Which bank of the folder a picture is of: the library's router, kept up with what lies on the disk. */
#ifndef OKNG_SERVE_BANK_ROUTER_H
#define OKNG_SERVE_BANK_ROUTER_H

#include "cache/cache.h"
#include "okng/experimental.h"

/* Threads may share it. */
typedef struct okng_bank_router okng_bank_router;

/* Learns no bank yet. Borrows the cache, whose folder it is about. Errors: those of okng_router_new. */
okng_status okng_bank_router_open(okng_bank_router **out, okng_cache *cache, okng_error *error);
void okng_bank_router_close(okng_bank_router **router); /* NULL is fine; sets it to NULL */

/* Learns banks that came or have changed, which pictures would wait for else. */
void okng_bank_router_keep_up(okng_bank_router *router);

/* Where a picture belongs among the banks that lie in the folder now. One that came or has changed is learnt first, by
 * the vectors that it keeps, or by its good pictures where these still lie where they were; one that has neither is
 * passed over. Errors: NOT_FOUND where no bank can be told apart, those of okng_router_find. */
okng_status okng_bank_router_find(okng_bank_router *router, const okng_picture *picture, okng_routes **out,
                                  okng_error *error);

#endif
