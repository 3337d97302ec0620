/*
 * A JSON line from anywhere: it is refused with a text, or read; and what was read, written and read again, is the
 * same.
 */
#include <string.h>

#include <eventure/event.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    eventure_event *event = NULL;
    char message[256] = "";
    eventure_status status = eventure_event_from_json((const char *)bytes, len, &event, message, sizeof message);
    if (status != EVENTURE_OK)
    {
        fuzz_must(event == NULL && message[0] != '\0');
        return 0;
    }
    char *line = NULL;
    char *again = NULL;
    eventure_event *same = NULL;
    fuzz_must(eventure_event_to_json(event, &line) == EVENTURE_OK);
    status = eventure_event_from_json(line, strlen(line), &same, message, sizeof message);
    fuzz_must(status == EVENTURE_OK && eventure_event_to_json(same, &again) == EVENTURE_OK);
    fuzz_must(strcmp(line, again) == 0 && strcmp(event->data, same->data) == 0 && strcmp(event->id, same->id) == 0);
    fuzz_must(event->tick == same->tick && event->timestamp == same->timestamp);
    eventure_free(line);
    eventure_free(again);
    eventure_event_free(event);
    eventure_event_free(same);
    return 0;
}
