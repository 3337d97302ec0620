/**
 * @file
 * Events' data to and from cJSON, for handlers that want a tree. The only header that needs cJSON's; functions are
 * part of the library, so link cJSON yourself only if you call cJSON's own functions.
 *
 * cJSON holds numbers as doubles: an integer beyond 2^53 is rounded on its way through. The typed looks of event.h
 * and eventure_json do not have this limit.
 */
#ifndef EVENTURE_CJSON_H
#define EVENTURE_CJSON_H

#include <cjson/cJSON.h>

#include <eventure/event.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Parses an event's data into a cJSON tree.
 * @param event the event
 * @param out_tree receives the tree, to be freed with cJSON_Delete; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_MEMORY, or EVENTURE_ERROR_JSON (nested deeper than cJSON reads)
 */
EVENTURE_API eventure_status eventure_event_to_cjson(const eventure_event *event, cJSON **out_tree);

/**
 * Prints a cJSON object as compact JSON text, ready for eventure_json.
 * @param tree an object
 * @param out_json receives NUL-terminated text, to be freed with eventure_free; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (not an object), EVENTURE_ERROR_JSON (a number that is not finite), or
 *         EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_json_from_cjson(const cJSON *tree, char **out_json);

#ifdef __cplusplus
}
#endif

#endif
