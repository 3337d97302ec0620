/*
 * Digests: published values, and the fixed encoding of their input.
 */
#include <stdio.h>
#include <string.h>

#include <eventure/event.h>

#include "base/sha512.h"
#include "testing.h"

static const char *hex(const eventure__digest *digest)
{
    static char text[2 * EVENTURE__DIGEST_BYTES + 1];
    uint8_t bytes[EVENTURE__DIGEST_BYTES];
    eventure__digest_peek(digest, bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return text;
}

START_TEST(the_digest_is_the_first_half_of_sha_512)
{
    eventure__digest digest;
    eventure__digest_begin(&digest);
    ck_assert_str_eq(hex(&digest), "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce");
    eventure__digest_add(&digest, "abc", 3);
    ck_assert_str_eq(hex(&digest), "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a");
}
END_TEST

START_TEST(peeking_changes_nothing)
{
    eventure__digest digest;
    eventure__digest_begin(&digest);
    for (int i = 0; i < 1000; i++)
    {
        eventure__digest_add(&digest, "x", 1);
        hex(&digest);
    }
    ck_assert_str_eq(hex(&digest), "ae13575c5d98bfa689617bb19f0f55efdd52b39397fd620bcd1fbc03fda979e6");
    ck_assert_str_eq(hex(&digest), "ae13575c5d98bfa689617bb19f0f55efdd52b39397fd620bcd1fbc03fda979e6");
}
END_TEST

START_TEST(numbers_and_texts_have_one_form_on_every_machine)
{
    /* The same bytes, hashed with Python: -2 and 3 as '<q', 1.5 as '<d', then the text. */
    eventure__digest digest;
    eventure__digest_begin(&digest);
    eventure__digest_add_int(&digest, -2);
    eventure__digest_add_double(&digest, 1.5);
    eventure__digest_add_text(&digest, "a\0b", 3);
    ck_assert_str_eq(hex(&digest), "0db7e686f3620b4645ee44a2da6040837cc9d96f0f8b52a31b6d2934f684e687");
}
END_TEST

START_TEST(lists_of_texts_that_read_alike_differ)
{
    char first[2 * EVENTURE__DIGEST_BYTES + 1];
    eventure__digest digest;
    eventure__digest_begin(&digest);
    eventure__digest_add_text(&digest, "ab", 2);
    eventure__digest_add_text(&digest, "c", 1);
    memcpy(first, hex(&digest), sizeof first);
    eventure__digest_begin(&digest);
    eventure__digest_add_text(&digest, "a", 1);
    eventure__digest_add_text(&digest, "bc", 2);
    ck_assert_str_ne(first, hex(&digest));
}
END_TEST

START_TEST(the_hash_of_a_type_is_the_first_four_letters_of_its_md5)
{
    static const struct
    {
        const char *type;
        const char *hash;
    } cases[] = {
        {"player.attack", "DBCB"}, /* d483b5359448cbb3... */
        {"user.create", "BBBC"},   /* 0b1b29bc15eead07... */
        {"a.b", "EBFC"},           /* e32b629f658481c8... */
        {"\xC3\xA9", "DDCD"},      /* 66ddcd97cfdeabb2... */
        {"c", "AAFD"},             /* 4a8a08f09d37b737... */
        {"t15101", "BCC"},         /* an MD5 with three letters */
        {"t22212", "FD"},
        {"t60483", "C"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        char hash[5];
        eventure_type_hash(cases[i].type, hash);
        ck_assert_str_eq(hash, cases[i].hash);
        eventure__type_hash(cases[i].type, strlen(cases[i].type), hash);
        ck_assert_str_eq(hash, cases[i].hash);
    }
}
END_TEST
