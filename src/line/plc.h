/* The handshake with a PLC, apart from how its words travel: what it asks for, what it is told, and when.
 *
 *   trigger  ______/~~~~~~~~~~~~~~~~~~~~~~~~\__________   the PLC
 *   ready    ~~~~~~~\________________________/~~~~~~~~~
 *   busy     _______/~~~~~~~~~~~~~~\___________________
 *   valid    ______________________/~~~~~~~~~\_________
 *   ok, ng, review, error: one of them with valid, none without
 *
 * Nothing that a PLC reads at any moment says OK of a part that was not judged OK: the verdict stands only beside
 * valid, and valid falls with the trigger. A trigger that is already there when the line or the connection comes is not
 * one. */
#ifndef OKNG_LINE_PLC_H
#define OKNG_LINE_PLC_H

#include "history/record.h"

/* What the PLC says. In Modbus: bits from `coils_in` on, registers from `registers_in` on, in this order. */
typedef struct okng_plc_inputs {
    bool trigger;
    bool acknowledge; /* of results that were not asked for */
    uint16_t recipe;  /* the number that is to be in force; 0: the PLC does not choose */
    uint32_t part;    /* a number of its own, that comes back with the result; high register first */
} okng_plc_inputs;

enum { OKNG_PLC_BITS_IN = 2, OKNG_PLC_REGISTERS_IN = 4 }; /* the fourth register has the bits, as a word */

/* Why there is no verdict: register `code`. */
typedef enum okng_plc_code {
    OKNG_PLC_FINE = 0,
    OKNG_PLC_NOT_INSPECTED = 1, /* the picture could not be judged; the record says why */
    OKNG_PLC_LATE = 2,          /* no verdict within the limit */
    OKNG_PLC_REFUSED = 3,       /* the source does not take the trigger now */
    OKNG_PLC_RECIPE = 4,        /* the recipe that the PLC asks for is not in force: unknown, or it does not open */
    OKNG_PLC_OVERRUN = 5 /* verdicts came faster than they were acknowledged: this stands for those that are lost */
} okng_plc_code;

/* What the PLC is told: bits from `coils_out` on, registers from `registers_out` on. */
typedef struct okng_plc_outputs {
    bool ready, busy, valid, ok, ng, review, error, heartbeat;
    uint16_t beats;  /* counts up with each heartbeat */
    uint16_t recipe; /* in force; 0: chosen by no number */
    uint16_t
        verdict;     /* 0 none, 1 OK, 2 NG, 3 REVIEW, 4 NOT_FOUND, 5 NOT_INSPECTED; as those below of the last result */
    uint16_t code;   /* okng_plc_code */
    uint32_t result; /* counts results from 1 on */
    uint32_t part;   /* as it stood at the trigger */
    float score;     /* NaN where there is none */
    uint16_t regions;   /* of the mask */
    uint16_t duration;  /* milliseconds; 65535 also stands for more */
    uint8_t record[16]; /* the id of the record, as the history and all other sinks have it */
} okng_plc_outputs;

enum { OKNG_PLC_BITS_OUT = 8, OKNG_PLC_REGISTERS_OUT = 21 };

/* As they travel. `bits` holds a byte a bit, registers[0] all of them as a word; float and 32-bit values have their
 * high register first. */
void okng_plc_write(const okng_plc_outputs *outputs, uint8_t bits[OKNG_PLC_BITS_OUT],
                    uint16_t registers[OKNG_PLC_REGISTERS_OUT]);
/* Whether the PLC would read something else. */
bool okng_plc_differ(const okng_plc_outputs *a, const okng_plc_outputs *b);
/* `bits` NULL: they are taken from the fourth register. */
void okng_plc_read(okng_plc_inputs *inputs, const uint8_t *bits, const uint16_t registers[OKNG_PLC_REGISTERS_IN]);

typedef enum okng_plc_mode {
    OKNG_PLC_TRIGGERS, /* the PLC asks for each picture */
    OKNG_PLC_HEARS     /* pictures come by themselves; each verdict stands until it is acknowledged */
} okng_plc_mode;

enum { OKNG_PLC_WAITING = 16 }; /* verdicts that may wait to be acknowledged */

typedef struct okng_plc_result {
    okng_outcome outcome;
    okng_plc_code code;
    double score, duration;
    uint16_t regions;
    uint8_t record[16];
} okng_plc_result;

typedef struct okng_plc {
    okng_plc_mode mode;
    double limit; /* seconds from trigger to verdict */
    enum {
        OKNG_PLC_ARMING, /* the trigger, or the acknowledgement, must be seen low first */
        OKNG_PLC_IDLE,
        OKNG_PLC_RUNNING,   /* a picture was asked for */
        OKNG_PLC_ABANDONED, /* the PLC took its trigger back; what comes is not for it */
        OKNG_PLC_SHOWING
    } state;
    okng_plc_outputs outputs;
    double asked;          /* when the trigger came, by okng_clock */
    int64_t asked_time;    /* and by the calendar, microseconds: pictures before it belong to other triggers */
    uint16_t asked_recipe; /* that was to be in force then; 0: any */
    bool recipe_changes;   /* one is being opened */
    uint16_t recipe_bad;   /* the number that could not be opened; 0: none */
    double recipe_tried;   /* when */
    double beat;           /* when the heartbeat changed */
    okng_plc_result waiting[OKNG_PLC_WAITING];
    size_t first, count;
    uint64_t lost; /* verdicts that nobody could be told */
} okng_plc;

typedef struct okng_plc_action {
    bool trigger;    /* take a picture: then okng_plc_refused where it could not be */
    uint16_t recipe; /* put this one in force: then okng_plc_recipe_is; 0: none */
} okng_plc_action;

void okng_plc_init(okng_plc *plc, okng_plc_mode mode, double limit);
/* Goes on by what the PLC says now. `now` as okng_clock, `time` in microseconds since 1970, `recipe` the number in
 * force
 * (-1: none). */
okng_plc_action okng_plc_step(okng_plc *plc, const okng_plc_inputs *inputs, double now, int64_t time, int64_t recipe);
/* Nobody hears: what was shown or asked for is given up. */
void okng_plc_cut(okng_plc *plc);
/* The trigger of the last action was not taken. */
void okng_plc_refused(okng_plc *plc);
/* The change of recipe has ended; `good` false: the number could not be put in force. */
void okng_plc_recipe_is(okng_plc *plc, uint16_t number, bool good, double now);
/* A picture was judged that came in at `arrived`, by okng_clock. True where the PLC will hear of it. */
bool okng_plc_hear(okng_plc *plc, const okng_record *record, double arrived);

#endif
