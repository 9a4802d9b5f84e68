/* A program that loads the library, inspects with several threads and unloads it again, a few times. Usage: unload
 * LIBRARY BANK PICTURE; 0 when every inspection came to its end. */
#include <dlfcn.h>
#include <stdio.h>
#include <time.h>

#include <okng/okng.h>

static int inspect(void *library, const char *folder, const char *path)
{
#define NEED(name) __typeof__(&name) name##_ = (__typeof__(&name))dlsym(library, #name)
    NEED(okng_bank_open);
    NEED(okng_inspect_options_init_sized);
    NEED(okng_inspect);
    NEED(okng_result_free);
    NEED(okng_bank_close);
    okng_error error = {0};
    okng_bank *bank;
    okng_result *result = NULL;
    okng_inspect_options options;
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    okng_inspect_options_init_sized_(&options, sizeof options);
    options.threads = 4;
    okng_status status = okng_bank_open_(&bank, folder, NULL, &error);
    if (status == OKNG_OK) status = okng_inspect_(&result, bank, &picture, &options, &error);
    okng_result_free_(&result);
    okng_bank_close_(&bank);
    if (status != OKNG_OK) (void)fprintf(stderr, "unload: %s\n", error.message);
    return status != OKNG_OK;
}

int main(int count, char **words)
{
    int failed = count != 4;
    for (int i = 0; i < 3 && !failed; i++) {
        void *library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
        if (!library) (void)fprintf(stderr, "unload: %s\n", dlerror());
        failed = !library || inspect(library, words[2], words[3]) || dlclose(library) != 0;
        (void)nanosleep(&(struct timespec){0, 50000000}, NULL); /* threads that still run code of it would fault now */
    }
    return failed;
}
