/* How ranks reach each other: okng_ranks by MPI. Private to mpi/. */
#ifndef OKNG_MPI_TRANSPORT_H
#define OKNG_MPI_TRANSPORT_H

#include "okng/experimental.h"

/* Between MPI_Init_thread and MPI_Finalize, once, on every rank. What MPI itself cannot do ends all processes, with its
 * own words. *ranks is static. Errors: MEMORY. */
okng_status okng_mpi_open(const okng_ranks **ranks, okng_error *error);
void okng_mpi_close(void);

#endif
