/*
 * An authorizer that refuses one action: see refuse.h.
 */
#include "refuse.h"

#include <string.h>

/* Check runs each test in a process of its own. */
static struct
{
    int action;
    const char *table;
    bool is_due; /* and was not refused yet */
} refusal;

static int authorize(void *none, int action, const char *table, const char *b, const char *c, const char *d)
{
    (void)none, (void)b, (void)c, (void)d;
    const bool is_named = refusal.table == NULL || (table != NULL && strcmp(table, refusal.table) == 0);
    if (!refusal.is_due || action != refusal.action || !is_named)
        return SQLITE_OK;
    refusal.is_due = false;
    return SQLITE_DENY;
}

void refuse_once(sqlite3 *db, int action, const char *table)
{
    refusal.action = action;
    refusal.table = table;
    refusal.is_due = true;
    sqlite3_set_authorizer(db, authorize, NULL);
}

bool refuse_stop(sqlite3 *db)
{
    const bool was_refused = !refusal.is_due;
    refusal.is_due = false;
    if (db != NULL)
        sqlite3_set_authorizer(db, NULL, NULL);
    return was_refused;
}
