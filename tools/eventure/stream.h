/*
 * Checks that everything that was written to a stream has arrived.
 */
#ifndef EVENTURE_TOOL_STREAM_H
#define EVENTURE_TOOL_STREAM_H

#include <stdio.h>

/* Flushes. Returns 0, or the errno of the failed write. The failed output is lost, and the stream may receive an
   additional line feed. */
int stream_flush(FILE *stream);

#endif
