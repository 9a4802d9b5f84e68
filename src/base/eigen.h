/* Eigenvectors of a symmetric matrix, by LAPACK, which is loaded when the first are asked for. */
#ifndef OKNG_BASE_EIGEN_H
#define OKNG_BASE_EIGEN_H

#include <stdint.h>

#include "base/error.h"

/* matrix [n, n] (n >= 1, finite; what lies below the diagonal is not looked at) becomes its n orthonormal eigenvectors,
 * one per row, by falling eigenvalue; values [n]: those. A vector's sign is chosen so that its entry of largest
 * magnitude (the first of them) is positive. LAPACK runs in the calling thread alone, so the bits do not depend on how
 * many cores there are; another LAPACK, or another CPU under OpenBLAS, may give other last bits. May be called by
 * several threads at a time. Errors: UNSUPPORTED where LAPACK is not installed, MEMORY, INTERNAL. */
okng_status okng_eigen_symmetric(double *matrix, int64_t n, double *values, okng_error *error);

/* The eigenvector [n] of the largest eigenvalue alone, several times faster; signed likewise. The matrix is lost. */
okng_status okng_eigen_first(double *matrix, int64_t n, double *vector, okng_error *error);

#endif
