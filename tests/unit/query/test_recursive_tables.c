/*
 * Cascades and ancestors: through archived events, by the ids of their parents, in a circle of causes, and their depth.
 */
#include "query_world.h"
#include "session_world.h"

TEST_FIXTURE(open_story, close_story);

static void append_external(const char *id, const char *parent_id)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = "d.e";
    input.id = id;
    input.parent_id = parent_id;
    input.external_parent = true;
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
}

/* The archived events of a cascade are not returned, and count as levels. With explicit ids and external parents in the
   store, children are found by the ids of their parents. */
LOOP_TEST(a_cascade_passes_through_archived_events, 2)
{
    char child[32], grandchild[32], late[32];
    eventure_filter filter = EVENTURE_FILTER_INIT;
    if (_i == 1)
        append_external("other", "outside");
    add(child, "e.f", NULL, D);
    add(grandchild, "e.f", NULL, child);
    add(late, "e.f", NULL, B);
    expect_ok(log_, eventure_log_commit(log_));
    scratch_remove(WORLD_ARCHIVE);
    ck_assert_int_eq(world_archive(log_, WORLD_ARCHIVE, 1).events, 4); /* A, B, C, D */
    filter.cascade_of = A;
    filter.order = EVENTURE_ORDER_APPEND;
    filter.levels = 1;
    expect(&filter, "");
    filter.levels = 2;
    expect(&filter, E);
    filter.levels = 3;
    expect(&filter, ids(E, late, NULL, NULL, NULL));
    filter.levels = 4;
    expect(&filter, ids(E, H, child, late, NULL));
    filter.levels = 0;
    expect(&filter, ids(E, H, child, grandchild, late));
    filter.cascade_of = D;
    expect(&filter, ids(H, child, grandchild, NULL, NULL));
    filter.cascade_of = child;
    expect(&filter, ids(child, grandchild, NULL, NULL, NULL));
    filter.cascade_of = NULL;
    filter.children_of = B;
    expect(&filter, late);
    filter.children_of = D;
    expect(&filter, ids(H, child, NULL, NULL, NULL));
    if (_i == 1)
    {
        filter.children_of = NULL;
        filter.cascade_of = "outside";
        expect(&filter, "other");
    }
    scratch_remove(WORLD_ARCHIVE);
}
END_TEST

/* The effect of a child is stored before the child: it is found from the first event of the store, too. */
START_TEST(an_effect_before_its_cause_belongs_to_the_cascade_of_its_ancestors)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    append_external("grandchild", "child");
    append_external("child", G);
    append_external("of the first", A);
    append_external("effect", "cause");
    append_external("cause", A);
    expect_ok(log_, eventure_log_commit(log_));
    filter.cascade_of = F;
    expect(&filter, ids(F, G, "child", "grandchild", NULL));
    filter.cascade_of = A;
    filter.type = "d.e";
    expect(&filter, ids("of the first", "cause", "effect", NULL, NULL));
}
END_TEST

START_TEST(levels_bound_the_ancestors_from_the_nearest_on)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.ancestors_of = H;
    filter.levels = 1;
    expect(&filter, D);
    filter.levels = 3;
    expect(&filter, ids(D, B, A, NULL, NULL));
    filter.levels = 2;
    filter.reverse = true;
    expect(&filter, ids(B, D, NULL, NULL, NULL));
}
END_TEST

/* An event can descend from itself when its cause was stored after it: the cascade ends. */
START_TEST(a_circle_of_causes_ends)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    append_external("egg", "hen");
    append_external("hen", "egg");
    expect_ok(log_, eventure_log_commit(log_));
    filter.cascade_of = "egg";
    expect(&filter, "egg hen");
    filter.cascade_of = "hen";
    expect(&filter, "hen egg");
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 2);
    filter.levels = 1;
    expect(&filter, "hen");
}
END_TEST

/* The depth is of the row that was returned last; without a cascade or ancestors it is 0. */
START_TEST(ancestors_have_the_depth_of_their_distance)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    expect_ok(reader_, eventure_query_ancestors(reader_, H, &cursor));
    for (int depth = 1; depth <= 3; depth++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
        ck_assert_int_eq(eventure_cursor_depth(cursor), depth);
    }
    eventure_cursor_free(cursor);
    expect_ok(reader_, eventure_query(reader_, NULL, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    ck_assert_int_eq(eventure_cursor_depth(cursor), 0);
    eventure_cursor_free(cursor);
}
END_TEST
