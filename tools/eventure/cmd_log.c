/*
 * eventure log: the events of a history, all or those that a filter chooses.
 */
#include "commands.h"
#include "filtered_query.h"

int cmd_log(int argc, char **argv)
{
    return question_run("log", QUESTION_ALL, argc, argv);
}
