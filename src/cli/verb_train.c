#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

/* ---- progress ------------------------------------------------------------------------------- */

/* What is shown while it goes on: masks and tokens as everywhere, steps with their losses. */
typedef struct watch {
    const okng_cli_args *args;
    okng_cli_progress progress;
    bool drawn; /* a line of steps stands on the terminal */
    double shown, told;
    uint64_t saved; /* the step behind which all was saved last; 0 for none */
} watch;

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void clear(watch *w)
{
    okng_cli_progress_clear(&w->progress);
    if (w->drawn) (void)fprintf(stderr, "\r\033[K");
    w->drawn = false;
}

static int hear_progress(const okng_progress *progress, void *user)
{
    watch *w = user;
    if (strcmp(progress->stage, "training") != 0) return okng_cli_progress_step(progress, &w->progress);
    return okng_cli_signal() != 0; /* a line for each step says more */
}

static void print_step(const okng_train_event *event, const char *begin, const char *end)
{
    (void)fprintf(stderr, "%s", begin);
    (void)fprintf(stderr, _("step %llu / %llu   loss %.4f   mean %.4f   %.1f pictures/s   %.0f s left"),
                  (unsigned long long)event->step, (unsigned long long)event->steps, event->loss, event->mean,
                  event->pictures_per_second, event->seconds_left);
    (void)fprintf(stderr, "%s", end);
    (void)fflush(stderr);
}

/* On a terminal a line that is rewritten; elsewhere a line now and then, for a log. */
static void show_step(watch *w, const okng_train_event *event)
{
    enum { EVERY = 30 }; /* seconds */
    const double time = now();
    const bool last = event->step == event->steps;
    if (w->progress.visible) {
        if (!last && time - w->shown < 0.1) return;
        print_step(event, "\r\033[K", "");
        w->shown = time;
        w->drawn = true;
    } else if (last || w->told <= 0 || time - w->told > EVERY) {
        print_step(event, "okng: ", "\n");
        w->told = time;
    }
}

static void hear_event(const okng_train_event *event, void *user)
{
    char size[32];
    watch *w = user;
    if (event->kind == OKNG_TRAIN_SAVED) w->saved = event->step;
    if (w->args->quiet) return;
    switch (event->kind) {
    case OKNG_TRAIN_CACHE:
        clear(w);
        (void)fprintf(stderr, _("okng: the tokens of %llu pictures will take %s in %s\n"),
                      (unsigned long long)event->pictures, okng_cli_size_text(event->bytes, size, sizeof size),
                      event->text);
        return;
    case OKNG_TRAIN_RESUMED:
        clear(w);
        (void)fprintf(stderr, _("okng: going on behind step %llu of %s\n"), (unsigned long long)event->step,
                      event->text);
        return;
    case OKNG_TRAIN_STEP:
        show_step(w, event);
        return;
    default: /* that something was saved is no news */
        return;
    }
}

/* ---- options -------------------------------------------------------------------------------- */

/* Those that are keys of the configuration by another name, after --config and --set. */
static const char *const keys[] = {
    "training.out",
    "data.dataset",
    "data.root",
    "data.categories",
    "model.backbone",
    "model.weights",
    "model.vocabulary",
    "model.start",
    "model.resolution",
    "training.batch_size",
    "training.accumulation",
    "training.epochs",
    "training.max_steps",
    "training.lr",
    "training.lambda1",
    "training.lambda2",
    "training.gradient_quirk",
    "training.seed",
    "training.checkpoint_every",
    "training.cache",
    "training.cache_type",
    "model.threads",
};

static const okng_cli_option options[] = {
    {"config", "FILE", "the training, as YAML; docs/clip.md has its keys", false},
    {"set", "KEY=VALUE", "a key of the file, on top of it: training.memory=4G; may be given several times", false},
    {"out", "DIR", "folder of the checkpoint; a training in it goes on", false},
    {"dataset", "NAME", "layout of the data: mvtec, visa, folder, csv, ...", false},
    {"root", "DIR", "where the data lies", false},
    {"category", "NAMES", "categories that are trained on, with commas between them; all unless given", false},
    {"backbone", "NAME", "the CLIP, which stays as it is", false},
    {"weights", "FILE", "its weights; those of okng weights get unless given", false},
    {"vocabulary", "FILE", "of its tokenizer; beside the weights, or in the cache, unless given", false},
    {"start", "CHECKPOINT", "what to begin with; fresh values by the seed unless given", false},
    {"resolution", "S", "side of the square that pictures are squashed to, a multiple of the network's patch", false},
    {"batch-size", "N", "pictures whose losses are computed together", false},
    {"accumulation", "N", "batches whose gradients make a step", false},
    {"epochs", "N", "times that every picture is seen", false},
    {"max-steps", "N", "steps after which training ends all the same; 0 for no limit", false},
    {"lr", "RATE", "Adam's rate", false},
    {"lambda1", "WEIGHT", "weight of the losses of the map", false},
    {"lambda2", "WEIGHT", "weight of the alignment of patches", false},
    {"gradient-quirk", "on|off",
     "take one gradient as the original program does, which released weights were made with", false},
    {"seed", "N", "of fresh values and of the order of pictures", false},
    {"checkpoint-every", "N", "steps after which all is saved; 0 saves at the end alone", false},
    {"cache", "DIR", "keep the frozen tower's tokens there, computed once; each time anew unless given", false},
    {"cache-type", "fp32|bf16", "how they are kept: bf16 takes half the room and rounds them", false},
    {"threads", "N|all", "cores to use; what is learnt does not depend on it", false},
    {0},
};

enum { OWN = 2, KEYS = sizeof keys / sizeof keys[0] };
_Static_assert(sizeof options / sizeof options[0] == OWN + KEYS + 1, "an option without its key");

/* "key=value" of every option that was given, behind those of --set; [*count] for free_settings. NULL: out of memory.
 */
static char **make_settings(const okng_cli_args *args, size_t *count)
{
    char **settings = calloc(args->repeated_count + KEYS + 1, sizeof *settings);
    *count = 0;
    for (size_t i = 0; settings && i < args->repeated_count + KEYS; i++) {
        const size_t k = i - args->repeated_count;
        const char *value = i < args->repeated_count ? args->repeated[i] : args->values[OWN + k];
        if (!value) continue;
        const int length = i < args->repeated_count ? asprintf(&settings[*count], "%s", value)
                                                    : asprintf(&settings[*count], "%s=%s", keys[k], value);
        if (length < 0) {
            settings[*count] = NULL;
            for (size_t made = 0; made < *count; made++) free(settings[made]);
            free(settings);
            return NULL;
        }
        ++*count;
    }
    return settings;
}

/* ---- the verb ------------------------------------------------------------------------------- */

static json_t *known(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

static int tell(const okng_cli_args *args, const okng_train_report *r)
{
    if (args->json)
        return okng_cli_print_json(json_pack(
            "{s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:o, s:o, s:o, s:I, s:I}", "steps", (json_int_t)r->steps, "first_step",
            (json_int_t)r->first_step, "pictures", (json_int_t)r->pictures, "bad", (json_int_t)r->bad, "categories",
            (json_int_t)r->categories, "parameters", (json_int_t)r->parameters, "streams", (int)r->streams, "loss",
            known(r->loss), "mean_loss", known(r->mean), "seconds", known(r->seconds), "cache_bytes",
            (json_int_t)r->cache_bytes, "peak_bytes", (json_int_t)r->peak_bytes));
    if (args->quiet) return EXIT_OKAY;
    (void)printf(_("trained   %llu numbers in %llu steps, on %llu pictures of %llu categories, %llu of them NG\n"),
                 (unsigned long long)r->parameters, (unsigned long long)r->steps, (unsigned long long)r->pictures,
                 (unsigned long long)r->categories, (unsigned long long)r->bad);
    (void)printf(_("loss      %.6g, mean of the last epoch %.6g\n"), r->loss, r->mean);
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    okng_error error;
    okng_train_report report = {.struct_size = sizeof report};
    okng_train_options given = {.struct_size = sizeof given, .config = okng_cli_value(args, "config")};
    watch w = {.args = args, .progress = okng_cli_progress_new(args)};
    size_t count;
    char **settings = make_settings(args, &count);
    if (!settings) return okng_cli_error("out of memory");
    given.settings = (const char *const *)settings;
    given.setting_count = count;
    okng_status status = okng_train_afclip(&given, hear_progress, hear_event, &w, &report, &error);
    clear(&w);
    for (size_t i = 0; i < count; i++) free(settings[i]);
    free(settings);
    if (status == OKNG_OK) return tell(args, &report);
    if (status == OKNG_ERROR_CANCELLED && w.saved > 0 && !args->quiet)
        (void)fprintf(stderr, _("okng: all is saved as it was behind step %llu; the same command goes on from there\n"),
                      (unsigned long long)w.saved);
    return okng_cli_fail(&error);
}

const okng_cli_verb okng_cli_train_afclip = {
    .name = "train afclip",
    .usage = "--config FILE --root DIR --out DIR [options]",
    .summary = "trains the prompt and the adapter of AF-CLIP on pictures with masks",
    .about =
        "Learns from the test pictures of a data set, all categories together, what a defect looks like whatever the "
        "part: 12 vectors that stand before \"with defect.\", and an adapter of the CLIP's patches. The CLIP stays as "
        "it "
        "is. DIR becomes a checkpoint that --method afclip and miniclip take with --checkpoint; losses.csv and "
        "losses.svg say how it went.\n"
        "A training that was stopped or killed goes on where it was last saved when it is started again, and learns "
        "bit by bit what it would have learnt at once; more --epochs make a finished one go on. Options stand above "
        "--set, and that above the file.",
    .examples =
        "  okng train afclip --config configs/train_afclip.yaml --root MVTEC --out checkpoint --cache tokens\n"
        "  okng train afclip --config configs/train_afclip.yaml --backbone clip-tinyclip-8m-16 --resolution 512 "
        "--root MVTEC --out tiny\n"
        "  okng infer --method afclip --checkpoint checkpoint --img new.png --out-dir out\n",
    .options = options,
    .repeats = "set",
    .stops = true,
    .run = run,
};
