#include "net/spelling.h"

#include <stddef.h>
#include <string.h>

static const char *const spellings[][2] = {
    {"ViT-B-16", "clip-vit-b-16"},
    {"ViT-B/16", "clip-vit-b-16"},
    {"ViT-B-16-plus-240", "clip-vit-b-16-plus-240"},
    {"ViT-B-32", "clip-vit-b-32"},
    {"ViT-B/32", "clip-vit-b-32"},
    {"ViT-L-14", "clip-vit-l-14"},
    {"ViT-L/14", "clip-vit-l-14"},
    {"ViT-L-14-336", "clip-vit-l-14-336"},
    {"ViT-L/14@336px", "clip-vit-l-14-336"},
    {"TinyCLIP-ViT-8M-16-Text-3M", "clip-tinyclip-8m-16"},
    {"TinyCLIP-ViT-39M-16-Text-19M", "clip-tinyclip-39m-16"},
    {"TinyCLIP-ViT-40M-32-Text-19M", "clip-tinyclip-40m-32"},
    {"TinyCLIP-ViT-61M-32-Text-29M", "clip-tinyclip-61m-32"},
};

const char *okng_network_spelt(const char *name)
{
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        if (strcmp(spellings[i][0], name) == 0) return spellings[i][1];
    return name;
}
