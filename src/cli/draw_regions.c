/* Regions of interest drawn by hand: a page for the browser that shows the picture and tells the boxes that are drawn
 * on it; its line is pasted back. Nothing listens and nothing is sent: the page is a file, and holds the picture. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

enum {
    LARGE = 16 << 20,
    LARGE_SIDE = 2400
}; /* bytes of a PNG above which a smaller one is shown, and its longer side */

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
    "'unsafe-inline'; "
    "script-src 'unsafe-inline'\">\n"
    "<title>okng: regions</title><style>\n"
    "body{font:15px/1.5 system-ui,sans-serif;margin:16px;background:#fff;color:#1b1f24}\n"
    "@media(prefers-color-scheme:dark){body{background:#15181c;color:#e6e8ea}}\n"
    "#stage{position:relative;display:inline-block;cursor:crosshair;touch-action:none;max-width:100%}\n"
    "#stage img{display:block;max-width:100%;height:auto;user-select:none}\n"
    ".box{position:absolute;border:2px solid #e2450c;background:rgba(226,69,12,.15);box-sizing:border-box}\n"
    ".box span{background:#e2450c;color:#fff;font-size:12px;padding:0 5px}\n"
    "#line{font:16px monospace;width:min(60em,95%);padding:6px}\n"
    "</style></head><body>\n";

static const char body[] =
    "<p><input id=\"line\" readonly></p>\n<div id=\"stage\"></div>\n"
    "<script>\n'use strict';\n"
    "var stage=document.getElementById('stage'),line=document.getElementById('line'),boxes=[],now=null;\n"
    "var image=new Image();image.alt='';image.draggable=false;image.src=source;stage.appendChild(image);\n"
    "function place(e){var "
    "r=image.getBoundingClientRect();return{x:Math.min(width,Math.max(0,(e.clientX-r.left)/r.width*"
    "width)),y:Math.min(height,Math.max(0,(e.clientY-r.top)/r.height*height))};}\n"
    "function boxOf(a,b){var x=Math.round(Math.min(a.x,b.x)),y=Math.round(Math.min(a.y,b.y));"
    "return[x,y,Math.round(Math.max(a.x,b.x))-x,Math.round(Math.max(a.y,b.y))-y];}\n"
    "function show(){stage.querySelectorAll('.box').forEach(function(d){d.remove();});"
    "boxes.concat(now?[boxOf(now.from,now.to)]:[]).forEach(function(b,i){var d=document.createElement('div'),"
    "n=document.createElement('span');d.className='box';n.textContent=i+1;d.style.left=100*b[0]/width+'%';"
    "d.style.top=100*b[1]/height+'%';d.style.width=100*b[2]/width+'%';d.style.height=100*b[3]/height+'%';"
    "d.appendChild(n);stage.appendChild(d);});"
    "line.value=boxes.map(function(b){return b.join(',');}).join('; ');}\n"
    "stage.addEventListener('pointerdown',function(e){now={from:place(e),to:place(e)};stage.setPointerCapture(e."
    "pointerId);"
    "e.preventDefault();});\n"
    "stage.addEventListener('pointermove',function(e){if(now){now.to=place(e);show();}});\n"
    "stage.addEventListener('pointerup',function(e){if(!now)return;now.to=place(e);var "
    "b=boxOf(now.from,now.to);now=null;"
    "if(b[2]>=8&&b[3]>=8&&boxes.length<16)boxes.push(b);show();line.select();});\n"
    "document.getElementById('undo').addEventListener('click',function(){boxes.pop();show();});\n"
    "</script></body></html>\n";

/* ---- the page ---------------------------------------------------------------------------------------------------- */

/* Sides as a PNG's first chunk has them. */
static void sides_of(const void *png, size_t size, unsigned *width, unsigned *height)
{
    const unsigned char *at = png;
    *width = *height = 0;
    if (size < 24) return;
    for (int i = 0; i < 4; i++) {
        *width = *width << 8 | at[16 + i];
        *height = *height << 8 | at[20 + i];
    }
}

static void put_base64(FILE *file, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const unsigned b = i + 1 < size ? bytes[i + 1] : 0, c = i + 2 < size ? bytes[i + 2] : 0;
        const unsigned all = (unsigned)bytes[i] << 16 | b << 8 | c;
        (void)fputc(digits[all >> 18], file);
        (void)fputc(digits[all >> 12 & 63], file);
        (void)fputc(i + 1 < size ? digits[all >> 6 & 63] : '=', file);
        (void)fputc(i + 2 < size ? digits[all & 63] : '=', file);
    }
}

/* A large picture is shown smaller; boxes are in pixels of the whole all the same. */
static int write_page(FILE *file, const char *path)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    unsigned width, height;
    okng_error error;
    void *png;
    size_t size;
    okng_status status = okng_picture_png(&picture, 0, &png, &size, &error);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    sides_of(png, size, &width, &height);
    if (size > LARGE) {
        okng_bytes_free(&png);
        if (okng_picture_png(&picture, LARGE_SIDE, &png, &size, &error) != OKNG_OK) return okng_cli_fail(&error);
    }
    (void)fputs(head, file);
    (void)fprintf(
        file, "<h1>%s</h1>\n<p>%s</p>\n", _("Draw the region"),
        _("Drag a box around the part; several boxes are several regions. Then paste this line where okng waits:"));
    (void)fprintf(file, "%s%s%s", "<button id=\"undo\">", _("Take the last box away"), "</button>\n");
    (void)fprintf(file, "%s%u%s%u%s", "<script>var width=", width, ",height=", height,
                  ",source='data:image/png;base64,");
    put_base64(file, png, size);
    (void)fputs("';</script>\n", file);
    (void)fputs(body, file);
    okng_bytes_free(&png);
    return EXIT_OKAY;
}

/* ---- the browser ------------------------------------------------------------------------------------------------- */

/* What opens a page here; NULL where nothing would. */
static const char *browser(void)
{
    const char *asked = getenv("BROWSER");
    if (asked && *asked) return asked;
    return getenv("DISPLAY") || getenv("WAYLAND_DISPLAY") ? "xdg-open" : NULL;
}

/* Its own chat stays away from ours. False where it cannot be run. */
static bool open_page(const char *program, const char *page)
{
    int state;
    const pid_t child = fork();
    if (child == 0) {
        const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (nowhere >= 0) (void)dup2(nowhere, STDIN_FILENO), (void)dup2(nowhere, STDOUT_FILENO);
        (void)execlp(program, program, page, (char *)NULL);
        _exit(127);
    }
    if (child < 0) return false;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR) return false;
    return WIFEXITED(state) && WEXITSTATUS(state) == 0;
}

/* The line that was pasted, without blanks around it. */
static int read_line(char *text, size_t size)
{
    (void)fputs("roi: ", stderr);
    (void)fflush(stderr);
    if (!fgets(text, (int)size, stdin)) return okng_cli_error("no region was given; give it as --roi X,Y,W,H");
    size_t length = strlen(text), blanks = strspn(text, " \t\r\n");
    while (length > blanks && strchr(" \t\r\n", text[length - 1])) text[--length] = '\0';
    memmove(text, text + blanks, length - blanks + 1);
    return *text ? EXIT_OKAY : okng_cli_error("no region was given; give it as --roi X,Y,W,H");
}

static int draw(const char *program, const char *page, const char *picture, char *text, size_t size)
{
    FILE *file = fopen(page, "wb");
    if (!file) return okng_cli_error("%s: cannot write: %s", page, strerror(errno));
    int code = write_page(file, picture);
    const bool bad = ferror(file) != 0;
    if ((fclose(file) != 0 || bad) && code == EXIT_OKAY) code = okng_cli_error("%s: cannot write the page", page);
    if (code != EXIT_OKAY) return code;
    if (!open_page(program, page))
        return okng_cli_error("%s: cannot open the page %s; give the region as --roi X,Y,W,H, in pixels of %s", program,
                              page, picture);
    (void)fprintf(stderr, _("okng: draw the region in the browser, on %s, then paste the line that the page shows\n"),
                  picture);
    return read_line(text, size);
}

int okng_cli_draw_regions(const char *picture, char *text, size_t size)
{
    const char *program = browser(), *folder = getenv("TMPDIR");
    char page[OKNG_PATH_MAX];
    if (!program)
        return okng_cli_error(
            "no browser is at hand to draw a region in (neither DISPLAY, WAYLAND_DISPLAY nor BROWSER is "
            "set); give its numbers as X,Y,W,H, in pixels of %s",
            picture);
    const int length = snprintf(page, sizeof page, "%s/okng-regions-XXXXXX.html", folder && *folder ? folder : "/tmp");
    const int made = length < (int)sizeof page ? mkstemps(page, (int)strlen(".html")) : -1;
    if (made < 0) return okng_cli_error("%s: cannot make the page: %s", page, strerror(errno));
    (void)close(made);
    const int code = draw(program, page, picture, text, size);
    (void)unlink(page);
    return code;
}
