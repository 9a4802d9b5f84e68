#ifdef OKNG_HAVE_ARAVIS
#include "line/aravis.h"

#include "base/catalogue.h"
#include "line/loaded.h"

okng_aravis okng_arv;

static const okng_loaded_function functions[] = {
#define FUNCTION(name) {#name, &okng_arv.name},
    OKNG_ARAVIS_FUNCTIONS(FUNCTION)
#undef FUNCTION
        {0},
};

okng_status okng_aravis_load(okng_error *error)
{
    static okng_loaded_library library = {
        .file = "libaravis-0.8.so.0",
        .package = "libaravis-0.8-0",
        .purpose = N_("a camera of GigE Vision or USB3 Vision"),
        .functions = functions,
    };
    return okng_loaded_need(&library, error);
}
#else
typedef int okng_no_aravis; /* ISO C wants a declaration in every file */
#endif
