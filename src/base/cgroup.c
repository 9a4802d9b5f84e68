#include "base/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_SIZE = 8192,    /* bytes; longer lines are passed over: none of a cgroup is */
    MOST_READ = 1 << 24, /* bytes of a file: 80,000 lines of /proc/self/mountinfo */
    PATH_SIZE = PATH_MAX,
    NUMBER_SIZE = 64
};
#define NO_LIMIT ((uint64_t)1 << 62) /* from here on: version 1 writes the largest number of whole pages for "none" */

/* ---- lines of small files, without the heap: whoever asks may be short of memory ------------------ */

typedef struct lines {
    int file;
    size_t begin, end, read; /* what is in `buffer` and not given out; bytes read so far */
    bool over, too_long;     /* too_long: what comes next is the rest of a line that is passed over */
    char buffer[LINE_SIZE];
} lines;

static bool open_lines(lines *l, const char *root, const char *path)
{
    char full[PATH_SIZE];
    int length = snprintf(full, sizeof full, "%s%s", root, path);
    *l = (lines){.file = -1};
    if (length < 0 || (size_t)length >= sizeof full) return false;
    l->file = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return l->file >= 0;
}

/* More bytes behind those that are there, which move to the front; at the end of the file the end of a line. */
static void fill(lines *l)
{
    memmove(l->buffer, l->buffer + l->begin, l->end - l->begin);
    l->end -= l->begin;
    l->begin = 0;
    if (l->end == LINE_SIZE) {
        l->end = 0;
        l->too_long = true;
    }
    ssize_t got;
    do {
        got = read(l->file, l->buffer + l->end, LINE_SIZE - l->end);
    } while (got < 0 && errno == EINTR);
    l->over = got <= 0 || l->read > MOST_READ;
    if (l->over) l->buffer[l->end] = '\n';
    l->read += l->over ? 0 : (size_t)got;
    l->end += l->over ? l->end > 0 : (size_t)got;
}

/* The next line, without its end; NULL after the last. */
static char *next_line(lines *l)
{
    for (;;) {
        char *text = l->buffer + l->begin, *end = memchr(text, '\n', l->end - l->begin);
        if (!end && l->over) return NULL;
        if (!end) {
            fill(l);
            continue;
        }
        *end = '\0';
        l->begin = (size_t)(end + 1 - l->buffer);
        if (!l->too_long) return text;
        l->too_long = false;
    }
}

/* The first line of a file of a cgroup. */
static bool read_line(const char *folder, const char *name, char text[NUMBER_SIZE])
{
    lines l;
    char path[NUMBER_SIZE];
    (void)snprintf(path, sizeof path, "/%s", name);
    if (!open_lines(&l, folder, path)) return false;
    const char *line = next_line(&l);
    if (line) (void)snprintf(text, NUMBER_SIZE, "%s", line);
    (void)close(l.file);
    return line != NULL;
}

/* A whole number at the start of a text; `otherwise` where there is none, as in "max" and "-1". */
static uint64_t number(const char *text, uint64_t otherwise)
{
    if (*text < '0' || *text > '9') return otherwise;
    return strtoull(text, NULL, 10); /* ULLONG_MAX where it is larger */
}

static uint64_t read_number(const char *folder, const char *name, uint64_t otherwise)
{
    char text[NUMBER_SIZE];
    return read_line(folder, name, text) ? number(text, otherwise) : otherwise;
}

/* The number after "KEY " in a file with a key per line. */
static uint64_t read_key(const char *folder, const char *name, const char *key, uint64_t otherwise)
{
    lines l;
    const size_t length = strlen(key);
    if (!open_lines(&l, folder, name)) return otherwise;
    uint64_t found = otherwise;
    for (const char *line; (line = next_line(&l)) != NULL;)
        if (strncmp(line, key, length) == 0 && line[length] == ' ') found = number(line + length + 1, otherwise);
    (void)close(l.file);
    return found;
}

/* ---- where the cgroups of this process are ------------------------------------------------------- */

/* Looks at one folder of a cgroup. */
typedef void (*look_fn)(void *found, const char *folder, bool unified);

typedef struct search {
    const char *root, *controller;
    look_fn look;
    void *found;
} search;

/* "cpu" in "cpu,cpuacct". */
static bool has_word(const char *list, const char *word)
{
    const size_t length = strlen(word);
    for (; *list; list += *list == ',') {
        size_t item = strcspn(list, ",");
        if (item == length && memcmp(list, word, length) == 0) return true;
        list += item;
    }
    return false;
}

/* Takes the next word off *text, which is "" at the end. */
static char *take_word(char **text)
{
    char *word = *text + strspn(*text, " ");
    *text = word + strcspn(word, " ");
    if (**text) *(*text)++ = '\0';
    return word;
}

/* mountinfo writes space, tab, end of line and backslash as \040. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++) {
        bool escaped = from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' && from[2] <= '7' &&
                       from[3] >= '0' && from[3] <= '7';
        *to = escaped ? (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + from[3] - '0') : *from;
        from += escaped ? 4 : 1;
    }
    *to = '\0';
}

/* A mount of the hierarchy that is looked for; false where a line of mountinfo is another. */
static bool take_mount(char *line, const search *s, bool unified, const char **top, const char **point)
{
    for (int i = 0; i < 3; i++) (void)take_word(&line); /* its number, its parent's, its device */
    char *folder = take_word(&line), *place = take_word(&line);
    while (*line && strcmp(take_word(&line), "-") != 0) {
    }
    const char *type = take_word(&line);
    (void)take_word(&line); /* source */
    const char *options = take_word(&line);
    if (strcmp(type, unified ? "cgroup2" : "cgroup") != 0) return false;
    if (!unified && !has_word(options, s->controller)) return false;
    unescape(folder);
    unescape(place);
    *top = folder;
    *point = place;
    return place[0] == '/';
}

/* What follows `top` in `path`, "" or "/...": NULL where path is not top or below it. */
static const char *below(const char *path, const char *top)
{
    size_t length = strlen(top);
    while (length > 0 && top[length - 1] == '/') length--;
    if (strncmp(path, top, length) != 0) return NULL;
    return path[length] == '/' ? (path[length + 1] ? path + length : "") : path[length] == '\0' ? "" : NULL;
}

/* The folder of a cgroup and all above it, to where it is mounted. */
static void look_upwards(const search *s, const char *point, const char *rest, bool unified)
{
    char folder[PATH_SIZE];
    int length = snprintf(folder, sizeof folder, "%s%s", s->root, strcmp(point, "/") == 0 ? "" : point);
    if (length < 0 || (size_t)length + strlen(rest) >= sizeof folder) return;
    const size_t least = (size_t)length;
    memcpy(folder + least, rest, strlen(rest) + 1);
    for (size_t end = strlen(folder);; end--) {
        if (folder[end] != '\0' && folder[end] != '/') continue;
        folder[end] = '\0';
        s->look(s->found, folder, unified);
        if (end <= least) return;
    }
}

/* All mounts from which a cgroup can be reached. Where there is none (a container that sees another's names),
 * `otherwise` takes the first mount of its hierarchy as the process's own root. */
static bool look_at_mounts(const search *s, const char *path, bool unified, bool otherwise)
{
    lines l;
    bool looked = false;
    if (!open_lines(&l, s->root, "/proc/self/mountinfo")) return false;
    for (char *line; (line = next_line(&l)) != NULL && !(otherwise && looked);) {
        const char *top, *point;
        if (!take_mount(line, s, unified, &top, &point)) continue;
        const char *rest = otherwise ? "" : below(path, top);
        if (!rest) continue;
        look_upwards(s, point, rest, unified);
        looked = true;
    }
    (void)close(l.file);
    return looked;
}

/* A line of /proc/self/cgroup: NUMBER:CONTROLLERS:PATH, 0::PATH for version 2. */
static void look_at_cgroup(const search *s, char *line)
{
    char path[PATH_SIZE], *controllers = strchr(line, ':');
    char *name = controllers ? strchr(++controllers, ':') : NULL;
    if (!name || strlen(name + 1) >= sizeof path) return;
    *name++ = '\0';
    const bool unified = *controllers == '\0';
    if (!unified && !has_word(controllers, s->controller)) return;
    memcpy(path, name, strlen(name) + 1);
    /* "/../x" is outside of what a namespace shows */
    if (strstr(path, "/..") || !look_at_mounts(s, path, unified, false)) (void)look_at_mounts(s, path, unified, true);
}

static void look_at_all(const search *s)
{
    lines l;
    if (!open_lines(&l, s->root, "/proc/self/cgroup")) return;
    for (char *line; (line = next_line(&l)) != NULL;) look_at_cgroup(s, line);
    (void)close(l.file);
}

/* ---- CPUs ---------------------------------------------------------------------------------------- */

static void look_at_cpus(void *found, const char *folder, bool unified)
{
    int *least = found;
    char text[NUMBER_SIZE];
    uint64_t quota = 0, period = 0;
    if (!unified) {
        quota = read_number(folder, "cpu.cfs_quota_us", 0);
        period = read_number(folder, "cpu.cfs_period_us", 0);
    } else if (read_line(folder, "cpu.max", text)) {
        char *rest = text, *word = take_word(&rest);
        quota = number(word, 0);
        period = number(take_word(&rest), 0);
    }
    if (quota == 0 || period == 0) return;
    uint64_t cpus = quota / period + (quota % period != 0);
    if (cpus < INT_MAX && (*least == 0 || (int)cpus < *least)) *least = (int)cpus;
}

int okng_cgroup_cpus_in(const char *root)
{
    int least = 0;
    look_at_all(&(search){.root = root, .controller = "cpu", .look = look_at_cpus, .found = &least});
    return least;
}

int okng_cgroup_cpus(void)
{
    return okng_cgroup_cpus_in("");
}

/* ---- memory -------------------------------------------------------------------------------------- */

typedef struct memory {
    uint64_t limit; /* the least */
    uint64_t left;  /* the least of limit less usage */
} memory;

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t limit_of(const char *folder, bool unified)
{
    if (unified)
        return lesser(read_number(folder, "memory.max", NO_LIMIT), read_number(folder, "memory.high", NO_LIMIT));
    /* the second knows of limits further up that a container does not see */
    return lesser(read_number(folder, "memory.limit_in_bytes", NO_LIMIT),
                  read_key(folder, "/memory.stat", "hierarchical_memory_limit", NO_LIMIT));
}

static void look_at_memory(void *found, const char *folder, bool unified)
{
    memory *m = found;
    const uint64_t limit = limit_of(folder, unified);
    if (limit == 0 || limit >= NO_LIMIT) return;
    uint64_t used = read_number(folder, unified ? "memory.current" : "memory.usage_in_bytes", 0);
    uint64_t cache = read_key(folder, "/memory.stat", unified ? "inactive_file" : "total_inactive_file", 0);
    used -= lesser(used, cache);
    m->limit = lesser(m->limit, limit);
    m->left = lesser(m->left, limit - lesser(limit, used));
}

okng_cgroup_memory okng_cgroup_memory_in(const char *root)
{
    memory m = {UINT64_MAX, UINT64_MAX};
    look_at_all(&(search){.root = root, .controller = "memory", .look = look_at_memory, .found = &m});
    if (m.limit == UINT64_MAX) return (okng_cgroup_memory){.limit = UINT64_MAX};
    return (okng_cgroup_memory){.limit = m.limit, .used = m.limit - lesser(m.limit, m.left)};
}

uint64_t okng_cgroup_memory_limit(void)
{
    return okng_cgroup_memory_in("").limit;
}
