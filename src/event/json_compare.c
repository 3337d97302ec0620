/*
 * Equality of JSON values by a canonical form in which equal values have equal bytes.
 *
 * Only the members of objects need sorting. The first pass lists the members, grouped by object; then each list is
 * sorted; the second pass writes the members in sorted order. The open containers are stored in the objects themselves
 * (`outer`, `arrays`), so that neither pass recurses or needs a stack.
 */
#include "event/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "event/json_text.h"

typedef struct member
{
    const char *key; /* escaped, without quotes; a string has one compact form, so keys compare as bytes */
    size_t key_len;
    const char *value;
    size_t object; /* the number of the first object at or after the value */
} member;

typedef struct object
{
    size_t outer;       /* the object around it */
    size_t arrays;      /* number of open arrays in its current member */
    size_t base;        /* while open: index of its first member in `open` */
    size_t first;       /* when closed: index of its first member in `members` */
    size_t count;       /* number of members, without those that a later member with the same key replaces */
    size_t done;        /* number of members written */
    size_t next_object; /* the number of the first object after it */
    const char *end;
} object;

/* Objects are numbered from 1 in the order of their beginning; number 0 is a virtual object around the whole value. */
typedef struct comparison
{
    eventure__buffer objects;
    eventure__buffer members;
    eventure__buffer open; /* members of the objects that are still open */
    size_t current;
    const char *at;
    const char *end;
} comparison;

static object *object_at(const comparison *index, size_t number)
{
    return (object *)(void *)index->objects.bytes + number;
}

static member *members_in(const eventure__buffer *list)
{
    return (member *)(void *)list->bytes;
}

static bool add_object(comparison *index, size_t outer)
{
    object added = {.outer = outer, .base = index->open.len / sizeof(member), .end = index->end};
    eventure__buffer_append(&index->objects, (const char *)&added, sizeof added);
    return !index->objects.failed;
}

/* Begins after `{` or `,` in an object: lists the next member and advances to its value. */
static bool add_member(comparison *index)
{
    if (index->at == index->end || *index->at != '"')
        return true;
    const char *key = index->at + 1;
    const char *key_end = eventure__json_string_end(key, index->end);
    index->at = key_end < index->end ? key_end + 1 : key_end;
    member added = {key, (size_t)(key_end - key) - 1, index->at, index->objects.len / sizeof(object)};
    eventure__buffer_append(&index->open, (const char *)&added, sizeof added);
    return !index->open.failed;
}

/* Orders by key; equal keys by their position in the text. */
static int compare_members(const void *left, const void *right)
{
    const member *a = left;
    const member *b = right;
    size_t shorter = a->key_len < b->key_len ? a->key_len : b->key_len;
    int order = shorter > 0 ? memcmp(a->key, b->key, shorter) : 0;
    if (order == 0 && a->key_len != b->key_len)
        return a->key_len < b->key_len ? -1 : 1;
    if (order == 0)
        return a->key < b->key ? -1 : 1;
    return order;
}

static bool same_key(const member *a, const member *b)
{
    return a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

/* Sorts the members of the object that ends here, keeps the last of each key, and moves them to `members`. */
static bool close_object(comparison *index)
{
    object *closed = object_at(index, index->current);
    size_t listed = index->open.len / sizeof(member) - closed->base;
    size_t kept = 0;
    if (listed > 0)
    {
        member *members = members_in(&index->open) + closed->base;
        qsort(members, listed, sizeof *members, compare_members);
        for (size_t i = 0; i < listed; i++)
        {
            if (i + 1 == listed || !same_key(&members[i], &members[i + 1]))
                members[kept++] = members[i];
        }
        closed->first = index->members.len / sizeof(member);
        eventure__buffer_append(&index->members, (const char *)members, kept * sizeof *members);
        index->open.len = closed->base * sizeof *members;
    }
    closed->count = kept;
    closed->end = index->at;
    closed->next_object = index->objects.len / sizeof(object);
    index->current = closed->outer;
    return !index->members.failed;
}

/* The first pass. Returns false when memory runs out. */
static bool list_members(comparison *index, eventure__span value)
{
    index->at = value.at;
    index->end = value.at + value.len;
    index->current = 0;
    bool ok = add_object(index, 0);
    while (ok && index->at < index->end)
    {
        object *current = object_at(index, index->current);
        switch (*index->at++)
        {
        case '{':
            ok = add_object(index, index->current);
            index->current = index->objects.len / sizeof(object) - 1;
            ok = ok && add_member(index);
            break;
        case '}':
            if (index->current != 0)
                ok = close_object(index);
            break;
        case '[':
            current->arrays++;
            break;
        case ']':
            current->arrays--;
            break;
        case ',':
            if (index->current != 0 && current->arrays == 0)
                ok = add_member(index);
            break;
        case '"':
            index->at = eventure__json_string_end(index->at, index->end);
            break;
        default:
            index->at = eventure__json_scalar_end(index->at, index->end);
            break;
        }
    }
    return ok;
}

/* Writes the next key of the current object and moves to its value, or closes the object and moves behind it. */
static void write_next_member(comparison *index, size_t *next_object, eventure__buffer *out)
{
    object *current = object_at(index, index->current);
    if (current->done == current->count)
    {
        eventure__buffer_append_char(out, '}');
        index->at = current->end;
        *next_object = current->next_object;
        index->current = current->outer;
        return;
    }
    const member *next = members_in(&index->members) + current->first + current->done;
    if (current->done++ > 0)
        eventure__buffer_append_char(out, ',');
    eventure__buffer_append_char(out, '"');
    eventure__buffer_append(out, next->key, next->key_len);
    eventure__buffer_append(out, "\":", 2);
    index->at = next->value;
    *next_object = next->object;
    current->arrays = 0;
}

static void write_scalar(comparison *index, eventure__buffer *out)
{
    const char *begin = index->at - 1;
    if (*begin == '"')
        index->at = eventure__json_string_end(index->at, index->end);
    else
        index->at = eventure__json_scalar_end(index->at, index->end);
    size_t len = (size_t)(index->at - begin);
    if (*begin == '-' || (*begin >= '0' && *begin <= '9'))
        eventure__canonical_number(begin, len, out);
    else
        eventure__buffer_append(out, begin, len);
}

/* The second pass. */
static void write_sorted(comparison *index, eventure__span value, eventure__buffer *out)
{
    size_t next_object = 1;
    index->at = value.at;
    index->current = 0;
    while (index->at < index->end && !out->failed)
    {
        object *current = object_at(index, index->current);
        char c = *index->at++;
        if (c == '{')
        {
            if (next_object >= index->objects.len / sizeof(object))
                return; /* only in text that is not compact JSON */
            eventure__buffer_append_char(out, '{');
            index->current = next_object++;
            write_next_member(index, &next_object, out);
        }
        else if ((c == ',' || c == '}') && current->arrays == 0 && index->current != 0)
        {
            write_next_member(index, &next_object, out);
        }
        else if (c == ',' || c == '[' || c == ']' || c == '}')
        {
            current->arrays += c == '[' ? 1U : 0U;
            current->arrays -= c == ']' ? 1U : 0U;
            eventure__buffer_append_char(out, c);
        }
        else
        {
            write_scalar(index, out);
        }
    }
}

void eventure__json_canonical(eventure__span value, eventure__buffer *out)
{
    comparison index = {.at = value.at, .end = value.at + value.len};
    if (list_members(&index, value))
        write_sorted(&index, value, out);
    else
        out->failed = true;
    eventure__buffer_free(&index.objects);
    eventure__buffer_free(&index.members);
    eventure__buffer_free(&index.open);
}

static bool is_container(eventure__span value)
{
    return value.len > 0 && (value.at[0] == '{' || value.at[0] == '[');
}

bool eventure__json_equal(eventure__span a, eventure__span b, bool *out_failed)
{
    if (a.len == b.len && memcmp(a.at, b.at, a.len) == 0)
        return true;
    bool containers = is_container(a) && is_container(b) && a.at[0] == b.at[0];
    if (!containers && !(eventure__json_is_number(a) && eventure__json_is_number(b)))
        return false;
    eventure__buffer left = {0};
    eventure__buffer right = {0};
    eventure__json_canonical(a, &left);
    eventure__json_canonical(b, &right);
    bool equal = false;
    if (left.failed || right.failed)
        *out_failed = true;
    else
        equal = left.len == right.len && left.len > 0 && memcmp(left.bytes, right.bytes, left.len) == 0;
    eventure__buffer_free(&left);
    eventure__buffer_free(&right);
    return equal;
}
