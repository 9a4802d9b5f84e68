/* The number that gradients are computed in: float. Tests compile this folder a second time with OKNG_GRAD_DOUBLE, so
 * that finite differences have digits to spare; kernels of float are left out there. */
#ifndef OKNG_GRAD_REAL_H
#define OKNG_GRAD_REAL_H

#include <math.h>

#if defined(OKNG_GRAD_DOUBLE)
typedef double okng_real;
#define OKNG_REAL(function) function
#else
typedef float okng_real;
#define OKNG_REAL(function) function##f
#endif

#endif
