/*
 * Commands that are a noun and take a verb: `eventure index list DB`, `eventure save-point add DB NAME`.
 */
#ifndef EVENTURE_TOOL_NOUN_H
#define EVENTURE_TOOL_NOUN_H

#include <stddef.h>

/* The place of the verb in a list that ends with NULL; -1 when it is none of them. */
int noun_find_verb(const char *const *verbs, const char *word);

/* Says that the word is none of the verbs, and which one may be meant. Returns EXIT_USAGE. */
int noun_refuse_verb(const char *command, const char *const *verbs, const char *word);

#endif
