/*
 * Ids: `{tick}-{HASH}-{n}`, where n counts, from 1, the events of a tick whose types have the same HASH. That is the
 * natural id of an event's place; an id that an imported event came with may be any other text, and is foreign to it.
 */
#ifndef EVENTURE_EVENT_ID_H
#define EVENTURE_EVENT_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two 64-bit numbers, four letters, two dashes, NUL. */
#define EVENTURE__ID_BYTES 48

typedef struct eventure__id
{
    int64_t tick;
    char hash[5];
    int64_t n;
} eventure__id;

/* HASH is up to four of six letters: as digits to base 7, with 0 for none, a number below this. */
#define EVENTURE__HASH_CODES 2401

/* That number; below EVENTURE__HASH_CODES for any text, as a damaged file may hold any. */
uint32_t eventure__hash_code(const char *hash);

/* Writes an id and a NUL; returns its length. */
size_t eventure__id_format(char out[EVENTURE__ID_BYTES], int64_t tick, const char *hash, int64_t n);

/* Reads an id that has the form, in its one spelling (no leading zeros or plus signs, n >= 1, HASH of 0 to 4 letters A
 * to F); false for any other text. */
bool eventure__id_parse(const char *text, size_t len, eventure__id *out);

#endif
