/*
 * CloudEvents 1.0 in JSON, one event a line. What an event is goes into the attributes of the same names; the rest
 * into extension attributes:
 *
 *   tick         its tick, as text: an integer of CloudEvents has 32 bits
 *   causationid  its parent's id
 *   timestamp    instead of `time`, as text, when RFC 3339 cannot say it
 *   escaped      which of id, type and causationid, in this order and separated by commas, are spelled with the
 *                escapes of JSON inside of their text: those that hold characters which CloudEvents do not allow
 *
 * `source` is the store's UUID. It has no place in an event, and is not read.
 */
#ifndef EVENTURE_TRANSFER_CLOUDEVENTS_H
#define EVENTURE_TRANSFER_CLOUDEVENTS_H

#include <eventure/event.h>

#include "base/buffer.h"
#include "base/error.h"

#define EVENTURE__CE_VERSION "specversion"
#define EVENTURE__CE_TICK "tick"
#define EVENTURE__CE_CAUSE "causationid"
#define EVENTURE__CE_TIMESTAMP "timestamp"
#define EVENTURE__CE_ESCAPED "escaped"

enum
{
    EVENTURE__CE_PLAIN_ID,
    EVENTURE__CE_PLAIN_TYPE,
    EVENTURE__CE_PLAIN_CAUSE,
    EVENTURE__CE_PLAINS
};

/* What parsing needs again and again; zero-initialised is ready. */
typedef struct eventure__cloudevent
{
    eventure__buffer compact;
    eventure__buffer plain[EVENTURE__CE_PLAINS]; /* texts whose escapes are resolved */
} eventure__cloudevent;

/* As eventure__line_parse; an event without a tick gets `tick`. */
eventure_status eventure__cloudevent_parse(eventure__cloudevent *work, const char *text, size_t len,
                                           size_t max_data_bytes, int max_depth, int64_t tick,
                                           eventure_event *out_event, eventure__error *error);
void eventure__cloudevent_free(eventure__cloudevent *work);

#endif
