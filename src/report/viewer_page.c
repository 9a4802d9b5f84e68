/* The page around the viewer. */
#include <stdlib.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "base/locale.h"
#include "report/page.h"
#include "report/viewer_parts.h"

static void put_asset(FILE *page, const char *text, uint64_t size)
{
    (void)fwrite(text, 1, (size_t)size, page);
}

void okng_viewer_embed(const okng_viewer *viewer, FILE *page)
{
    (void)fputs("<style>\n", page);
    put_asset(page, okng_viewer_css, okng_viewer_css_size);
    (void)fputs("</style>\n<section id=\"viewer\"><noscript>", page);
    (void)fprintf(page, "%s</noscript></section>\n", _("This page needs JavaScript."));
    (void)fprintf(page, "<script src=\"%s_files/data.js\"></script>\n<script>\n", viewer->stem); /* a word of ours */
    put_asset(page, okng_viewer_js, okng_viewer_js_size);
    (void)fputs("</script>\n", page);
}

static void put_page(const okng_viewer *viewer, const okng_viewer_page *page, FILE *stream)
{
    okng_page_begin(stream, page->title);
    if (page->lead) {
        (void)fputs("<p class=\"lead\">", stream);
        okng_page_text(stream, page->lead);
        (void)fputs("</p>\n", stream);
    }
    (void)fputs("</header>\n", stream);
    if (page->before) page->before(stream, page->user);
    okng_viewer_embed(viewer, stream);
    if (page->after) page->after(stream, page->user);
    (void)fputs("<footer>\n", stream);
    okng_page_end(stream);
}

static okng_status write_page(const okng_viewer *viewer, const okng_viewer_page *page, okng_error *error)
{
    okng_writer writer;
    char *name = NULL, *path = NULL;
    if (asprintf(&name, "%s.html", viewer->stem) < 0) name = NULL;
    if (name) path = okng_path_join(viewer->dir, name);
    okng_status status = path ? okng_writer_open(&writer, path, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(name);
    free(path);
    if (status != OKNG_OK) return status;
    put_page(viewer, page, writer.stream);
    return okng_writer_commit(&writer, error);
}

okng_status okng_viewer_finish(const okng_viewer *viewer, const okng_viewer_page *page, okng_error *error)
{
    locale_t before = okng_locale_enter();
    okng_status status = okng_viewer_write_data(viewer, page->groups, page->group_count, error);
    if (status == OKNG_OK) status = write_page(viewer, page, error);
    okng_locale_leave(before);
    return status;
}
