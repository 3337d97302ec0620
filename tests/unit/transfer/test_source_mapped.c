/*
 * Records of other programs as a source: the parts of an event that a map finds in JSON and in CSV, and what is
 * refused.
 */
#include "source_world.h"

TEST_FIXTURE(source_begin, NULL);

static void expect(const char *map, const char *text, const char *expected)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.map = map;
    source_expect(eventure__source_mapped, &options, text, expected);
}

static void expect_csv(const char *map, const char *text, const char *expected)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.map = map;
    options.format = EVENTURE_FORMAT_CSV;
    source_expect_whole(eventure__source_mapped, &options, text, expected);
}

#define ALL "type=n,time=t,id=i,parent=p,tick=k"

START_TEST(the_parts_of_an_event_are_found)
{
    expect(
        ALL,
        "{\"n\":\"a.b\",\"t\":5,\"i\":\"x\",\"p\":\"y\",\"k\":7,\"z\":1}\n{\"n\":3,\"i\":4.50,\"p\":true,\"t\":\"6\"}",
        "1: tick 7, time 5, a.b x < y {\"z\":1}\n2: time 6, 3 4.50 < true {}\n");
    expect("type='c.d'", "[{\"n\":1},\n {}]", "1: c.d - {\"n\":1}\n2: c.d - {}\n");
    expect("type='c.d'", " \n", "");
    expect("type='c.d'", "", "");
}
END_TEST

START_TEST(null_and_empty_texts_are_no_values)
{
    expect(ALL, "{\"n\":\"a\",\"t\":null,\"i\":null,\"p\":null,\"k\":null}", "1: a - {}\n");
    expect(ALL, "{\"n\":\"a\",\"t\":\"\",\"i\":\"\",\"p\":\"\",\"k\":\"\"}", "1: a - {}\n");
}
END_TEST

START_TEST(the_data_is_an_object_or_a_member)
{
    expect("type=n,data=d", "{\"n\":\"a\",\"d\":{\"x\":1},\"y\":2}", "1: a - {\"x\":1}\n");
    expect("type=n,data=d", "{\"n\":\"a\",\"d\":[1]}", "1: a - {\"d\":[1]}\n");
    expect("type=n,data=d.e", "{\"n\":\"a\",\"d\":{\"e\":\"x\"}}", "1: a - {\"e\":\"x\"}\n");
    expect("type=n,data=d.e[0]", "{\"n\":\"a\",\"d\":{\"e\":[5]}}", "1: a - {\"e\":5}\n");
    expect("type=n,data=d", "{\"n\":\"a\",\"d\":null}", "1: a - {}\n");
    expect("type=n,data=d", "{\"n\":\"a\"}", "1: a - {}\n");
    expect("type=n,data=.", "{\"n\":\"a\",\"x\":1}", "1: a - {\"n\":\"a\",\"x\":1}\n");
}
END_TEST

START_TEST(a_tick_is_an_integer_or_its_digits)
{
    expect(ALL,
           "{\"n\":\"a\",\"k\":0}{\"n\":\"a\",\"k\":\"9223372036854775807\"}{\"n\":\"a\",\"k\":2.0}"
           "{\"n\":\"a\",\"k\":1e2}{\"n\":\"a\",\"k\":\"007\"}",
           "1: tick 0, a - {}\n1: tick 9223372036854775807, a - {}\n1: tick 2, a - {}\n1: tick 100, a - {}\n"
           "1: tick 7, a - {}\n");
    static const char *const wrong[] = {
        "-1",    "\"-1\"",  "\"1.0\"", "1.5",    "true",   "[1]",  "{}",
        "\"x\"", "\"1e2\"", "\" 1\"",  "\"1/\"", "\"1:\"", "1e19", "9223372036854775808"};
    char text[100];
    char expected[300];
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        snprintf(text, sizeof text, "{\"n\":\"a\",\"k\":%s}", wrong[i]);
        snprintf(expected, sizeof expected,
                 "EVENTURE_ERROR_TICK in line 1: tick (k) is %s, not an integer from 0 to 9223372036854775807\n",
                 wrong[i]);
        expect(ALL, text, expected);
    }
}
END_TEST

START_TEST(parts_of_another_kind_are_refused)
{
    expect(ALL, "{\"n\":\"a\"}\n{\"x\":1}",
           "1: a - {}\nEVENTURE_ERROR_TYPE in line 2: the record has no n, from which the map takes the type\n");
    expect(ALL, "{\"n\":null}",
           "EVENTURE_ERROR_TYPE in line 1: the record has no n, from which the map takes the type\n");
    expect(ALL, "{\"n\":\"\"}", "EVENTURE_ERROR_TYPE in line 1: the type is empty\n");
    expect(ALL, "{\"n\":{}}", "EVENTURE_ERROR_JSON in line 1: type (n) is {}, not a text\n");
    expect(ALL, "{\"n\":\"a\\u0000b\"}",
           "EVENTURE_ERROR_JSON in line 1: type (n) is \"a\\u0000b\", which contains a NUL\n");
    expect(ALL, "{\"n\":\"a\",\"i\":[1]}", "EVENTURE_ERROR_JSON in line 1: id (i) is [1], not a text\n");
    expect(ALL, "{\"n\":\"a\",\"p\":{}}", "EVENTURE_ERROR_JSON in line 1: parent (p) is {}, not a text\n");
    expect(ALL, "{\"n\":\"a\",\"t\":[1]}", "EVENTURE_ERROR_JSON in line 1: time is [1], neither a number nor text\n");
    expect(ALL, "{\"n\":\"a\"}7", "1: a - {}\nEVENTURE_ERROR_JSON in line 1: not a JSON object: 7\n");
    expect(ALL, "{\"n\":\"a\",}", "EVENTURE_ERROR_JSON in line 1: invalid JSON: at byte 9: found } instead of a key\n");
    expect(ALL, "[{\"n\":\"a\",\n\"x\":[[[[[]]]]]}]",
           "EVENTURE_ERROR_LIMIT in line 1: at byte 18: nested deeper than max_depth, which is 5\n");
}
END_TEST

START_TEST(an_id_of_1024_bytes_is_the_longest)
{
    char text[1200];
    char name[1026];
    memset(name, 'x', 1025);
    name[1025] = '\0';
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.map = ALL;
    snprintf(text, sizeof text, "{\"n\":\"a\",\"i\":\"%.1024s\"}", name);
    char *got = source_read(eventure__source_mapped, &options, text, SIZE_MAX);
    ck_assert_str_eq(got + 3 + 2 + 1024, " {}\n");
    free(got);
    snprintf(text, sizeof text, "{\"n\":\"a\",\"p\":\"%s\"}", name);
    got = source_read(eventure__source_mapped, &options, text, SIZE_MAX);
    expect_part(got, "EVENTURE_ERROR_LIMIT in line 1: parent (p) is \"xxx");
    expect_part(got, ", longer than 1024 bytes\n");
    free(got);
}
END_TEST

START_TEST(data_beyond_the_limit_is_refused)
{
    source_max_data_bytes = 10;
    expect("type=n", "{\"n\":\"a\",\"xy\":123}", "1: a - {\"xy\":123}\n");
    expect("type=n", "{\"n\":\"a\",\"xy\":1234}",
           "EVENTURE_ERROR_LIMIT in line 1: data is 11 bytes long; the limit max_data_bytes is 10\n");
}
END_TEST

START_TEST(the_map_is_checked_before_the_input)
{
    expect("id=n", "{",
           "EVENTURE_ERROR_ARGUMENT in line 1: map: the type is missing: type=PATH, or type='NAME' for one "
           "type of all events\n");
}
END_TEST

START_TEST(an_input_that_does_not_begin_as_json_is_csv)
{
    expect("type=m", "\xEF\xBB\xBF\n n,x\n",
           "EVENTURE_ERROR_ARGUMENT in line 2: no column has the title m, from which the map takes the type\n");
    expect("type=n", "\n n,x\na,5\n", "3: a - {\"x\":5}\n");
}
END_TEST

START_TEST(cells_become_values)
{
    expect_csv("type=n", "n,x,y,z\r\na,1,-2.5,1e+3\r\nb,true,false,null\r\nc,,\"\",\"1\"\r\nd,{\"k\": 1},[1 ],{x}\r\n",
               "2: a - {\"x\":1,\"y\":-2.5,\"z\":1e+3}\n3: b - {\"x\":true,\"y\":false,\"z\":\"null\"}\n"
               "4: c - {\"y\":\"\",\"z\":1}\n5: d - {\"x\":{\"k\":1},\"y\":[1],\"z\":\"{x}\"}\n");
}
END_TEST

START_TEST(csv_needs_the_titles_of_the_map)
{
    expect_csv("type=n,id=a.b", "n,a.b\nx,7\n", "2: x 7 {}\n");
    expect_csv("type=n,id=a.b", "n,a\nx,\"{\"\"b\"\":8}\"\n", "2: x 8 {}\n");
    expect_csv("type='c',data=.", "x\n1\n", "2: c - {\"x\":1}\n");
    expect_csv("type=n,id=a", "n,b\n",
               "EVENTURE_ERROR_ARGUMENT in line 1: no column has the title a, from which the map takes the id\n");
    expect_csv("type=n,id=a.b", "n,b\n",
               "EVENTURE_ERROR_ARGUMENT in line 1: no column has the title a.b, from which the map takes the id\n");
    expect_csv("type=n", "", "");
}
END_TEST

START_TEST(the_format_of_times_applies)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.map = ALL;
    options.time_format = EVENTURE_TIME_MILLISECONDS;
    source_expect(eventure__source_mapped, &options, "{\"n\":\"a\",\"t\":5}",
                  "1: time 0.0050000000000000001, a - {}\n");
}
END_TEST
