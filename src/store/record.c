/*
 * Columns of complete events and ticks: see record.h.
 */
#include "store/record.h"

#include <string.h>

bool eventure__record_link(sqlite3_stmt *row, int run_column, eventure__tick_digest *out)
{
    const void *run = sqlite3_column_blob(row, run_column);
    const void *full = sqlite3_column_blob(row, run_column + 1);
    memset(out, 0, sizeof *out);
    if (run == NULL || full == NULL || sqlite3_column_bytes(row, run_column) != EVENTURE__DIGEST_BYTES ||
        sqlite3_column_bytes(row, run_column + 1) != EVENTURE__DIGEST_BYTES)
        return false;
    memcpy(out->run, run, sizeof out->run);
    memcpy(out->full, full, sizeof out->full);
    return true;
}
