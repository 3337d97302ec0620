/*
 * Rows in the text format of COPY (PostgreSQL's manual, "COPY, File Formats"): columns separated by tabs, rows ended by
 * a line feed, \N for NULL, and a backslash before each byte that would otherwise be read as a separator.
 */
#ifndef EVENTURE_TOOL_POSTGRES_COPY_TEXT_H
#define EVENTURE_TOOL_POSTGRES_COPY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#include "base/buffer.h"

/* Appends a text, without its separator. */
void copy_text_append(eventure__buffer *out, const char *text, size_t len);

/* Appends a column of a row of SQLite, without its separator: NULL, an integer, a double with all its digits, a text,
   or a blob as bytea. */
void copy_text_column(eventure__buffer *out, sqlite3_stmt *row, int column);

/* Whether compact JSON is stored as jsonb. jsonb cannot contain the character U+0000, nor numbers beyond the range of
 * `numeric`. Returns false for U+0000, for a number of more than 16,000 digits or with an exponent beyond 16,000, and
 * for more than 64 MiB. */
bool copy_text_fits_jsonb(const char *json, size_t len);

#endif
