/*
 * Checks that each save point is a position of the history.
 */
#include <string.h>

#include "integrity/verify_internal.h"

/* The columns of the query for their positions. */
enum
{
    COLUMN_NAME,
    COLUMN_TICK,
    COLUMN_SEQ,
};

bool eventure__verify_saves(eventure__verifier *verifier)
{
    static const char sql[] = "SELECT name, tick, seq, "
                              "(SELECT events.tick FROM events WHERE events.seq = save_point.seq), "
                              "(SELECT events.tick FROM events WHERE events.seq = save_point.seq + 1) "
                              "FROM save_point ORDER BY name";
    sqlite3_stmt *statement = NULL;
    int64_t current_tick = 0;
    eventure_status status = eventure_reader_tick(verifier->store, &current_tick);
    if (status == EVENTURE_ERROR_CORRUPT)
        return eventure__verify_found(verifier, "%s", verifier->store->error.text);
    verifier->status = status;
    bool ok = status == EVENTURE_OK && eventure__verify_take(verifier, sql, &statement);
    while (ok && eventure__verify_step(verifier, statement, "check the save points", &ok))
    {
        const char *name = (const char *)sqlite3_column_text(statement, COLUMN_NAME);
        const char *problem = eventure__verify_position(verifier, statement, COLUMN_TICK, current_tick,
                                                        "events of earlier ticks follow that event");
        if (name == NULL && sqlite3_column_type(statement, COLUMN_NAME) == SQLITE_NULL)
            ok = eventure__verify_found(verifier, "a save point has no name");
        else if (name == NULL)
            ok = eventure__verify_no_memory(verifier);
        else if (problem != NULL)
            ok = eventure__verify_found(verifier, "the save point %s, at tick %lld (event %lld): %s",
                                        eventure__quote(name, strlen(name)).text,
                                        (long long)sqlite3_column_int64(statement, COLUMN_TICK),
                                        (long long)sqlite3_column_int64(statement, COLUMN_SEQ), problem);
    }
    eventure__store_release(verifier->store, statement);
    return ok;
}
