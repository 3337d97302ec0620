/*
 * Cursors, for the other folders of the library.
 */
#ifndef EVENTURE_QUERY_CURSOR_H
#define EVENTURE_QUERY_CURSOR_H

#include <eventure/query.h>

/* As eventure_cursor_next, but EVENTURE_OK at the end. */
eventure_status eventure__cursor_next(eventure_cursor *cursor, eventure_event *out_event);

#endif
