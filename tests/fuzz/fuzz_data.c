/*
 * Data and its look-ups: compacting is idempotent, every member is found by its key, and equality is reflexive and
 * symmetric.
 */
#include <string.h>

#include <eventure/event.h>

#include "event/json.h"
#include "fuzz.h"

/* Every member is found by its key; when a key occurs twice, the last one. */
static void look_up_members(const char *object, size_t len)
{
    eventure__members members = eventure__members_of(object, len);
    eventure__span key;
    eventure__span value;
    while (eventure__members_next(&members, &key, &value))
    {
        eventure__buffer plain = {0};
        eventure__span found;
        bool failed = false;
        eventure__json_unescape((eventure__span){key.at - 1, key.len + 2}, &plain); /* with its quotes */
        fuzz_must(eventure__json_find(object, len, plain.bytes != NULL ? plain.bytes : "", plain.len, &found));
        fuzz_must(found.at >= value.at);
        fuzz_must(eventure__json_equal(value, value, &failed) && !failed);
        bool forth = eventure__json_equal(value, found, &failed);
        fuzz_must(forth == eventure__json_equal(found, value, &failed));
        eventure__buffer_free(&plain);
    }
}

static void look_at_types(const char *object, size_t len)
{
    eventure_event event = {.seq = 1, .type = "a", .data = object, .data_len = len, .id = "0-A-1"};
    int64_t integer = 0;
    double number = 0;
    bool truth = false;
    char text[16];
    size_t text_len = 0;
    eventure_event_int(&event, "a", &integer);
    eventure_event_double(&event, "a", &number);
    eventure_event_bool(&event, "a", &truth);
    if (eventure_event_string(&event, "a", text, sizeof text, &text_len) == EVENTURE_OK)
        fuzz_must(text_len < sizeof text && text[text_len] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    eventure__buffer compact = {0};
    eventure__buffer again = {0};
    eventure__buffer python = {0};
    eventure__error error = {0};
    eventure_status status = eventure__json_compact((const char *)bytes, len, 100, &compact, &error);
    if (status == EVENTURE_OK)
    {
        const char *text = eventure__buffer_text(&compact);
        fuzz_must(eventure__json_compact(text, compact.len, 100, &again, NULL) == EVENTURE_OK);
        fuzz_must(again.len == compact.len && memcmp(again.bytes, text, again.len) == 0);
        eventure__buffer_clear(&again);
        eventure__json_append_python((eventure__span){text, compact.len}, &python);
        fuzz_must(eventure__json_compact(python.bytes, python.len, 100, &again, NULL) == EVENTURE_OK);
        fuzz_must(again.len == compact.len && memcmp(again.bytes, text, again.len) == 0);
        if (text[0] == '{')
        {
            look_up_members(text, compact.len);
            look_at_types(text, compact.len);
        }
    }
    else
        fuzz_must(error.text[0] != '\0' && compact.len == 0);
    eventure__buffer_free(&compact);
    eventure__buffer_free(&again);
    eventure__buffer_free(&python);
    return 0;
}
