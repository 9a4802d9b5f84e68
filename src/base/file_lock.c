/* A lock is a file that says who holds it. On a disk of this machine the kernel's flock decides, and what a killed
 * process left is free at once. Where other machines may write too (NFS, SMB, FUSE ...), or where flock does not work,
 * nobody can tell for sure whose flock meets whose: there the file itself, made exclusively, is the lock. It is taken
 * over only where its holder is known to be dead; else people are told who holds it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

enum { TRIES = 100, HOST = 64, ID = 40, EMPTY_SECONDS = 5 };

/* What a lock's file says. */
typedef struct holder {
    char host[HOST + 1], boot[ID + 1], space[ID + 1], place[8], since[24], token[20];
    long process;
    unsigned long long started; /* ticks after the boot */
} holder;

/* ---- who ---- */

/* The first word of a small file; "-" where there is none. */
static void read_word(const char *path, char *word, size_t size)
{
    char text[ID + 1] = "";
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = descriptor >= 0 ? read(descriptor, text, sizeof text - 1) : 0;
    if (descriptor >= 0) (void)close(descriptor);
    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, " \n")] = '\0';
    (void)snprintf(word, size, "%s", *text ? text : "-");
}

/* When the process began, 0 where that cannot be known. *dead: it has ended and waits for its parent. */
static unsigned long long start_of(long process, bool *dead)
{
    char path[64], text[1024] = "";
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", process);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = descriptor >= 0 ? read(descriptor, text, sizeof text - 1) : 0;
    if (descriptor >= 0) (void)close(descriptor);
    text[length > 0 ? length : 0] = '\0';
    unsigned long long started = 0;
    char state = '?', *name_end = strrchr(text, ')'); /* the name may hold anything */
    if (!name_end ||
        sscanf(name_end + 1, " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &state,
               &started) != 2)
        return 0;
    *dead = state == 'Z' || state == 'X';
    return started;
}

static bool is_alive(const holder *h)
{
    bool dead = false;
    if (kill((pid_t)h->process, 0) != 0 && errno == ESRCH) return false;
    unsigned long long started = start_of(h->process, &dead);
    return !dead && (started == 0 || started == h->started);
}

static void describe_self(holder *self, bool shared)
{
    bool dead;
    uint64_t random = 0;
    struct tm now;
    time_t seconds = time(NULL);
    *self = (holder){.process = (long)getpid()};
    if (gethostname(self->host, HOST) != 0 || !*self->host) (void)snprintf(self->host, sizeof self->host, "-");
    for (char *c = self->host; *c; c++)
        if (*c <= ' ' || *c > '~') *c = '?';
    self->started = start_of(self->process, &dead);
    read_word("/proc/sys/kernel/random/boot_id", self->boot, sizeof self->boot);
    ssize_t length = readlink("/proc/self/ns/pid", self->space, ID);
    (void)snprintf(self->space + (length > 0 ? length : 0), 2, "%s", length > 0 ? "" : "-");
    (void)snprintf(self->place, sizeof self->place, "%s", shared ? "shared" : "local");
    if (!gmtime_r(&seconds, &now) || strftime(self->since, sizeof self->since, "%Y-%m-%dT%H:%M:%SZ", &now) == 0)
        (void)snprintf(self->since, sizeof self->since, "-");
    (void)getrandom(&random, sizeof random, GRND_NONBLOCK); /* else process and time tell it apart */
    (void)snprintf(self->token, sizeof self->token, "%016llx", (unsigned long long)random);
}

static const char FORMAT_OUT[] =
    "okng lock\nhost %s\nprocess %ld\nstarted %llu\nboot %s\nspace %s\nplace %s\nsince %s\ntoken %s\n";
static const char FORMAT_IN[] =
    "okng lock host %64s process %ld started %llu boot %40s space %40s place %7s since %23s "
    "token %16s";

static void to_text(const holder *h, char *text, size_t size)
{
    (void)snprintf(text, size, FORMAT_OUT, h->host, h->process, h->started, h->boot, h->space, h->place, h->since,
                   h->token);
}

static bool from_text(const char *text, holder *h)
{
    *h = (holder){0};
    return sscanf(text, FORMAT_IN, h->host, &h->process, &h->started, h->boot, h->space, h->place, h->since,
                  h->token) == 8 &&
           strspn(h->token, "0123456789abcdef") == strlen(h->token);
}

/* ---- where ---- */

/* File systems that one kernel alone writes, so that flock holds among all who write. Others may be written by other
 * machines, whose locks need not meet ours. */
static bool is_shared(int descriptor)
{
    static const uint32_t local[] = {
        0x0000ef53, /* ext2, 3, 4 */ 0x58465342, /* XFS */ 0x9123683e,      /* Btrfs */
        0x01021994, /* tmpfs */ 0x858458f6,      /* ramfs */ 0x794c7630,    /* overlay */
        0xf2f52010, /* F2FS */ 0x2fc12fc1,       /* ZFS */ 0xca451a4e,      /* bcachefs */
        0x00004d44, /* FAT */ 0x2011bab0,        /* exFAT */ 0x7366746e,    /* NTFS */
        0x3153464a, /* JFS */ 0x52654973,        /* ReiserFS */ 0x00003434, /* NILFS */
        0x24051905, /* UBIFS */ 0x000072b6,      /* JFFS2 */ 0x00004244,    /* HFS */
        0x0000482b, /* HFS+ */ 0x15013346,                                  /* UDF */
    };
    struct statfs info;
    if (fstatfs(descriptor, &info) != 0) return true;
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
        if ((uint32_t)info.f_type == local[i]) return false;
    return true;
}

static bool read_text(int descriptor, char *text, size_t size)
{
    ssize_t length = pread(descriptor, text, size - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    return length >= 0;
}

/* Whether the name still leads to what we hold. On SMB nobody, not even we, can read a locked file by another
 * descriptor; there the number of the file must do. */
static bool is_still_ours(int held, const char *path, const char *text)
{
    char found[OKNG_LOCK_TEXT];
    struct stat ours, named;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor >= 0) {
        bool readable = read_text(descriptor, found, sizeof found);
        (void)close(descriptor);
        if (readable) return strncmp(found, text, strlen(text)) == 0; /* behind it there may be a note */
    }
    return fstat(held, &ours) == 0 && lstat(path, &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
}

/* ---- taking ---- */

typedef struct attempt {
    const char *path;
    int descriptor;
    bool made;    /* by us: nobody held it */
    bool flocked; /* false: this file system has no flock */
    bool shared;
    bool again;    /* somebody was faster */
    bool has_text; /* ours is in the file already */
} attempt;

static okng_status fail_unsure(const attempt *a, const holder *h, okng_error *error)
{
    if (!h)
        return okng_fail(error, OKNG_ERROR_BUSY,
                         "%s: somebody is taking this lock, and this file system does not tell whether they still run; "
                         "if no okng is writing here, on any machine, remove the file",
                         a->path);
    return okng_fail(error, OKNG_ERROR_BUSY,
                     "%s: okng is writing here since %s, process %ld on %s, and it cannot be told from here whether "
                     "that still runs; wait for it to end, or if it has ended remove the file",
                     a->path, h->since, h->process, h->host);
}

static okng_status sign(const char *path, int descriptor, bool shared, const char *text, okng_error *error)
{
    size_t length = strlen(text);
    if (ftruncate(descriptor, 0) == 0 && pwrite(descriptor, text, length, 0) == (ssize_t)length &&
        (!shared || okng_sync(descriptor) == 0))
        return OKNG_OK;
    okng_status status = okng_fail_errno(error, "lock", path);
    (void)!ftruncate(descriptor, 0); /* half a text would be taken for somebody else's file */
    return status;
}

/* Whether the lock's file still has the text of a dead holder; for none, whether its maker would have written since. */
static okng_status is_still_dead(const attempt *a, int claim, const char *dead, bool *same, okng_error *error)
{
    char found[OKNG_LOCK_TEXT] = "";
    struct stat now, then;
    int named = open(a->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    *same = named >= 0 && read_text(named, found, sizeof found) && strcmp(found, dead) == 0;
    bool fresh = *same && !*dead && fstat(claim, &now) == 0 && fstat(named, &then) == 0 &&
                 now.st_mtim.tv_sec < then.st_mtim.tv_sec + EMPTY_SECONDS;
    if (named >= 0) (void)close(named);
    return fresh ? fail_unsure(a, NULL, error) : OKNG_OK;
}

/* Our file, `claim`, in place of one that nobody holds. */
static okng_status replace_dead(attempt *a, const char *claim, int descriptor, const char *dead, const char *text,
                                okng_error *error)
{
    bool same;
    OKNG_TRY(is_still_dead(a, descriptor, dead, &same, error));
    a->again = !same;
    if (!same) return OKNG_OK;
    (void)flock(descriptor, LOCK_EX | LOCK_NB);
    OKNG_TRY(sign(a->path, descriptor, true, text, error));
    if (rename(claim, a->path) != 0) return okng_fail_errno(error, "lock", a->path);
    (void)close(a->descriptor);
    a->descriptor = descriptor;
    a->has_text = true;
    return OKNG_OK;
}

/* Where flock cannot tell, of several who find a dead holder's file one alone may replace it: the one who makes the
 * file that has the dead one's token in its name. */
static okng_status take_over(attempt *a, const char *dead, const holder *h, const char *text, okng_error *error)
{
    size_t size = strlen(a->path) + sizeof h->token + 1;
    char *claim = malloc(size);
    if (!claim) return okng_fail_memory(error, size);
    (void)snprintf(claim, size, "%s-%s", a->path, *h->token ? h->token : "empty");
    int descriptor = open(claim, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    okng_status status;
    if (descriptor >= 0) {
        status = replace_dead(a, claim, descriptor, dead, text, error);
        if (!a->has_text) (void)unlink(claim);
        if (!a->has_text) (void)close(descriptor);
    } else if (errno == EEXIST) {
        const attempt other = {.path = claim};
        status = fail_unsure(&other, NULL, error);
    } else
        status = okng_fail_errno(error, "lock", a->path);
    free(claim);
    return status;
}

/* The file was there before us. */
static okng_status judge(attempt *a, const char *found, const holder *self, const char *text, okng_error *error)
{
    holder h;
    bool certain = a->flocked && !a->shared; /* nobody of this machine holds it, and there are no others */
    bool known = from_text(found, &h);
    if (*found && !known)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: is no lock of okng's, and would be overwritten; move the file away", a->path);
    if (certain && (!known || strcmp(h.place, "local") == 0)) return OKNG_OK;
    bool comparable = known && strcmp(h.boot, "-") != 0 && strcmp(h.boot, self->boot) == 0 &&
                      strcmp(h.space, "-") != 0 && strcmp(h.space, self->space) == 0;
    if (known && (!comparable || is_alive(&h))) return fail_unsure(a, &h, error);
    return certain ? OKNG_OK : take_over(a, found, &h, text, error);
}

/* With the file open: ours, or not. */
static okng_status hold(attempt *a, char *text, okng_error *error)
{
    char found[OKNG_LOCK_TEXT];
    holder self;
    struct stat info;
    if (fstat(a->descriptor, &info) != 0) return okng_fail_errno(error, "lock", a->path);
    if (!S_ISREG(info.st_mode))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: is no file, expected a lock of okng's", a->path);
    a->flocked = flock(a->descriptor, LOCK_EX | LOCK_NB) == 0;
    if (!a->flocked && errno == EWOULDBLOCK)
        return okng_fail(error, OKNG_ERROR_BUSY, "%s: another okng is writing here; wait for it to end", a->path);
    if (!a->flocked && errno != ENOLCK && errno != ENOTSUP && errno != ENOSYS && errno != EINVAL)
        return okng_fail_errno(error, "lock", a->path);
    a->shared = is_shared(a->descriptor);
    if (!read_text(a->descriptor, found, sizeof found)) return okng_fail_errno(error, "lock", a->path);
    describe_self(&self, a->shared || !a->flocked);
    to_text(&self, text, OKNG_LOCK_TEXT);
    if (!a->made || *found) OKNG_TRY(judge(a, found, &self, text, error));
    if (a->again) return OKNG_OK;
    if (!a->has_text) {
        okng_status status = sign(a->path, a->descriptor, a->shared, text, error);
        if (status != OKNG_OK) (void)unlink(a->path);
        if (status != OKNG_OK) return status;
    }
    /* The holder before us may have removed the file between our open and flock: then our lock is on nothing. */
    a->again = !is_still_ours(a->descriptor, a->path, text);
    return OKNG_OK;
}

static okng_status try_once(attempt *a, char *text, okng_error *error)
{
    a->again = a->has_text = false;
    a->descriptor = open(a->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    a->made = a->descriptor >= 0;
    if (!a->made && errno == EEXIST) {
        a->descriptor = open(a->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        a->again = a->descriptor < 0 && errno == ENOENT; /* it went between the two */
        if (a->again) return OKNG_OK;
    }
    if (a->descriptor < 0 && errno == ELOOP)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: is a link, expected a lock of okng's; move it away", a->path);
    if (a->descriptor < 0) return okng_fail_errno(error, "lock", a->path);
    okng_status status = hold(a, text, error);
    if (status == OKNG_OK && !a->again) return OKNG_OK;
    (void)close(a->descriptor);
    a->descriptor = -1;
    return status;
}

okng_status okng_lock_take(okng_lock *lock, const char *path, okng_error *error)
{
    *lock = (okng_lock){.descriptor = -1};
    attempt a = {.path = path, .again = true};
    for (int tries = 0; a.again && tries < TRIES; tries++) OKNG_TRY(try_once(&a, lock->text, error));
    if (a.again) return okng_fail(error, OKNG_ERROR_BUSY, "%s: others take this lock again and again; try later", path);
    lock->descriptor = a.descriptor;
    lock->path = strdup(path);
    if (lock->path) return OKNG_OK;
    (void)unlink(path);
    okng_lock_drop(lock);
    return okng_fail_memory(error, strlen(path));
}

okng_status okng_lock_check(const okng_lock *lock, okng_error *error)
{
    if (is_still_ours(lock->descriptor, lock->path, lock->text)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_BUSY,
                     "%s: somebody removed this lock or took it over while okng was writing, so that another may write "
                     "here too; nothing was put in place",
                     lock->path);
}

okng_status okng_lock_note(const okng_lock *lock, const void *note, size_t size, okng_error *error)
{
    const char *bytes = note;
    off_t at = (off_t)strlen(lock->text);
    while (size > 0) {
        const ssize_t written = pwrite(lock->descriptor, bytes, size, at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return okng_fail_errno(error, "lock", lock->path);
        bytes += written;
        at += written;
        size -= (size_t)written;
    }
    if (is_shared(lock->descriptor) && okng_sync(lock->descriptor) != 0)
        return okng_fail_errno(error, "lock", lock->path);
    return OKNG_OK;
}

void okng_lock_parse(const void *data, size_t size, char who[OKNG_LOCK_TEXT], size_t *note)
{
    holder h;
    char text[OKNG_LOCK_TEXT] = "";
    if (data) memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
    const char *token = strstr(text, "\ntoken "), *end = token ? strchr(token + 1, '\n') : NULL;
    const bool known = end && from_text(text, &h);
    *note = known ? (size_t)(end + 1 - text) : size;
    if (known)
        (void)snprintf(who, OKNG_LOCK_TEXT, "process %ld on %s since %s", h.process, h.host, h.since);
    else
        (void)snprintf(who, OKNG_LOCK_TEXT, "which does not say who it is");
}

void okng_lock_drop(okng_lock *lock)
{
    if (lock->path && is_still_ours(lock->descriptor, lock->path, lock->text)) (void)unlink(lock->path);
    if (lock->descriptor >= 0) (void)close(lock->descriptor);
    free(lock->path);
    *lock = (okng_lock){.descriptor = -1};
}
