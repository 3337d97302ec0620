/*
 * eventure ancestors: the causes of an event, up to the root.
 */
#include "commands.h"
#include "filtered_query.h"

int cmd_ancestors(int argc, char **argv)
{
    return question_run("ancestors", QUESTION_ANCESTORS, argc, argv);
}
