/*
 * For tests of numbering: ids that are too long for memory, and what must hold of a history however it came about.
 */
#ifndef EVENTURE_TESTS_NUMBERING_WORLD_H
#define EVENTURE_TESTS_NUMBERING_WORLD_H

#include "event/id.h"
#include "history_world.h"
#include "session_world.h"

#define OTHER "other.db"

/* The longest id that memory keeps, one that is a byte longer, and a longer one yet. */
#define LONG_47 "long/567890123456789012345678901234567890123456"
#define LONG_48 "long/5678901234567890123456789012345678901234567"
#define LONG_60 "long/5678901234567890123456789012345678901234567890123456789"

_Static_assert(sizeof LONG_47 == EVENTURE__ID_BYTES && sizeof LONG_60 == 61, "the ids are as long as they say");

static inline void expect_sound(void)
{
    ck_assert_int_eq(eventure_log_commit(here.log), EVENTURE_OK);
    world_verify(SCRATCH_PATH);
}

/* Asserts that a store into which all of the history is imported at once is the same, digests and all. The tick at hand
 * is not sealed in the one where it was in the other, nor need it be the same one when it is empty. */
static inline void expect_same_when_imported(void)
{
    static const char events[] = "SELECT * FROM events ORDER BY seq";
    static const char digests[] = "SELECT tick, first_seq, last_seq, run_digest, full_digest FROM tick ORDER BY tick";
    eventure_log *log = NULL;
    ck_assert_int_eq(eventure_log_commit(here.log), EVENTURE_OK);
    char *text = exported();
    FILE *in = stream_of(text, strlen(text));
    scratch_remove(OTHER);
    log = scratch_open(OTHER);
    ck_assert_msg(eventure_log_import(log, in, NULL, NULL) == EVENTURE_OK, "%s", eventure_log_message(log));
    fclose(in);
    free(text);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    world_expect_same(SCRATCH_PATH, OTHER, events);
    world_expect_same(SCRATCH_PATH, OTHER, digests);
    world_expect_same(SCRATCH_PATH, OTHER, "SELECT foreign_ids FROM store");
    world_verify(OTHER);
    scratch_remove(OTHER);
}

#endif
