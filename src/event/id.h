/*
 * Ids: `{tick}-{HASH}-{n}`, where n counts, from 1, the events of a tick whose types have the same HASH. This is the
 * derived id of an event. An imported event can have an explicit id instead, which is any other text.
 */
#ifndef EVENTURE_EVENT_ID_H
#define EVENTURE_EVENT_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two 64-bit numbers, four letters, two dashes, NUL. */
#define EVENTURE__ID_BYTES 48

/* Maximum length of an explicit id. */
#define EVENTURE__ID_MAX_BYTES 1024

typedef struct eventure__id
{
    int64_t tick;
    char hash[5];
    int64_t n;
} eventure__id;

/* Number of HASH codes: a HASH has up to four of six letters, read as digits to base 7, with 0 for no letter. */
#define EVENTURE__HASH_CODES 2401

/* Returns the code of a HASH. It is below EVENTURE__HASH_CODES for any text, because a corrupt file can contain any
 * text. */
uint32_t eventure__hash_code(const char *hash);

/* Writes an id and a NUL. Returns its length. */
size_t eventure__id_format(char out[EVENTURE__ID_BYTES], int64_t tick, const char *hash, int64_t n);

/* Parses a derived id (no leading zeros or plus signs, n >= 1, HASH of 0 to 4 letters A to F). Returns false for any
 * other text. */
bool eventure__id_parse(const char *text, size_t len, eventure__id *out);

#endif
