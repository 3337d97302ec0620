/*
 * The files of a database: itself, and what SQLite keeps beside it under names of its own.
 */
#ifndef EVENTURE_STORE_FILES_H
#define EVENTURE_STORE_FILES_H

/* Removes what SQLite keeps beside a database: its logs, and the index of the write-ahead log. What is not there, or
 * cannot be removed, stays as it is. */
void eventure__files_remove_beside(const char *path);

/* The same, and the database. */
void eventure__files_remove(const char *path);

#endif
