/*
 * For tests of numbering: ids that are too long for the log's memory of ids, and a check of a history that must not
 * depend on how it was made.
 */
#ifndef EVENTURE_TESTS_NUMBERING_WORLD_H
#define EVENTURE_TESTS_NUMBERING_WORLD_H

#include "event/id.h"
#include "history_world.h"
#include "session_world.h"

#define OTHER "other.db"

/* The longest id that the log keeps in memory, an id that is one byte longer, and one that is much longer. */
#define LONG_47 "long/567890123456789012345678901234567890123456"
#define LONG_48 "long/5678901234567890123456789012345678901234567"
#define LONG_60 "long/5678901234567890123456789012345678901234567890123456789"

_Static_assert(sizeof LONG_47 == EVENTURE__ID_BYTES && sizeof LONG_60 == 61, "the ids are as long as they say");

static inline void expect_sound(void)
{
    expect_ok(here.log, eventure_log_commit(here.log));
    world_verify(SCRATCH_PATH);
}

/* Asserts that importing the whole history into a new store gives the same store, including the digests. The current
 * tick may be sealed in one store only, and may differ when it is empty. */
static inline void expect_same_when_imported(void)
{
    static const char events[] = "SELECT * FROM events ORDER BY seq";
    static const char digests[] = "SELECT tick, first_seq, last_seq, run_digest, full_digest FROM tick ORDER BY tick";
    eventure_log *log = NULL;
    expect_ok(here.log, eventure_log_commit(here.log));
    char *text = exported();
    scratch_remove(OTHER);
    log = scratch_open(OTHER);
    expect_ok(log, scratch_import(log, text, NULL));
    free(text);
    expect_ok(NULL, eventure_log_close(log));
    world_expect_same(SCRATCH_PATH, OTHER, events);
    world_expect_same(SCRATCH_PATH, OTHER, digests);
    world_expect_same(SCRATCH_PATH, OTHER, "SELECT foreign_ids FROM store");
    world_verify(OTHER);
    scratch_remove(OTHER);
}

#endif
