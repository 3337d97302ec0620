/*
 * Text on a terminal: UTF-8 measured in columns, where everything that could control the terminal is escaped (control
 * characters, overrides of the writing direction, bytes that are not UTF-8).
 */
#ifndef EVENTURE_TOOL_TEXT_H
#define EVENTURE_TOOL_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Sets the locale in which the C library measures characters; call once at the start. */
void text_init(void);

/* Returns the number of columns of the text; when it exceeds `limit`, any number greater than it. */
size_t text_width(const char *bytes, size_t len, size_t limit);

void text_write(FILE *out, const char *bytes, size_t len);

/* Writes the part of the text that fits into `columns`, with an ellipsis as the last character when it is truncated.
   Returns the number of columns used. */
size_t text_write_cut(FILE *out, const char *bytes, size_t len, size_t columns);

/* Writes a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void text_write_json(FILE *out, const char *bytes, size_t len);

/* Writes a JSON string; null for NULL and for the empty text. */
void text_write_json_or_null(FILE *out, const char *text);

/* The size of a buffer for a number and a noun. */
#define COUNT_BYTES 64

/* Writes "1 event", "2 events"; returns out. */
const char *text_count(char out[COUNT_BYTES], int64_t count, const char *noun);

#endif
