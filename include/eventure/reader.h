/**
 * @file
 * A store opened for reading, in any thread or process, while a log may write it.
 *
 * A reader sees whole committed ticks only. Each query reads the newest commit at the time of the call; between
 * eventure_reader_begin and eventure_reader_end all queries read the same commit. So do all queries while a cursor of
 * the reader is open (see eventure_query): they read the commit that the cursor reads, and eventure_reader_begin and
 * eventure_reader_refresh succeed but do not move to a newer one. The reader of a log (eventure_log_reader) also sees
 * uncommitted events.
 *
 * One thread at a time may use a reader; open one for each thread. A reader belongs to the process that opened it:
 * log.h describes the effect of fork, and what a program must not do with the file.
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
 * Opens an existing store for reading. It needs no write permission, and changes nothing in the store.
 *
 * A reader of the owner of the file (or of root) leaves no file beside it: when it is the last user that closes the
 * store, it copies the write-ahead log into the single file. A reader of another user creates no files, so that none of
 * its files can lock the owner out. While no log has the store open, such a reader uses no locks. When a log opens the
 * store, the reader's next query detects that; a cursor or a read transaction (eventure_reader_begin) that is open at
 * that moment fails with EVENTURE_ERROR_BUSY, and a text that says to repeat the query or to reopen, unless the content
 * is unchanged. It therefore sees whole ticks, or that error, provided that the times of the file are correct (see
 * docs/promises.md).
 * @param path the file, in the encoding of the file system
 * @param out_reader receives the reader; NULL on error, whose text is then eventure_last_message()
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (no such file), EVENTURE_ERROR_FORMAT (not a store, or a newer format),
 *         EVENTURE_ERROR_IO, EVENTURE_ERROR_READ_ONLY (a program crashed while it wrote the store, and the owner must
 *         open the store once to recover the files beside it), EVENTURE_ERROR_CORRUPT, EVENTURE_ERROR_BUSY or
 *         EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_reader_open(const char *path, eventure_reader **out_reader);

/**
 * As eventure_reader_open, but also opens a store that is shorter than its header states, or whose schema or first page
 * cannot be read: for eventure_store_verify and eventure_store_repair, which report the damage and the events that are
 * left. The results of other queries on such a reader are undefined, but the queries end.
 */
EVENTURE_API eventure_status eventure_reader_open_damaged(const char *path, eventure_reader **out_reader);

/** Closes a reader, whose cursors must have been freed before; NULL is allowed. Must not be called with the reader of a
 *  log. */
EVENTURE_API void eventure_reader_close(eventure_reader *reader);

/** Returns the text of the reader's last error; valid until the next call on it. For NULL: eventure_last_message(). */
EVENTURE_API const char *eventure_reader_message(const eventure_reader *reader);

/**
 * Begins a read transaction on the newest commit (while a cursor is open: on the commit that the cursor reads), which
 * all queries read until eventure_reader_end. A long read transaction prevents the reset of the write-ahead log: keep
 * it short.
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (a read transaction is open, or the reader belongs to a log), or the
 *         error of reading the file
 */
EVENTURE_API eventure_status eventure_reader_begin(eventure_reader *reader);

/** Ends the read transaction begun by eventure_reader_begin. Does nothing when there is none. */
EVENTURE_API void eventure_reader_end(eventure_reader *reader);

/** Moves a read transaction to the newest commit: eventure_reader_end and eventure_reader_begin in one call. While a
 *  cursor of the reader is open, the commit stays the one that the cursor reads. */
EVENTURE_API eventure_status eventure_reader_refresh(eventure_reader *reader);

/** Returns the current tick of the store: the tick of the next event. */
EVENTURE_API eventure_status eventure_reader_tick(eventure_reader *reader, int64_t *out_tick);

/** Returns the seq of the newest event, which is also the number of all events, archived ones included; 0 without
 *  events. */
EVENTURE_API eventure_status eventure_reader_last_seq(eventure_reader *reader, int64_t *out_seq);

#ifdef __cplusplus
}
#endif

#endif
