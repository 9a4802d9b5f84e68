#include "line/plc.h"

#include <math.h>
#include <string.h>

#define HEARTBEAT 0.5 /* seconds between its changes */
#define TRY_AGAIN 5.0 /* seconds until a recipe that could not be opened is tried again */

/* ---- words ----------------------------------------------------------------------------------------------------------
 */

static void put32(uint16_t *at, uint32_t value)
{
    at[0] = (uint16_t)(value >> 16);
    at[1] = (uint16_t)value;
}

void okng_plc_write(const okng_plc_outputs *outputs, uint8_t bits[OKNG_PLC_BITS_OUT],
                    uint16_t registers[OKNG_PLC_REGISTERS_OUT])
{
    const bool all[OKNG_PLC_BITS_OUT] = {outputs->ready, outputs->busy,   outputs->valid, outputs->ok,
                                         outputs->ng,    outputs->review, outputs->error, outputs->heartbeat};
    uint32_t score;
    memcpy(&score, &outputs->score, sizeof score);
    memset(registers, 0, OKNG_PLC_REGISTERS_OUT * sizeof *registers);
    for (unsigned i = 0; i < OKNG_PLC_BITS_OUT; i++) {
        bits[i] = all[i];
        registers[0] = (uint16_t)(registers[0] | (unsigned)all[i] << i);
    }
    registers[1] = outputs->beats;
    registers[2] = outputs->recipe;
    registers[3] = outputs->verdict;
    registers[4] = outputs->code;
    put32(registers + 5, outputs->result);
    put32(registers + 7, outputs->part);
    put32(registers + 9, score);
    registers[11] = outputs->regions;
    registers[12] = outputs->duration;
    for (size_t i = 0; i < 8; i++)
        registers[13 + i] = (uint16_t)(outputs->record[2 * i] << 8 | outputs->record[2 * i + 1]);
}

bool okng_plc_differ(const okng_plc_outputs *a, const okng_plc_outputs *b)
{
    uint8_t bits[2][OKNG_PLC_BITS_OUT];
    uint16_t registers[2][OKNG_PLC_REGISTERS_OUT];
    okng_plc_write(a, bits[0], registers[0]);
    okng_plc_write(b, bits[1], registers[1]);
    return memcmp(registers[0], registers[1], sizeof registers[0]) != 0; /* the first register has the bits */
}

void okng_plc_read(okng_plc_inputs *inputs, const uint8_t *bits, const uint16_t registers[OKNG_PLC_REGISTERS_IN])
{
    inputs->trigger = bits ? bits[0] != 0 : (registers[3] & 1) != 0;
    inputs->acknowledge = bits ? bits[1] != 0 : (registers[3] & 2) != 0;
    inputs->recipe = registers[0];
    inputs->part = (uint32_t)registers[1] << 16 | registers[2];
}

/* ---- results --------------------------------------------------------------------------------------------------------
 */

static uint16_t verdict_of(okng_outcome outcome)
{
    switch (outcome) {
    case OKNG_OUTCOME_OK:
        return 1;
    case OKNG_OUTCOME_NG:
        return 2;
    case OKNG_OUTCOME_REVIEW:
        return 3;
    case OKNG_OUTCOME_NOT_FOUND:
        return 4;
    default:
        return 5;
    }
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

/* Objects of a JSON array whose objects hold numbers alone. */
static uint16_t count_regions(const char *json)
{
    unsigned count = 0;
    for (const char *at = json; at && (at = strchr(at, '{')) != NULL; at++) count++;
    return (uint16_t)(count < UINT16_MAX ? count : UINT16_MAX);
}

static void read_record(okng_plc_result *result, const okng_record *record)
{
    memset(result, 0, sizeof *result);
    result->outcome = record->outcome;
    result->code = record->outcome == OKNG_OUTCOME_NOT_INSPECTED ? OKNG_PLC_NOT_INSPECTED : OKNG_PLC_FINE;
    result->score = record->score;
    result->duration = record->duration;
    for (size_t i = 0; i < sizeof result->record && record->id[2 * i] && record->id[2 * i + 1]; i++)
        result->record[i] = (uint8_t)(digit(record->id[2 * i]) << 4 | digit(record->id[2 * i + 1]));
    result->regions = count_regions(record->regions);
}

/* Where the region is not in the picture the part is not as it should be: NG for who looks at bits alone. */
static void show(okng_plc *plc, const okng_plc_result *result)
{
    okng_plc_outputs *out = &plc->outputs;
    plc->state = OKNG_PLC_SHOWING;
    out->busy = out->ready = false;
    out->ok = result->outcome == OKNG_OUTCOME_OK;
    out->ng = result->outcome == OKNG_OUTCOME_NG || result->outcome == OKNG_OUTCOME_NOT_FOUND;
    out->review = result->outcome == OKNG_OUTCOME_REVIEW;
    out->error = !out->ok && !out->ng && !out->review;
    out->verdict = verdict_of(result->outcome);
    out->code = (uint16_t)result->code;
    out->result++;
    out->score = (float)result->score;
    out->regions = result->regions;
    out->duration = (uint16_t)(result->duration >= 0 && result->duration < UINT16_MAX ? result->duration : UINT16_MAX);
    memcpy(out->record, result->record, sizeof out->record);
    out->valid = true;
}

static void show_code(okng_plc *plc, okng_plc_code code)
{
    okng_plc_result result = {.outcome = OKNG_OUTCOME_NOT_INSPECTED, .code = code, .score = NAN, .duration = NAN};
    show(plc, &result);
}

static void clear(okng_plc *plc)
{
    okng_plc_outputs *out = &plc->outputs;
    out->busy = out->valid = out->ok = out->ng = out->review = out->error = false;
}

/* ---- the handshake --------------------------------------------------------------------------------------------------
 */

void okng_plc_init(okng_plc *plc, okng_plc_mode mode, double limit)
{
    memset(plc, 0, sizeof *plc);
    plc->mode = mode;
    plc->limit = limit;
    plc->outputs.score = NAN;
}

void okng_plc_cut(okng_plc *plc)
{
    bool owed = plc->state == OKNG_PLC_RUNNING || plc->state == OKNG_PLC_SHOWING;
    plc->lost += owed + plc->count;
    plc->count = 0;
    plc->state = OKNG_PLC_ARMING;
    plc->outputs.ready = false;
    clear(plc);
}

void okng_plc_refused(okng_plc *plc)
{
    if (plc->state == OKNG_PLC_RUNNING) show_code(plc, OKNG_PLC_REFUSED);
    if (plc->state == OKNG_PLC_ABANDONED) plc->state = OKNG_PLC_ARMING;
}

void okng_plc_recipe_is(okng_plc *plc, uint16_t number, bool good, double now)
{
    plc->recipe_changes = false;
    plc->recipe_bad = good ? 0 : number;
    plc->recipe_tried = now;
}

/* The number to put in force; 0: none. What the PLC asks for holds against all others who may change it. */
static uint16_t recipe_wanted(const okng_plc *plc, uint16_t asked, double now, int64_t in_force)
{
    bool idle = plc->state != OKNG_PLC_RUNNING && plc->state != OKNG_PLC_ABANDONED;
    if (asked == 0 || asked == in_force || plc->recipe_changes || !idle) return 0;
    if (asked == plc->recipe_bad && now < plc->recipe_tried + TRY_AGAIN) return 0;
    return asked;
}

static void start(okng_plc *plc, const okng_plc_inputs *inputs, double now, int64_t time, bool recipe_fits,
                  okng_plc_action *action)
{
    if (plc->recipe_changes) return; /* the trigger waits for it */
    plc->outputs.part = inputs->part;
    if (!recipe_fits) {
        show_code(plc, OKNG_PLC_RECIPE);
        return;
    }
    plc->state = OKNG_PLC_RUNNING;
    plc->outputs.busy = true;
    plc->asked = now;
    plc->asked_time = time;
    plc->asked_recipe = inputs->recipe;
    action->trigger = true;
}

static void run_triggered(okng_plc *plc, const okng_plc_inputs *inputs, double now, int64_t time, bool recipe_fits,
                          okng_plc_action *action)
{
    if (plc->state == OKNG_PLC_RUNNING && !inputs->trigger) plc->state = OKNG_PLC_ABANDONED;
    if (plc->state == OKNG_PLC_RUNNING && now > plc->asked + plc->limit) show_code(plc, OKNG_PLC_LATE);
    if (plc->state == OKNG_PLC_ABANDONED && now > plc->asked + plc->limit) plc->state = OKNG_PLC_ARMING;
    if (plc->state == OKNG_PLC_SHOWING && !inputs->trigger) plc->state = OKNG_PLC_ARMING;
    if (plc->state == OKNG_PLC_ARMING) {
        clear(plc);
        if (!inputs->trigger) plc->state = OKNG_PLC_IDLE;
    }
    if (plc->state == OKNG_PLC_IDLE && inputs->trigger) start(plc, inputs, now, time, recipe_fits, action);
}

static void run_hearing(okng_plc *plc, const okng_plc_inputs *inputs)
{
    if (plc->state == OKNG_PLC_SHOWING && inputs->acknowledge) plc->state = OKNG_PLC_ARMING;
    if (plc->state == OKNG_PLC_ARMING) {
        clear(plc);
        if (!inputs->acknowledge) plc->state = OKNG_PLC_IDLE;
    }
    if (plc->state != OKNG_PLC_IDLE || plc->count == 0) return;
    okng_plc_result *oldest = &plc->waiting[plc->first];
    plc->first = (plc->first + 1) % OKNG_PLC_WAITING;
    plc->count--;
    show(plc, oldest);
}

okng_plc_action okng_plc_step(okng_plc *plc, const okng_plc_inputs *inputs, double now, int64_t time, int64_t recipe)
{
    okng_plc_action action = {.recipe = recipe_wanted(plc, inputs->recipe, now, recipe)};
    if (action.recipe) plc->recipe_changes = true;
    bool fits = inputs->recipe == 0 || inputs->recipe == recipe;
    if (plc->mode == OKNG_PLC_TRIGGERS)
        run_triggered(plc, inputs, now, time, fits, &action);
    else
        run_hearing(plc, inputs);
    bool at_rest = plc->state == OKNG_PLC_IDLE || (plc->mode == OKNG_PLC_HEARS && plc->state != OKNG_PLC_ARMING);
    plc->outputs.ready = at_rest && fits && !plc->recipe_changes;
    plc->outputs.recipe = (uint16_t)(recipe > 0 && recipe <= UINT16_MAX ? recipe : 0);
    if (plc->mode == OKNG_PLC_TRIGGERS && plc->state == OKNG_PLC_IDLE) plc->outputs.busy = plc->recipe_changes;
    if (now >= plc->beat + HEARTBEAT) {
        plc->beat = now;
        plc->outputs.beats++;
        plc->outputs.heartbeat = !plc->outputs.heartbeat;
    }
    return action;
}

/* Of more verdicts than may wait the last is kept as an error in place of those that are lost. */
static void enqueue(okng_plc *plc, const okng_plc_result *result)
{
    if (plc->count < OKNG_PLC_WAITING) {
        plc->waiting[(plc->first + plc->count++) % OKNG_PLC_WAITING] = *result;
        return;
    }
    okng_plc_result *last = &plc->waiting[(plc->first + OKNG_PLC_WAITING - 1) % OKNG_PLC_WAITING];
    plc->lost += last->code == OKNG_PLC_OVERRUN ? 1 : 2;
    *last = (okng_plc_result){
        .outcome = OKNG_OUTCOME_NOT_INSPECTED, .code = OKNG_PLC_OVERRUN, .score = NAN, .duration = NAN};
}

/* Taken after the trigger. The calendar alone does not tell: where its clock was set back meanwhile, pictures of
 * triggers before seem to be later. */
static bool is_of_trigger(const okng_plc *plc, const okng_record *record, double arrived)
{
    return record->time >= plc->asked_time && arrived >= plc->asked;
}

bool okng_plc_hear(okng_plc *plc, const okng_record *record, double arrived)
{
    okng_plc_result result;
    read_record(&result, record);
    if (plc->mode == OKNG_PLC_HEARS) {
        enqueue(plc, &result);
        return true;
    }
    bool of_this = plc->state == OKNG_PLC_RUNNING && is_of_trigger(plc, record, arrived);
    if (of_this && plc->asked_recipe != 0 && record->recipe_number != plc->asked_recipe)
        show_code(plc,
                  OKNG_PLC_RECIPE); /* somebody else changed it meanwhile: what another bank says counts for nothing */
    else if (of_this)
        show(plc, &result);
    if (plc->state == OKNG_PLC_ABANDONED && is_of_trigger(plc, record, arrived)) plc->state = OKNG_PLC_ARMING;
    return of_this;
}
