/* A line in a folder of its own, with two small banks, a watched folder, and sinks as a test wants them. */
#ifndef OKNG_TESTS_LINE_FIXTURE_H
#define OKNG_TESTS_LINE_FIXTURE_H

#include <dirent.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/json.h"
#include "cache_fixture.h"
#include "line/inspector.h"

/* What a test holds of a running line. */
typedef struct made_line {
    okng_line_config config;
    okng_cache *cache;
    okng_queue *queue;
    okng_line_banks banks;
    okng_line_host host;
    okng_line *line;
} made_line;

static inline char *line_path(const char *name)
{
    static char paths[16][256];
    static int next;
    char *path = paths[next++ % 16];
    (void)snprintf(path, sizeof paths[0], "%s/line/%s", cache_folder, name);
    return path;
}

/* A fresh folder line/ with in/, and the bank "a" and "b" in banks/. */
static inline int line_setup(void **state)
{
    (void)state;
    cache_run("rm -rf line banks && mkdir -p line/in banks");
    cache_add("a");
    cache_add("b");
    return 0;
}

/* ThreadSanitizer starts no threads in the child of a process that has some. */
#ifdef __SANITIZE_THREAD__
#define need_children() skip()
#else
#define need_children() (void)0
#endif

/* Reads `text` as line.yaml of that folder. */
static inline void line_read(made_line *made, const char *text)
{
    okng_error error;
    memset(made, 0, sizeof *made);
    if (okng_line_config_parse(&made->config, text, strlen(text), line_path("line.yaml"), &error) != OKNG_OK)
        fail_msg("%s", error.message);
}

static inline void line_banks(made_line *made)
{
    char folder[256];
    const okng_cache_options options = {.folder = cache_path("", folder)};
    const okng_queue_options queue = {.workers = 1};
    assert_ok(okng_cache_open(&made->cache, &options, error));
    assert_ok(okng_queue_open(&made->queue, made->cache, &queue, error));
    made->banks = (okng_line_banks){made->cache, made->queue};
    made->host.inspector = okng_line_inspector_of(&made->banks);
}

static inline void line_run(made_line *made)
{
    if (!made->cache) line_banks(made);
    assert_ok(okng_line_open(&made->line, &made->config, &made->host, error));
}

static inline void line_start(made_line *made, const char *text)
{
    line_read(made, text);
    line_run(made);
}

static inline void line_stop(made_line *made, double seconds)
{
    okng_line_close(&made->line, seconds);
    okng_queue_close(&made->queue);
    okng_cache_close(&made->cache);
    okng_line_config_free(&made->config);
}

/* Copies a picture of the fixture ("ok/000.png", "ng/000.png") beside the watched folder and renames it in. */
static inline void line_bring(const char *picture, const char *name)
{
    cache_run("cp %s line/.new && mv line/.new line/in/%s", picture, name);
}

/* A member of the line's state, "counts.OK", "sinks.0.queued", as a number. */
static inline double line_figure(okng_line *line, const char *path)
{
    json_t *state = okng_line_json(line), *at = state;
    char copy[128], *rest = copy;
    (void)snprintf(copy, sizeof copy, "%s", path);
    for (char *step; at && (step = strsep(&rest, "."));)
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(step)) : json_object_get(at, step);
    const double value = json_number_value(at);
    json_decref(state);
    return value;
}

/* Until the figure is at least that; fails after 20 s. */
static inline void line_await(okng_line *line, const char *path, double least)
{
    const double until = okng_clock() + 20;
    while (line_figure(line, path) < least) {
        if (okng_clock() > until) fail_msg("%s is %g, expected %g", path, line_figure(line, path), least);
        (void)usleep(2000);
    }
}

/* Entries of a folder, hidden ones left out. */
static inline int line_count(const char *path)
{
    int count = 0;
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) count += entry->d_name[0] != '.';
    if (dir) (void)closedir(dir);
    return count;
}

#endif
