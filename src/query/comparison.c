/*
 * Comparisons with values in the data: see comparison.h.
 */
#include "query/comparison.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

static bool is_string(eventure__span value)
{
    return value.len >= 2 && *value.at == '"';
}

/* Less than, equal to or greater than 0. Integers are compared as such, all else as doubles; a number that is too large
 * for a double is larger than all others of its sign. */
static int compare_numbers(eventure__span a, eventure__span b)
{
    int64_t a_int = 0;
    int64_t b_int = 0;
    if (eventure__parse_int(a.at, a.len, &a_int) && eventure__parse_int(b.at, b.len, &b_int))
        return (a_int > b_int) - (a_int < b_int);
    double a_double = *a.at == '-' ? -HUGE_VAL : HUGE_VAL;
    double b_double = *b.at == '-' ? -HUGE_VAL : HUGE_VAL;
    (void)eventure__parse_double(a.at, a.len, &a_double);
    (void)eventure__parse_double(b.at, b.len, &b_double);
    return (a_double > b_double) - (a_double < b_double);
}

static int compare_texts(const eventure__buffer *a, const eventure__buffer *b)
{
    size_t common = a->len < b->len ? a->len : b->len;
    int order = common > 0 ? memcmp(a->bytes, b->bytes, common) : 0;
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static bool contains(const eventure__buffer *text, const eventure__buffer *part)
{
    for (size_t i = 0; i + part->len <= text->len; i++)
    {
        const char *first = part->len > 0 ? memchr(text->bytes + i, part->bytes[0], text->len - i) : text->bytes + i;
        if (first == NULL)
            return false;
        i = part->len > 0 ? (size_t)(first - text->bytes) : i;
        if (i + part->len <= text->len && (part->len == 0 || memcmp(first, part->bytes, part->len) == 0))
            return true;
    }
    return false;
}

static bool holds_for(int order, eventure_comparison comparison)
{
    switch (comparison)
    {
    case EVENTURE_LESS:
        return order < 0;
    case EVENTURE_LESS_OR_EQUAL:
        return order <= 0;
    case EVENTURE_GREATER:
        return order > 0;
    case EVENTURE_GREATER_OR_EQUAL:
        return order >= 0;
    default:
        return false;
    }
}

/* The text of a string without its escapes; of any other value its JSON. */
static void append_plain(eventure__span value, eventure__buffer *out)
{
    if (is_string(value))
        eventure__json_unescape(value, out);
    else
        eventure__buffer_append(out, value.at, value.len);
}

static bool holds_as_text(eventure__span found, eventure_comparison comparison, eventure__span wanted, bool *out_failed)
{
    eventure__buffer a = {0};
    eventure__buffer b = {0};
    append_plain(found, &a);
    append_plain(wanted, &b);
    *out_failed = a.failed || b.failed;
    bool holds = !*out_failed &&
                 (comparison == EVENTURE_CONTAINS ? contains(&a, &b) : holds_for(compare_texts(&a, &b), comparison));
    eventure__buffer_free(&a);
    eventure__buffer_free(&b);
    return holds;
}

bool eventure__comparison_holds(eventure__span found, eventure_comparison comparison, eventure__span wanted,
                                bool *out_failed)
{
    *out_failed = false;
    if (comparison == EVENTURE_EQUAL)
        return eventure__json_equal(found, wanted, out_failed);
    if (comparison == EVENTURE_NOT_EQUAL)
        return !eventure__json_equal(found, wanted, out_failed) && !*out_failed;
    if (comparison == EVENTURE_CONTAINS || (is_string(found) && is_string(wanted)))
        return holds_as_text(found, comparison, wanted, out_failed);
    return eventure__json_is_number(found) && eventure__json_is_number(wanted) &&
           holds_for(compare_numbers(found, wanted), comparison);
}
