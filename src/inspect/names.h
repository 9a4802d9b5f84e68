/* Where the results of each picture of a folder go. */
#ifndef OKNG_INSPECT_NAMES_H
#define OKNG_INSPECT_NAMES_H

#include <stddef.h>

#define OKNG_RESULTS_FILE "results.csv"

#define OKNG_RUN_FILE "run.json"

/* For each of `count` relative paths of pictures the folder of its results: the path without the ending; with it where
 * two pictures would share a folder, or a folder would stand where a file of results may lie. [count] malloc'd texts;
 * NULL when memory is out. */
char **okng_result_folders(const char *const *paths, size_t count);
void okng_result_folders_free(char ***folders, size_t count); /* NULL is fine */

#endif
