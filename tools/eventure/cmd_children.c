/*
 * eventure children: the direct effects of an event.
 */
#include "commands.h"
#include "question.h"

int cmd_children(int argc, char **argv)
{
    return question_run("children", QUESTION_CHILDREN, argc, argv);
}
