/*
 * A fast hash of short texts for tables in memory. It does not resist deliberate collisions.
 */
#ifndef EVENTURE_BASE_HASH_H
#define EVENTURE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Multiplicative hashing with the golden ratio; the high bits are well mixed (Knuth, The Art of Computer Programming
 * 3, 6.4). */
static inline uint64_t eventure__hash_mix(uint64_t hash, uint64_t bits)
{
    hash = (hash ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

/* Hashes eight bytes at a time, and the last eight bytes again for the remainder. */
static inline uint64_t eventure__hash(const char *text, size_t len)
{
    uint64_t hash = len;
    uint64_t eight = 0;
    if (len < sizeof eight)
    {
        for (size_t i = 0; i < len; i++)
            eight = eight << 8 | (unsigned char)text[i];
        return eventure__hash_mix(hash, eight);
    }
    for (size_t i = 0; i + sizeof eight < len; i += sizeof eight)
    {
        memcpy(&eight, text + i, sizeof eight);
        hash = eventure__hash_mix(hash, eight);
    }
    memcpy(&eight, text + len - sizeof eight, sizeof eight);
    return eventure__hash_mix(hash, eight);
}

#endif
