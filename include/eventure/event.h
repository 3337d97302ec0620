/**
 * @file
 * The event: a plain value that the caller may read. Its pointers belong to the object that returned it (log, cursor,
 * follower, playback).
 *
 * Texts of types, ids and names are UTF-8 without NUL. A function that takes only a pointer takes a C string, which
 * ends with NUL; it is a short form. The structs eventure_event_input, eventure_filter, eventure_field and
 * eventure_member take a length beside each text. Keys of the data may contain a NUL, as those of JSON may.
 *
 * NULL for a required argument is EVENTURE_ERROR_ARGUMENT. The functions that read a member of the data set no text of
 * eventure_last_message for EVENTURE_ERROR_NOT_FOUND, _TYPE and _LIMIT, because these are ordinary answers.
 */
#ifndef EVENTURE_EVENT_H
#define EVENTURE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/export.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The longest type, in bytes of UTF-8 without the closing NUL. */
#define EVENTURE_TYPE_MAX_BYTES 255

/** The longest data of an event in bytes: 512 MiB. The option max_data_bytes of a log may set a lower limit. */
#define EVENTURE_DATA_MAX_BYTES ((int64_t)512 * 1024 * 1024)

/**
 * One immutable event. The documentation of the call that returns it states how long its pointers are valid;
 * eventure_event_copy makes a copy that the caller owns.
 *
 * Each text ends with NUL and has its length beside it. The library sets every length. A program that fills in an event
 * itself (a parent, an event to dispatch or to restore) begins with all members zero, and may leave the lengths 0: the
 * text is then measured up to its NUL. A program that replaces a text sets its length, too.
 */
typedef struct eventure_event
{
    int64_t seq;               /**< Position in the store, from 1, without gaps. */
    int64_t tick;              /**< The tick it belongs to, >= 0. */
    double timestamp;          /**< Seconds since the Unix epoch, UTC, from the log's clock. */
    const char *type;          /**< UTF-8, conventionally `area.verb`. */
    size_t type_len;           /**< Length of type in bytes, without the NUL, as all lengths here. */
    const char *data;          /**< A JSON object, compact. */
    size_t data_len;           /**< Length of data in bytes. */
    const char *id;            /**< `{tick}-{HASH}-{n}`, or the id it was imported with; "" when it is left out: by a
                                    filter, or in the JSON line that the event was read from. */
    size_t id_len;             /**< Length of id in bytes. */
    const char *parent_id;     /**< Id of the event that caused this one; NULL for none. */
    size_t parent_id_len;      /**< Length of parent_id in bytes; 0 for none. */
    int64_t parent_seq;        /**< The seq of that event; 0 for none, and for a parent outside this store. */
    bool timestamp_is_integer; /**< Whether the event was imported with an integer as its timestamp: 5, and not 5.0. */
    int64_t timestamp_integer; /**< With timestamp_is_integer: that integer; timestamp is then the double nearest to
                                    it. */
} eventure_event;

/**
 * Copies an event with all its text, in one allocation.
 * @param event the event to copy
 * @param out_copy receives the copy, to be freed with eventure_event_free; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_event_copy(const eventure_event *event, eventure_event **out_copy);

/** Frees a copy made by eventure_event_copy or eventure_event_from_json; NULL is allowed. */
EVENTURE_API void eventure_event_free(eventure_event *event);

/**
 * Writes an event as its JSON line, without the line feed, in the spelling of the reference implementation:
 * `{"tick": 0, "timestamp": 1.5, "type": "a.b", "data": {}, "event_id": "0-ABCD-1", "parent_id": null}`. An id of "" is
 * written as null. The type, the data and the ids are written as they are, without a check that the data is JSON or
 * that the texts are UTF-8: those of an event of this library are.
 * @param event the event
 * @param out_line receives NUL-terminated text, to be freed with eventure_free; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (the event has no type or no data, as when a filter left the data out,
 *         or its timestamp is not finite), or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_event_to_json(const eventure_event *event, char **out_line);

/**
 * Reads an event from its JSON line, in any valid spelling. `seq` and `parent_seq` are 0: only a store assigns them.
 * `event_id` and `parent_id` may be missing or null: the id is then "", and parent_id is NULL. eventure_log_import
 * gives an event without an id the next id of its tick and type, as an append does.
 * @param line the text
 * @param line_len its length in bytes
 * @param out_event receives an event to be freed with eventure_event_free; NULL on error, whose text is then
 *        eventure_last_message()
 * @return EVENTURE_OK, EVENTURE_ERROR_JSON (not JSON, a field missing, given twice, mistyped or unknown),
 *         EVENTURE_ERROR_TYPE (not 1 to 255 bytes, or with a NUL), EVENTURE_ERROR_TICK (not an integer of 0 or more),
 *         EVENTURE_ERROR_LIMIT (an id of more than 1024 bytes, data of more than 512 MiB or nested deeper than 1000),
 *         or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_event_from_json(const char *line, size_t line_len, eventure_event **out_event);

/** Frees memory that a function of this library returned and that the caller owns; NULL is allowed. */
EVENTURE_API void eventure_free(void *memory);

/**
 * Reads one integer member of an event's data, without parsing the rest. A number without a fraction is an integer in
 * any spelling (3, 3.0, 3e0).
 * @param event the event
 * @param key the top-level key, unescaped
 * @param out_value receives the value
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (no such key), or EVENTURE_ERROR_TYPE (not an integer of 64 bits)
 */
EVENTURE_API eventure_status eventure_event_int(const eventure_event *event, const char *key, int64_t *out_value);

/** As eventure_event_int, for any number; a number that is too large for a double is EVENTURE_ERROR_TYPE. */
EVENTURE_API eventure_status eventure_event_double(const eventure_event *event, const char *key, double *out_value);

/** As eventure_event_int, for true and false. */
EVENTURE_API eventure_status eventure_event_bool(const eventure_event *event, const char *key, bool *out_value);

/** Returns the value of an integer member, or `otherwise` when there is no such key, its value is not an integer of 64
 *  bits, or event or key is NULL. */
EVENTURE_API int64_t eventure_event_int_or(const eventure_event *event, const char *key, int64_t otherwise);

/** As eventure_event_int_or, for any number. */
EVENTURE_API double eventure_event_double_or(const eventure_event *event, const char *key, double otherwise);

/** As eventure_event_int_or, for true and false. */
EVENTURE_API bool eventure_event_bool_or(const eventure_event *event, const char *key, bool otherwise);

/**
 * Reads one string member, with its escapes resolved.
 * @param event the event
 * @param key the top-level key
 * @param buffer receives the text and a closing NUL; unchanged when the text does not fit; NULL when buffer_size is 0
 * @param buffer_size size of buffer in bytes
 * @param out_len receives the length of the text in bytes, without the NUL, also when it does not fit; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, EVENTURE_ERROR_TYPE (not a string), or EVENTURE_ERROR_LIMIT (buffer is
 *         too small)
 */
EVENTURE_API eventure_status eventure_event_string(const eventure_event *event, const char *key, char *buffer,
                                                   size_t buffer_size, size_t *out_len);

/**
 * Reads one member of any kind as its JSON text.
 * @param event the event
 * @param key the top-level key; when an object contains a key twice, every look-up uses the last one
 * @param out_json receives a pointer into the event's data, not NUL-terminated, valid as long as the event
 * @param out_len receives its length in bytes
 * @return EVENTURE_OK, or EVENTURE_ERROR_NOT_FOUND
 */
EVENTURE_API eventure_status eventure_event_member(const eventure_event *event, const char *key, const char **out_json,
                                                   size_t *out_len);

/**
 * Reads the value at a path in the data: a key, or keys with dots between them that lead from object to object, as in
 * `pos.x`; a number from 0 is the position of an element of an array. A key that contains dots itself takes precedence.
 * @param event the event
 * @param path the path
 * @param out_json receives a pointer into the event's data, not NUL-terminated, valid as long as the event
 * @param out_len receives its length in bytes
 * @return EVENTURE_OK, or EVENTURE_ERROR_NOT_FOUND
 */
EVENTURE_API eventure_status eventure_event_member_at(const eventure_event *event, const char *path,
                                                      const char **out_json, size_t *out_len);

/**
 * Computes the HASH part of the ids of a type: the first four letters of the lower-case hexadecimal MD5 (RFC 1321) of
 * its bytes, without the digits, in upper case.
 * @param type NUL-terminated UTF-8
 * @param out_hash receives up to four letters and a NUL; none when type is NULL
 */
EVENTURE_API void eventure_type_hash(const char *type, char out_hash[5]);

#ifdef __cplusplus
}
#endif

#endif
