/**
 * @file
 * The data of an event, on its way in: JSON text, or a list of typed fields.
 *
 * @code
 * eventure_log_append(log, "order.filled", eventure_json("{\"price\": 1.25}"), NULL, NULL);
 * eventure_log_append(log, "order.filled",
 *                     EVENTURE_DATA(eventure_string("side", "BUY"), eventure_int("amount", 3)), NULL, NULL);
 * @endcode
 *
 * Values of this header borrow what they are given; nothing is copied until the call that takes
 * the data, and nothing needs freeing.
 *
 * What EVENTURE_DATA makes is for the call that it is written in: the fields live in C until the end of the enclosing
 * block, and in C++ until the end of the statement. Data that was kept for longer, as in an array that a loop fills, is
 * refused with EVENTURE_ERROR_ARGUMENT when its fields have changed since. A batch (eventure_batch) copies what it is
 * given, and is the way to collect many events.
 */
#ifndef EVENTURE_DATA_H
#define EVENTURE_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <eventure/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a field holds. */
typedef enum eventure_field_kind
{
    EVENTURE_FIELD_NULL = 0,   /**< JSON null. */
    EVENTURE_FIELD_BOOL = 1,   /**< true or false. */
    EVENTURE_FIELD_INT = 2,    /**< A 64-bit signed integer. */
    EVENTURE_FIELD_DOUBLE = 3, /**< A finite double; NaN and infinities are refused by the call that takes it. */
    EVENTURE_FIELD_STRING = 4, /**< UTF-8 text. */
    EVENTURE_FIELD_JSON = 5    /**< JSON text, as it is. */
} eventure_field_kind;

/** One member of an object: its key and its value. */
typedef struct eventure_field
{
    const char *key;          /**< The member's key, UTF-8, NUL-terminated; borrowed. */
    eventure_field_kind kind; /**< Which of the values below counts. */
    union
    {
        bool boolean;    /**< For EVENTURE_FIELD_BOOL. */
        int64_t integer; /**< For EVENTURE_FIELD_INT. */
        double number;   /**< For EVENTURE_FIELD_DOUBLE. */
        struct
        {
            const char *bytes; /**< The text; borrowed. */
            size_t len;        /**< Its length in bytes. */
        } text;                /**< For EVENTURE_FIELD_STRING and EVENTURE_FIELD_JSON. */
    } value;                   /**< The value. */
} eventure_field;

/**
 * The data of an event: JSON text if json is not NULL, otherwise the fields; neither is `{}`. It is a view, as
 * eventure_field is: both are passed by value, and never get more members.
 */
typedef struct eventure_data
{
    const char *json;             /**< JSON text of an object, or NULL; borrowed. */
    size_t json_len;              /**< Its length in bytes. */
    const eventure_field *fields; /**< The members in order; borrowed. */
    size_t fields_count;          /**< How many. */
    uint64_t checksum;            /**< Of the fields as EVENTURE_DATA made them; 0: not checked. */
} eventure_data;

/** Data from JSON text of json_len bytes, which need not end with NUL. */
static inline eventure_data eventure_json_n(const char *json, size_t json_len)
{
    eventure_data data;
    data.json = json;
    data.json_len = json_len;
    data.fields = NULL;
    data.fields_count = 0;
    data.checksum = 0;
    return data;
}

/** Data from NUL-terminated JSON text; NULL is the empty object. */
static inline eventure_data eventure_json(const char *json)
{
    return eventure_json_n(json, json != NULL ? strlen(json) : 0);
}

/** Data from an array of fields, borrowed until the call that takes the data has returned. */
static inline eventure_data eventure_data_fields(const eventure_field *fields, size_t fields_count)
{
    eventure_data data;
    data.json = NULL;
    data.json_len = 0;
    data.fields = fields;
    data.fields_count = fields_count;
    data.checksum = 0;
    return data;
}

/** A checksum of fields: of their keys' addresses, their kinds and values, and the bytes of their texts. Never 0. */
EVENTURE_API uint64_t eventure_data_checksum(const eventure_field *fields, size_t fields_count);

/** What EVENTURE_DATA makes: eventure_data_fields with a checksum. */
static inline eventure_data eventure_data_in_place(const eventure_field *fields, size_t fields_count)
{
    eventure_data data = eventure_data_fields(fields, fields_count);
    data.checksum = eventure_data_checksum(fields, fields_count);
    return data;
}

/** No data: the empty object. */
static inline eventure_data eventure_no_data(void)
{
    return eventure_data_fields(NULL, 0);
}

/** A null member. */
static inline eventure_field eventure_null(const char *key)
{
    eventure_field field;
    memset(&field, 0, sizeof field);
    field.key = key;
    field.kind = EVENTURE_FIELD_NULL;
    return field;
}

/** A boolean member. */
static inline eventure_field eventure_bool(const char *key, bool value)
{
    eventure_field field = eventure_null(key);
    field.kind = EVENTURE_FIELD_BOOL;
    field.value.boolean = value;
    return field;
}

/** An integer member. */
static inline eventure_field eventure_int(const char *key, int64_t value)
{
    eventure_field field = eventure_null(key);
    field.kind = EVENTURE_FIELD_INT;
    field.value.integer = value;
    return field;
}

/** A number member, written with the fewest digits that read back as the same double. */
static inline eventure_field eventure_double(const char *key, double value)
{
    eventure_field field = eventure_null(key);
    field.kind = EVENTURE_FIELD_DOUBLE;
    field.value.number = value;
    return field;
}

/** A string member of len bytes of UTF-8, which may hold NUL. */
static inline eventure_field eventure_string_n(const char *key, const char *value, size_t len)
{
    eventure_field field = eventure_null(key);
    field.kind = EVENTURE_FIELD_STRING;
    field.value.text.bytes = value;
    field.value.text.len = len;
    return field;
}

/** A string member from NUL-terminated UTF-8. */
static inline eventure_field eventure_string(const char *key, const char *value)
{
    return eventure_string_n(key, value, value != NULL ? strlen(value) : 0);
}

/** A member whose value is given as JSON text of any kind: an array, a nested object, a long number. */
static inline eventure_field eventure_json_field(const char *key, const char *json)
{
    eventure_field field = eventure_string(key, json);
    field.kind = EVENTURE_FIELD_JSON;
    return field;
}

#ifdef __cplusplus
}

/** What EVENTURE_DATA makes in C++: an array that lives until the end of the full expression. */
template <size_t N> struct eventure_data_holder
{
    eventure_field fields[N]; /**< The members in order. */
    /** The holder as the data that a call takes. */
    operator eventure_data() const
    {
        return eventure_data_in_place(fields, N);
    }
};

/** Makes the holder from its fields. */
template <typename... F> inline eventure_data_holder<sizeof...(F)> eventure_data_hold(F... field)
{
    return eventure_data_holder<sizeof...(F)>{{field...}};
}

/** Data from typed fields, written in place: EVENTURE_DATA(eventure_int("round", 3), ...). Not to be kept. */
#define EVENTURE_DATA(...) eventure_data_hold(__VA_ARGS__)
#else
/** Data from typed fields, written in place: EVENTURE_DATA(eventure_int("round", 3), ...). Not to be kept. */
#define EVENTURE_DATA(...)                                                                                             \
    eventure_data_in_place((const eventure_field[]){__VA_ARGS__},                                                      \
                           sizeof((const eventure_field[]){__VA_ARGS__}) / sizeof(eventure_field))
#endif

#endif
