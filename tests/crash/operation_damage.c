/*
 * The operations on damaged stores: see operation_list.h. Each repairs a store into a new one, and compares its report
 * with that of the first repair, in which nothing failed.
 */
#include "operation_list.h"

#include <stdlib.h>
#include <string.h>

#include "damage.h"
#include "operation_parts.h"

/* Checks the report of a repair that succeeded. While reading fails, other ticks can be lost, or be saved without a
 * proof; then the report tells it. */
static void check_report(const eventure_repair_report *found, eventure_repair_report *expected)
{
    if (expected->events == 0)
        *expected = *found;
    const bool tells_more = found->lost_ticks > expected->lost_ticks || found->lost_events > expected->lost_events ||
                            found->unproven_ticks > expected->unproven_ticks || found->has_gaps || found->has_lost_end;
    const bool is_same = found->events == expected->events && found->lost_ticks == expected->lost_ticks &&
                         found->lost_events == expected->lost_events &&
                         found->unproven_ticks == expected->unproven_ticks && found->has_gaps == expected->has_gaps &&
                         found->has_lost_end == expected->has_lost_end;
    must(is_same || (operations_may_lose && tells_more), "%lld events, lost %lld in %lld ticks, not %lld, %lld in %lld",
         (long long)found->events, (long long)found->lost_events, (long long)found->lost_ticks,
         (long long)expected->events, (long long)expected->lost_events, (long long)expected->lost_ticks);
}

static eventure_status repair(eventure_reader *reader, eventure_repair_report *out_report)
{
    eventure_repair_options options = EVENTURE_REPAIR_OPTIONS_INIT;
    options.progress = go_on;
    return told(eventure_store_repair(reader, OPERATION_OTHER, &options, out_report), eventure_reader_message(reader));
}

static eventure_status repair_file(const char *path, eventure_repair_report *expected)
{
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    eventure_status status = told(eventure_reader_open_damaged(path, &reader), eventure_last_message());
    if (status == EVENTURE_OK)
        status = repair(reader, &report);
    if (status == EVENTURE_OK)
        check_report(&report, expected);
    eventure_reader_close(reader);
    return status;
}

eventure_status operation_repair(eventure_reader *reader)
{
    eventure_repair_report report;
    eventure_status status = repair(reader, &report);
    must(status != EVENTURE_OK || report.lost_ticks == 0 || operations_may_lose, "a failure was reported as damage: %s",
         report.first_loss);
    return status;
}

eventure_status operation_repair_rows(eventure_reader *reader)
{
    static eventure_repair_report expected;
    (void)reader;
    return repair_file(OPERATION_LOST_ROWS, &expected);
}

eventure_status operation_repair_pages(eventure_reader *reader)
{
    static eventure_repair_report expected;
    (void)reader;
    return repair_file(OPERATION_LOST_PAGES, &expected);
}

void operations_damage(void)
{
    long len = 0;
    unsigned char *bytes = harness_load(OPERATION_STORE, &len);
    harness_remove(OPERATION_LOST_ROWS);
    harness_remove(OPERATION_LOST_PAGES);
    harness_store(OPERATION_LOST_ROWS, bytes, len);
    harness_store(OPERATION_LOST_PAGES, bytes, len);
    free(bytes);
    damage_store(OPERATION_LOST_ROWS,
                 "DELETE FROM tick WHERE tick IN (1, 5, 11);"
                 "UPDATE tick SET first_seq = last_seq + 1 WHERE tick = 7;"
                 "UPDATE main.events SET data = '{\"n\":77}' WHERE seq = (SELECT max(seq) FROM events WHERE tick = 2);"
                 "DELETE FROM events WHERE tick IN (8, 11)");
    damage_store(OPERATION_LOST_PAGES, "DELETE FROM tick WHERE tick = 5");
    damage_root(OPERATION_LOST_PAGES, "events");
}
