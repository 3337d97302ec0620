/*
 * Texts in graphs: characters that would end a line, or that XML does not allow, are escaped.
 */
#include "testing.h"
#include "transfer/graph.h"

static void put(eventure__buffer *out, const char *bytes, size_t len, uint32_t code_point)
{
    (void)code_point;
    eventure__buffer_append(out, bytes, len);
}

START_TEST(bytes_that_are_not_utf8_are_escaped_by_their_value)
{
    eventure__buffer out = {0};
    eventure__graph_text(&out, "a\xff\xc3\xa9\x01", put);
    eventure__buffer_append(&out, "", 1);
    ck_assert_str_eq(out.bytes, "a\\u00ff\xc3\xa9\\u0001");
    eventure__buffer_free(&out);
}
END_TEST
