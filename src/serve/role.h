/* Roles of those who ask. */
#ifndef OKNG_SERVE_ROLE_H
#define OKNG_SERVE_ROLE_H

#include <stdbool.h>

/* What somebody may do; each may do what those before it may. */
typedef enum okng_role {
    OKNG_ROLE_NONE,     /* no token */
    OKNG_ROLE_OPERATOR, /* inspects and judges */
    OKNG_ROLE_ENGINEER, /* teaches, sets thresholds */
    OKNG_ROLE_ADMIN     /* users, deletes for good */
} okng_role;

const char *okng_role_name(okng_role role);
/* False where there is none of this name; "none" is not one that can be given. */
bool okng_role_find(const char *name, okng_role *role);

#endif
