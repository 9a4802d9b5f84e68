/* Where the results of each picture of a folder go. */
#ifndef OKNG_INSPECT_NAMES_H
#define OKNG_INSPECT_NAMES_H

#include "base/error.h"

#define OKNG_RESULTS_FILE "results.csv"

/* For each picture of the list the folder of its results: its relative path without the ending; with it where two
 * pictures would share a folder, or a folder would stand where a file of results may lie. [count] malloc'd texts;
 * NULL when memory is out. */
char **okng_result_folders(const okng_picture_list *list);
void okng_result_folders_free(char ***folders, size_t count); /* NULL is fine */

#endif
