/**
 * @file
 * Stores of older formats. A log upgrades such a store when it opens it; readers refuse it with EVENTURE_ERROR_FORMAT.
 * eventure_store_upgrade upgrades a store without opening a log, or into another file.
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

/** The size of the path in a report, in bytes with the NUL. */
#define EVENTURE_UPGRADE_TEXT_BYTES 1024

/** Options of eventure_store_upgrade. Begin with EVENTURE_UPGRADE_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_upgrade_options
{
    size_t size;          /**< Set by the macro. */
    const char *new_path; /**< Write the upgraded store to this file, and leave the old store unchanged; NULL: upgrade
                             in place. */
    bool replace;         /**< With new_path: replace an existing file. */
    bool without_backup;  /**< In place: keep no copy of the old store. False: keep the copy PATH-format-N. */
} eventure_upgrade_options;

/** The defaults. */
#define EVENTURE_UPGRADE_OPTIONS_INIT                                                                                  \
    {                                                                                                                  \
        sizeof(eventure_upgrade_options), NULL, false, false                                                           \
    }

/**
 * Sets *options to the defaults, as EVENTURE_UPGRADE_OPTIONS_INIT does. `size` is sizeof(eventure_upgrade_options) as
 * the caller compiled it.
 */
EVENTURE_API void eventure_upgrade_options_init(eventure_upgrade_options *options, size_t size);

/** The result of eventure_store_upgrade. */
typedef struct eventure_upgrade_report
{
    int64_t from_format; /**< The format that the store had; the present format when there was nothing to do. */
    int64_t to_format;   /**< The present format. */
    char backup[EVENTURE_UPGRADE_TEXT_BYTES]; /**< The path of the copy of the old store, truncated to the buffer; ""
                                                   for none. */
} eventure_upgrade_report;

/**
 * Upgrades a store of an older format. Its history, and both digests of every tick, do not change.
 *
 * An upgrade in place is one transaction: after a crash at any moment the file contains the old store or the new one.
 * It temporarily needs about three times the space of the store. A new file appears complete or not at all. A store of
 * the present format is not changed.
 * @param path the store
 * @param options NULL is all defaults
 * @param out_report receives the result
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, EVENTURE_ERROR_FORMAT (not a store, or a newer format),
 *         EVENTURE_ERROR_BUSY (a log has it open), EVENTURE_ERROR_EXISTS (new_path exists), EVENTURE_ERROR_ARGUMENT
 *         (new_path is given, and the store has the present format), EVENTURE_ERROR_CORRUPT, EVENTURE_ERROR_READ_ONLY,
 *         EVENTURE_ERROR_IO, EVENTURE_ERROR_MEMORY; eventure_last_message() returns the text
 */
EVENTURE_API eventure_status eventure_store_upgrade(const char *path, const eventure_upgrade_options *options,
                                                    eventure_upgrade_report *out_report);

#ifdef __cplusplus
}
#endif

#endif
