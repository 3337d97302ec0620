/*
 * Text for people: UTF-8 measured in columns of a terminal, with whatever could drive that terminal shown escaped
 * (control characters, overrides of the writing direction, bytes that are no UTF-8).
 */
#ifndef EVENTURE_TOOL_TEXT_H
#define EVENTURE_TOOL_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Makes the columns of characters known to the C library; call once at the start. */
void text_init(void);

/* The columns that the text takes; once beyond `limit`, any number greater than it. */
size_t text_width(const char *bytes, size_t len, size_t limit);

void text_write(FILE *out, const char *bytes, size_t len);

/* Writes what fits `columns`, the last of them an ellipsis when there is more. Returns the columns used. */
size_t text_write_cut(FILE *out, const char *bytes, size_t len, size_t columns);

/* Writes a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD. */
void text_write_json(FILE *out, const char *bytes, size_t len);

/* Room for a number and a noun. */
#define COUNT_BYTES 64

/* Writes "1 event", "2 events"; returns out. */
const char *text_count(char out[COUNT_BYTES], int64_t count, const char *noun);

#endif
