/* One result for people and for programs, as infer prints it. */
#include <math.h>
#include <stdio.h>

#include "cli.h"

int okng_cli_exit_code(const okng_cli_args *args, okng_cli_outcomes any)
{
    if (!okng_cli_value(args, "exit-code")) return EXIT_OKAY;
    if (any.ng) return EXIT_NG;
    if (any.not_found) return EXIT_NOT_FOUND;
    return any.skipped ? EXIT_SKIPPED : any.review ? EXIT_REVIEW : EXIT_OKAY;
}

/* Of a threshold that was only given because inspecting wants one. */
static bool is_judged(const okng_result *result)
{
    return okng_result_image_threshold(result) < CLI_NO_THRESHOLD;
}

static json_t *known(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

static json_t *regions_json(const okng_result *result)
{
    json_t *list = json_array();
    okng_region region = {.struct_size = sizeof region}, *r = &region;
    for (size_t i = 0; okng_result_region(result, i, r, NULL) == OKNG_OK; i++)
        okng_cli_json_add(&list, json_pack("{s:[iiii], s:I, s:f, s:f, s:[ii]}", "box", r->x, r->y, r->width, r->height,
                                           "area", (json_int_t)r->area, "length", r->length, "peak", (double)r->peak,
                                           "peak_at", r->peak_x, r->peak_y));
    return list;
}

static json_t *window_json(const okng_seen_window *w)
{
    json_t *json = json_pack("{s:s, s:i, s:[iiii], s:[iiii], s:f}", "by", w->by, "scale", (int)w->scale, "patches",
                             (int)w->row, (int)w->column, (int)w->rows, (int)w->columns, "box", (int)w->x, (int)w->y,
                             (int)w->width, (int)w->height, "score", (double)w->score);
    if (w->depth > 0) okng_cli_json_put(&json, "depth", json_integer(w->depth));
    return json;
}

static json_t *exceeded_json(const okng_result *result)
{
    double found, allowed;
    const char *limit =
        okng_result_exceeded(result, &found, &allowed) == OKNG_LIMIT_LENGTH ? "max-length" : "max-count";
    return json_pack("{s:s, s:f, s:f}", "limit", limit, "found", found, "allowed", allowed);
}

static json_t *rois_json(const okng_result *result)
{
    json_t *list = json_array();
    okng_found_roi roi = {.struct_size = sizeof roi}, *r = &roi;
    for (size_t i = 0; okng_result_roi(result, i, r, NULL) == OKNG_OK; i++)
        okng_cli_json_add(&list,
                          json_pack("{s:s, s:b, s:f, s:[ffff], s:f, s:f, s:o, s:o}", "name", r->name, "found", r->found,
                                    "match", r->match, "box", r->x, r->y, r->width, r->height, "angle", r->angle,
                                    "scale", r->scale, "score", known((double)r->score), "verdict",
                                    is_judged(result) ? json_string(okng_verdict_text(r->verdict)) : json_null()));
    return list;
}

json_t *okng_cli_result_json(const char *path, const char *out, const okng_result *result)
{
    int32_t width, height;
    okng_result_size(result, &width, &height);
    json_t *document = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:[ii], s:o}", "path", okng_cli_json_path(path), "out",
        out ? okng_cli_json_path(out) : json_null(), "image_score", known((double)okng_result_score(result)),
        "image_tau", is_judged(result) ? json_real((double)okng_result_image_threshold(result)) : json_null(),
        "pixel_tau", known((double)okng_result_pixel_threshold(result)), "verdict",
        is_judged(result) ? json_string(okng_verdict_text(okng_result_verdict(result))) : json_null(), "p_value",
        known(okng_result_p_value(result)), "size", width, height, "regions", regions_json(result));
    float low, high;
    if (okng_result_review(result, &low, &high))
        okng_cli_json_put(&document, "review_band", json_pack("[ff]", (double)low, (double)high));
    okng_seen_window window = {.struct_size = sizeof window}, *w = &window;
    if (okng_result_window(result, w, NULL) == OKNG_OK) okng_cli_json_put(&document, "window", window_json(w));
    if (okng_result_roi_count(result) > 0) okng_cli_json_put(&document, "rois", rois_json(result));
    if (okng_result_exceeded(result, NULL, NULL) != OKNG_LIMIT_NONE)
        okng_cli_json_put(&document, "exceeded", exceeded_json(result));
    if (!isnan(okng_result_false_alarm(result)))
        okng_cli_json_put(&document, "false_alarm_promised", json_real(okng_result_false_alarm(result)));
    return document;
}

void okng_cli_say_warning(const char *path, const okng_result *result)
{
    if (okng_result_warning(result)) (void)fprintf(stderr, "okng: %s: %s\n", path, okng_result_warning(result));
}

/* "    pin: OK at 102.3,48.9, score 1.21, correlation 0.98" of each region of interest; "    pin: NOT_FOUND,
 * correlation 0.31 at best" */
static void print_rois(const okng_result *result)
{
    okng_found_roi roi = {.struct_size = sizeof roi}, *r = &roi;
    char text[40];
    for (size_t i = 0; okng_result_roi(result, i, r, NULL) == OKNG_OK; i++) {
        if (!r->found) {
            (void)printf(_("    %s: NOT_FOUND, correlation %.2f at best\n"), r->name, r->match);
            continue;
        }
        (void)printf(_("    %s: %s at %.1f,%.1f, score %s, correlation %.2f"), r->name, okng_verdict_text(r->verdict),
                     r->x, r->y, okng_cli_number_text((double)r->score, text, sizeof text), r->match);
        if (fabs(r->angle) >= 0.05) (void)printf(_(", turned by %.1f degrees"), r->angle);
        if (fabs(r->scale - 1) >= 0.0005) (void)printf(_(", %.3f times as large"), r->scale);
        (void)printf("\n");
    }
}

/* A score that nothing says is high or low. */
static void print_score(const char *path, const okng_result *result)
{
    char text[40];
    if (okng_result_verdict(result) == OKNG_VERDICT_NOT_FOUND)
        (void)printf(_("%s  %s: no score\n"), okng_verdict_text(OKNG_VERDICT_NOT_FOUND), path);
    else
        (void)printf(_("none  %s: score %s\n"), path,
                     okng_cli_number_text((double)okng_result_score(result), text, sizeof text));
}

/* Which limit of regions is passed, where one is. */
static void print_exceeded(const okng_result *result)
{
    double found, allowed;
    char text[40];
    const okng_region_limit limit = okng_result_exceeded(result, &found, &allowed);
    if (limit == OKNG_LIMIT_LENGTH)
        (void)printf(_("    a region is %.1f pixels long, at most %s are allowed\n"), found,
                     okng_cli_number_text(allowed, text, sizeof text));
    if (limit == OKNG_LIMIT_COUNT)
        (void)printf(_("    number of regions %.0f, at most %s are allowed\n"), found,
                     okng_cli_number_text(allowed, text, sizeof text));
}

void okng_cli_print_result(const char *path, const char *out, const okng_result *result)
{
    const size_t regions = okng_result_region_count(result);
    char text[2][40];
    float low, high;
    if (!is_judged(result)) {
        print_score(path, result);
        print_rois(result);
        return;
    }
    if (okng_result_verdict(result) == OKNG_VERDICT_NOT_FOUND)
        (void)printf(_("%s  %s: no score, "), okng_verdict_text(OKNG_VERDICT_NOT_FOUND), path);
    else
        (void)printf(_("%s  %s: score %s, threshold %s, "), okng_verdict_text(okng_result_verdict(result)), path,
                     okng_cli_number_text((double)okng_result_score(result), text[0], sizeof text[0]),
                     okng_cli_number_text((double)okng_result_image_threshold(result), text[1], sizeof text[1]));
    if (okng_result_review(result, &low, &high))
        (void)printf(_("review %s to %s, "), okng_cli_number_text((double)low, text[0], sizeof text[0]),
                     okng_cli_number_text((double)high, text[1], sizeof text[1]));
    if (!isnan(okng_result_p_value(result))) (void)printf(_("p-value %.3g, "), okng_result_p_value(result));
    (void)printf(regions == 1 ? _("%zu region\n") : _("%zu regions\n"), regions);
    print_exceeded(result);
    print_rois(result);
    if (!out) return;
    if (okng_result_scale(result) > 1)
        (void)printf(_("    map and pictures at 1/%d of its size\n"), (int)okng_result_scale(result));
    (void)printf(_("    results in %s\n"), out);
}
