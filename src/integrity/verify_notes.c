/*
 * Compares the other tables with their notes in the table `proof`, which finds changes that contradict no other row.
 */
#include <stdio.h>
#include <string.h>

#include "integrity/verify_internal.h"
#include "store/proof.h"

static const eventure__forbidden number_rules[] = {
    {"SELECT proof.value FROM proof JOIN store ON store.current_tick IS NOT proof.value "
     "WHERE proof.name = 'current_tick'",
     "the current tick in table store is not the noted one, %lld"},
    {"SELECT proof.value FROM proof WHERE proof.name = 'events' AND proof.value > "
     "coalesce((SELECT max(seq) FROM events), (SELECT max(last_seq) FROM archive), 0)",
     "the last event noted, event %lld, is missing"},
    {"SELECT proof.value FROM proof WHERE proof.name = 'ticks' AND (SELECT value FROM proof WHERE name = 'events') = "
     "(SELECT max(last_seq) FROM tick) AND proof.value <> (SELECT count(*) FROM tick)",
     "%lld ticks with events were noted, and the store has another number"},
};

static const eventure__forbidden open_tick_rule = {
    "SELECT tick.tick FROM tick JOIN proof ON proof.name = 'open_tick' WHERE tick.tick = (SELECT max(tick) FROM tick) "
    "AND proof.value IS NOT iif(tick.sealed, -1, tick.tick)",
    "the row of tick %lld and the note disagree on whether the tick is over"};

void eventure__verify_note_unchecked(eventure__verifier *verifier, const char *table)
{
    eventure_verify_report *report = verifier->report;
    size_t len = strlen(report->unchecked);
    snprintf(report->unchecked + len, sizeof report->unchecked - len, "%s%s", len > 0 ? ", " : "", table);
}

static bool check_table(eventure__verifier *verifier, const char *table)
{
    bool noted = false;
    bool same = false;
    eventure_status status = eventure__proof_check_table(verifier->store, table, &noted, &same);
    if (status == EVENTURE_ERROR_CORRUPT)
        return eventure__verify_found(verifier, "%s", verifier->store->error.text);
    verifier->status = status;
    if (status != EVENTURE_OK)
        return false;
    if (!noted)
        eventure__verify_note_unchecked(verifier, table);
    return !noted || same || eventure__verify_found(verifier, "table %s has changed since its digest was noted", table);
}

bool eventure__verify_notes(eventure__verifier *verifier)
{
    sqlite3 *db = verifier->store->db;
    bool has_notes = false;
    if (!eventure__verify_has_table(verifier, "proof", &has_notes))
        return false;
    for (size_t i = 0; eventure__proof_tables[i] != NULL; i++)
        if (!check_table(verifier, eventure__proof_tables[i]))
            return false;
    for (size_t i = 0; has_notes && i < sizeof number_rules / sizeof *number_rules; i++)
        if (!eventure__verify_forbidden(verifier, &number_rules[i]))
            return false;
    /* A log notes the current tick when it commits. */
    bool is_in_tick = verifier->store->writable && sqlite3_get_autocommit(db) == 0;
    return !has_notes || is_in_tick || eventure__verify_forbidden(verifier, &open_tick_rule);
}
