/*
 * Questions: see fleet_question.h.
 */
#include "fleet_question.h"

#include <stdlib.h>
#include <string.h>

bool fleet_name_is_fact(const char *name)
{
    static const char *const facts[] = {"file", "uuid", "events", "tick", "size", "record"};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
    {
        if (strcmp(facts[i], name) == 0)
            return true;
    }
    return false;
}

size_t fleet_names_add(fleet_names *names, const char *name, size_t len)
{
    for (size_t i = 0; i < names->count; i++)
    {
        if (strlen(names->list[i]) == len && memcmp(names->list[i], name, len) == 0)
            return i;
    }
    char **list = realloc(names->list, (names->count + 1) * sizeof *list);
    if (list == NULL)
        return SIZE_MAX;
    names->list = list;
    names->list[names->count] = strndup(name, len);
    return names->list[names->count] != NULL ? names->count++ : SIZE_MAX;
}

bool fleet_question_add_column(fleet_question *question, const char *name, size_t len)
{
    size_t index = fleet_names_add(&question->names, name, len);
    if (index == SIZE_MAX)
        return false;
    for (size_t i = 0; i < question->columns_count; i++)
    {
        if (question->columns[i] == index)
            return true;
    }
    size_t *columns = realloc(question->columns, (question->columns_count + 1) * sizeof *columns);
    if (columns == NULL)
        return false;
    question->columns = columns;
    question->columns[question->columns_count++] = index;
    question->needs_facts = question->needs_facts || fleet_name_is_fact(question->names.list[index]);
    return true;
}

void fleet_question_free(fleet_question *question)
{
    for (size_t i = 0; i < question->names.count; i++)
        free(question->names.list[i]);
    free(question->names.list);
    free(question->columns);
    memset(question, 0, sizeof *question);
}
