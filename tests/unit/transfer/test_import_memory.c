/*
 * Imports of files of other programs when memory runs out: each allocation fails in turn, which must be an error
 * without an effect.
 */
#include "alloc_fail.h"
#include "history_world.h"

TEST_FIXTURE(open_world, close_world);

static void fail_each(const char *text, const eventure_import_options *options)
{
    bool hit = true;
    long hits = 0;
    expect_ok(here.log, import_bytes(text, strlen(text), options, NULL));
    char *complete = exported();
    close_world();
    open_world();
    for (long n = 1; hit; n++)
    {
        char byte = 0;
        FILE *in = scratch_stream(text, strlen(text));
        ck_assert_uint_eq(fread(&byte, 1, 1, in), 1); /* makes the stream allocate its buffer now */
        rewind(in);
        alloc_fail_at(n);
        const eventure_status status = eventure_log_import(here.log, in, options, NULL);
        hit = alloc_fail_stop();
        fclose(in);
        ck_assert_msg(!hit || status == EVENTURE_ERROR_MEMORY || status == EVENTURE_OK, "allocation %ld: %s: %s", n,
                      eventure_status_name(status), eventure_log_message(here.log));
        ck_assert_msg(hit || status == EVENTURE_OK, "%s", eventure_log_message(here.log));
        if (hit && status == EVENTURE_OK) /* only caching a statement failed */
        {
            char *lines = exported();
            ck_assert_str_eq(lines, complete);
            free(lines);
            close_world();
            open_world();
        }
        else if (hit)
            ck_assert_int_eq(events_in_log(), 0);
        hits++;
    }
    ck_assert_int_gt(hits, 5);
    char *lines = exported();
    ck_assert_str_eq(lines, complete);
    free(lines);
    free(complete);
}

START_TEST(records_by_a_map)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.map = "type=n,id=i,parent=p.q,time=t";
    options.sort = true;
    options.sort_memory = 65536;
    fail_each("{\"n\": \"a.b\", \"i\": 1, \"t\": 5, \"x\": [1]}\n{\"n\": \"c.d\", \"i\": \"2\", \"p\": {\"q\": 1}}\n",
              &options);
}
END_TEST

START_TEST(records_in_ticks_of_their_times)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.map = "type=n,id=i,time=t";
    options.tick_every_ns = 1000;
    options.time = "5";
    options.skip_known = true;
    fail_each("{\"n\": \"a.b\", \"i\": 1, \"t\": 5}{\"n\": \"c.d\", \"i\": 1}{\"n\": \"c.d\", \"i\": 2}\n", &options);
}
END_TEST

START_TEST(csv)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.map = "type=n,id=i";
    fail_each("n,i,x\na.b,1,5\nc.d,2,\"a \"\"b\"\"\"\nc.d,3,\"{\"\"k\"\": [1, {}]}\"\n", &options);
}
END_TEST

START_TEST(cloudevents)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.format = EVENTURE_FORMAT_CLOUDEVENTS;
    fail_each("[{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/x\",\"type\":\"a.b\",\"data\":[1]},"
              "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/y\",\"type\":\"a.b\",\"causationid\":\"1\"}]",
              &options);
}
END_TEST

START_TEST(chrome)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.format = EVENTURE_FORMAT_CHROME;
    fail_each("[{\"ph\":\"B\",\"ts\":1,\"name\":\"a\"},{\"ph\":\"s\",\"ts\":2,\"id\":1},{\"ph\":\"E\",\"ts\":3},"
              "{\"ph\":\"f\",\"ts\":4,\"id\":1},{\"ph\":\"X\",\"ts\":5,\"dur\":1,\"name\":\"b\",\"args\":{\"x\":1}}]",
              &options);
}
END_TEST
