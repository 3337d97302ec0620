/**
 * @file
 * Stores of older formats. A log that opens one brings it up to date by itself; readers refuse it with
 * EVENTURE_ERROR_FORMAT. This call does it without opening a log, or into another file.
 */
#ifndef EVENTURE_UPGRADE_H
#define EVENTURE_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/export.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The longest text of a report, in bytes with its NUL. */
#define EVENTURE_UPGRADE_TEXT_BYTES 1024

/** How a store is brought up to date. Begin with EVENTURE_UPGRADE_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_upgrade_options
{
    size_t size; /**< Set by the macro. */
    const char
        *new_path;       /**< Leave the store as it is, and write a store of the present format here; NULL: in place. */
    bool replace;        /**< With new_path: replace a file that is there. */
    bool without_backup; /**< In place: keep no copy of the store as it was. Without it the copy is PATH-format-N. */
} eventure_upgrade_options;

/** The defaults. */
#define EVENTURE_UPGRADE_OPTIONS_INIT                                                                                  \
    {                                                                                                                  \
        sizeof(eventure_upgrade_options), NULL, false, false                                                           \
    }

/** The same, as a function: `size` is sizeof(eventure_upgrade_options). */
EVENTURE_API void eventure_upgrade_options_init(eventure_upgrade_options *options, size_t size);

/** What was done. */
typedef struct eventure_upgrade_report
{
    int64_t from_format; /**< The format that the store had; the present one when there was nothing to do. */
    int64_t to_format;   /**< The present format. */
    char backup[EVENTURE_UPGRADE_TEXT_BYTES]; /**< The copy of the store as it was, cut if it is longer; "" for none. */
    char message[EVENTURE_UPGRADE_TEXT_BYTES]; /**< The error's text; "" after success. */
} eventure_upgrade_report;

/**
 * Brings a store of an older format up to date. Its history, and both digests of every tick, stay what they are.
 *
 * In place, all of it is one transaction: after a crash at any moment the file holds the old store or the new one. It
 * takes some three times the space of the store for a while. A new file appears whole or not at all. Of a store that is
 * up to date already nothing is changed.
 * @param path the store
 * @param options NULL is all defaults
 * @param out_report receives what was done
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, EVENTURE_ERROR_FORMAT (not a store, or too new), EVENTURE_ERROR_BUSY
 * (a log has it open), EVENTURE_ERROR_EXISTS (new_path is there), EVENTURE_ERROR_ARGUMENT (new_path, and the store is
 * up to date), EVENTURE_ERROR_CORRUPT, EVENTURE_ERROR_READ_ONLY, EVENTURE_ERROR_IO, EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_store_upgrade(const char *path, const eventure_upgrade_options *options,
                                                    eventure_upgrade_report *out_report);

#ifdef __cplusplus
}
#endif

#endif
