/*
 * Several projections: see projection_list.h.
 */
#include "projection_list.h"

#include <stdlib.h>

#include "message.h"

const char *projection_list_add(const char *value, void *target)
{
    projection_list *list = target;
    const char **paths = realloc(list->paths, (list->count + 1) * sizeof *paths);
    if (paths == NULL)
        return "cannot be stored: out of memory";
    list->paths = paths;
    list->paths[list->count++] = value;
    return NULL;
}

int projection_list_open(projection_list *list)
{
    list->projections = calloc(list->count + 1, sizeof *list->projections);
    if (list->projections == NULL)
        return message_memory();
    for (size_t i = 0; i < list->count; i++)
    {
        eventure_status status = eventure_projection_open(list->paths[i], NULL, &list->projections[i]);
        if (status != EVENTURE_OK)
        {
            message("%s", eventure_projection_message(list->projections[i]));
            return status == EVENTURE_ERROR_ARGUMENT || status == EVENTURE_ERROR_LIMIT ? EXIT_DATA : EXIT_FILE;
        }
    }
    return EXIT_DONE;
}

void projection_list_close(projection_list *list)
{
    for (size_t i = 0; list->projections != NULL && i < list->count; i++)
        eventure_projection_close(list->projections[i]);
    free(list->projections);
    free(list->paths);
}
