/*
 * The definitions of the table-valued functions. table.h describes the members.
 */
#include "extension/table_function.h"

#define EVENT_COLUMNS                                                                                                  \
    "seq INTEGER, id TEXT, tick INTEGER, timestamp REAL, type TEXT, data TEXT, parent_id TEXT, parent_seq INTEGER"
#define EVENT_COLUMNS_COUNT 8

static const eventure__variant cascade[] = {
    {"breadth-first", &eventure__function_event_cascade, false},
    {"depth-first", &eventure__function_event_cascade_depth_first, false},
    {"append", &eventure__function_event_cascade_as_appended, true},
    {"id", &eventure__function_event_cascade_by_id, false},
};
static const eventure__variant ancestors[] = {{NULL, &eventure__function_event_ancestors, false}};
static const eventure__variant children[] = {{NULL, &eventure__function_event_children, true}};
static const eventure__variant at[] = {{NULL, &eventure__function_events_at, true}};
static const eventure__variant until[] = {{NULL, &eventure__function_events_until, true}};
static const eventure__variant roots[] = {
    {NULL, &eventure__function_event_roots_at, true},
    {NULL, &eventure__function_event_roots, true},
};
static const eventure__variant timeline[] = {{NULL, &eventure__function_event_timeline, false}};
static const eventure__variant types[] = {{NULL, &eventure__function_event_types, false}};

#define VARIANTS(list) .variants = (list), .variants_count = (int)(sizeof(list) / sizeof(list)[0])

const eventure__table_function eventure__table_functions[] = {
    {.name = "event_cascade",
     .usage = "event_cascade(id [, order])",
     .declaration = "CREATE TABLE x (" EVENT_COLUMNS ", depth INTEGER, path TEXT, "
                    "of_id HIDDEN, in_order HIDDEN, in_schema HIDDEN)",
     .subject = EVENTURE__SUBJECT_ID,
     .columns = EVENT_COLUMNS_COUNT + 1,
     .path_column = EVENT_COLUMNS_COUNT + 1,
     .arguments = 3,
     .rows = 100,
     VARIANTS(cascade)},
    {.name = "event_ancestors",
     .usage = "event_ancestors(id)",
     .declaration = "CREATE TABLE x (" EVENT_COLUMNS ", depth INTEGER, path TEXT, of_id HIDDEN, in_schema HIDDEN)",
     .subject = EVENTURE__SUBJECT_ID,
     .columns = EVENT_COLUMNS_COUNT + 1,
     .path_column = EVENT_COLUMNS_COUNT + 1,
     .path_upwards = true,
     .arguments = 2,
     .rows = 10,
     VARIANTS(ancestors)},
    {.name = "event_children",
     .usage = "event_children(id)",
     .declaration = "CREATE TABLE x (" EVENT_COLUMNS ", of_id HIDDEN, in_schema HIDDEN)",
     .subject = EVENTURE__SUBJECT_ID,
     .columns = EVENT_COLUMNS_COUNT,
     .arguments = 2,
     .rows = 10,
     VARIANTS(children)},
    {.name = "events_at",
     .usage = "events_at(tick)",
     .declaration = "CREATE TABLE x (" EVENT_COLUMNS ", at_tick HIDDEN, in_schema HIDDEN)",
     .subject = EVENTURE__SUBJECT_TICK,
     .columns = EVENT_COLUMNS_COUNT,
     .arguments = 2,
     .rows = 100,
     VARIANTS(at)},
    {.name = "events_until",
     .usage = "events_until(tick)",
     .declaration = "CREATE TABLE x (" EVENT_COLUMNS ", until_tick HIDDEN, in_schema HIDDEN)",
     .subject = EVENTURE__SUBJECT_TICK,
     .columns = EVENT_COLUMNS_COUNT,
     .arguments = 2,
     .rows = 500000,
     VARIANTS(until)},
    {.name = "event_roots",
     .usage = "event_roots([tick])",
     .declaration = "CREATE TABLE x (" EVENT_COLUMNS ", at_tick HIDDEN, in_schema HIDDEN)",
     .subject = EVENTURE__SUBJECT_TICK,
     .may_be_left_out = true,
     .columns = EVENT_COLUMNS_COUNT,
     .arguments = 2,
     .rows = 300000,
     VARIANTS(roots)},
    {.name = "event_timeline",
     .usage = "event_timeline(bucket)",
     .declaration = "CREATE TABLE x (tick INTEGER, type TEXT, count INTEGER, bucket HIDDEN, in_schema HIDDEN)",
     .subject = EVENTURE__SUBJECT_BUCKET,
     .columns = 3,
     .arguments = 2,
     .rows = 10000,
     VARIANTS(timeline)},
    {.name = "event_types",
     .usage = "event_types()",
     .declaration = "CREATE TABLE x (type TEXT, hash TEXT, count INTEGER, first_tick INTEGER, last_tick INTEGER, "
                    "in_schema HIDDEN)",
     .subject = EVENTURE__SUBJECT_NONE,
     .columns = 5,
     .arguments = 1,
     .rows = 100,
     VARIANTS(types)},
};

const int eventure__table_functions_count =
    (int)(sizeof eventure__table_functions / sizeof eventure__table_functions[0]);
