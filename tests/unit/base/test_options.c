/*
 * Structs that a caller fills: every size that a program may have been compiled with, and zero as the default of every
 * member.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(open_story, close_story);

/* A filter of a later version. */
typedef struct later_filter
{
    eventure_filter known;
    int64_t added;
} later_filter;

static eventure_log *log_here;

static eventure_reader *reader(void)
{
    return eventure_log_reader(log_here);
}

/* Four ticks, each with one event. */
static void open_story(void)
{
    log_here = scratch_new();
    for (int tick = 0; tick < 4; tick++)
    {
        expect_ok(log_here, eventure_log_append(log_here, "rabbit.born", eventure_no_data(), NULL, NULL));
        expect_ok(log_here, eventure_log_advance_tick(log_here));
    }
}

static void close_story(void)
{
    eventure_log_close(log_here);
    scratch_remove(SCRATCH_PATH);
}

static int64_t count(const eventure_filter *filter)
{
    int64_t events = -1;
    expect_ok(reader(), eventure_query_count(reader(), filter, &events));
    return events;
}

START_TEST(a_filter_that_is_zero_asks_for_everything)
{
    eventure_filter filter = {.size = sizeof filter};
    ck_assert_int_eq(count(&filter), 4);
    filter.type = "rabbit.*";
    ck_assert_int_eq(count(&filter), 4);
    filter.tick_min = 1;
    ck_assert_int_eq(count(&filter), 3);
    eventure_filter begun;
    eventure_filter_init(&begun, sizeof begun);
    ck_assert_int_eq(count(&begun), 4);
}
END_TEST

START_TEST(a_range_of_ticks_ends_before_its_end)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    for (int64_t tick = 0; tick < 4; tick++)
    {
        filter.tick_min = tick;
        filter.tick_end = tick + 1;
        ck_assert_int_eq(count(&filter), 1);
    }
    filter.tick_min = 3;
    filter.tick_end = 3;
    ck_assert_int_eq(count(&filter), 0);
    filter.tick_min = 0;
    filter.tick_end = INT64_MAX;
    ck_assert_int_eq(count(&filter), 4);
}
END_TEST

START_TEST(the_viewer_shows_everything_when_its_options_are_zero)
{
    eventure_cascade_options options = {.size = sizeof options, .without_data = true};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    expect_ok(reader(), eventure_cascade_print(reader(), out, &options));
    fclose(out);
    int ticks = 0;
    for (const char *at = text; (at = strstr(at, "rabbit.born")) != NULL; at++)
        ticks++;
    ck_assert_int_eq(ticks, 4);
    free(text);
}
END_TEST

START_TEST(a_size_that_is_none_is_refused)
{
    static const size_t sizes[] = {0, 1, sizeof(size_t) - 1, 1 << 20, SIZE_MAX};
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
    {
        eventure_filter filter = EVENTURE_FILTER_INIT;
        int64_t events = 0;
        filter.size = sizes[i];
        expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_query_count(reader(), &filter, &events));
        expect_part(eventure_reader_message(reader()), "was not initialised");
    }
}
END_TEST

START_TEST(a_newer_struct_is_taken_when_what_is_new_in_it_is_not_used)
{
    later_filter filter = {.known = EVENTURE_FILTER_INIT};
    int64_t events = 0;
    filter.known.size = sizeof filter;
    filter.known.tick_min = 2;
    ck_assert_int_eq(count(&filter.known), 2);
    filter.added = 1;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_query_count(reader(), &filter.known, &events));
    expect_part(eventure_reader_message(reader()), "newer than this library");
}
END_TEST

/* The struct is an allocation of exactly its size, so that the sanitizers notice a read beyond its end. */
START_TEST(nothing_is_read_beyond_the_size)
{
    const size_t sizes[] = {sizeof(size_t), offsetof(eventure_filter, types), offsetof(eventure_filter, tick_min),
                            offsetof(eventure_filter, tick_end), offsetof(eventure_filter, reverse)};
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
    {
        eventure_filter whole = EVENTURE_FILTER_INIT;
        whole.size = sizes[i];
        void *small = malloc(sizes[i]);
        ck_assert_ptr_nonnull(small);
        memcpy(small, &whole, sizes[i]);
        ck_assert_int_eq(count(small), 4);
        eventure_cursor *cursor = NULL;
        char *plan = NULL;
        expect_ok(reader(), eventure_query(reader(), small, &cursor));
        eventure_cursor_free(cursor);
        expect_ok(reader(), eventure_query_explain(reader(), small, &plan));
        eventure_free(plan);
        free(small);
    }
}
END_TEST

/* Every struct that a caller fills, by its macro and by its function. */
#define EXPECT_INIT(type, macro)                                                                                       \
    do                                                                                                                 \
    {                                                                                                                  \
        type by_macro = macro;                                                                                         \
        type zero;                                                                                                     \
        type by_function;                                                                                              \
        memset(&zero, 0, sizeof zero);                                                                                 \
        memset(&by_function, 0xAB, sizeof by_function);                                                                \
        zero.size = sizeof zero;                                                                                       \
        type##_init(&by_function, sizeof by_function);                                                                 \
        ck_assert_mem_eq(&by_function, &zero, sizeof zero);                                                            \
        ck_assert_uint_eq(by_macro.size, sizeof by_macro);                                                             \
    }                                                                                                                  \
    while (0)

START_TEST(every_struct_begins_with_its_size_and_zeros)
{
    EXPECT_INIT(eventure_log_options, EVENTURE_LOG_OPTIONS_INIT);
    EXPECT_INIT(eventure_bus_options, EVENTURE_BUS_OPTIONS_INIT);
    EXPECT_INIT(eventure_filter, EVENTURE_FILTER_INIT);
    EXPECT_INIT(eventure_cascade_options, EVENTURE_CASCADE_OPTIONS_INIT);
    EXPECT_INIT(eventure_import_options, EVENTURE_IMPORT_OPTIONS_INIT);
    EXPECT_INIT(eventure_export_options, EVENTURE_EXPORT_OPTIONS_INIT);
    EXPECT_INIT(eventure_extract_options, EVENTURE_EXTRACT_OPTIONS_INIT);
    EXPECT_INIT(eventure_data_index_options, EVENTURE_DATA_INDEX_OPTIONS_INIT);
    EXPECT_INIT(eventure_upgrade_options, EVENTURE_UPGRADE_OPTIONS_INIT);
    EXPECT_INIT(eventure_follower_options, EVENTURE_FOLLOWER_OPTIONS_INIT);
    EXPECT_INIT(eventure_playback_options, EVENTURE_PLAYBACK_OPTIONS_INIT);
    EXPECT_INIT(eventure_playback_until, EVENTURE_PLAYBACK_UNTIL_INIT);
    EXPECT_INIT(eventure_snapshot_policy, EVENTURE_SNAPSHOT_POLICY_INIT);
    EXPECT_INIT(eventure_snapshot_build_options, EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT);
    EXPECT_INIT(eventure_state_options, EVENTURE_STATE_OPTIONS_INIT);
    EXPECT_INIT(eventure_copy_options, EVENTURE_COPY_OPTIONS_INIT);
    EXPECT_INIT(eventure_archive_options, EVENTURE_ARCHIVE_OPTIONS_INIT);
    EXPECT_INIT(eventure_verify_options, EVENTURE_VERIFY_OPTIONS_INIT);
    EXPECT_INIT(eventure_repair_options, EVENTURE_REPAIR_OPTIONS_INIT);
    EXPECT_INIT(eventure_projection_options, EVENTURE_PROJECTION_OPTIONS_INIT);
    EXPECT_INIT(eventure_projector_options, EVENTURE_PROJECTOR_OPTIONS_INIT);
    EXPECT_INIT(eventure_reducer, EVENTURE_REDUCER_INIT);
    EXPECT_INIT(eventure_reducer_state, EVENTURE_REDUCER_STATE_INIT);
    eventure_filter_init(NULL, sizeof(eventure_filter));
}
END_TEST
