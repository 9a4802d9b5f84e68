/* The viewer: a page of inspected pictures for people. STEM.html sorts, filters, searches, counts anew for another
 * threshold and shows a picture large; what it shows lies beside it in STEM_files: data.js, small pictures in thumbs/,
 * copies of the pictures in pictures/, details in crops/. It needs no network and no server, and can be moved with its
 * folder. */
#ifndef OKNG_REPORT_VIEWER_H
#define OKNG_REPORT_VIEWER_H

#include <stdbool.h>
#include <stdio.h>

#include "image/image.h"

typedef struct okng_viewer okng_viewer;

enum { OKNG_VIEWER_SKIPPED = -1, OKNG_VIEWER_UNJUDGED = -2 }; /* beside the verdicts; there was no threshold */

/* What can be laid over a picture; keys 2 to 5 of the page, 1 is the picture itself. */
typedef enum okng_viewer_layer {
    OKNG_LAYER_OVERLAY = 0,
    OKNG_LAYER_HEAT,
    OKNG_LAYER_MASK,
    OKNG_LAYER_TRUTH,
    OKNG_LAYERS
} okng_viewer_layer;

/* Pictures that share a threshold: all of a folder; a category of an experiment. NaN: there is none. With both `low`
 * and `high`: up to `low` is OK, above `high` NG, between REVIEW. */
typedef struct okng_viewer_group {
    const char *name; /* NULL or "" where there is one group only */
    double threshold, low, high;
} okng_viewer_group;

/* Why a place of a picture is NG: the crop around it beside that of the nearest good patch. Drawn by
 * okng_viewer_draw_reason. */
typedef struct okng_viewer_reason {
    const char *near_name; /* of the good picture; NULL where it is not known */
    double score;          /* of the place */
    bool near_drawn;       /* false: the source picture is not there any more */
} okng_viewer_reason;

/* A picture. Strings are borrowed for the call; names of files may hold any bytes. A path is absolute or relative to
 * the page's folder. */
typedef struct okng_viewer_row {
    size_t number;    /* told apart by it; its files are called so */
    const char *name; /* as people know it: "crack/003.png" */
    size_t group;
    double score, p_value;               /* NaN: none */
    int verdict;                         /* an okng_verdict, OKNG_VIEWER_SKIPPED, OKNG_VIEWER_UNJUDGED */
    int truth;                           /* 1: has a defect, 0: has none, -1: not known */
    const char *original;                /* path; NULL: none */
    const char *layers[OKNG_LAYERS];     /* paths; NULL: none */
    const char *note;                    /* a line more, such as why it could not be inspected; NULL: none */
    bool drawn, heat_drawn, truth_drawn; /* okng_viewer_draw was given a picture, a heat map, the truth */
    const okng_viewer_reason *reasons;
    size_t reason_count;
} okng_viewer_row;

/* What is drawn of a picture. Any but `picture` may be NULL. */
typedef struct okng_viewer_images {
    const okng_image *picture; /* RGB */
    const okng_image *overlay; /* RGB; the small picture is made of it, else of `picture` */
    const okng_image *heat;    /* RGB; a second small picture */
    const okng_image *truth;   /* mask of the same size as `picture`: its outline is drawn into the small picture and
                                * into a layer of its own, which takes the place of OKNG_LAYER_TRUTH of the row */
} okng_viewer_images;

/* What stands around the pictures. */
typedef struct okng_viewer_page {
    const char *title, *lead; /* plain text; `lead` may be NULL */
    const okng_viewer_group *groups;
    size_t group_count;                     /* at least 1 */
    void (*before)(FILE *page, void *user); /* HTML before the pictures and after; may be NULL */
    void (*after)(FILE *page, void *user);
    void *user;
} okng_viewer_page;

/* Makes `dir`/STEM_files (`stem` is a word that needs no quotes in a link) and removes pictures that an earlier page
 * left there. Errors: IO, MEMORY. */
okng_status okng_viewer_open(okng_viewer **out, const char *dir, const char *stem, okng_error *error);
/* viewer_own.c: ARGUMENT where `dir`/STEM.html or STEM_files/data.js is there and okng did not write it. To be asked
 * before okng_viewer_open in a folder that nothing else says is okng's. Errors: ARGUMENT, MEMORY. */
okng_status okng_viewer_need_own(const char *dir, const char *stem, okng_error *error);
/* Writes the small pictures and the copy of picture `number`, any number of threads at a time. Errors: IO, MEMORY. */
okng_status okng_viewer_draw(const okng_viewer *viewer, size_t number, const okng_viewer_images *images,
                             okng_error *error);
/* Writes the crops of reason `i` of picture `number`: the place found and, where it is not NULL, the good patch.
 * Any number of threads. */
okng_status okng_viewer_draw_reason(const okng_viewer *viewer, size_t number, size_t i, const okng_image *found,
                                    const okng_image *near, okng_error *error);
/* One at a time. Errors: MEMORY, LIMIT beyond 2^20 rows. */
okng_status okng_viewer_add(okng_viewer *viewer, const okng_viewer_row *row, okng_error *error);
/* data.js. `groups`: as in okng_viewer_page. */
okng_status okng_viewer_write_data(const okng_viewer *viewer, const okng_viewer_group *groups, size_t count,
                                   okng_error *error);
/* The viewer inside another page, whose style is report/style.h's: an element, styles, scripts. */
void okng_viewer_embed(const okng_viewer *viewer, FILE *page);
/* data.js and the page. */
okng_status okng_viewer_finish(const okng_viewer *viewer, const okng_viewer_page *page, okng_error *error);
void okng_viewer_free(okng_viewer **viewer); /* NULL is fine */

/* viewer_words.c: every word that the page shows, in English. Keys are the names that viewer.js knows them by; the
 * table ends with a NULL key. */
typedef struct okng_viewer_word {
    const char *key, *text;
} okng_viewer_word;
extern const okng_viewer_word okng_viewer_words[];

/* viewer_asset.S: viewer.css and viewer.js. */
extern const char okng_viewer_css[], okng_viewer_js[];
extern const uint64_t okng_viewer_css_size, okng_viewer_js_size;

#endif
