/*
 * The reason why a stream could not be written: see stream.h.
 */
#include "stream.h"

#include <errno.h>
#include <stdbool.h>

int stream_flush(FILE *stream)
{
    bool failed = ferror(stream) != 0;
    errno = 0;
    if (failed)
    {
        /* The errno of the failed write is not known any more: write again to obtain it. */
        clearerr(stream);
        fputc('\n', stream);
    }
    if (fflush(stream) == 0 && !failed)
        return 0;
    return errno != 0 ? errno : EIO;
}
