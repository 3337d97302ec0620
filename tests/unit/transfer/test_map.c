/*
 * Maps: their syntax, the values they find in a record, and the rest of the record.
 */
#include "transfer/map.h"

#include <stdlib.h>
#include <string.h>

#include "testing.h"

/* Returns "PART=VALUE " for each part that is found, then the rest; the caller frees it. */
static char *apply(const char *text, const char *record)
{
    eventure__error error = {0};
    eventure__map map;
    eventure__buffer out = {0};
    eventure__span found[EVENTURE__PARTS];
    const eventure__span span = {record, strlen(record)};
    const eventure_status status = eventure__map_read(&map, text, &error);
    ck_assert_msg(status == EVENTURE_OK, "%s: %s", text, error.text);
    eventure__map_find(&map, span, found);
    for (size_t i = 0; i < EVENTURE__PARTS; i++)
    {
        if (found[i].at == NULL)
            continue;
        eventure__buffer_append_text(&out, eventure__part_name((eventure__event_part)i));
        eventure__buffer_append_char(&out, '=');
        eventure__buffer_append(&out, found[i].at, found[i].len);
        eventure__buffer_append_char(&out, ' ');
    }
    eventure__map_rest(&map, span, &out);
    eventure__map_free(&map);
    return eventure__buffer_take(&out);
}

static void expect(const char *map, const char *record, const char *expected)
{
    char *got = apply(map, record);
    ck_assert_str_eq(got, expected);
    free(got);
}

static void expect_wrong(const char *text, const char *message)
{
    eventure__error error = {0};
    eventure__map map;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure__map_read(&map, text, &error));
    ck_assert_str_eq(error.text, message);
    eventure__map_free(&map);
}

START_TEST(each_part_has_its_place)
{
    expect("type=n,time=t,id=i,parent=p,tick=k,data=d",
           "{\"d\":{\"x\":1},\"k\":1,\"p\":2,\"i\":3,\"t\":4,\"n\":5,\"z\":6}",
           "type=5 time=4 id=3 parent=2 tick=1 data={\"x\":1} {\"z\":6}");
    expect("id=i,type=n", "{\"n\":\"a\",\"z\":[1,{\"n\":2}]}", "type=\"a\" {\"z\":[1,{\"n\":2}]}");
    expect("type=n", "{}", "{}");
}
END_TEST

START_TEST(paths_lead_into_objects_and_arrays)
{
    expect("type=a.b.c", "{\"a\":{\"b\":{\"c\":1,\"d\":2},\"e\":3},\"f\":4}",
           "type=1 {\"a\":{\"b\":{\"d\":2},\"e\":3},\"f\":4}");
    expect("type=a[1]", "{\"a\":[5,6,7]}", "type=6 {\"a\":[5,6,7]}");
    expect("type=a.2", "{\"a\":[5,6,7]}", "type=7 {\"a\":[5,6,7]}");
    expect("type=a.2", "{\"a\":{\"2\":8}}", "type=8 {}");
    expect("type=a[1][0].b", "{\"a\":[5,[{\"b\":9}]]}", "type=9 {\"a\":[5,[{\"b\":9}]]}");
    expect("type=a[10]", "{\"a\":[0,1,2,3,4,5,6,7,8,9,10,11]}", "type=10 {\"a\":[0,1,2,3,4,5,6,7,8,9,10,11]}");
    expect("type=a.10", "{\"a\":[0,1,2,3,4,5,6,7,8,9,10,11]}", "type=10 {\"a\":[0,1,2,3,4,5,6,7,8,9,10,11]}");
    expect("type=a[3]", "{\"a\":[5,6,7]}", "{\"a\":[5,6,7]}");
    expect("type=a[0]", "{\"a\":{\"0\":1}}", "{\"a\":{\"0\":1}}");
    expect("type=a.b", "{\"a\":[1]}", "{\"a\":[1]}");
    expect("type=a.b", "{\"a\":\"b\"}", "{\"a\":\"b\"}");
    expect("type=a.b", "{\"a\":{\"c\":1}}", "{\"a\":{\"c\":1}}");
    /* Ten digits are a key only. */
    expect("type=a.0000000001", "{\"a\":[5,6]}", "{\"a\":[5,6]}");
    expect("type=a.000000001", "{\"a\":[5,6]}", "type=6 {\"a\":[5,6]}");
}
END_TEST

START_TEST(objects_that_become_empty_are_left_out)
{
    expect("type=a.b", "{\"x\":1,\"a\":{\"b\":2}}", "type=2 {\"x\":1}");
    expect("type=a.b", "{\"a\":{\"b\":2},\"x\":1,\"y\":{}}", "type=2 {\"x\":1,\"y\":{}}");
    expect("type=a.b,id=a.c", "{\"w\":0,\"a\":{\"b\":2,\"c\":3},\"x\":{}}", "type=2 id=3 {\"w\":0,\"x\":{}}");
    expect("type=a.b.c", "{\"a\":{\"b\":{\"c\":1}}}", "type=1 {}");
    expect("type=a.b", "{\"a\":{}}", "{\"a\":{}}");
    expect("type=a.b,id=a.c.d", "{\"a\":{\"c\":{\"d\":1,\"e\":2},\"b\":3,\"f\":4}}",
           "type=3 id=1 {\"a\":{\"c\":{\"e\":2},\"f\":4}}");
    expect("type=a,id=a.b", "{\"a\":{\"b\":1,\"c\":2},\"x\":3}", "type={\"b\":1,\"c\":2} id=1 {\"x\":3}");
}
END_TEST

START_TEST(a_path_may_be_one_key)
{
    expect("type=a.b", "{\"a.b\":1,\"x\":2}", "type=1 {\"x\":2}");
    expect("type=a.b", "{\"a\":{\"b\":1},\"a.b\":2}", "type=2 {\"a\":{\"b\":1}}");
    expect("type=a.b", "{\"a.b\":2,\"a\":{\"b\":1}}", "type=2 {\"a\":{\"b\":1}}");
    expect("type=a[0]", "{\"a[0]\":2,\"a\":[1]}", "type=2 {\"a\":[1]}");
    expect("type=a.b,id=c.d", "{\"a.b\":2,\"c\":{\"d\":3}}", "type=2 id=3 {}");
    expect("type=n,id=c.d,parent=e.f", "{\"n\":1,\"c.d\":2,\"e.f\":3,\"x\":4}", "type=1 id=2 parent=3 {\"x\":4}");
    /* Within an object the path is not one key. */
    expect("type=a.b.c", "{\"a\":{\"b.c\":1}}", "{\"a\":{\"b.c\":1}}");
    expect("type=a.b", "{\"c\":{\"a.b\":1}}", "{\"c\":{\"a.b\":1}}");
    expect("type=\"a\".b", "{\"a.b\":1}", "{\"a.b\":1}");
}
END_TEST

START_TEST(the_last_of_equal_keys_is_found_and_none_is_left)
{
    expect("type=n", "{\"n\":1,\"n\":2,\"x\":3}", "type=2 {\"x\":3}");
    expect("type=a.n", "{\"a\":{\"n\":1,\"n\":2}}", "type=2 {}");
}
END_TEST

START_TEST(keys_may_be_quoted)
{
    expect("type=\"a.b\".c", "{\"a.b\":{\"c\":1}}", "type=1 {}");
    expect("type=\"a\"\"b\"", "{\"a\\\"b\":1}", "type=1 {}");
    expect("type=\"\"", "{\"\":1,\"x\":2}", "type=1 {\"x\":2}");
    expect("type=\"a,b=c\",id=\"[\"", "{\"a,b=c\":1,\"[\":2}", "type=1 id=2 {}");
    expect("type=\xc3\xa9", "{\"\xc3\xa9\":1}", "type=1 {}");
}
END_TEST

START_TEST(constants_and_the_whole_record)
{
    expect("type='a.b'", "{\"a\":{\"b\":1}}", "type=\"a.b\" {\"a\":{\"b\":1}}");
    expect("type='it''s',id=i", "{\"i\":1}", "type=\"it's\" id=1 {}");
    expect("type='',id='\"'", "{}", "type=\"\" id=\"\\\"\" {}");
    expect("data=.,type=n", "{\"n\":1}", "type=1 data={\"n\":1} {}");
    expect("type=n,data=.", "{\"n\":1}", "type=1 data={\"n\":1} {}");
}
END_TEST

START_TEST(the_written_path_and_its_last_key_are_known)
{
    static const struct
    {
        const char *path;
        const char *last;
    } paths[] = {{"a.b", "b"}, {"a[0]", "a"}, {"a.b[0][1]", "b"}, {".", "value"}, {"\"a.b\"", "a.b"}, {"c.0", "c"}};
    char text[100];
    for (size_t i = 0; i < COUNT_OF(paths); i++)
    {
        eventure__error error = {0};
        eventure__map map;
        snprintf(text, sizeof text, "type=n,data=%s,id=x", paths[i].path);
        expect_ok(NULL, eventure__map_read(&map, text, &error));
        eventure__span span = eventure__map_last_key(&map, EVENTURE__PART_DATA);
        ck_assert_uint_eq(span.len, strlen(paths[i].last));
        ck_assert_mem_eq(span.at, paths[i].last, span.len);
        span = eventure__map_written(&map, EVENTURE__PART_DATA);
        ck_assert_uint_eq(span.len, strlen(paths[i].path));
        ck_assert_mem_eq(span.at, paths[i].path, span.len);
        span = eventure__map_written(&map, EVENTURE__PART_ID);
        ck_assert_uint_eq(span.len, 1);
        ck_assert_int_eq(*span.at, 'x');
        eventure__map_free(&map);
    }
}
END_TEST

START_TEST(a_path_has_at_most_16_steps)
{
    expect("type=a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p", "{\"a\":1}", "{\"a\":1}");
    expect_wrong("type=a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q",
                 "map: type=a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q: a path of more than 16 steps");
}
END_TEST

START_TEST(what_is_not_a_map_is_refused)
{
    expect_wrong("", "map: \"\": not PART=PATH");
    expect_wrong("type", "map: type: not PART=PATH");
    expect_wrong("type,id=x", "map: type: not PART=PATH");
    expect_wrong("type=n,", "map: \"\": not PART=PATH");
    expect_wrong("kind=n,id=x", "map: kind=n: an event has no such part; it has type, time, id, parent, tick and data");
    expect_wrong("typ=n", "map: typ=n: an event has no such part; it has type, time, id, parent, tick and data");
    expect_wrong("tick2=n", "map: tick2=n: an event has no such part; it has type, time, id, parent, tick and data");
    expect_wrong("type=n,id=x,type=m", "map: type=m: the part is given twice");
    expect_wrong("type=", "map: type=: a step of the path is empty");
    expect_wrong("type=a.", "map: type=a.: a step of the path is empty");
    expect_wrong("type=a..b,id=x", "map: type=a..b: a step of the path is empty");
    expect_wrong("type=a[x]", "map: type=a[x]: [ must be followed by a number and ]");
    expect_wrong("type=a[]", "map: type=a[]: [ must be followed by a number and ]");
    expect_wrong("type=a[1", "map: type=a[1: [ must be followed by a number and ]");
    expect_wrong("type=a[1x]", "map: type=a[1x]: [ must be followed by a number and ]");
    expect_wrong("type=a[99999999999999999999]",
                 "map: type=a[99999999999999999999]: [ must be followed by a number and ]");
    expect_wrong("type=\"a", "map: type=\"a: a quote that is not closed");
    expect_wrong("type='a", "map: type='a: a quote that is not closed");
    expect_wrong("type='a''", "map: type='a'': a quote that is not closed");
    expect_wrong("type='a'b,id=x", "map: type='a'b: a comma should follow the path");
    expect_wrong("type=a'b", "map: type=a'b: a comma should follow the path");
    expect_wrong("type=a=b", "map: type=a=b: a comma should follow the path");
    expect_wrong("type=n,data='x'", "map: data='x': the data cannot be a constant");
    expect_wrong("type=.", "map: type=.: only the data can be the whole record");
    expect_wrong("type=.,id=x", "map: type=.: only the data can be the whole record");
    expect_wrong("type=.a", "map: type=.a: a step of the path is empty");
    expect_wrong("id=n", "map: the type is missing: type=PATH, or type='NAME' for one type of all events");
    expect_wrong("type=\xff", "map: type=\\xff is not valid UTF-8");
}
END_TEST
