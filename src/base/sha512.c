/*
 * Digests. Their input has the same byte order on every machine, so equal histories have equal digests everywhere.
 */
#include "base/sha512.h"

#include <string.h>

#include <md5.h>

void eventure__digest_begin(eventure__digest *digest)
{
    SHA512Init(&digest->context);
}

void eventure__digest_add(eventure__digest *digest, const void *bytes, size_t len)
{
    if (len > 0)
        SHA512Update(&digest->context, bytes, len);
}

static void add_bits(eventure__digest *digest, uint64_t bits)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(bits >> (8 * i));
    SHA512Update(&digest->context, bytes, sizeof bytes);
}

void eventure__digest_add_int(eventure__digest *digest, int64_t value)
{
    add_bits(digest, (uint64_t)value);
}

void eventure__digest_add_double(eventure__digest *digest, double value)
{
    uint64_t bits = 0;
    _Static_assert(sizeof bits == sizeof value, "a double has 64 bits");
    memcpy(&bits, &value, sizeof bits);
    add_bits(digest, bits);
}

void eventure__digest_add_text(eventure__digest *digest, const char *text, size_t len)
{
    eventure__digest_add_int(digest, (int64_t)len);
    eventure__digest_add(digest, text, len);
}

void eventure__digest_peek(const eventure__digest *digest, uint8_t out[EVENTURE__DIGEST_BYTES])
{
    SHA2_CTX copy = digest->context;
    uint8_t whole[SHA512_DIGEST_LENGTH];
    SHA512Final(whole, &copy);
    memcpy(out, whole, EVENTURE__DIGEST_BYTES);
}

void eventure__type_hash(const char *type, size_t len, char out[5])
{
    MD5_CTX context;
    uint8_t md5[MD5_DIGEST_LENGTH];
    MD5Init(&context);
    MD5Update(&context, (const uint8_t *)type, len);
    MD5Final(md5, &context);

    size_t letters = 0;
    for (size_t i = 0; i < 2 * sizeof md5 && letters < 4; i++)
    {
        unsigned digit = i % 2 == 0 ? md5[i / 2] >> 4 : md5[i / 2] & 0x0FU;
        if (digit >= 10)
            out[letters++] = (char)('A' + (int)digit - 10);
    }
    out[letters] = '\0';
}
