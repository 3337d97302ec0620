/*
 * Parameters of a projection's statements: see bind.h. Values are converted as by SQLite's json_extract, but the key
 * can be any text.
 */
#include "projection/bind.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "event/json.h"

typedef struct envelope_name
{
    const char *name;
    eventure__parameter_kind kind;
} envelope_name;

static const envelope_name envelope_names[] = {
    {"event_seq", EVENTURE__PARAMETER_SEQ},
    {"event_tick", EVENTURE__PARAMETER_TICK},
    {"event_timestamp", EVENTURE__PARAMETER_TIMESTAMP},
    {"event_type", EVENTURE__PARAMETER_TYPE},
    {"event_data", EVENTURE__PARAMETER_DATA},
    {"event_id", EVENTURE__PARAMETER_ID},
    {"event_parent_id", EVENTURE__PARAMETER_PARENT_ID},
};

bool eventure__parameter_read(const char *name, eventure__parameter *out)
{
    if (name == NULL || name[0] != ':')
        return false;
    *out = (eventure__parameter){EVENTURE__PARAMETER_MEMBER, name + 1, strlen(name + 1)};
    for (size_t i = 0; i < sizeof envelope_names / sizeof *envelope_names; i++)
        if (strcmp(name + 1, envelope_names[i].name) == 0)
            out->kind = envelope_names[i].kind;
    return true;
}

/* Binds a number: as a double when it has a fraction or an exponent, or exceeds 64 bits. */
static int bind_number(sqlite3_stmt *statement, int index, eventure__span value)
{
    int64_t integer = 0;
    double real = 0;
    bool has_fraction = false;
    for (size_t i = 0; i < value.len; i++)
        has_fraction = has_fraction || value.at[i] == '.' || value.at[i] == 'e' || value.at[i] == 'E';
    if (!has_fraction && eventure__parse_int(value.at, value.len, &integer))
        return sqlite3_bind_int64(statement, index, integer);
    if (!eventure__parse_double(value.at, value.len, &real))
        real = value.at[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    return sqlite3_bind_double(statement, index, real);
}

static int bind_string(sqlite3_stmt *statement, int index, eventure__span literal, eventure__buffer *scratch)
{
    if (memchr(literal.at, '\\', literal.len) == NULL)
        return sqlite3_bind_text64(statement, index, literal.at + 1, literal.len - 2, SQLITE_STATIC, SQLITE_UTF8);
    eventure__buffer_clear(scratch);
    eventure__json_unescape(literal, scratch);
    if (scratch->failed)
        return SQLITE_NOMEM;
    return sqlite3_bind_text64(statement, index, scratch->len > 0 ? scratch->bytes : "", scratch->len, SQLITE_TRANSIENT,
                               SQLITE_UTF8);
}

static int bind_member(sqlite3_stmt *statement, int index, const eventure__parameter *parameter,
                       const eventure_event *event, eventure__buffer *scratch)
{
    eventure__span value;
    if (!eventure__json_find(event->data, event->data_len, parameter->key, parameter->key_len, &value))
        return sqlite3_bind_null(statement, index);
    switch (value.at[0])
    {
    case '"':
        return bind_string(statement, index, value, scratch);
    case '{':
    case '[':
        return sqlite3_bind_text64(statement, index, value.at, value.len, SQLITE_STATIC, SQLITE_UTF8);
    case 't':
        return sqlite3_bind_int(statement, index, 1);
    case 'f':
        return sqlite3_bind_int(statement, index, 0);
    case 'n':
        return sqlite3_bind_null(statement, index);
    default:
        return bind_number(statement, index, value);
    }
}

static int bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    return sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC); /* NULL for NULL */
}

int eventure__parameter_bind(sqlite3_stmt *statement, int index, const eventure__parameter *parameter,
                             const eventure_event *event, eventure__buffer *scratch)
{
    switch (parameter->kind)
    {
    case EVENTURE__PARAMETER_SEQ:
        return sqlite3_bind_int64(statement, index, event->seq);
    case EVENTURE__PARAMETER_TICK:
        return sqlite3_bind_int64(statement, index, event->tick);
    case EVENTURE__PARAMETER_TIMESTAMP:
        return sqlite3_bind_double(statement, index, event->timestamp);
    case EVENTURE__PARAMETER_TYPE:
        return bind_text(statement, index, event->type);
    case EVENTURE__PARAMETER_DATA:
        return sqlite3_bind_text64(statement, index, event->data, event->data_len, SQLITE_STATIC, SQLITE_UTF8);
    case EVENTURE__PARAMETER_ID:
        return bind_text(statement, index, event->id);
    case EVENTURE__PARAMETER_PARENT_ID:
        return bind_text(statement, index, event->parent_id);
    case EVENTURE__PARAMETER_MEMBER:
        break;
    }
    return bind_member(statement, index, parameter, event, scratch);
}
