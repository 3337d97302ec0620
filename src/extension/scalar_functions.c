/*
 * Scalar functions: see scalar_functions.h. They return NULL for a NULL argument and an error for an invalid one.
 *
 * Functions that only compute are deterministic and innocuous, so indexes and untrusted schemas may use them.
 * event_tree reads the store and is restricted to top-level SQL; table_function.c gives the reason.
 */
#include "extension/scalar_functions.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/pattern.h"
#include "base/sha512.h"
#include "event/id.h"
#include "event/json.h"

/* The subtype by which SQLite's own functions mark JSON text, so that json_array and similar functions nest it. */
#define SUBTYPE_JSON ((unsigned int)'J')

/* SQLite 3.45 and later require this flag of functions that set a subtype; older versions ignore it. */
#ifndef SQLITE_RESULT_SUBTYPE
#define SQLITE_RESULT_SUBTYPE 0x001000000
#endif

static void fail(sqlite3_context *context, const char *function, const char *why)
{
    char *message = sqlite3_mprintf("%s: %s", function, why);
    if (message == NULL)
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_error(context, message, -1);
    sqlite3_free(message);
}

static bool any_null(int count, sqlite3_value **values)
{
    for (int i = 0; i < count; i++)
        if (sqlite3_value_type(values[i]) == SQLITE_NULL)
            return true;
    return false;
}

/* Reads a value as text. Returns false and sets an error when memory runs out. */
static bool text_of(sqlite3_context *context, sqlite3_value *value, eventure__span *out)
{
    const char *text = (const char *)sqlite3_value_text(value);
    if (text == NULL)
    {
        sqlite3_result_error_nomem(context);
        return false;
    }
    *out = (eventure__span){text, (size_t)sqlite3_value_bytes(value)};
    return true;
}

static void event_type_hash(sqlite3_context *context, int count, sqlite3_value **values)
{
    eventure__span type;
    char hash[5];
    if (any_null(count, values) || !text_of(context, values[0], &type))
        return;
    eventure__type_hash(type.at, type.len, hash);
    sqlite3_result_text(context, hash, -1, SQLITE_TRANSIENT);
}

static void event_matches(sqlite3_context *context, int count, sqlite3_value **values)
{
    eventure__span type;
    eventure__span text;
    eventure__pattern pattern;
    eventure__error error;
    if (any_null(count, values) || !text_of(context, values[0], &type) || !text_of(context, values[1], &text))
        return;
    if (strlen(text.at) != text.len)
        fail(context, "event_matches", "the pattern contains a NUL");
    else if (eventure__pattern_parse(text.at, &pattern, &error) != EVENTURE_OK)
        fail(context, "event_matches", error.text);
    else
        sqlite3_result_int(context, eventure__pattern_matches(&pattern, type.at, type.len));
}

/* Parses an id of the form TICK-HASH-N. Returns false for other ids, for which the functions return NULL. */
static bool parts_of(sqlite3_context *context, int count, sqlite3_value **values, eventure__id *out)
{
    eventure__span id;
    return !any_null(count, values) && text_of(context, values[0], &id) && eventure__id_parse(id.at, id.len, out);
}

static void event_id_tick(sqlite3_context *context, int count, sqlite3_value **values)
{
    eventure__id id;
    if (parts_of(context, count, values, &id))
        sqlite3_result_int64(context, id.tick);
}

static void event_id_hash(sqlite3_context *context, int count, sqlite3_value **values)
{
    eventure__id id;
    if (parts_of(context, count, values, &id))
        sqlite3_result_text(context, id.hash, -1, SQLITE_TRANSIENT);
}

static void event_id_n(sqlite3_context *context, int count, sqlite3_value **values)
{
    eventure__id id;
    if (parts_of(context, count, values, &id))
        sqlite3_result_int64(context, id.n);
}

/* Returns a 64-bit integer as INTEGER and any other number, such as 3.0 or 1e2, as REAL. A number that exceeds the
 * range of a double is infinite. */
static void answer_number(sqlite3_context *context, eventure__span value)
{
    int64_t integer = 0;
    double real = 0;
    const bool is_integer = memchr(value.at, '.', value.len) == NULL && memchr(value.at, 'e', value.len) == NULL &&
                            memchr(value.at, 'E', value.len) == NULL;
    if (is_integer && eventure__parse_int(value.at, value.len, &integer))
        sqlite3_result_int64(context, integer);
    else if (eventure__parse_double(value.at, value.len, &real))
        sqlite3_result_double(context, real);
    else
        sqlite3_result_double(context, value.at[0] == '-' ? -INFINITY : INFINITY);
}

static void answer_string(sqlite3_context *context, eventure__span literal)
{
    eventure__buffer text = {0};
    eventure__json_unescape(literal, &text);
    if (eventure__buffer_text(&text) == NULL)
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_text64(context, text.bytes, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    eventure__buffer_free(&text);
}

/* Returns a compact JSON value as the corresponding SQL value. */
static void answer_value(sqlite3_context *context, eventure__span value)
{
    switch (value.at[0])
    {
    case '{':
    case '[':
        sqlite3_result_text64(context, value.at, value.len, SQLITE_TRANSIENT, SQLITE_UTF8);
        sqlite3_result_subtype(context, SUBTYPE_JSON);
        break;
    case '"':
        answer_string(context, value);
        break;
    case 't':
    case 'f':
        sqlite3_result_int(context, value.at[0] == 't');
        break;
    case 'n':
        break;
    default:
        answer_number(context, value);
    }
}

/* Normalises JSON text from any source, as the look-up functions require. Returns false and sets an error for invalid
 * JSON. Data of a store is already normalised, but the argument need not come from a store. */
static bool compact(sqlite3_context *context, const char *function, eventure__span json, eventure__buffer *out)
{
    eventure__error error;
    const eventure_status status = eventure__json_compact(json.at, json.len, EVENTURE__JSON_MAX_DEPTH, out, &error);
    if (status == EVENTURE_ERROR_MEMORY)
        sqlite3_result_error_nomem(context);
    else if (status != EVENTURE_OK)
        fail(context, function, error.text);
    return status == EVENTURE_OK;
}

/* Finds a top-level member of data by its literal key. */
static bool find_member(sqlite3_context *context, const char *function, sqlite3_value **values, eventure__buffer *data,
                        eventure__span *out)
{
    eventure__span json;
    eventure__span key;
    return text_of(context, values[0], &json) && text_of(context, values[1], &key) &&
           compact(context, function, json, data) && data->len > 0 && data->bytes[0] == '{' &&
           eventure__json_find(data->bytes, data->len, key.at, key.len, out) && out->len > 0;
}

static void event_data(sqlite3_context *context, int count, sqlite3_value **values)
{
    eventure__buffer data = {0};
    eventure__span value;
    if (any_null(count, values))
        return;
    if (find_member(context, "event_data", values, &data, &value))
        answer_value(context, value);
    eventure__buffer_free(&data);
}

static void event_data_equals(sqlite3_context *context, int count, sqlite3_value **values)
{
    eventure__buffer data = {0};
    eventure__buffer wanted = {0};
    eventure__span value;
    eventure__span json;
    bool failed = false;
    if (any_null(count, values))
        return;
    sqlite3_result_int(context, 0);
    if (text_of(context, values[2], &json) && compact(context, "event_data_equals", json, &wanted) &&
        find_member(context, "event_data_equals", values, &data, &value))
    {
        const bool equal = eventure__json_equal(value, (eventure__span){wanted.bytes, wanted.len}, &failed);
        if (failed)
            sqlite3_result_error_nomem(context);
        else
            sqlite3_result_int(context, equal);
    }
    eventure__buffer_free(&data);
    eventure__buffer_free(&wanted);
}

int eventure__functions_register(sqlite3 *db)
{
    const int computes = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    const int reads = SQLITE_UTF8 | SQLITE_DIRECTONLY;
    const struct
    {
        const char *name;
        int arguments;
        int flags;
        void (*function)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"event_type_hash", 1, computes, event_type_hash},
        {"event_matches", 2, computes, event_matches},
        {"event_id_tick", 1, computes, event_id_tick},
        {"event_id_hash", 1, computes, event_id_hash},
        {"event_id_n", 1, computes, event_id_n},
        {"event_data", 2, computes | SQLITE_RESULT_SUBTYPE, event_data},
        {"event_data_equals", 3, computes, event_data_equals},
        {"event_tree", 1, reads, eventure__event_tree},
        {"event_tree", 2, reads, eventure__event_tree},
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
    {
        const int code = sqlite3_create_function_v2(db, functions[i].name, functions[i].arguments, functions[i].flags,
                                                    NULL, functions[i].function, NULL, NULL, NULL);
        if (code != SQLITE_OK)
            return code;
    }
    return SQLITE_OK;
}
