/*
 * Determines how often long work calls the progress callback of its options.
 */
#ifndef EVENTURE_BASE_PROGRESS_H
#define EVENTURE_BASE_PROGRESS_H

/* After so many events. */
#define EVENTURE__PROGRESS_EVENTS 4096

#endif
