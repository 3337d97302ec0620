/*
 * Makes SQLite refuse one action of a statement on a table. SQLite then compiles all statements of the connection
 * again, and compiling the one with this action fails with SQLITE_AUTH.
 *
 *     refuse_once(db, SQLITE_READ, "store");
 *     ck_assert_int_lt(the_call(), 0);
 *     ck_assert(refuse_stop(db));
 */
#ifndef EVENTURE_TESTS_REFUSE_H
#define EVENTURE_TESTS_REFUSE_H

#include <stdbool.h>

#include <sqlite3.h>

/* Refuses the next action of this kind, such as SQLITE_READ, on this table. With SQLITE_CREATE_INDEX, `table` is the
 * name of the index. NULL: any name. */
void refuse_once(sqlite3 *db, int action, const char *table);

/* Allows all actions again; `db` is NULL when it is closed. Returns whether an action was refused since refuse_once. */
bool refuse_stop(sqlite3 *db);

#endif
