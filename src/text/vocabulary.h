/* Readers of vocabularies, one per form that they are published in. */
#ifndef OKNG_TEXT_VOCABULARY_H
#define OKNG_TEXT_VOCABULARY_H

#include "text/tokenizer.h"

/* Bytes of a file, and of what is packed in one. Those of CLIP have 1.4 and 3.2 million. */
enum { OKNG_VOCABULARY_BYTES = 16 << 20 };

/* Adds the merges of a text: a line that is passed over, then one merge a line. What follows CLIP's number of them is
 * passed over, as the original does. Errors: FORMAT, MEMORY. */
okng_status okng_vocabulary_text(okng_merges *merges, const char *text, size_t size, const char *path,
                                 okng_error *error);
/* Unpacks gzip. *out is for the caller to free. Errors: FORMAT (damaged, cut off), LIMIT, MEMORY. */
okng_status okng_vocabulary_unpack(char **out, size_t *out_size, const void *data, size_t size, const char *path,
                                   okng_error *error);
/* A tokenizer of tokenizer.json, or of vocab.json with the merges.txt that lies beside `path`. Errors besides: MISMATCH
 * (ids that are not those of the merges), UNSUPPORTED (not byte pairs of CLIP's kind), those of reading merges.txt. */
okng_status okng_vocabulary_json(okng_tokenizer **out, const char *text, size_t size, const char *path,
                                 okng_error *error);
/* A tokenizer of a file in memory, whichever form it has; `path` is used in errors, and to find merges.txt beside a
 * vocab.json. */
okng_status okng_vocabulary_parse(okng_tokenizer **out, const void *data, size_t size, const char *path,
                                  okng_error *error);

#endif
