/*
 * Digests, computed by libmd: MD5 (RFC 1321) for the HASH of ids, SHA-512 (FIPS 180-4) cut to 32 bytes for the chains.
 */
#ifndef EVENTURE_BASE_SHA512_H
#define EVENTURE_BASE_SHA512_H

#include <stddef.h>
#include <stdint.h>

#include <sha2.h>

#define EVENTURE__DIGEST_BYTES 32

typedef struct eventure__digest
{
    SHA2_CTX context;
} eventure__digest;

void eventure__digest_begin(eventure__digest *digest);
void eventure__digest_add(eventure__digest *digest, const void *bytes, size_t len);

/* Adds an integer as 8 bytes, little-endian, two's complement; a double as its IEEE 754 bits in the same order. */
void eventure__digest_add_int(eventure__digest *digest, int64_t value);
void eventure__digest_add_double(eventure__digest *digest, double value);

/* Adds the length as an integer, then the bytes, so that different lists of texts have different inputs. */
void eventure__digest_add_text(eventure__digest *digest, const char *text, size_t len);

/* Returns the digest of the input so far. More input can be added afterwards. */
void eventure__digest_peek(const eventure__digest *digest, uint8_t out[EVENTURE__DIGEST_BYTES]);

/* Computes the HASH of a type: see eventure_type_hash. */
void eventure__type_hash(const char *type, size_t len, char out[5]);

#endif
