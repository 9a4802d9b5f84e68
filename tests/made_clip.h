/* CLIP checkpoints and vocabularies of made numbers, by tools/make_clip.c. For tests that CMakeLists.txt builds with
 * it. */
#ifndef OKNG_TESTS_MADE_CLIP_H
#define OKNG_TESTS_MADE_CLIP_H

#include <stdio.h>
#include <stdlib.h>

/* Runs it in a folder with such words: "clip-tinyclip-8m-16 a.safetensors --f16". True where it did. */
static inline int made_clip(const char *folder, const char *words)
{
    char command[1024];
    int length = snprintf(command, sizeof command, "cd '%s' && '%s' %s", folder, OKNG_MAKE_CLIP, words);
    return length > 0 && length < (int)sizeof command && system(command) == 0;
}

#endif
