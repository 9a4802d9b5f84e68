#include "grow/report.h"

#include <string.h>

void okng_grow_tell(okng_grow_report *report, const okng_grow_source *before, const okng_grow_made *made,
                    const okng_build_report *stages)
{
    const okng_bank_config *config = &made->file.config, *old = &before->file.config;
    const okng_tau *tau = &before->file.tau;
    report->pictures = config->pictures;
    report->rows_before = (uint64_t)old->data[0].rows;
    report->rows = (uint64_t)config->data[0].rows;
    report->dim = (int32_t)config->data[0].dim;
    report->image_tau_before = tau->image_chosen ? tau->image_computed : tau->image;
    report->pixel_tau_before = tau->pixel_chosen ? tau->pixel_computed : tau->pixel;
    report->image_tau = made->file.tau.image;
    report->pixel_tau = made->file.tau.pixel;
    report->stage_count = stages->stage_count;
    memcpy(report->stages, stages->stages, sizeof report->stages);
}
