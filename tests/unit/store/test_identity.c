/*
 * The names of a store and the files that they refer to, tested on plain files: the changes that each check notices,
 * its error text, and the actions that are allowed after a loss.
 */
#define _GNU_SOURCE /* for realpath */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "store/identity.h"
#include "testing.h"

TEST_FIXTURE(open_identity, close_identity);

#define FOLDER "names.dir"
#define FILE_NAME FOLDER "/a.db"
#define LOST " while the log had it open: the log cannot append to it any more"

static char folder[PATH_MAX]; /* the absolute name of FOLDER */
static char file[PATH_MAX + 8];
static int descriptor = -1;
static eventure__identity *identity;

static void open_it(void)
{
    descriptor = open(file, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(eventure__identity_open(file, "the store", NULL, descriptor, &identity), 0);
}

static void close_it(void)
{
    eventure__identity_close(identity);
    identity = NULL;
    if (descriptor >= 0)
        close(descriptor);
    descriptor = -1;
}

static void make_files(void)
{
    scratch_run("rm -rf " FOLDER " " FOLDER ".moved && mkdir " FOLDER);
    scratch_run("cd " FOLDER " && echo database > a.db && echo log > a.db-wal && echo index > a.db-shm");
    ck_assert_ptr_nonnull(realpath(FOLDER, folder));
    snprintf(file, sizeof file, "%s/a.db", folder);
}

static void open_identity(void)
{
    make_files();
    open_it();
}

static void close_identity(void)
{
    close_it();
    scratch_run("rm -rf " FOLDER " " FOLDER ".moved");
}

static void open_again(void)
{
    close_it();
    open_identity();
}

/* Asserts the text of the last check. Each @ in `expected` stands for the absolute name of the folder. */
static void expect_text(const char *expected)
{
    eventure__error error = {0};
    char text[2 * PATH_MAX] = "";
    size_t len = 0;
    for (const char *c = expected; *c != '\0'; c++)
        len += (size_t)(*c == '@' ? snprintf(text + len, sizeof text - len, "%s", folder)
                                  : snprintf(text + len, sizeof text - len, "%c", *c));
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__identity_fail(identity, &error));
    ck_assert_str_eq(error.text, text);
}

typedef struct change
{
    const char *command;
    const char *text;
} change;

/* The commands run in the folder. */
static const change changes[] = {
    {"mv a.db b.db", "the store was renamed to @/b.db" LOST},
    {"mv a.db b.db && touch a.db", "the store was renamed to @/b.db, and another file has its name" LOST},
    {"mv a.db b.db && ln -s b.db a.db", "the store was renamed to @/b.db, and a link has its name" LOST},
    {"mv a.db b.db && ln -s a.db a.db", "the store was renamed to @/b.db, and a link has its name" LOST},
    {"rm a.db", "the store was deleted" LOST},
    {"rm a.db && touch a.db", "the store was deleted, and another file has its name" LOST},
    {"ln a.db b.db && rm a.db", "the store was renamed or deleted" LOST},
    {"ln a.db b.db && rm a.db && touch a.db", "the store was renamed or deleted, and another file has its name" LOST},
    {"rm a.db-wal", "the store-wal was renamed or deleted" LOST},
    {"rm a.db-shm", "the store-shm was renamed or deleted" LOST},
    {"mv a.db-wal b && touch a.db-wal", "another file has taken the name the store-wal" LOST},
    {"mv a.db-shm b && touch a.db-shm", "another file has taken the name the store-shm" LOST},
    {"mv a.db-wal b && ln -s b a.db-wal", "another file has taken the name the store-wal" LOST},
    {"mv a.db-shm b && ln -s b a.db-shm", "another file has taken the name the store-shm" LOST},
};

START_TEST(names_that_lead_to_their_files_hold)
{
    for (int i = 0; i < 3; i++)
    {
        ck_assert(eventure__identity_holds(identity));
        ck_assert(eventure__identity_is_reached(identity));
        ck_assert(!eventure__identity_is_lost(identity));
        ck_assert(eventure__identity_may_save(identity, false));
        scratch_run("touch " FOLDER "/other && ln -f " FILE_NAME " " FOLDER "/link");
    }
}
END_TEST

LOOP_TEST(a_check_names_what_happened_and_the_loss_stays, COUNT_OF(changes))
{
    char command[256];
    snprintf(command, sizeof command, "cd " FOLDER " && %s", changes[_i].command);
    scratch_run(command);
    ck_assert(!eventure__identity_holds(identity));
    expect_text(changes[_i].text);
    ck_assert(eventure__identity_is_lost(identity));

    /* The check after a commit notices a change since the one before it. */
    open_again();
    ck_assert(eventure__identity_holds(identity));
    scratch_run(command);
    ck_assert(!eventure__identity_is_reached(identity));
    ck_assert(eventure__identity_is_lost(identity));
    expect_text(changes[_i].text);
    ck_assert(!eventure__identity_holds(identity));
}
END_TEST

START_TEST(a_loss_stays_when_the_file_is_back)
{
    scratch_run("mv " FILE_NAME " " FOLDER "/b.db");
    ck_assert(!eventure__identity_holds(identity));
    scratch_run("mv " FOLDER "/b.db " FILE_NAME);
    ck_assert(!eventure__identity_holds(identity));
    ck_assert(eventure__identity_is_lost(identity));
    expect_text("the store was renamed to @/b.db" LOST);
    ck_assert(!eventure__identity_is_reached(identity));
}
END_TEST

START_TEST(a_renamed_folder_is_noticed_by_the_absolute_name)
{
    scratch_run("mv " FOLDER " " FOLDER ".moved");
    ck_assert(eventure__identity_holds(identity));
    ck_assert(!eventure__identity_is_reached(identity));
    expect_text("the store was renamed to @.moved/a.db" LOST);

    open_again();
    scratch_run("mv " FOLDER " " FOLDER ".moved && cp -r " FOLDER ".moved " FOLDER);
    ck_assert(!eventure__identity_is_reached(identity));
    expect_text("the store was renamed to @.moved/a.db, and another file has its name" LOST);

    /* A file in the place of the folder. */
    open_again();
    scratch_run("mv " FOLDER " " FOLDER ".moved && touch " FOLDER);
    ck_assert(!eventure__identity_is_reached(identity));
    expect_text("the store was renamed to @.moved/a.db" LOST);

    /* A link that leads to nothing. */
    open_again();
    scratch_run("mv " FOLDER " " FOLDER ".moved && ln -s " FOLDER " " FOLDER);
    ck_assert(!eventure__identity_is_reached(identity));
    expect_text("the store was renamed to @.moved/a.db" LOST);

    /* The folder is another one, and the file is in it, under its old absolute name. */
    open_again();
    scratch_run("mv " FOLDER " " FOLDER ".moved && mkdir " FOLDER " && mv " FOLDER ".moved/a.db " FILE_NAME);
    ck_assert(!eventure__identity_is_reached(identity));
    expect_text("the store was moved into another directory, which has the name of its directory" LOST);

    /* As before, and the file is in both. */
    open_again();
    scratch_run("mv " FOLDER " " FOLDER ".moved && mkdir " FOLDER " && ln " FOLDER ".moved/a.db " FILE_NAME);
    ck_assert(eventure__identity_holds(identity));
    ck_assert(!eventure__identity_is_reached(identity));
    expect_text("the store was renamed to @.moved/a.db, and another directory has the name of its directory" LOST);
}
END_TEST

START_TEST(the_name_that_was_given_to_opening_is_looked_up_after_a_commit)
{
    static const struct
    {
        const char *command;
        const char *text;
    } given[] = {
        {"ln -sfn b.db link", "the store, which led to @/a.db, was changed to lead to another file" LOST},
        {"rm link", "the store, which led to @/a.db, was renamed or deleted" LOST},
        {"ln -sfn link link", "the store, which led to @/a.db, was renamed or deleted" LOST},
    };
    for (size_t i = 0; i < COUNT_OF(given); i++)
    {
        char link[sizeof file + 8];
        char command[256];
        close_it();
        make_files();
        scratch_run("ln -s a.db " FOLDER "/link && touch " FOLDER "/b.db");
        snprintf(link, sizeof link, "%s/link", folder);
        descriptor = open(file, O_RDWR | O_CLOEXEC);
        ck_assert_int_eq(eventure__identity_open(file, "the store", link, descriptor, &identity), 0);
        ck_assert(eventure__identity_holds(identity));
        ck_assert(eventure__identity_is_reached(identity));
        snprintf(command, sizeof command, "cd " FOLDER " && %s", given[i].command);
        scratch_run(command);
        ck_assert(eventure__identity_holds(identity));
        ck_assert(!eventure__identity_is_reached(identity));
        expect_text(given[i].text);
        ck_assert(!eventure__identity_holds(identity));
        ck_assert(eventure__identity_may_save(identity, false));
        ck_assert(eventure__identity_keeps_names(identity));
        close_it();
    }
    open_again();
    ck_assert(!eventure__identity_keeps_names(identity)); /* nothing was lost */
    scratch_run("rm " FILE_NAME "-wal");
    ck_assert(!eventure__identity_holds(identity));
    ck_assert(!eventure__identity_keeps_names(identity));
}
END_TEST

/* The change time of a directory advances in steps of some milliseconds. */
START_TEST(a_change_within_one_step_of_the_clock_is_noticed)
{
    char other[sizeof file + 2];
    snprintf(other, sizeof other, "%s.b", file);
    for (int round = 0; round < 40; round++)
    {
        close_it();
        ck_assert_int_eq(rename(file, other), 0);
        ck_assert_int_eq(rename(other, file), 0);
        open_it();
        ck_assert(eventure__identity_holds(identity));
        ck_assert_int_eq(rename(file, other), 0);
        ck_assert(!eventure__identity_holds(identity));
        ck_assert_int_eq(rename(other, file), 0);
    }
}
END_TEST

START_TEST(files_that_were_not_there_are_not_missed)
{
    close_it();
    scratch_run("rm " FILE_NAME "-wal " FILE_NAME "-shm");
    open_it();
    ck_assert(eventure__identity_holds(identity));
    ck_assert(eventure__identity_may_save(identity, false));
    scratch_run("touch " FILE_NAME "-wal " FILE_NAME "-shm");
    ck_assert(eventure__identity_holds(identity));
    ck_assert(eventure__identity_may_save(identity, false));
    scratch_run("rm " FILE_NAME "-wal " FILE_NAME "-shm");
    ck_assert(eventure__identity_holds(identity));
}
END_TEST

START_TEST(the_open_file_counts_when_its_name_leads_elsewhere_already)
{
    close_it();
    descriptor = open(file, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(descriptor, 0);
    scratch_run("mv " FILE_NAME " " FOLDER "/b.db && touch " FILE_NAME);
    ck_assert_int_eq(eventure__identity_open(file, "the store", NULL, descriptor, &identity), 0);
    ck_assert(!eventure__identity_holds(identity));
    expect_text("the store was renamed to @/b.db, and another file has its name" LOST);
    eventure__identity_close(identity);

    scratch_run("rm " FILE_NAME);
    ck_assert_int_eq(eventure__identity_open(file, "the store", NULL, descriptor, &identity), 0);
    ck_assert(!eventure__identity_holds(identity));
    expect_text("the store was renamed to @/b.db" LOST);
}
END_TEST

START_TEST(opening_returns_the_cause_of_an_error)
{
    close_it();
    ck_assert_int_eq(eventure__identity_open("/no/such/folder/a.db", "x", NULL, 0, &identity), ENOENT);
    eventure__identity_close(identity);
    ck_assert_int_eq(eventure__identity_open(file, "x", NULL, -1, &identity), EBADF);
    eventure__identity_close(identity);
    identity = NULL;
}
END_TEST

START_TEST(a_store_may_be_in_the_topmost_directory)
{
    close_it();
    descriptor = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(eventure__identity_open("/dev", "the store", NULL, descriptor, &identity), 0);
    ck_assert(eventure__identity_holds(identity));
    ck_assert(eventure__identity_is_reached(identity));
}
END_TEST

/* --- After a loss --- */

typedef struct saving
{
    const char *command;
    bool may_save;
    bool may_alone; /* as may_save, when no other process has the database open */
} saving;

static const saving savings[] = {
    {"mv a.db b.db", true, true},
    {"mv a.db b.db && touch b.db-wal", true, true},
    {"mv a.db b.db && echo other > b.db-wal", false, false},
    {"mv a.db b.db && mv a.db-wal b.db-wal", true, true},
    {"mv a.db b.db && ln -s b.db-wal b.db-wal", false, false},
    {"mv a.db b.db && ln -s b.db a.db", true, true},
    {"mv a.db b.db && mv a.db-wal b && echo other > a.db-wal", false, false},
    {"mv a.db b.db && mv a.db-shm b && echo other > a.db-shm", false, true},
    {"mv a.db b.db && mv a.db-shm b && ln -s a.db-shm a.db-shm", false, false},
    {"mv a.db b.db && rm a.db-wal a.db-shm", true, true},
    {"rm a.db-wal", true, true},
    {"mv a.db-wal b && echo other > a.db-wal", false, false},
    {"mv a.db-wal b && : > a.db-wal", false, true}, /* of a reader that has not found a log */
    {"mv a.db-wal b && ln -s b a.db-wal", true, true},
    {"rm a.db", false, false},
    {"ln a.db b.db && rm a.db", false, false},                             /* the present name is not known */
    {"mv a.db b.db && ln b.db a.db && echo other > b.db-wal", true, true}, /* it is back under its name */
    {"mv a.db b.db && ln b.db a.db && rm a.db-wal && echo other > b.db-wal", true, true},
};

LOOP_TEST(the_rest_is_saved_only_where_no_other_log_can_be, COUNT_OF(savings))
{
    char command[256];
    snprintf(command, sizeof command, "cd " FOLDER " && %s", savings[_i].command);
    scratch_run(command);
    ck_assert_int_eq(eventure__identity_may_save(identity, false), savings[_i].may_save);
    ck_assert_int_eq(eventure__identity_may_save(identity, true), savings[_i].may_alone);
}
END_TEST

typedef struct clearing
{
    const char *command;
    const char *left; /* the files in the folder afterwards */
} clearing;

static const clearing clearings[] = {
    {"true", "a.db a.db-shm a.db-wal "},
    {": > a.db-wal", "a.db a.db-shm a.db-wal "},
    {"mv a.db b", "a.db-shm a.db-wal b "},
    {"mv a.db b && : > a.db-wal", "b "},
    {"mv a.db b && : > a.db-wal && touch a.db", "a.db a.db-shm a.db-wal b "},
    {"mv a.db b && : > a.db-wal && ln -s b a.db", "a.db b "},
    {"mv a.db b && rm a.db-wal", "a.db-shm b "},
    {"mv a.db b && mv a.db-wal c && touch a.db-wal", "a.db-wal b c "},
    {"mv a.db b && : > a.db-wal && mv a.db-shm c && touch a.db-shm", "a.db-shm b c "},
};

LOOP_TEST(empty_files_beside_a_name_without_a_file_are_removed, COUNT_OF(clearings))
{
    char command[256];
    char left[256] = "";
    snprintf(command, sizeof command, "cd " FOLDER " && %s", clearings[_i].command);
    scratch_run(command);
    eventure__identity_clear(identity);
    FILE *list = popen("LC_ALL=C ls " FOLDER " | tr '\\n' ' '", "r");
    ck_assert_ptr_nonnull(list);
    ck_assert_ptr_nonnull(fgets(left, sizeof left, list));
    pclose(list);
    ck_assert_str_eq(left, clearings[_i].left);
}
END_TEST

START_TEST(closing_nothing_is_allowed)
{
    eventure__identity_close(NULL);
}
END_TEST
