/*
 * Whether all that was written to a stream has arrived.
 */
#ifndef EVENTURE_TOOL_STREAM_H
#define EVENTURE_TOOL_STREAM_H

#include <stdio.h>

/* Flushes. Returns 0, or why something could not be written, as an errno. What has been lost is lost then; the stream
 * may get a line feed more. */
int stream_flush(FILE *stream);

#endif
