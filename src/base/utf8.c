/*
 * UTF-8, one code point at a time; runs of ASCII are checked eight bytes at a time.
 */
#include "base/utf8.h"

#include <string.h>

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0U) == 0x80U;
}

/* Returns the sequence length of a lead byte, or 0 for any other byte. out_smallest receives the smallest code point
 * that needs this length.
 */
static size_t sequence_length(unsigned char lead, uint32_t *out_smallest)
{
    *out_smallest = lead < 0xE0U ? 0x80U : lead < 0xF0U ? 0x800U : 0x10000U;
    if (lead < 0xC2U || lead > 0xF4U)
        return 0;
    return lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
}

size_t eventure__utf8_decode(const char *text, size_t len, uint32_t *out)
{
    if (len == 0)
        return 0;
    unsigned char lead = (unsigned char)text[0];
    uint32_t code_point = lead;
    size_t sequence = 1;
    if (lead >= 0x80U)
    {
        uint32_t smallest = 0;
        sequence = sequence_length(lead, &smallest);
        if (sequence == 0 || sequence > len)
            return 0;
        code_point = lead & (0x7FU >> sequence);
        for (size_t i = 1; i < sequence; i++)
        {
            if (!is_continuation(text[i]))
                return 0;
            code_point = code_point << 6 | ((unsigned char)text[i] & 0x3FU);
        }
        if (code_point < smallest || code_point > 0x10FFFFU || (code_point >= 0xD800U && code_point <= 0xDFFFU))
            return 0;
    }
    if (out != NULL)
        *out = code_point;
    return sequence;
}

size_t eventure__utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80U)
    {
        out[0] = (char)code_point;
        return 1;
    }
    size_t sequence = code_point < 0x800U ? 2 : code_point < 0x10000U ? 3 : 4;
    static const unsigned char lead_marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = sequence - 1; i > 0; i--)
    {
        out[i] = (char)(0x80U | (code_point & 0x3FU));
        code_point >>= 6;
    }
    out[0] = (char)(lead_marks[sequence] | code_point);
    return sequence;
}

bool eventure__utf8_valid(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len)
    {
        uint64_t eight = 0;
        if (len - at >= sizeof eight)
        {
            memcpy(&eight, text + at, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) == 0)
            {
                at += sizeof eight;
                continue;
            }
        }
        size_t sequence = eventure__utf8_decode(text + at, len - at, NULL);
        if (sequence == 0)
            return false;
        at += sequence;
    }
    return true;
}
