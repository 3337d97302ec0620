/*
 * The file of a follower's position: its name, its text, its permissions, and what is refused.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha512.h"
#include "harness.h"
#include "scratch.h"
#include "session/follow_position.h"
#include "session_world.h"
#include "testing.h"

TEST_FIXTURE(clean, clean);

#define STORE "position.db"
#define PATH STORE "-follow-a"
#define UUID "00112233-4455-4677-8899-aabbccddeeff"
#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static eventure__follow_position position;
static eventure__error error;

static void clean(void)
{
    scratch_run("rm -rf " STORE "*");
}

static eventure_status open_it(int64_t *out_seq)
{
    *out_seq = -7;
    return eventure__follow_position_open(&position, strdup(PATH), UUID, STORE, out_seq, &error);
}

static void expect_content(const char *expected)
{
    long len = 0;
    unsigned char *text = harness_load(PATH, &len);
    ck_assert_int_eq(len, (long)strlen(expected));
    ck_assert_int_eq(memcmp(text, expected, strlen(expected)), 0);
    free(text);
}

/* --- The name --- */

static void expect_name(const char *name, const char *ending)
{
    char folder[PATH_MAX];
    char expected[PATH_MAX + 300];
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    char *path = eventure__follow_position_path(STORE, name);
    ck_assert_ptr_nonnull(path);
    snprintf(expected, sizeof expected, "%s/" STORE "-follow-%s", folder, ending);
    ck_assert_str_eq(path, expected);
    free(path);
}

START_TEST(a_name_is_part_of_the_name_of_the_file)
{
    expect_name("a", "a");
    expect_name("azAZ09_.", "azAZ09_.");
    expect_name("a/b-c %~", "a%2Fb%2Dc%20%25%7E");
    expect_name("`{@[/:^", "%60%7B%40%5B%2F%3A%5E");
    expect_name("\xC3\xA9", "%C3%A9");
}
END_TEST

START_TEST(a_long_name_is_replaced_by_its_digest)
{
    char name[130];
    char ending[2 * EVENTURE__DIGEST_BYTES + 3] = "%-";
    eventure__digest digest;
    uint8_t bytes[EVENTURE__DIGEST_BYTES];
    memset(name, 'n', sizeof name);
    name[100] = '\0';
    expect_name(name, name);
    name[100] = 'n';
    name[101] = '\0';
    eventure__digest_begin(&digest);
    eventure__digest_add(&digest, name, 101);
    eventure__digest_peek(&digest, bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(ending + 2 + 2 * i, 3, "%02X", bytes[i]);
    expect_name(name, ending);
    /* The length is that of the escaped name. */
    memset(name, ' ', 33);
    name[33] = 'n';
    name[34] = '\0';
    char *path = eventure__follow_position_path(STORE, name);
    ck_assert_ptr_null(strstr(path, "%-"));
    free(path);
    name[34] = 'n';
    name[35] = '\0';
    path = eventure__follow_position_path(STORE, name);
    expect_part(path, "-follow-%-");
    free(path);
}
END_TEST

/* --- The content --- */

START_TEST(a_position_is_written_and_read)
{
    static const int64_t seqs[] = {0, 1, 999999999, INT64_MAX};
    int64_t seq = 0;
    expect_ok(NULL, open_it(&seq));
    ck_assert_int_eq(seq, -1); /* there is none */
    ck_assert_int_eq(access(PATH, F_OK), -1);
    for (size_t i = 0; i < COUNT_OF(seqs); i++)
    {
        char text[200];
        const char *digest = i % 2 == 0 ? "" : DIGEST;
        expect_ok(NULL, eventure__follow_position_write(&position, seqs[i], digest, &error));
        snprintf(text, sizeof text, "eventure-follow 1\n" UUID "\n%lld\n%s", (long long)seqs[i],
                 i % 2 == 0 ? "" : DIGEST "\n");
        expect_content(text);
        ck_assert_int_eq(access(PATH "-new", F_OK), -1);
        eventure__follow_position_close(&position);
        expect_ok(NULL, open_it(&seq));
        ck_assert_int_eq(seq, seqs[i]);
        ck_assert_str_eq(position.digest, digest);
    }
    ck_assert_int_eq(world_files(PATH), 2); /* and the lock */
    eventure__follow_position_close(&position);
    ck_assert_int_eq(world_files(PATH), 1);
    ck_assert_ptr_null(position.path);
    ck_assert_ptr_null(position.temporary);
}
END_TEST

START_TEST(its_permissions_are_those_of_the_store)
{
    int64_t seq = 0;
    scratch_write(STORE, "");
    ck_assert_int_eq(chmod(STORE, 0604), 0);
    expect_ok(NULL, open_it(&seq));
    expect_ok(NULL, eventure__follow_position_write(&position, 1, "", &error));
    ck_assert_uint_eq(scratch_mode(PATH), 0604);
    eventure__follow_position_close(&position);
}
END_TEST

static void expect_refused(const char *content, size_t len, eventure_status status, const char *text)
{
    int64_t seq = 0;
    harness_store(PATH, (const unsigned char *)content, (long)len);
    expect_status(status, NULL, open_it(&seq));
    ck_assert_str_eq(error.text, text);
    ck_assert_int_eq(error.status, status);
    ck_assert_int_eq(seq, -1);
    eventure__follow_position_close(&position);
}

START_TEST(what_is_not_a_position_is_damage)
{
    static const char damage[] = PATH " is damaged: it is not a position of a follower";
    static const char nul[] = "eventure-follow 1\n" UUID "\n1\n\0";
    static const char *const texts[] = {
        "",
        "eventure-follow 1\n" UUID "\n1\n0",
        "eventure-follow 1\n" UUID "\n9223372036854775808\n",
        "eventure-follow 1\n" UUID "0\n1\n",
        "eventure-follow 1\n" UUID "\n10000000000000000000\n",
        "eventure-follow 1\n" UUID "\n1\n" DIGEST "\n0",
        "eventure-follow 1\n" UUID "\n1\n" DIGEST "0\n",
        "eventure-follow 1\n" UUID "\n1\n0123\n",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        expect_refused(texts[i], strlen(texts[i]), EVENTURE_ERROR_CORRUPT, damage);
    expect_refused(nul, sizeof nul - 1, EVENTURE_ERROR_CORRUPT, damage);
    char longest[300];
    memset(longest, '1', sizeof longest);
    memcpy(longest, nul, sizeof nul - 2);
    expect_refused(longest, sizeof longest, EVENTURE_ERROR_CORRUPT, damage);
}
END_TEST

START_TEST(a_position_in_another_history_is_refused)
{
    static const char other[] = "eventure-follow 1\nffffffff-4455-4677-8899-aabbccddeeff\n1\n";
    expect_refused(other, strlen(other), EVENTURE_ERROR_EXISTS,
                   PATH
                   " is the position in another history: its uuid is ffffffff-4455-4677-8899-aabbccddeeff, that of "
                   "the store is " UUID);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    int64_t seq = 0;
    scratch_run("ln -s nowhere " PATH);
    expect_status(EVENTURE_ERROR_IO, NULL, open_it(&seq));
    ck_assert_str_eq(error.text, "open " PATH ": it is a link, or not a regular file");
    eventure__follow_position_close(&position);
    scratch_run("rm " PATH " && mkdir " PATH);
    expect_status(EVENTURE_ERROR_IO, NULL, open_it(&seq));
    eventure__follow_position_close(&position);
    scratch_run("rmdir " PATH);
    expect_ok(NULL, open_it(&seq));
    scratch_run("mkdir " PATH);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__follow_position_write(&position, 1, "", &error));
    expect_part(error.text, "write " PATH ": Is a directory");
    ck_assert_int_eq(access(PATH "-new", F_OK), -1);
    scratch_run("rmdir " PATH " && mkdir " PATH "-new");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__follow_position_write(&position, 1, "", &error));
    ck_assert_str_eq(error.text, "write " PATH "-new: it is a link, or not a regular file");
    eventure__follow_position_close(&position);
}
END_TEST

START_TEST(one_follower_at_a_time_has_a_position)
{
    int64_t seq = 0;
    eventure__follow_position other;
    expect_ok(NULL, open_it(&seq));
    expect_status(EVENTURE_ERROR_BUSY, NULL,
                  eventure__follow_position_open(&other, strdup(PATH), UUID, STORE, &seq, &error));
    ck_assert_str_eq(error.text, "another follower uses this name: " PATH "-writer is locked");
    eventure__follow_position_close(&other);
    eventure__follow_position_close(&position);
    expect_status(EVENTURE_ERROR_IO, NULL,
                  eventure__follow_position_open(&other, strdup("none.dir/a"), UUID, STORE, &seq, &error));
    ck_assert_int_eq(error.status, EVENTURE_ERROR_IO);
    eventure__follow_position_close(&other);
}
END_TEST

/* --- Forgetting, and the store as the file --- */

static void expect_forget(eventure_status expected, const char *path, const char *name, const char *message)
{
    ck_assert_int_eq(eventure_follower_forget(path, name), expected);
    ck_assert_str_eq(eventure_last_message(), message);
}

START_TEST(a_position_that_cannot_be_forgotten_has_a_reason)
{
    char folder[PATH_MAX - 300];
    char text[PATH_MAX];
    int64_t seq = 0;
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    expect_forget(EVENTURE_ERROR_ARGUMENT, NULL, "a", "forget a follower: no path was given");
    expect_forget(EVENTURE_ERROR_ARGUMENT, "", "a", "forget a follower: no path was given");
    expect_forget(EVENTURE_ERROR_ARGUMENT, STORE, "", "forget a follower: the follower has no name");
    expect_forget(EVENTURE_ERROR_ARGUMENT, STORE, NULL, "forget a follower: the follower has no name");
    expect_forget(EVENTURE_ERROR_ARGUMENT, STORE, "a\n",
                  "forget a follower: the follower a\\n: its name holds a control character");
    snprintf(text, sizeof text, "forget the follower a: %s/" PATH ": No such file or directory", folder);
    expect_forget(EVENTURE_ERROR_NOT_FOUND, STORE, "a", text);
    scratch_run("mkdir " PATH);
    snprintf(text, sizeof text, "forget the follower a: %s/" PATH ": Is a directory", folder);
    expect_forget(EVENTURE_ERROR_IO, STORE, "a", text);
    scratch_run("rmdir " PATH);
    expect_status(EVENTURE_OK, NULL, open_it(&seq));
    scratch_write(PATH, "x");
    snprintf(text, sizeof text, "forget the follower a: another follower uses this name: %s/" PATH "-writer is locked",
             folder);
    expect_forget(EVENTURE_ERROR_BUSY, STORE, "a", text);
    eventure__follow_position_close(&position);
    expect_ok(NULL, eventure_follower_forget(STORE, "a"));
    ck_assert_int_ne(access(PATH, F_OK), 0);
}
END_TEST

START_TEST(the_store_itself_cannot_be_the_file)
{
    eventure_follower_options options = EVENTURE_FOLLOWER_OPTIONS_INIT;
    eventure_follower *follower = NULL;
    eventure_log *log = scratch_open(STORE);
    options.position_path = "./" STORE;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_follower_open(STORE, "a", &options, &follower));
    ck_assert_str_eq(eventure_last_message(),
                     "follow: the position of a follower cannot be kept in ./" STORE ", which is the store " STORE);
    ck_assert_ptr_null(follower);
    expect_ok(NULL, eventure_log_close(log));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_follower_open(STORE, "a", &options, &follower));
}
END_TEST
