/*
 * Commands that are a noun and take a verb: `eventure index list DB`, `eventure save-point add DB NAME`.
 */
#ifndef EVENTURE_TOOL_NOUN_H
#define EVENTURE_TOOL_NOUN_H

#include <stddef.h>

/* Returns the index of the verb in a list that ends with NULL; -1 when it is not one of them. */
int noun_find_verb(const char *const *verbs, const char *word);

/* Reports that the word is not one of the verbs, with the most similar ones. Returns EXIT_USAGE. */
int noun_refuse_verb(const char *command, const char *const *verbs, const char *word);

#endif
