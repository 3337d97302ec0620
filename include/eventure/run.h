/**
 * @file
 * The record of a run: what the history in a store is, as the program that made it describes it. A record is a set of
 * keys, each with a JSON value. docs/runs.md has the convention for the keys:
 *
 * | key          | value                                                              |
 * | ------------ | ------------------------------------------------------------------ |
 * | `name`       | a text that names the run                                          |
 * | `parameters` | an object: what was varied between runs                            |
 * | `seed`       | the seed of the random numbers                                     |
 * | `version`    | a text: the version of the program                                 |
 * | `host`       | a text: the machine                                                |
 * | `started`    | a text: the time of the beginning, RFC 3339, UTC                   |
 * | `finished`   | a text: the time of the end, RFC 3339, UTC                         |
 * | `outcome`    | any value: how the run ended                                       |
 *
 * Other keys are allowed. The record is not part of the digests: two runs of one history on two hosts have the same
 * digests. Copies, archives, joined, repaired and extracted stores have the record of their source. A fork has it
 * without `finished` and `outcome`, which describe the end of another run, and with the changes of
 * eventure_copy_options.record.
 *
 * In SQL the view `run` contains the record as one row.
 *
 * @code
 * eventure_log_describe(log, EVENTURE_DATA(eventure_string("name", "sweep 12"), eventure_int("seed", 7),
 *                                          eventure_json_field("parameters", "{\"rate\": 0.25}")));
 * ...
 * eventure_log_describe(log, EVENTURE_DATA(eventure_string("outcome", "extinct")));
 * @endcode
 */
#ifndef EVENTURE_RUN_H
#define EVENTURE_RUN_H

#include <eventure/data.h>
#include <eventure/export.h>
#include <eventure/log.h>
#include <eventure/reader.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The longest key of a record, in bytes of UTF-8 without the closing NUL. */
#define EVENTURE_RUN_KEY_MAX_BYTES 255

/** The longest value of one key, in bytes of JSON in compact form. */
#define EVENTURE_RUN_VALUE_MAX_BYTES 1048576

/**
 * Changes the record, and commits everything appended so far together with the change, as eventure_save_point_create
 * does. All keys of one call are changed, or none.
 * @param log the log
 * @param changes the keys that change, with their values; the other keys keep theirs. null removes a key. A key is 1 to
 *        255 bytes of UTF-8 without control characters
 * @return EVENTURE_OK; EVENTURE_ERROR_ARGUMENT (a key is not valid), EVENTURE_ERROR_JSON (not a JSON object),
 *         EVENTURE_ERROR_LIMIT (a value is longer than EVENTURE_RUN_VALUE_MAX_BYTES, or nested too deep): nothing was
 *         written or committed; or the error of the commit
 */
EVENTURE_API eventure_status eventure_log_describe(eventure_log *log, eventure_data changes);

/**
 * Reads the record.
 * @param reader the store
 * @param key the key; NULL: the complete record
 * @param out_json receives JSON text in compact form, NUL-terminated, to be freed with eventure_free: the value of the
 *        key, or for NULL an object with the keys in the order of their bytes, `{}` for a store without a record. NULL
 *        on error
 * @return EVENTURE_OK; EVENTURE_ERROR_NOT_FOUND: the record does not have the key; or the error of reading the file
 */
EVENTURE_API eventure_status eventure_reader_description(eventure_reader *reader, const char *key, char **out_json);

#ifdef __cplusplus
}
#endif

#endif
