/*
 * Suggestions for words that were mistyped: the known words that are the fewest edits away.
 */
#ifndef EVENTURE_TOOL_SUGGEST_H
#define EVENTURE_TOOL_SUGGEST_H

#include <stddef.h>

/* At most so many words are suggested. */
#define SUGGEST_MOST 3

/* The nearest of the candidates that were offered so far. Begin with zeros, and `word` and `len`. */
typedef struct suggestion
{
    const char *word; /* what was typed */
    size_t len;
    size_t distance; /* of those below */
    const char *nearest[SUGGEST_MOST];
    size_t count; /* may be larger than SUGGEST_MOST: then nothing is clear enough to suggest */
} suggestion;

/* Takes a candidate, which is borrowed. */
void suggest_offer(suggestion *best, const char *candidate);

/* Writes "; did you mean X or Y?" with `prefix` before each word, or an empty text when nothing is near. */
void suggest_text(const suggestion *best, const char *prefix, char *out, size_t out_size);

#endif
