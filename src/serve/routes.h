/* The tables of routes, each in its file routes_WHAT.c. */
#ifndef OKNG_SERVE_ROUTES_H
#define OKNG_SERVE_ROUTES_H

#include "serve/route.h"

/* Every table; ends with NULL. */
extern const okng_route_table *const okng_route_tables[];

extern const okng_route_table okng_routes_good;   /* good pictures of banks */
extern const okng_route_table okng_routes_page;   /* the files of the page */
extern const okng_route_table okng_routes_system; /* health, meters, what the server is */
extern const okng_route_table okng_routes_users;
extern const okng_route_table okng_routes_events;
extern const okng_route_table okng_routes_cameras; /* what sources of the line see */
extern const okng_route_table okng_routes_banks;   /* banks and the bin */
extern const okng_route_table okng_routes_inspect;
extern const okng_route_table okng_routes_route; /* inspection with the bank that a picture is of */
extern const okng_route_table okng_routes_uploads;
extern const okng_route_table okng_routes_jobs;
extern const okng_route_table okng_routes_proposal;
extern const okng_route_table okng_routes_line;    /* the line that runs inside */
extern const okng_route_table okng_routes_history; /* inspections, changes, figures */

#endif
