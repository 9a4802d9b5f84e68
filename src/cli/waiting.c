/* How long oneDNN's threads look for work before they sleep. They are libgomp's, which lets them look for milliseconds
 * unless its environment says otherwise. Where something else wants the cores, a thread that looks keeps the one that
 * it waits for from its core: a picture's network then takes many times as long (docs/reliability.md). libgomp reads
 * its environment when it is loaded, before anything of a program runs but its .preinit_array. As the C library takes
 * up the environment only after that, nothing can be added there, and one variable lends its place until the libraries
 * are loaded. Where the system knows no .preinit_array, nothing happens. */
#include <stdbool.h>
#include <stddef.h>

#if defined(__ELF__) && defined(__linux__)

/* About 10 us: a quiet machine loses less than 1 % of a network, and 2000 took 13 % longer beside other work. */
static char shorter[] = "GOMP_SPINCOUNT=200";

static char **place, *lender;

static bool is(const char *variable, const char *name)
{
    while (*name && *variable == *name) variable++, name++;
    return *name == '\0' && *variable == '=';
}

/* No library asks for these when it is loaded; the first that is there lends its place. */
static char **find_lender(char **environment)
{
    static const char *const names[] = {"_",    "OLDPWD", "SHLVL", "PWD",      "LOGNAME", "USER",
                                        "MAIL", "SHELL",  "TERM",  "HOSTNAME", "HOME",    "PATH"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (char **at = environment; *at; at++)
            if (is(*at, names[i])) return at;
    return NULL;
}

/* Calls nothing: no library is ready, that of a sanitizer neither. */
__attribute__((no_sanitize("address", "thread", "undefined"))) static void lend(int count, char **words,
                                                                                char **environment)
{
    (void)count;
    (void)words;
    for (char **at = environment; *at; at++)
        if (is(*at, "OMP_WAIT_POLICY") || is(*at, "GOMP_SPINCOUNT")) return; /* the user's own */
    place = find_lender(environment);
    if (!place) return;
    lender = *place;
    *place = shorter;
}

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(int, char **, char **) = lend;

/* After all libraries, before main. */
__attribute__((constructor)) static void give_back(void)
{
    if (place) *place = lender;
}

#endif
