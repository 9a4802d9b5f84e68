/* Any bytes as a file of tokens, and as the header that names one: nobody is let in whose hash is not there. */
#include <stdlib.h>
#include <string.h>

#include "serve/users.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_users *users;
    okng_user *list;
    size_t count;
    char made[OKNG_TOKEN_TEXT], name[OKNG_USER_NAME_MAX + 1], *header = strndup((const char *)data, size);
    okng_error error = {0};
    okng_role role;
    if (okng_users_open(&users, NULL, made, &error) != OKNG_OK) abort();
    okng_status status = okng_users_read(users, (const char *)data, size, "tokens", &error);
    if (status != OKNG_OK && !strstr(error.message, "tokens:")) abort();
    if (okng_users_list(users, &list, &count, &error) != OKNG_OK) abort();
    for (size_t i = 0; i < count; i++)
        if (!*list[i].name || list[i].role == OKNG_ROLE_NONE) abort();
    free(list);
    if (header && !okng_users_find(users, header, name, &role)) abort(); /* without a file all may */
    free(header);
    okng_users_close(&users);
    return 0;
}
