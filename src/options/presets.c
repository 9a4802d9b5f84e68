#include "options/presets.h"

#include <string.h>

#define END        \
    {              \
        NULL, NULL \
    }

/* Looks at the whole picture: a part that is never looked at would be a silent OK. */
static const okng_setting base[] = {
    {"backbone", ""},
    {"layers", "layer2 layer3"},
    {"resize", "256x256"},
    {"crop", "none"},
    {"interpolation", "bilinear"},
    {"mean", "0.485,0.456,0.406"}, /* of ImageNet, as is std */
    {"std", "0.229,0.224,0.225"},
    {"precision", "fp32"},
    {"convolution", "winograd"},
    {"patch-size", "3"},
    {"patch-stride", "1"},
    {"stride", "1"},
    {"aggregate", "concat"},
    {"pretrain-dim", "1024"},
    {"target-dim", "1024"},
    {"sampler", "greedy"},
    {"coreset", "0.1"},
    {"projection", "128"},
    {"projection-kind", "sparse"},
    {"start", "0"},
    {"starting-points", "10"},
    {"reservoir-max", "all"},
    {"neighbors", "9"},
    {"image-score", "reweighted"},
    {"distance", "l2"},
    {"smoothing", "4"},
    {"pixel-pct", "0.995"},
    {"image-pct", "0.995"},
    {"calibration", "leave-one-out"},
    END,
};

static const okng_setting nothing[] = {END};

/* Roth et al., "Towards Total Recall in Industrial Anomaly Detection", 2022. */
static const okng_setting paper[] = {
    {"backbone", "wide_resnet50_2"}, {"shorter", "256"}, {"crop", "224"}, {"projection-kind", "gaussian"}, END,
};

/* amazon-science/patchcore-inspection. */
static const okng_setting inspection[] = {
    {"backbone", "wide_resnet50_2"},
    {"shorter", "256"},
    {"crop", "224"},
    {"aggregate", "mean-map"},
    {"sampler", "approx-greedy"},
    {"projection-kind", "gaussian"},
    {"neighbors", "1"},
    {"image-score", "mean-k"},
    {"distance", "squared"},
    END,
};

/* anomalib 2.x. */
static const okng_setting anomalib[] = {{"backbone", "wide_resnet50_2"}, {"start", "random"}, END};

static const okng_setting architecture[] = {
    {"backbone", "wide_resnet50_2"}, {"resize", "224x224"}, {"coreset", "0.25"},
    {"image-score", "max"},          {"smoothing", "0"},    END,
};

static const okng_setting guide[] = {
    {"backbone", "resnet50"}, {"layers", "layer2 layer3 layer4"},
    {"shorter", "512"},       {"patch-size", "1"},
    {"stride", "2"},          {"sampler", "kmeans"},
    {"coreset", "0.02"},      {"reservoir-max", "100000"},
    {"image-score", "max"},   {"smoothing", "0"},
    {"calibration", "train"}, END,
};

const okng_setting *okng_preset_base(void)
{
    return base;
}

const okng_setting *okng_preset_settings(const char *preset)
{
    static const struct {
        const char *name;
        const okng_setting *settings;
    } presets[] = {
        {"default", nothing},           {"paper", paper}, {"inspection", inspection}, {"anomalib", anomalib},
        {"architecture", architecture}, {"guide", guide},
    };
    for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++)
        if (strcmp(presets[i].name, preset) == 0) return presets[i].settings;
    return NULL;
}
