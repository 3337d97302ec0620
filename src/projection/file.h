/*
 * A projection's file: SQL that is divided into parts by the comment lines `-- @setup` and `-- @on PATTERN...`.
 */
#ifndef EVENTURE_PROJECTION_FILE_H
#define EVENTURE_PROJECTION_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pattern.h"

typedef struct eventure__projection_part
{
    eventure__pattern *patterns; /* patterns of an `@on` part; none for the setup */
    size_t patterns_count;
    int64_t line;    /* line of the heading */
    const char *sql; /* the SQL below the heading */
    size_t sql_len;
} eventure__projection_part;

typedef struct eventure__file
{
    char *name; /* name in messages */
    char *text; /* the whole file, NUL-terminated; the parts point into it */
    size_t text_len;
    char *headings; /* the texts of the patterns, each NUL-terminated */
    eventure__projection_part *parts;
    size_t parts_count;
} eventure__file;

/* Reads and parses a file. Error texts begin with `FILE:LINE: ` when they concern a line. Free the file with
 * eventure__file_free, also after an error. */
eventure_status eventure__file_read(eventure__file *file, const char *path, eventure__error *error);

/* As eventure__file_read, for text in memory. `name` is used in messages. */
eventure_status eventure__file_parse(eventure__file *file, const char *name, const char *text, size_t len,
                                     eventure__error *error);

void eventure__file_free(eventure__file *file);

/* Returns the line number, from 1, of a position in the file's text. */
int64_t eventure__file_line(const eventure__file *file, const char *at);

/* Returns whether SQL contains the literal 'now', which date functions replace with the current time. */
bool eventure__sql_says_now(const char *at, const char *end);

/* Returns whether SQL contains a name for which `is_wanted` returns true, quoted in any way or not. */
bool eventure__sql_names(const char *at, const char *end, bool (*is_wanted)(const char *name, size_t len));

/* Skips white space and comments. */
const char *eventure__sql_skip_blank(const char *at, const char *end);

#endif
