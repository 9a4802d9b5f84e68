/* What the layout of MVTec LOCO calls its two kinds of bad pictures. */
#ifndef OKNG_DATA_LOCO_H
#define OKNG_DATA_LOCO_H

#define OKNG_LOCO_LOGICAL "logical_anomalies"
#define OKNG_LOCO_STRUCTURAL "structural_anomalies"

#endif
