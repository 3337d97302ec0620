/*
 * A log with one event. A test imports invalid input into it, and checks that the log is unchanged.
 */
#ifndef EVENTURE_TESTS_IMPORT_WORLD_H
#define EVENTURE_TESTS_IMPORT_WORLD_H

#include "history_world.h"

/* The content of the log before each failing import, which must be unchanged after it. */
#define BEFORE                                                                                                         \
    "{\"tick\": 2, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"first\", \"parent_id\": "      \
    "null}\n"

#define GOOD                                                                                                           \
    "{\"tick\": 3, \"timestamp\": 1.5, \"type\": \"new.type\", \"data\": {\"x\": 1}, \"event_id\": \"good\", "         \
    "\"parent_id\": \"first\"}\n"

static inline void open_world_with_an_event(void)
{
    open_world();
    import_text(BEFORE);
}

static inline void expect_unchanged(void)
{
    char *after = exported();
    ck_assert_str_eq(after, BEFORE);
    free(after);
    ck_assert_int_eq(eventure_log_tick(here.log), 2);
}

#endif
