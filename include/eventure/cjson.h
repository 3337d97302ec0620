/**
 * @file
 * Converts the data of events to and from cJSON trees. This is the only header that includes cJSON's. The functions are
 * part of the library: a program links cJSON itself only when it calls cJSON's own functions.
 *
 * cJSON stores numbers as doubles, so that an integer beyond 2^53 is rounded. The typed look-ups of event.h and
 * eventure_json do not have this limit.
 */
#ifndef EVENTURE_CJSON_H
#define EVENTURE_CJSON_H

#include <cjson/cJSON.h>

#include <eventure/event.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Builds a cJSON tree from an event's data.
 * @param event the event
 * @param out_tree receives the tree, to be freed with cJSON_Delete; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (NULL), EVENTURE_ERROR_MEMORY, or EVENTURE_ERROR_JSON (the event has no
 *         data, or it has a value that cJSON cannot represent: a string with a NUL inside, a number that is too large
 *         for a double); eventure_last_message() returns the text
 */
EVENTURE_API eventure_status eventure_event_to_cjson(const eventure_event *event, cJSON **out_tree);

/**
 * Prints a cJSON object as compact JSON text, ready for eventure_json. Numbers without a fraction are printed as
 * integers; raw items are checked and inserted.
 * @param tree an object; as for all of cJSON, it must not contain itself
 * @param out_json receives NUL-terminated text, to be freed with eventure_free; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (not an object, or an item without its key or text), EVENTURE_ERROR_JSON
 *         (a number that is not finite, text that is not UTF-8, a raw item that is not JSON), EVENTURE_ERROR_LIMIT
 *         (nested deeper than 1000), or EVENTURE_ERROR_MEMORY; eventure_last_message() returns the text
 */
EVENTURE_API eventure_status eventure_cjson_to_json(const cJSON *tree, char **out_json);

#ifdef __cplusplus
}
#endif

#endif
