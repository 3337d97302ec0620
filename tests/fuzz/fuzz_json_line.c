/*
 * Any JSON line: it is refused with an error text, or read; an event that was read is the same after it is written and
 * read again.
 */
#include <string.h>

#include <eventure/event.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    eventure_event *event = NULL;
    eventure_status status = eventure_event_from_json((const char *)bytes, len, &event);
    if (status != EVENTURE_OK)
    {
        fuzz_must(event == NULL && eventure_last_message()[0] != '\0');
        return 0;
    }
    char *line = NULL;
    char *again = NULL;
    eventure_event *same = NULL;
    fuzz_must(eventure_event_to_json(event, &line) == EVENTURE_OK);
    status = eventure_event_from_json(line, strlen(line), &same);
    fuzz_must(status == EVENTURE_OK && eventure_event_to_json(same, &again) == EVENTURE_OK);
    fuzz_must(strcmp(line, again) == 0 && strcmp(event->data, same->data) == 0 && strcmp(event->id, same->id) == 0);
    fuzz_must(event->tick == same->tick && event->timestamp == same->timestamp);
    eventure_free(line);
    eventure_free(again);
    eventure_event_free(event);
    eventure_event_free(same);
    return 0;
}
