/* Banks that grow: what a method that can take more pictures into what it has learnt does. */
#ifndef OKNG_METHOD_GROWING_H
#define OKNG_METHOD_GROWING_H

#include "bank/bank_file.h"
#include "base/progress.h"
#include "features/pictures.h"
#include "method/groups.h"
#include "method/ledger.h"

/* Pictures that were learnt and pictures that come to them, as one list: first those, then these. All is borrowed. */
typedef struct okng_more {
    const okng_bank_file *old;       /* as it was opened */
    const okng_ledger *ledger;       /* its own */
    const okng_pictures *more;       /* at least one */
    const okng_picture_names *names; /* of the one list */
    const char *folder;              /* that all lie in; "" = there is none */
    const okng_groups *groups;       /* of the one list */
} okng_more;

/* Two banks of the same method, network and options, as one. */
typedef struct okng_pair {
    const okng_bank_file *bank[2];
    const okng_ledger *ledger[2];
    const okng_picture_names *names; /* the pictures of the first, then those of the second */
    const char *folder;
    const okng_groups *groups;
} okng_pair;

/* `bank` is the new one: its configuration is that of the old one, with `pictures` and `patches` of both; filled in are
 * `data` but for the hashes, and bank->tau. `weights` live as long as the model. *model is NULL on failure. What will
 * be saved does not depend on the number of threads. Errors: as okng_method.fit. */
typedef struct okng_growing {
    okng_status (*add)(void **model, okng_bank_file *bank, const okng_more *more, const okng_weights *weights,
                       okng_ticker *ticker, okng_build_report *report, okng_error *error);
    okng_status (*merge)(void **model, okng_bank_file *bank, const okng_pair *pair, const okng_weights *weights,
                         okng_ticker *ticker, okng_build_report *report, okng_error *error);
    /* To what bank->config.options say of the coreset, beside the rows that there are. NULL: it keeps no rows. */
    okng_status (*shrink)(void **model, okng_bank_file *bank, const okng_bank_file *old, const okng_ledger *ledger,
                          const okng_groups *groups, const okng_weights *weights, okng_ticker *ticker,
                          okng_build_report *report, okng_error *error);
} okng_growing;

#endif
