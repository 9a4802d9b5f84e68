/* Every table of routes. Of two rows that fit a request the first is taken. */
#include "serve/routes.h"

const okng_route_table *const okng_route_tables[] = {
    &okng_routes_page,     //
    &okng_routes_system,   //
    &okng_routes_users,    //
    &okng_routes_events,   //
    &okng_routes_cameras,  //
    &okng_routes_banks,    //
    &okng_routes_inspect,  //
    &okng_routes_route,    //
    &okng_routes_history,  //
    &okng_routes_proposal, //
    &okng_routes_good,     //
    &okng_routes_uploads,  //
    &okng_routes_jobs,     //
    &okng_routes_line,     //
    NULL,
};
