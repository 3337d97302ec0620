/*
 * A projection's file: SQL whose comment lines `-- @setup` and `-- @on PATTERN...` head its parts.
 */
#ifndef EVENTURE_PROJECTION_FILE_H
#define EVENTURE_PROJECTION_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pattern.h"

typedef struct eventure__part
{
    eventure__pattern *patterns; /* an event matches one of them; none: this is of the setup */
    size_t patterns_count;
    int64_t line;    /* of the heading */
    const char *sql; /* what stands below it */
    size_t sql_len;
} eventure__part;

typedef struct eventure__file
{
    char *name; /* as messages show it */
    char *text; /* the whole file, which the SQL of the parts lies in; NUL-terminated */
    size_t text_len;
    char *headings; /* the patterns' texts, each NUL-terminated */
    eventure__part *parts;
    size_t parts_count;
} eventure__file;

/* Reads and parses a file. Errors begin `FILE:LINE: `, where there is a line. Freed with eventure__file_free, also
 * after an error. */
eventure_status eventure__file_read(eventure__file *file, const char *path, eventure__error *error);

/* The same of text; the name is for messages. */
eventure_status eventure__file_parse(eventure__file *file, const char *name, const char *text, size_t len,
                                     eventure__error *error);

void eventure__file_free(eventure__file *file);

/* The line, from 1, that a place in the file's text is in. */
int64_t eventure__file_line(const eventure__file *file, const char *at);

/* Whether the text literal 'now' stands in SQL: date functions make of it what no event says. */
bool eventure__sql_says_now(const char *at, const char *end);

/* Skips white space and comments. */
const char *eventure__sql_skip_blank(const char *at, const char *end);

#endif
