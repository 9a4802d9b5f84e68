#include "serve/role.h"

#include <string.h>

static const char *const role_names[] = {"none", "operator", "engineer", "admin"};

const char *okng_role_name(okng_role role)
{
    return role_names[role];
}

bool okng_role_find(const char *name, okng_role *role)
{
    for (int i = OKNG_ROLE_OPERATOR; i <= OKNG_ROLE_ADMIN; i++)
        if (strcmp(name, role_names[i]) == 0) {
            *role = (okng_role)i;
            return true;
        }
    return false;
}
