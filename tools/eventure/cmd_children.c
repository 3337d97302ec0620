/*
 * eventure children: the direct effects of an event.
 */
#include "commands.h"
#include "filtered_query.h"

int cmd_children(int argc, char **argv)
{
    return question_run("children", QUESTION_CHILDREN, argc, argv);
}
