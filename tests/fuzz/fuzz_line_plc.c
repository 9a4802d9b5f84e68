/* A PLC that does anything in any order, with pictures that are judged at any moment: what it reads says OK only beside
 * valid, and only of a picture that was judged OK and was taken after the trigger that is shown. A byte is a step. */
#include <stdlib.h>
#include <string.h>

#include "line/plc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TRIGGER = 1, ACKNOWLEDGE = 2, RECIPE = 4, CUT = 8, HEAR = 16, GOOD = 32, OLD = 64, LONG = 128 };

static void need(bool holds)
{
    if (!holds) abort();
}

static void check(const okng_plc *plc, bool ok_was_heard)
{
    const okng_plc_outputs *out = &plc->outputs;
    int verdicts = out->ok + out->ng + out->review + out->error;
    need(verdicts == (out->valid ? 1 : 0));
    need(!out->ok || ok_was_heard);
    need(!(out->busy && out->valid));
    need(plc->mode == OKNG_PLC_HEARS || !(out->ready && (out->busy || out->valid)));
    need(plc->count <= OKNG_PLC_WAITING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    okng_plc plc;
    okng_plc_inputs in = {0};
    okng_plc_mode mode = data[0] & 1 ? OKNG_PLC_HEARS : OKNG_PLC_TRIGGERS;
    double now = 1000;
    int64_t recipe = -1, asked = INT64_MAX;
    bool ok_was_heard = false;
    okng_plc_init(&plc, mode, 1);
    for (size_t i = 1; i < size && i < 4096; i++) {
        unsigned step = data[i];
        now += step & LONG ? 1.5 : 0.001;
        in.trigger = (step & TRIGGER) != 0;
        in.acknowledge = (step & ACKNOWLEDGE) != 0;
        if (step & RECIPE) in.recipe = (uint16_t)(step >> 4 & 3);
        if (step & CUT && step & OLD) okng_plc_cut(&plc);
        okng_plc_action action = okng_plc_step(&plc, &in, now, (int64_t)(now * 1e6), recipe);
        if (action.trigger) {
            asked = (int64_t)(now * 1e6);
            ok_was_heard = false;
            if (step & CUT) okng_plc_refused(&plc);
        }
        if (action.recipe) {
            bool good = action.recipe != 3;
            if (good) recipe = action.recipe;
            okng_plc_recipe_is(&plc, action.recipe, good, now);
        }
        check(&plc, ok_was_heard);
        if (step & HEAR) {
            okng_record record;
            okng_record_init(&record);
            record.outcome = step & GOOD ? OKNG_OUTCOME_OK : (okng_outcome)(step % 7);
            record.time = (int64_t)(now * 1e6) - (step & OLD ? 10000000 : 0);
            record.recipe_number = (int32_t)recipe;
            bool counts = mode == OKNG_PLC_HEARS || record.time >= asked;
            if (record.outcome == OKNG_OUTCOME_OK && counts) ok_was_heard = true;
            (void)okng_plc_hear(&plc, &record, now);
            okng_record_free(&record);
        }
        check(&plc, ok_was_heard);
    }
    return 0;
}
