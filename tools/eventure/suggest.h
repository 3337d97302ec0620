/*
 * Suggestions for mistyped words: the known words with the fewest edits.
 */
#ifndef EVENTURE_TOOL_SUGGEST_H
#define EVENTURE_TOOL_SUGGEST_H

#include <stddef.h>

/* The maximum number of suggested words. */
#define SUGGEST_MOST 3

/* The most similar candidates so far. Begin with zeros, `word` and `len`. */
typedef struct suggestion
{
    const char *word; /* the typed word */
    size_t len;
    size_t distance; /* the distance of the words below */
    const char *nearest[SUGGEST_MOST];
    size_t count; /* when it is larger than SUGGEST_MOST, nothing is suggested */
} suggestion;

/* Adds a candidate, which is borrowed. */
void suggest_offer(suggestion *best, const char *candidate);

/* Writes "; did you mean X or Y?" with `prefix` before each word, or an empty text when no word is similar. */
void suggest_text(const suggestion *best, const char *prefix, char *out, size_t out_size);

#endif
