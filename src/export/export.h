/* A program as files of other people's formats, and back. Both formats come from one walk (walk.h) over one table of
 * operators (ops.h). */
#ifndef OKNG_EXPORT_EXPORT_H
#define OKNG_EXPORT_EXPORT_H

#include "program/program.h"

/* What is told about a model in its file: ONNX's metadata_props, IR's rt_info. */
typedef struct okng_export_note {
    const char *key, *value;
} okng_export_note;

typedef struct okng_export_target {
    const char *path;  /* of the model: NAME.onnx, NAME.xml; what does not fit into it goes beside it: NAME.onnx.data,
                          NAME.bin */
    const char *name;  /* of the graph */
    bool half;         /* float32 constants of OKNG_EXPORT_HALF elements or more whose numbers all fit are written as
                          float16 and cast back by the graph; all is computed in float32 */
    int32_t opset;     /* ONNX: 17..20; 0 = 17, 18 where a picture is resized inside */
    size_t data_apart; /* ONNX: constants go to a file of their own where they are more bytes than this; 0 = 2^30 */
    const okng_export_note *notes;
    size_t note_count;
    /* asked when all is written and before it takes its place: whether the memory of the constants has stayed what it
       was, as that of a file that is mapped may not; NULL: nobody knows otherwise */
    okng_status (*settled)(const void *owner, okng_error *error);
    const void *owner;
} okng_export_target;

enum { OKNG_EXPORT_HALF = 1 << 14, OKNG_EXPORT_NAMED = 100 };

/* What was written. */
typedef struct okng_export_files {
    uint64_t bytes, data_bytes; /* of the model's file and of the one beside it; 0 = there is none */
    int32_t opset;              /* ONNX */
} okng_export_files;

/* Writes the model's files, whole or not at all; those of the same names are replaced. Constants are written from where
 * they are, so that memory besides them is small whatever they are. `files` may be NULL. Errors: UNSUPPORTED, naming
 * what the format or the opset cannot say, or that this build has no such format; LIMIT; IO; MEMORY; a failure of the
 * program. */
okng_status okng_export_onnx(const okng_program *program, const okng_export_target *target, okng_export_files *files,
                             okng_error *error);
/* A constant that a model in memory takes as an input: who runs the model gives it with every run. */
typedef struct okng_export_apart {
    const char *name;
    okng_dtype dtype;
    int32_t rank;
    const int64_t *dims;
    const void *data; /* the owner's of the program's borrowed constants */
    size_t bytes;
} okng_export_apart;

enum { OKNG_EXPORT_APART = 1 << 20 }; /* bytes from which on a borrowed constant is lent */

/* A model in memory, for who runs it in this process. */
typedef struct okng_export_image {
    const void *bytes; /* what its file would hold */
    size_t size;
    const okng_export_apart *apart;
    size_t apart_count;
    struct okng_export_image_inside *inside;
} okng_export_image;

/* Makes the model in memory. lends: constants that the program borrows, of OKNG_EXPORT_APART bytes or more, stay where
 * they are and become inputs (so a reader neither copies them nor packs them anew); else all are copied into it, after
 * which the program and all that it borrows may go. Of the target name, opset and notes are read.
 * okng_export_image_free afterwards in any case. Errors: UNSUPPORTED as above; LIMIT for more than 2 GiB of what is
 * copied; MEMORY; a failure of the program. */
okng_status okng_export_onnx_image(okng_export_image *image, const okng_program *program,
                                   const okng_export_target *target, bool lends, okng_error *error);
void okng_export_image_free(okng_export_image *image); /* zeroes it */

/* A model that okng wrote, read back as a program of its own memory. Of others what is beyond okng's operators is
 * refused by name. Of constants those of one number keep their names, as thresholds are found by theirs, the first
 * OKNG_EXPORT_NAMED of them: a program holds every name against all before it. Errors: NOT_FOUND, IO, FORMAT,
 * UNSUPPORTED, LIMIT, MEMORY. */
okng_status okng_export_read_onnx(okng_program **out, const char *path, okng_error *error);

okng_status okng_export_openvino(const okng_program *program, const okng_export_target *target,
                                 okng_export_files *files, okng_error *error);
okng_status okng_export_read_openvino(okng_program **out, const char *path, okng_error *error);

#endif
