/*
 * The digests of the history at the end of a tick, as stored in the file.
 */
#include <string.h>

#include <eventure/integrity.h>

#include "base/error.h"
#include "base/hex.h"
#include "base/sha512.h"
#include "embedded_sql.h"
#include "store/archived.h"
#include "store/store.h"

static eventure_status read_digests(eventure_reader *reader, sqlite3_stmt *statement, eventure_digests *out)
{
    int step = sqlite3_step(statement);
    if (step == SQLITE_DONE)
        return EVENTURE_OK; /* no events yet: zeros */
    if (step != SQLITE_ROW)
        return eventure__store_fail(reader, "read the digests");
    const uint8_t *run = sqlite3_column_blob(statement, 2);
    const uint8_t *full = sqlite3_column_blob(statement, 3);
    if (run == NULL || full == NULL)
        return eventure__fail(&reader->error, EVENTURE_ERROR_NOT_FOUND, "%s was made without digests", reader->path);
    if (sqlite3_column_bytes(statement, 2) != EVENTURE__DIGEST_BYTES ||
        sqlite3_column_bytes(statement, 3) != EVENTURE__DIGEST_BYTES)
        return eventure__fail(&reader->error, EVENTURE_ERROR_CORRUPT,
                              "%s is damaged: a digest of tick %lld has the wrong length", reader->path,
                              (long long)sqlite3_column_int64(statement, 0));
    out->tick = sqlite3_column_int64(statement, 0);
    out->seq = sqlite3_column_int64(statement, 1);
    eventure__format_hex(out->run, run, EVENTURE__DIGEST_BYTES);
    eventure__format_hex(out->full, full, EVENTURE__DIGEST_BYTES);
    return EVENTURE_OK;
}

static eventure_status fail_archived(eventure_reader *reader, int64_t tick, const eventure__cut *cut)
{
    static const char sql[] = "SELECT file FROM archive WHERE before_tick > ?1 ORDER BY before_tick LIMIT 1";
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(reader, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, tick);
    int step = sqlite3_step(statement);
    const char *file = step == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        status = eventure__store_fail(reader, "digest");
    else
        status =
            eventure__fail(&reader->error, EVENTURE_ERROR_ARCHIVED,
                           "digest at tick %lld: the tick is archived%s%s: %s begins at tick %lld", (long long)tick,
                           file != NULL ? " in " : "", file != NULL ? eventure__quote(file, strlen(file)).text : "",
                           reader->path, (long long)cut->before_tick);
    eventure__store_release(reader, statement);
    return status;
}

eventure_status eventure_store_digest(eventure_reader *reader, int64_t tick, eventure_digests *out_digests)
{
    if (reader == NULL || out_digests == NULL)
        return eventure__fail_argument(__func__);
    *out_digests = (eventure_digests){.tick = -1};
    memset(out_digests->run, '0', sizeof out_digests->run - 1);
    memset(out_digests->full, '0', sizeof out_digests->full - 1);
    if (tick < 0)
        return eventure__fail(&reader->error, EVENTURE_ERROR_TICK, "digest at tick %lld: ticks begin with 0",
                              (long long)tick);
    eventure__cut cut;
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_before_read(reader);
    if (status == EVENTURE_OK)
        status = eventure__store_cut(reader, &cut);
    if (status == EVENTURE_OK && tick < cut.before_tick)
        status = fail_archived(reader, tick, &cut);
    const eventure__sql *sql = &eventure__query_digests_at;
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(reader, sql->text, &statement);
    if (status == EVENTURE_OK)
    {
        sqlite3_bind_int64(statement, 1, tick);
        status = read_digests(reader, statement, out_digests);
    }
    eventure__store_release(reader, statement);
    return status;
}
