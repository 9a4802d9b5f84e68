#include "inspect/labels.h"

#include <string.h>
#include <strings.h>

static bool is_one_of(const char *text, size_t length, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == length && strncasecmp(text, *words, length) == 0) return true;
    return false;
}

static okng_label label_of_folder(const char *folder, size_t length)
{
    static const char *const good[] = {"good", "ok", "normal", NULL};
    static const char *const bad[] = {"ng", "bad", "defect", "defective", "anomaly", "anomalous", "abnormal", NULL};
    if (is_one_of(folder, length, good)) return OKNG_LABEL_GOOD;
    return is_one_of(folder, length, bad) ? OKNG_LABEL_BAD : OKNG_LABEL_UNKNOWN;
}

okng_label okng_label_of(const char *name, const char *root)
{
    size_t end = strlen(name);
    while (end > 0 && name[end - 1] != '/') end--;
    while (end > 0) {
        size_t begin = --end;
        while (begin > 0 && name[begin - 1] != '/') begin--;
        okng_label label = label_of_folder(name + begin, end - begin);
        if (label != OKNG_LABEL_UNKNOWN) return label;
        end = begin;
    }
    return label_of_folder(root, strlen(root));
}

okng_label okng_label_among(const char *name, const char *root, bool any_good)
{
    okng_label label = okng_label_of(name, root);
    return label == OKNG_LABEL_UNKNOWN && any_good && strchr(name, '/') ? OKNG_LABEL_BAD : label;
}
