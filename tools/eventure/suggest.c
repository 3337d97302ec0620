/*
 * Suggestions: see suggest.h.
 */
#include "suggest.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Longer words are not compared, because every command and option is shorter. */
#define WORD_BYTES 64

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Returns the number of edits between two words, where an edit inserts, deletes or replaces a byte, or swaps two
 * neighbours (optimal string alignment). SIZE_MAX for words that are too long. */
static size_t edits_between(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_BYTES + 1];
    if (a_len > WORD_BYTES || b_len > WORD_BYTES)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++)
    {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++)
        {
            row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smaller(row[j], smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

void suggest_offer(suggestion *best, const char *candidate)
{
    size_t candidate_len = strlen(candidate);
    size_t distance = edits_between(best->word, best->len, candidate, candidate_len);
    /* An abbreviated word has a distance of one edit. */
    bool begins = best->len >= 3 && best->len < candidate_len && memcmp(best->word, candidate, best->len) == 0;
    if (begins)
        distance = 1;
    if (distance > (best->len + 2) / 3 || distance >= candidate_len)
        return;
    if (best->count > 0 && distance > best->distance)
        return;
    if (best->count > 0 && distance < best->distance)
        best->count = 0;
    best->distance = distance;
    if (best->count < SUGGEST_MOST)
        best->nearest[best->count] = candidate;
    best->count++;
}

void suggest_text(const suggestion *best, const char *prefix, char *out, size_t out_size)
{
    size_t used = 0;
    out[0] = '\0';
    if (best->count == 0 || best->count > SUGGEST_MOST)
        return;
    for (size_t i = 0; i < best->count && used < out_size; i++)
    {
        const char *before = i == 0 ? "; did you mean " : i + 1 == best->count ? " or " : ", ";
        int len = snprintf(out + used, out_size - used, "%s%s%s", before, prefix, best->nearest[i]);
        used += len > 0 ? (size_t)len : 0;
    }
    if (used + 1 < out_size)
    {
        out[used] = '?';
        out[used + 1] = '\0';
    }
}
