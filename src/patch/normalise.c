#include "patch/normalise.h"

#include <math.h>

void okng_rows_normalise(float *rows, int64_t count, int64_t dim)
{
    for (float *row = rows; row < rows + count * dim; row += dim) {
        double sum = 0;
        for (int64_t d = 0; d < dim; d++) sum += (double)row[d] * (double)row[d];
        double length = sqrt(sum);
        for (int64_t d = 0; d < dim && length > 0; d++) row[d] = (float)((double)row[d] / length);
    }
}
