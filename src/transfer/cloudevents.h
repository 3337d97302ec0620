/*
 * CloudEvents 1.0 in JSON. The properties of an event become the attributes of the same names; the rest become
 * extension attributes:
 *
 *   tick         its tick, as text: an integer of CloudEvents has 32 bits
 *   causationid  its parent's id
 *   timestamp    instead of `time`, as text, when RFC 3339 cannot represent it
 *   escaped      the names of those of id, type and causationid, in this order and separated by commas, whose text is
 *                written with the escapes of JSON, because it contains characters that CloudEvents do not allow
 *
 * `source` is the store's UUID.
 *
 * A CloudEvent of another producer becomes an event whose data has EVENTURE__CE_KEY as its last member: an object with
 * everything that has no equivalent in an event, in its original spelling. It always contains the source. Other
 * attributes are kept in these cases:
 *
 *   time         null when the event has none, and the text when the timestamp does not represent it exactly
 *   id           when the store has another id for it, because an event of another source has that id
 *   type         when it is too long for a type
 *   tick         when it is not a tick, or is text
 *   causationid  when the parent has another id in the store
 *   data, data_base64
 *                data that is not an object, or has a member EVENTURE__CE_KEY, or is an empty object
 */
#ifndef EVENTURE_TRANSFER_CLOUDEVENTS_H
#define EVENTURE_TRANSFER_CLOUDEVENTS_H

#include <eventure/event.h>

#include "base/buffer.h"
#include "base/error.h"
#include "event/json.h"
#include "transfer/source.h"

#define EVENTURE__CE_VERSION "specversion"
#define EVENTURE__CE_TICK "tick"
#define EVENTURE__CE_CAUSE "causationid"
#define EVENTURE__CE_TIMESTAMP "timestamp"
#define EVENTURE__CE_ESCAPED "escaped"
#define EVENTURE__CE_KEY "cloudevent"

enum
{
    EVENTURE__CE_PLAIN_ID,
    EVENTURE__CE_PLAIN_TYPE,
    EVENTURE__CE_PLAIN_CAUSE,
    EVENTURE__CE_PLAINS
};

/* The reusable memory of the parser; begin with zeros. */
typedef struct eventure__cloudevent
{
    eventure__buffer compact;
    eventure__buffer data;
    eventure__buffer plain[EVENTURE__CE_PLAINS]; /* texts whose escapes are resolved */
} eventure__cloudevent;

/* Parses one event; its texts are valid until the next call. The limits are those of the data. */
eventure_status eventure__cloudevent_parse(eventure__cloudevent *work, const char *text, size_t len,
                                           size_t max_data_bytes, int max_depth, eventure__incoming *out,
                                           eventure__error *error);
void eventure__cloudevent_free(eventure__cloudevent *work);

/* Whether data is that of an event of another producer, as it is described above. *out_kept is then the object, and
 * *out_own the data before it, `{` and members without a closing brace, of length 1 when there are none. */
bool eventure__cloudevent_kept(eventure__span data, eventure__span *out_kept, eventure__span *out_own);

#endif
