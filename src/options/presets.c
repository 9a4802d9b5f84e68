#include "options/presets.h"

#include <string.h>

#define END        \
    {              \
        NULL, NULL \
    }
/* As okng took thresholds for these from its first version on: whoever compares with another program wants a rule that
 * is known there. */
#define PLAIN_THRESHOLDS               \
    {"image-rule", "quantile"},        \
    {                                  \
        "calibration", "leave-one-out" \
    }

static const okng_setting nothing[] = {END};

/* Roth et al., "Towards Total Recall in Industrial Anomaly Detection", 2022. */
static const okng_setting paper[] = {
    {"backbone", "wide_resnet50_2"}, {"shorter", "256"}, {"crop", "224"},
    {"projection-kind", "gaussian"}, PLAIN_THRESHOLDS,   END,
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
    PLAIN_THRESHOLDS,
    END,
};

/* anomalib 2.x. */
static const okng_setting anomalib[] = {
    {"backbone", "wide_resnet50_2"}, {"resize", "256x256"}, {"start", "random"}, PLAIN_THRESHOLDS, END,
};

static const okng_setting architecture[] = {
    {"backbone", "wide_resnet50_2"},
    {"resize", "224x224"},
    {"coreset", "0.25"},
    {"image-score", "max"},
    {"smoothing", "0"},
    PLAIN_THRESHOLDS,
    END,
};

static const okng_setting guide[] = {
    {"backbone", "resnet50"},
    {"layers", "layer2 layer3 layer4"},
    {"shorter", "512"},
    {"patch-size", "1"},
    {"stride", "2"},
    {"sampler", "kmeans"},
    {"coreset", "0.02"},
    {"reservoir-max", "100000"},
    {"image-score", "max"},
    {"smoothing", "0"},
    {"calibration", "train"},
    {"image-rule", "quantile"},
    END,
};

/* dammsi/AnomalyDINO: Damm et al., "AnomalyDINO: Boosting Patch-based Few-Shot Anomaly Detection with DINOv2", WACV
 * 2025. Its code cuts off what is left of the longer side where it fills no patch; here the side is rounded to whole
 * patches. */
static const okng_setting anomalydino[] = {
    {"backbone", "dinov2_vits14"},
    {"layers", "norm"},
    {"shorter", "448"},
    {"interpolation", "bicubic"},
    {"patch-size", "1"},
    {"sampler", "identity"},
    {"image-score", "top"},
    {"distance", "cosine"},
    PLAIN_THRESHOLDS,
    END,
};

/* zqhang/Accurate-WinCLIP-pytorch, which comes nearest to the figures of Jeong et al., "WinCLIP: Zero-/Few-Shot Anomaly
 * Classification and Segmentation", CVPR 2023: what the method is without a preset, too. */
static const okng_setting winclip[] = {
    {"method", "winclip"},
    {"backbone", "clip-vit-b-16-plus-240"},
    {"prompts", "b"},
    {"temperature", "0.07"},
    {"aspect", "squash"},
    {"fusion", "sum"},
    {"reference-tokens", "before-norm"},
    END,
};

/* anomalib 2.x, which resizes a float tensor. */
static const okng_setting winclip_anomalib[] = {
    {"method", "winclip"},
    {"backbone", "clip-vit-b-16-plus-240"},
    {"prompts", "b"},
    {"temperature", "0.07"},
    {"aspect", "squash"},
    {"fusion", "mean"},
    {"reference-tokens", "after-norm"},
    {"interpolation", "bicubic-float"},
    END,
};

/* Faustinaqq/AF-CLIP, whose released prompts and adapters are for this network and size: what the method is without a
 * preset, too. */
static const okng_setting afclip[] = {
    {"method", "afclip"},
    {"backbone", "clip-vit-l-14-336"},
    {"resize", "518x518"},
    {"positions", "afclip"},
    {"temperature", "0.07"},
    {"smoothing", "4"},
    END,
};

/* The same on a light CLIP, at a side that its patches of 16 divide. */
static const okng_setting miniclip[] = {
    {"method", "miniclip"},
    {"backbone", "clip-tinyclip-8m-16"},
    {"resize", "512x512"},
    {"positions", "afclip"},
    {"temperature", "0.07"},
    {"smoothing", "4"},
    END,
};

const okng_setting *okng_preset_settings(const char *preset)
{
    static const struct {
        const char *name;
        const okng_setting *settings;
    } presets[] = {
        {"default", nothing},
        {"paper", paper},
        {"inspection", inspection},
        {"anomalib", anomalib},
        {"architecture", architecture},
        {"guide", guide},
        {"anomalydino", anomalydino},
        {"winclip", winclip},
        {"winclip-anomalib", winclip_anomalib},
        {"afclip", afclip},
        {"miniclip", miniclip},
    };
    for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++)
        if (strcmp(presets[i].name, preset) == 0) return presets[i].settings;
    return NULL;
}

bool okng_preset_follows_network(const char *preset, const char *option)
{
    return strcmp(preset, "anomalib") == 0 && strcmp(option, "resize") == 0;
}

const okng_setting *okng_method_settings(const char *method)
{
    static const okng_setting winclip_needs[] = {{"backbone", "clip-vit-b-16-plus-240"}, {"smoothing", "0"}, END};
    static const okng_setting afclip_needs[] = {{"backbone", "clip-vit-l-14-336"}, {"coreset", "1"}, END};
    static const okng_setting miniclip_needs[] = {{"backbone", "clip-tinyclip-8m-16"}, {"coreset", "1"}, END};
    static const okng_setting subspace[] = {{"image-score", "top"}, {"distance", "l2"}, END}; /* it has no rows */
    static const struct {
        const char *name;
        const okng_setting *settings;
    } methods[] = {
        {"subspace", subspace}, {"winclip", winclip_needs}, {"afclip", afclip_needs}, {"miniclip", miniclip_needs}};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i].name, method) == 0) return methods[i].settings;
    return nothing;
}
