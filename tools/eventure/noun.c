/*
 * Verbs of commands: see noun.h.
 */
#include "noun.h"

#include <stdio.h>
#include <string.h>

#include "message.h"
#include "suggest.h"

int noun_find_verb(const char *const *verbs, const char *word)
{
    for (int i = 0; word != NULL && verbs[i] != NULL; i++)
        if (strcmp(verbs[i], word) == 0)
            return i;
    return -1;
}

int noun_refuse_verb(const char *command, const char *const *verbs, const char *word)
{
    suggestion best = {.word = word, .len = strlen(word)};
    char list[128] = "";
    char nearest[128];
    size_t used = 0;
    for (int i = 0; verbs[i] != NULL && used < sizeof list; i++)
    {
        suggest_offer(&best, verbs[i]);
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", verbs[i]);
    }
    suggest_text(&best, "", nearest, sizeof nearest);
    return message_usage(command, "%s: '%s' is not one of %s%s", command, word, list, nearest);
}
