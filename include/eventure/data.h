/**
 * @file
 * The data of an event that is appended: JSON text, or a list of typed fields.
 *
 * @code
 * eventure_log_append(log, "order.filled", eventure_json("{\"price\": 1.25}"), NULL, NULL);
 * eventure_log_append(log, "order.filled",
 *                     EVENTURE_DATA(eventure_string("side", "BUY"), eventure_int("amount", 3)), NULL, NULL);
 * @endcode
 *
 * JSON text keeps a key that an object has twice, as it was written; a look-up uses the last one (event.h). Fields with
 * the same key twice are refused with EVENTURE_ERROR_JSON.
 *
 * The values of this header borrow their arguments. Nothing is copied until the call that takes the data, and nothing
 * needs to be freed.
 *
 * EVENTURE_DATA is meant as an argument of the call that takes the data: its fields live until the end of the enclosing
 * block in C, and until the end of the statement in C++. Data that was kept for longer, for instance in an array that a
 * loop fills, is refused with EVENTURE_ERROR_ARGUMENT when its fields have changed since. To collect many events, use a
 * batch (eventure_batch), which copies them.
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

/** The kind of a field's value. */
typedef enum eventure_field_kind
{
    EVENTURE_FIELD_NULL = 0,   /**< JSON null. */
    EVENTURE_FIELD_BOOL = 1,   /**< true or false. */
    EVENTURE_FIELD_INT = 2,    /**< A 64-bit signed integer. */
    EVENTURE_FIELD_DOUBLE = 3, /**< A finite double; NaN and infinities are refused by the call that takes it. */
    EVENTURE_FIELD_STRING = 4, /**< UTF-8 text. */
    EVENTURE_FIELD_JSON = 5    /**< JSON text of one value. The call that takes the field validates it; an event stores
                                    it in compact form. */
} eventure_field_kind;

/** One member of an object: its key and its value. */
typedef struct eventure_field
{
    const char *key;          /**< The member's key, UTF-8; borrowed. */
    size_t key_len;           /**< Its length in bytes; 0: it ends with NUL. A key of JSON may contain a NUL. */
    eventure_field_kind kind; /**< The kind of the value. */
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
 * The data of an event: JSON text if json is not NULL, otherwise the fields; without either it is `{}`. It is a view,
 * as eventure_field is: both are passed by value, and their layout never changes.
 */
typedef struct eventure_data
{
    const char *json;             /**< JSON text of an object, or NULL; borrowed. */
    size_t json_len;              /**< Its length in bytes. */
    const eventure_field *fields; /**< The members in order; borrowed. */
    size_t fields_count;          /**< Number of elements. */
    uint64_t checksum;            /**< The checksum of the fields when EVENTURE_DATA made the value; 0: not checked. */
} eventure_data;

/** Returns data from JSON text of json_len bytes, which need not end with NUL. */
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

/** Returns data from NUL-terminated JSON text; NULL is the empty object. */
static inline eventure_data eventure_json(const char *json)
{
    return eventure_json_n(json, json != NULL ? strlen(json) : 0);
}

/** Returns data from an array of fields, borrowed until the call that takes the data has returned. */
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

/** Returns a checksum over the addresses of the keys, the kinds, the values, and the bytes of the texts of fields.
 *  Never 0. */
EVENTURE_API uint64_t eventure_data_checksum(const eventure_field *fields, size_t fields_count);

/** Returns eventure_data_fields with a checksum; for EVENTURE_DATA. */
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

/** A string member of len bytes of UTF-8, which may contain NUL. */
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

/** The value of EVENTURE_DATA in C++: an array that lives until the end of the full expression. */
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

/** Data from typed fields, written in place: EVENTURE_DATA(eventure_int("round", 3), ...). Valid for the call that it
 *  is written in. */
#define EVENTURE_DATA(...) eventure_data_hold(__VA_ARGS__)
#else
/** Data from typed fields, written in place: EVENTURE_DATA(eventure_int("round", 3), ...). Valid for the call that it
 *  is written in. */
#define EVENTURE_DATA(...)                                                                                             \
    eventure_data_in_place((const eventure_field[]){__VA_ARGS__},                                                      \
                           sizeof((const eventure_field[]){__VA_ARGS__}) / sizeof(eventure_field))
#endif

#endif
