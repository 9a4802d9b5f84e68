#include "serve/body.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

/* What libmicrohttpd's reader keeps between two calls: the headers of a part must fit in. */
enum { FORM_BUFFER = 8192 };

typedef struct okng_body_piece {
    char *name, *path, *type;
    okng_spool bytes;
} okng_body_piece;

/* ---- parts of a form -------------------------------------------------------------------------------------------- */

/* A text that a part's headers said. */
static okng_status copy_text(char **to, const char *text, okng_error *error)
{
    size_t size = strlen(text);
    if (size > OKNG_BODY_NAME_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a part of the form has a name of %zu bytes, more than %d", size,
                         OKNG_BODY_NAME_MAX);
    if (!okng_utf8_valid(text, size, NULL))
        return okng_fail(error, OKNG_ERROR_FORMAT, "a part of the form has a name that is not UTF-8");
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return okng_fail(error, OKNG_ERROR_FORMAT, "a part of the form has a name with a control character");
    *to = strdup(text);
    return *to ? OKNG_OK : okng_fail_memory(error, size + 1);
}

/* The file's name without the folders that some clients tell. */
static const char *last_segment(const char *path)
{
    const char *slash = strrchr(path, '/'), *back = strrchr(path, '\\');
    if (back && (!slash || back > slash)) slash = back;
    return slash ? slash + 1 : path;
}

static okng_status add_piece(okng_body *body, const char *name, const char *filename, const char *type,
                             okng_error *error)
{
    if (body->count == OKNG_BODY_PARTS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the form has more than %d parts", OKNG_BODY_PARTS);
    const void *sealed;
    if (body->count > 0) OKNG_TRY(okng_spool_seal(&body->pieces[body->count - 1].bytes, &sealed, error));
    if (!okng_grow((void **)&body->pieces, &body->room, body->count + 1, sizeof *body->pieces))
        return okng_fail_memory(error, (body->count + 1) * sizeof *body->pieces);
    okng_body_piece *piece = &body->pieces[body->count++];
    *piece = (okng_body_piece){.bytes = okng_spool_empty};
    OKNG_TRY(copy_text(&piece->name, name ? name : "", error));
    OKNG_TRY(copy_text(&piece->path, filename ? filename : "", error));
    return copy_text(&piece->type, type ? type : "", error);
}

/* Whether a part that begins is the last one told again: libmicrohttpd tells a part at once where no more than the
 * first bytes of it are there, none of which it hands over, and then anew with these. */
static bool is_told_again(const okng_body *body, const char *name, const char *filename, const char *type)
{
    if (body->count == 0 || body->pieces[body->count - 1].bytes.size > 0) return false;
    const okng_body_piece *last = &body->pieces[body->count - 1];
    return strcmp(last->name, name ? name : "") == 0 && strcmp(last->path, filename ? filename : "") == 0 &&
           strcmp(last->type, type ? type : "") == 0;
}

static enum MHD_Result take_form(void *user, enum MHD_ValueKind kind, const char *key, const char *filename,
                                 const char *type, const char *encoding, const char *data, uint64_t offset, size_t size)
{
    okng_body *body = user;
    (void)kind;
    (void)encoding;
    const bool begins = offset == 0 && !is_told_again(body, key, filename, type);
    if (begins && add_piece(body, key, filename, type, &body->error) != OKNG_OK) return MHD_NO;
    if (body->count == 0) return MHD_NO;
    if (okng_spool_add(&body->pieces[body->count - 1].bytes, data, size, &body->error) != OKNG_OK) return MHD_NO;
    return MHD_YES;
}

/* ---- the body --------------------------------------------------------------------------------------------------- */

okng_status okng_body_begin(okng_body *body, struct MHD_Connection *connection, bool form, uint64_t limit,
                            okng_error *error)
{
    *body = (okng_body){.limit = limit, .whole = okng_spool_empty};
    if (!form) return OKNG_OK;
    body->form = MHD_create_post_processor(connection, FORM_BUFFER, take_form, body);
    if (body->form) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "the Content-Type multipart/form-data has no boundary");
}

static okng_status form_wrong(const okng_body *body, okng_error *error)
{
    if (body->error.status == OKNG_OK)
        return okng_fail(error, OKNG_ERROR_FORMAT, "the form cannot be taken apart at its boundaries");
    if (error) *error = body->error;
    return body->error.status;
}

okng_status okng_body_add(okng_body *body, const char *bytes, size_t size, okng_error *error)
{
    body->received += size;
    if (body->received > body->limit)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the body has more than %" PRIu64 " bytes", body->limit);
    if (!body->form) return okng_spool_add(&body->whole, bytes, size, error);
    return MHD_post_process(body->form, bytes, size) == MHD_YES ? OKNG_OK : form_wrong(body, error);
}

static okng_status seal_parts(okng_body *body, okng_request *request, okng_error *error)
{
    enum MHD_Result whole = MHD_destroy_post_processor(body->form);
    body->form = NULL;
    if (whole != MHD_YES) return form_wrong(body, error);
    body->parts = okng_alloc_zero(body->count, sizeof *body->parts);
    if (!body->parts) return okng_fail_memory(error, body->count * sizeof *body->parts);
    for (size_t i = 0; i < body->count; i++) {
        okng_body_piece *piece = &body->pieces[i];
        okng_body_part *part = &body->parts[i];
        OKNG_TRY(okng_spool_seal(&piece->bytes, &part->data, error));
        part->size = piece->bytes.size;
        part->name = piece->name;
        part->path = piece->path;
        part->filename = last_segment(piece->path);
        part->type = piece->type;
    }
    request->parts = body->parts;
    request->part_count = body->count;
    return OKNG_OK;
}

okng_status okng_body_seal(okng_body *body, okng_request *request, okng_error *error)
{
    if (body->form) return seal_parts(body, request, error);
    OKNG_TRY(okng_spool_seal(&body->whole, &request->body, error));
    request->body_size = body->whole.size;
    return OKNG_OK;
}

void okng_body_clear(okng_body *body)
{
    if (body->form) (void)MHD_destroy_post_processor(body->form);
    for (size_t i = 0; i < body->count; i++) {
        free(body->pieces[i].name);
        free(body->pieces[i].path);
        free(body->pieces[i].type);
        okng_spool_clear(&body->pieces[i].bytes);
    }
    free(body->pieces);
    free(body->parts);
    okng_spool_clear(&body->whole);
    *body = (okng_body){.whole = okng_spool_empty};
}
