/*
 * Scanning of JSON text. The functions trust the form of compact text, but never read beyond its end.
 */
#ifndef EVENTURE_EVENT_JSON_TEXT_H
#define EVENTURE_EVENT_JSON_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * Returns the end of the run of bytes at `at` that need no escape in a string: printable ASCII (and U+007F) except the
 * quote and the backslash. Checks eight bytes at once: each term has the top bit set in the lowest byte that matches.
 * With bit 1 flipped, a byte is below 0x21 if it is a quote (0x22) or a control character.
 */
static inline const char *eventure__json_plain_end(const char *at, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    while (end - at >= 8)
    {
        uint64_t eight = 0;
        memcpy(&eight, at, sizeof eight);
        uint64_t flipped = eight ^ ones * 0x02;
        uint64_t backslash = eight ^ ones * '\\';
        uint64_t special = (flipped - ones * 0x21) & ~flipped;
        special |= (backslash - ones) & ~backslash;
        special = (special | eight) & ones * 0x80;
        if (special != 0)
        {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            return at + __builtin_ctzll(special) / 8;
#else
            break;
#endif
        }
        at += 8;
    }
    while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* Returns the end of the run of decimal digits at `at`. Eight bytes at once, as above: a digit becomes 0 to 9. */
static inline const char *eventure__json_digits_end(const char *at, const char *end)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const uint64_t ones = UINT64_C(0x0101010101010101);
    while (end - at >= 8)
    {
        uint64_t eight = 0;
        memcpy(&eight, at, sizeof eight);
        eight ^= ones * '0';
        uint64_t others = (eight | (eight + ones * (0x80 - 10))) & ones * 0x80;
        if (others != 0)
            return at + __builtin_ctzll(others) / 8;
        at += 8;
    }
#endif
    while (at < end && (unsigned)(*at - '0') <= 9)
        at++;
    return at;
}

/* Returns the end of a string in valid text. `at` is behind the opening quote. */
static inline const char *eventure__json_string_end(const char *at, const char *end)
{
    while ((at = eventure__json_plain_end(at, end)) < end)
    {
        if (*at == '"')
            return at + 1;
        at += *at == '\\' && end - at > 1 ? 2 : 1;
    }
    return end;
}

/* Returns the end of a number, true, false or null in valid text. */
static inline const char *eventure__json_scalar_end(const char *at, const char *end)
{
    while (at < end && *at != ',' && *at != '}' && *at != ']')
        at++;
    return at;
}

/* Parses four hexadecimal digits. Returns false for other input. */
static inline bool eventure__json_hex4(const char *at, const char *end, uint32_t *out)
{
    uint32_t value = 0;
    if (end - at < 4)
        return false;
    for (int i = 0; i < 4; i++)
    {
        unsigned char c = (unsigned char)at[i];
        uint32_t digit = c - (uint32_t)'0';
        if (digit > 9)
        {
            digit = (c | 0x20U) - (uint32_t)'a';
            if (digit > 5)
                return false;
            digit += 10;
        }
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

/* Returns the letter of the two-character escape of c, such as 'n', or 0 if it has none. */
static inline char eventure__json_short_escape(uint32_t c)
{
    switch (c)
    {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

/* Writes \uxxxx in lower case. */
static inline void eventure__json_write_hex4(char out[6], uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    out[0] = '\\';
    out[1] = 'u';
    out[2] = digits[unit >> 12 & 0xF];
    out[3] = digits[unit >> 8 & 0xF];
    out[4] = digits[unit >> 4 & 0xF];
    out[5] = digits[unit & 0xF];
}

#endif
