/* Pictures as people name them: one by one, by patterns, by folders of them. */
#include <stdlib.h>
#include <sys/stat.h>

#include "cli.h"

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static int add_folder(const okng_cli_args *args, okng_cli_paths *pictures, const char *folder)
{
    okng_error error;
    okng_picture_list *list;
    if (okng_picture_list_open(&list, folder, &error) != OKNG_OK) return okng_cli_fail(&error);
    okng_cli_tell_left_out(args, list);
    pictures->left_out += okng_picture_list_left_out_files(list);
    const size_t count = okng_picture_list_count(list);
    int code = count > 0 ? EXIT_OKAY : okng_cli_error("%s: no pictures here or in its sub-folders", folder);
    for (size_t i = 0; i < count && code == EXIT_OKAY; i++)
        code = okng_cli_paths_put(pictures, okng_picture_list_path(list, i));
    okng_picture_list_free(&list);
    return code;
}

int okng_cli_pictures_add(const okng_cli_args *args, okng_cli_paths *pictures)
{
    okng_cli_paths named = {0};
    int code = EXIT_OKAY;
    for (size_t i = 0; i < args->repeated_count && code == EXIT_OKAY; i++)
        code = okng_cli_paths_add(&named, args->repeated[i]);
    for (size_t i = 0; i < named.count && code == EXIT_OKAY; i++)
        code = is_folder(named.items[i]) ? add_folder(args, pictures, named.items[i])
                                         : okng_cli_paths_put(pictures, named.items[i]);
    okng_cli_paths_free(&named);
    return code;
}

void okng_cli_tell_left_out_of(const okng_cli_args *args, const char *root, const char *const *categories, size_t count)
{
    size_t folders = 0;
    for (size_t i = 0; i < count; i++) {
        char *path = okng_cli_join(root, categories[i]);
        const bool found = path && is_folder(path);
        folders += found;
        if (found) okng_cli_tell_all_left_out(args, (const char *const[]){path}, 1);
        free(path);
    }
    if (folders == 0) okng_cli_tell_all_left_out(args, &root, 1);
}
