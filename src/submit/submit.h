/* Results in the form that the server of MVTec AD 2 takes: folders and files as its own script for uploads wants them,
 * and one archive of them.
 *
 *   DIR/anomaly_images/OBJECT/SPLIT/NNN_suffix.tiff             float16, one channel, the size of the picture
 *   DIR/anomaly_images_thresholded/OBJECT/SPLIT/NNN_suffix.png  8 bits grey, 0 or 255
 *   DIR.tar.gz                                                  all of it below the last part of DIR's name */
#ifndef OKNG_SUBMIT_SUBMIT_H
#define OKNG_SUBMIT_SUBMIT_H

#include <stdbool.h>

#include "base/error.h"

/* What of a picture is looked for and written: "can", "test_private", "000_regular". */
typedef struct okng_submitted {
    const char *object, *split, *stem;
} okng_submitted;

/* The folder made, or found as one that holds nothing but a submission. Errors: ARGUMENT naming what else it holds, or
 * DIR.tar.gz where that is somebody's; IO, MEMORY. */
okng_status okng_submission_prepare(const char *dir, okng_error *error);

/* Writes both files of a picture. Scores are multiplied by `scale`, an exact power of two (okng_submission_scale), and
 * rounded to the nearest float16, at most 65504; what was not seen (NaN) becomes 0. A pixel above `threshold`, before
 * that, is 255. Any number of threads may write. Errors: IO, MEMORY. */
okng_status okng_submission_write(const char *dir, const okng_submitted *picture, const float *map, int32_t width,
                                  int32_t height, float threshold, float scale, okng_error *error);
/* The power of two that brings `threshold` to 1..2; 1 where it is not above 0. So neither small scores lose digits nor
 * do large ones leave float16's range, and the order of an object's scores stays. */
float okng_submission_scale(float threshold);
/* Whether both files are there. */
bool okng_submission_holds(const char *dir, const okng_submitted *picture);

/* DIR.tar.gz of the files of `count` pictures, of which all are there: appears whole or not at all. Its bytes depend on
 * names and contents alone. Errors: ARGUMENT (what is there is no submission), NOT_FOUND, IO, LIMIT (a name of more
 * than tar's 255 bytes, a file of 8 GiB), MEMORY. */
okng_status okng_submission_pack(const char *dir, const okng_submitted *pictures, size_t count, okng_error *error);

/* check.c: reads an archive as the server would, by code that shares nothing with what writes it. *pictures counts
 * those with a map. FORMAT naming the member and what is wrong: a path that is none of the above, a folder or link, a
 * name that comes twice, a TIFF that is not one page of float16 in one channel or holds a number that is not finite, a
 * PNG that is not 8 bits grey of 0 and 255, of another size than its map or without one, or a map without one. Errors:
 * NOT_FOUND, IO, LIMIT, MEMORY. */
okng_status okng_submission_check(const char *path, size_t *pictures, okng_error *error);

/* check.c: whether a new archive may take the place of `path`: nothing is there, or what begins as a submission.
 * Errors: ARGUMENT, IO, MEMORY. */
okng_status okng_submission_may_replace(const char *path, okng_error *error);

/* How many pictures the server expects of each of its two splits of an object; 0 of one that it does not know. */
int okng_submission_expects(const char *object);
/* Its objects, NULL at the end. */
extern const char *const okng_submission_objects[];

#endif
