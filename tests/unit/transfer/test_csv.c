/*
 * Export as CSV: quotes, columns, times, and the form that is safe in a spreadsheet.
 */
#include "history_world.h"

TEST_FIXTURE(open_world, close_world);

static eventure_export_options options;

/* Fills the log with an event of this type, data and id, whose parent is outside of the store unless it is null. */
static void append(const char *type, const char *data, const char *id, const char *parent)
{
    const char *line = line_of(1, type, data, id, parent);
    eventure_import_options import = EVENTURE_IMPORT_OPTIONS_INIT;
    import.external_parents = true;
    expect_ok(here.log, import_bytes(line, strlen(line), &import, NULL));
}

static void expect(const char *expected)
{
    sink out;
    sink_open(&out);
    options.format = EVENTURE_FORMAT_CSV;
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, NULL));
    sink_close(&out);
    ck_assert_str_eq(out.text, expected);
    free(out.text);
}

#define HEAD "seq,id,tick,timestamp,type,parent_id"

START_TEST(without_columns_the_data_is_one_cell)
{
    append("a.b", "{\"x\": \"q\\\"\", \"y\": [1, 2]}", "one", "null");
    append("c", "{}", "two", "\"far\"");
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    expect(HEAD
           ",data\r\n1,one,1,1.5,a.b,,\"{\"\"x\"\":\"\"q\\\"\"\"\",\"\"y\"\":[1,2]}\"\r\n2,two,1,1.5,c,far,{}\r\n");
    options.csv_utf8_mark = true;
    options.csv_iso_times = true;
    expect("\xEF\xBB\xBF" HEAD
           ",data\r\n1,one,1,1970-01-01T00:00:01.5Z,a.b,,\"{\"\"x\"\":\"\"q\\\"\"\"\",\"\"y\"\":[1,2]}\"\r\n"
           "2,two,1,1970-01-01T00:00:01.5Z,c,far,{}\r\n");
}
END_TEST

START_TEST(a_time_before_1970_has_no_iso_form)
{
    import_text("{\"tick\": 0, \"timestamp\": -0.5, \"type\": \"a\", \"data\": {}, \"event_id\": \"x\", \"parent_id\": "
                "null}\n");
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    options.csv_iso_times = true;
    expect(HEAD ",data\r\n1,x,0,-0.5,a,,{}\r\n");
}
END_TEST

START_TEST(columns_are_members_of_the_data)
{
    static const char *const columns[] = {"s", "n", "o.p", "none"};
    bool found[] = {false, false, false, true};
    append("a", "{\"s\": \"text\", \"n\": 1.50, \"o\": {\"p\": [1]}}", "x", "null");
    append("a", "{\"s\": \"\", \"n\": null}", "y", "null");
    append("a", "{\"s\": \"nul\\u0000\", \"n\": \"\\u00e9\"}", "z", "null");
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    options.columns = columns;
    options.columns_count = COUNT_OF(columns);
    expect(HEAD ",s,n,o.p,none\r\n1,x,1,1.5,a,,text,1.50,[1],\r\n2,y,1,1.5,a,,\"\",null,,\r\n"
                "3,z,1,1.5,a,,\"\"\"nul\\u0000\"\"\",\xc3\xa9,,\r\n");
    options.columns_found = found;
    options.columns_count = 3;
    expect(HEAD ",s,n,o.p\r\n1,x,1,1.5,a,,text,1.50,[1]\r\n2,y,1,1.5,a,,\"\",null,\r\n"
                "3,z,1,1.5,a,,\"\"\"nul\\u0000\"\"\",\xc3\xa9,\r\n");
    ck_assert(found[0] && found[1] && found[2] && found[3]);
    options.columns_count = COUNT_OF(columns);
    expect(HEAD ",s,n,o.p,none\r\n1,x,1,1.5,a,,text,1.50,[1],\r\n2,y,1,1.5,a,,\"\",null,,\r\n"
                "3,z,1,1.5,a,,\"\"\"nul\\u0000\"\"\",\xc3\xa9,,\r\n");
    ck_assert(found[0] && found[1] && found[2] && !found[3]);
}
END_TEST

START_TEST(no_columns_are_no_data)
{
    static const char *const columns[] = {"s"};
    append("a", "{\"s\": 1}", "x", "null");
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    options.columns = columns;
    options.columns_count = 0;
    expect(HEAD "\r\n1,x,1,1.5,a,\r\n");
}
END_TEST

static void refuse(const char *message)
{
    sink out;
    sink_open(&out);
    options.format = EVENTURE_FORMAT_CSV;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_export(here.reader, out.stream, &options, NULL));
    sink_close(&out);
    ck_assert_str_eq(eventure_reader_message(here.reader), message);
    ck_assert_str_eq(out.text, "");
    free(out.text);
}

START_TEST(columns_that_are_null_are_refused)
{
    static const char *const columns[] = {"s", NULL};
    append("a", "{\"s\": 1}", "x", "null");
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    options.columns_count = 2;
    refuse("export: columns is NULL, but columns_count is 2");
    options.columns = columns;
    refuse("export: column 2 of 2 is NULL");
}
END_TEST

START_TEST(texts_with_separators_are_quoted)
{
    append("a,b", "{}", "q\\\"\\\"r", "\"l\\nf\"");
    append("c\\rr", "{}", "semi;colon", "\" blank \"");
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    static const char *const columns[] = {"a,b"};
    options.columns = columns;
    options.columns_count = 1;
    expect(HEAD ",\"a,b\"\r\n1,\"q\"\"\"\"r\",1,1.5,\"a,b\",\"l\nf\",\r\n2,semi;colon,1,1.5,\"c\rr\", blank ,\r\n");
}
END_TEST

START_TEST(in_the_safe_form_no_text_is_a_formula)
{
    static const char *const columns[] = {"=k", "v"};
    append("=a", "{\"v\": \"+1\"}", "-x", "\"@y\"");
    append("\\tb", "{\"v\": -1}", "\xEF\xBC\x9Dx", "\"\xEF\xBC\x8By\"");
    append("a=", "{\"v\": \"\xEF\xBC\xA1\"}", "\xEF\xBC\x8Dx", "\"\xEF\xBC\xA0y\"");
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    options.columns = columns;
    options.columns_count = 2;
    options.csv_safe = true;
    expect(HEAD ",'=k,v\r\n1,'-x,1,1.5,'=a,'@y,,'+1\r\n2,'\xEF\xBC\x9Dx,1,1.5,'\tb,'\xEF\xBC\x8By,,-1\r\n"
                "3,'\xEF\xBC\x8Dx,1,1.5,a=,'\xEF\xBC\xA0y,,\xEF\xBC\xA1\r\n");
}
END_TEST

START_TEST(a_line_end_before_a_formula_is_safe_too)
{
    append("\\r=a", "{\"v\": \"\\n=1\"}", "x,=", "\",\"");
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    static const char *const columns[] = {"v"};
    options.columns = columns;
    options.columns_count = 1;
    options.csv_safe = true;
    expect(HEAD ",v\r\n1,\"x,=\",1,1.5,\"'\r=a\",\",\",\"'\n=1\"\r\n");
    options.csv_safe = false;
    expect(HEAD ",v\r\n1,\"x,=\",1,1.5,\"\r=a\",\",\",\"\n=1\"\r\n");
}
END_TEST
