/* What a method is given to learn from. */
#ifndef OKNG_METHOD_LESSON_H
#define OKNG_METHOD_LESSON_H

#include "features/patch_place.h"
#include "features/pictures.h"

enum {
    OKNG_NEEDS_PICTURES = 1,   /* at least one */
    OKNG_NEEDS_CLASS_NAME = 2, /* what the part is called */
    OKNG_NEEDS_LABELS = 4      /* which pictures are bad, and where */
};

/* All is borrowed. Zeroed is a lesson with nothing in it. */
typedef struct okng_lesson {
    okng_pictures pictures;            /* of good parts; where there are labels, of both kinds. None is legal. */
    const char *class_name;            /* "metal nut"; NULL = not known */
    const uint8_t *labels;             /* [pictures.count]: 0 is good; NULL = all are */
    okng_box part;                     /* the pictures are this box of whole ones, which an ignore-mask is of; */
    int32_t whole_width, whole_height; /* their size; 0: the pictures are whole themselves */
    const okng_pictures *masks; /* as many, of which only those of bad pictures are looked at: not 0 is a defect */
} okng_lesson;

#endif
