/**
 * @file
 * A store opened for reading: from any thread or process, while a log writes it.
 *
 * A reader sees whole committed ticks and nothing else. Each question is answered from the newest commit at the time
 * it was asked; eventure_reader_begin makes several questions see the same one. A log lends a reader of its own
 * (eventure_log_reader), which also sees what has not been committed yet.
 *
 * A reader is for one thread at a time; open one a thread. It belongs to the process that has opened it: see log.h for
 * what fork means, and what the program must not do with the file.
 */
#ifndef EVENTURE_READER_H
#define EVENTURE_READER_H

#include <stdint.h>

#include <eventure/export.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A store opened for reading. */
typedef struct eventure_reader eventure_reader;

/**
 * Opens an existing store for reading. Needs no right to write, and changes nothing in the store.
 *
 * The owner of the file (and root) leaves no file beside it: when a reader of theirs is the last user that closes the
 * store, it brings the write-ahead log into the one file. A reader of another user makes no file at all, so that none
 * of its files can shut the owner out. While nobody writes, it reads without locks. When a log comes, its next question
 * sees that; what it is reading at that moment, in a cursor or between eventure_reader_begin and _end, fails with
 * EVENTURE_ERROR_BUSY, and a text that says to ask again or to reopen, unless all of it is still as it was. So it sees
 * whole ticks, or that error, as long as the times of the file are right (see docs/promises.md).
 * @param path the file, in the encoding of the file system
 * @param out_reader receives the reader; NULL on error, whose text is then eventure_last_message
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (no such file), EVENTURE_ERROR_FORMAT (not a store, or too new),
 *         EVENTURE_ERROR_IO, EVENTURE_ERROR_READ_ONLY (a program crashed while it wrote the store, and what it left
 *         beside it needs the owner to open the store once), EVENTURE_ERROR_CORRUPT, EVENTURE_ERROR_BUSY or
 *         EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_reader_open(const char *path, eventure_reader **out_reader);

/**
 * As eventure_reader_open, and opens also a store that is shorter than it says, or of which the schema or the first
 * page cannot be read: for eventure_store_verify and eventure_store_repair, which tell what is wrong and what is left.
 * What other questions answer on such a reader is not defined, except that they end.
 */
EVENTURE_API eventure_status eventure_reader_open_damaged(const char *path, eventure_reader **out_reader);

/** Closes a reader and frees its cursors' statements; NULL is allowed. Not for a reader that a log lent. */
EVENTURE_API void eventure_reader_close(eventure_reader *reader);

/** Returns the text of the reader's last error; valid until the next call on it. For NULL: eventure_last_message(). */
EVENTURE_API const char *eventure_reader_message(const eventure_reader *reader);

/**
 * Holds the newest commit for all questions until eventure_reader_end. A reader that holds a commit for long keeps the
 * write-ahead log from being reset: do not sleep on it.
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (held already, or lent by a log), or the error of reading the file
 */
EVENTURE_API eventure_status eventure_reader_begin(eventure_reader *reader);

/** Lets go of the commit held by eventure_reader_begin. Calling it without one is allowed. */
EVENTURE_API void eventure_reader_end(eventure_reader *reader);

/** Moves a held reader to the newest commit: eventure_reader_end and eventure_reader_begin in one. */
EVENTURE_API eventure_status eventure_reader_refresh(eventure_reader *reader);

/** The current tick of the store: that of the next event. */
EVENTURE_API eventure_status eventure_reader_tick(eventure_reader *reader, int64_t *out_tick);

/** The seq of the newest event, which is also the number of all events, archived ones included; 0 without any. */
EVENTURE_API eventure_status eventure_reader_last_seq(eventure_reader *reader, int64_t *out_seq);

#ifdef __cplusplus
}
#endif

#endif
