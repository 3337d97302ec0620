/*
 * A projection's file: see file.h.
 *
 * Headings are comments, so that the file is valid SQL. A heading begins a line and is not inside a literal or a block
 * comment. SQLite's parser determines where a statement ends.
 */
#include "projection/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

/* An upper bound for files written by hand. */
#define MAX_FILE_BYTES ((size_t)16 * 1024 * 1024)

int64_t eventure__file_line(const eventure__file *file, const char *at)
{
    int64_t line = 1;
    for (const char *c = file->text; c < at; c++)
        line += *c == '\n';
    return line;
}

static eventure_status fail_at(const eventure__file *file, const char *at, eventure__error *error, const char *what,
                               const char *value, size_t value_len)
{
    return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s:%lld: %s%s%s", file->name,
                          (long long)eventure__file_line(file, at), what, value != NULL ? " " : "",
                          value != NULL ? eventure__quote(value, value_len).text : "");
}

/* --- The few tokens that matter --- */

static const char *line_end(const char *at, const char *end)
{
    const char *feed = memchr(at, '\n', (size_t)(end - at));
    return feed != NULL ? feed : end;
}

/* Returns the end of a literal that begins at a quote. Doubled quotes are read as two adjacent literals, which has the
 * same end. */
static const char *literal_end(const char *at, const char *end)
{
    char closing = *at == '[' ? ']' : *at;
    const char *found = memchr(at + 1, closing, (size_t)(end - at - 1));
    return found != NULL ? found + 1 : end;
}

static const char *block_comment_end(const char *at, const char *end)
{
    for (at += 2; end - at >= 2; at++)
        if (at[0] == '*' && at[1] == '/')
            return at + 2;
    return end;
}

static bool begins(const char *at, const char *end, const char *two)
{
    return end - at >= 2 && at[0] == two[0] && at[1] == two[1];
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

const char *eventure__sql_skip_blank(const char *at, const char *end)
{
    while (at < end)
    {
        if (is_blank(*at))
            at++;
        else if (begins(at, end, "--"))
            at = line_end(at, end);
        else if (begins(at, end, "/*"))
            at = block_comment_end(at, end);
        else
            break;
    }
    return at;
}

static bool is_quote(char c)
{
    return c == '\'' || c == '"' || c == '`' || c == '[';
}

static bool is_of_name(char c)
{
    return c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (unsigned char)c >= 0x80;
}

/* Returns the end of the comment, literal or name that begins at `at`; any other character is one by itself. */
static const char *token_end(const char *at, const char *end)
{
    if (begins(at, end, "--"))
        return line_end(at, end);
    if (begins(at, end, "/*"))
        return block_comment_end(at, end);
    if (is_quote(*at))
        return literal_end(at, end);
    const char *next = at + 1;
    while (is_of_name(*at) && next < end && is_of_name(*next))
        next++;
    return next;
}

bool eventure__sql_says_now(const char *at, const char *end)
{
    for (const char *next; at < end; at = next)
    {
        next = token_end(at, end);
        if (*at == '\'' && next - at == 5 && strncasecmp(at, "'now'", 5) == 0)
            return true;
    }
    return false;
}

/* SQLite accepts a literal in quotes as the name of a table. */
bool eventure__sql_names(const char *at, const char *end, bool (*is_wanted)(const char *name, size_t len))
{
    for (const char *next; at < end; at = next)
    {
        next = token_end(at, end);
        if (is_of_name(*at) && is_wanted(at, (size_t)(next - at)))
            return true;
        if (is_quote(*at) && next - at > 2 && is_wanted(at + 1, (size_t)(next - at - 2)))
            return true;
    }
    return false;
}

/* Returns whether a line is a heading: blanks, `--`, blanks, `@`. *out_word receives the position of the `@`. */
static bool is_heading(const char *at, const char *end, const char **out_word)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if (!begins(at, end, "--"))
        return false;
    for (at += 2; at < end && (*at == ' ' || *at == '\t');)
        at++;
    *out_word = at;
    return at < end && *at == '@';
}

/* Returns the next heading at or after `at`, or `end`. `at` must not be inside a literal, but need not begin a line. */
static const char *next_heading(const eventure__file *file, const char *at, const char *end)
{
    const char *word = NULL;
    while (at < end)
    {
        bool is_at_line = at == file->text || at[-1] == '\n';
        if (is_at_line && is_heading(at, end, &word))
            return at;
        at = token_end(at, end);
    }
    return end;
}

/* --- Headings --- */

/* Finds the next word of a line. Returns its length, 0 at the end. */
static size_t next_word(const char **at, const char *end)
{
    const char *from = *at;
    while (from < end && is_blank(*from))
        from++;
    const char *to = from;
    while (to < end && !is_blank(*to))
        to++;
    *at = from;
    return (size_t)(to - from);
}

static size_t count_words(const char *at, const char *end)
{
    size_t count = 0;
    size_t len;
    for (; (len = next_word(&at, end)) > 0; at += len)
        count++;
    return count;
}

/* Parses the patterns after `@on`. Copies their texts to `room` and advances it. */
static eventure_status read_patterns(const eventure__file *file, eventure__projection_part *part, const char *at,
                                     const char *end, char **room, eventure__error *error)
{
    size_t count = count_words(at, end);
    if (count == 0)
        return fail_at(file, at, error, "`@on` needs a pattern: a type, `area.*`, `*.verb` or `*`", NULL, 0);
    part->patterns = calloc(count, sizeof *part->patterns);
    if (part->patterns == NULL)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "%s: out of memory", file->name);
    for (size_t len; (len = next_word(&at, end)) > 0; at += len)
    {
        eventure__error wrong = {0};
        char *text = *room;
        memcpy(text, at, len);
        text[len] = '\0';
        *room += len + 1;
        eventure_status status = eventure__pattern_parse(text, &part->patterns[part->patterns_count], &wrong);
        if (status != EVENTURE_OK)
            return eventure__fail(error, status, "%s:%lld: %s", file->name, (long long)eventure__file_line(file, at),
                                  wrong.text);
        part->patterns_count++;
    }
    return EVENTURE_OK;
}

/* Parses one heading that ends before `end`. */
static eventure_status read_heading(const eventure__file *file, eventure__projection_part *part, const char *at,
                                    const char *end, char **room, eventure__error *error)
{
    const char *word = at;
    is_heading(at, end, &word);
    size_t len = next_word(&word, end);
    const char *rest = word + len;
    part->line = eventure__file_line(file, at);
    if (len == 3 && memcmp(word, "@on", 3) == 0)
        return read_patterns(file, part, rest, end, room, error);
    if (len != 6 || memcmp(word, "@setup", 6) != 0)
        return fail_at(file, at, error, "there is no heading like this, only `@setup` and `@on PATTERN`:", word, len);
    size_t more = next_word(&rest, end);
    return more == 0 ? EVENTURE_OK : fail_at(file, at, error, "unexpected text after `@setup`:", rest, more);
}

/* --- The whole file --- */

static eventure_status check_text(const eventure__file *file, eventure__error *error)
{
    const char *end = file->text + file->text_len;
    const char *at = file->text;
    while (at < end)
    {
        size_t len = eventure__utf8_decode(at, (size_t)(end - at), NULL);
        if (len == 0)
            return fail_at(file, at, error, "this is not UTF-8", NULL, 0);
        if (*at == '\0')
            return fail_at(file, at, error, "there is a NUL byte", NULL, 0);
        at += len;
    }
    return EVENTURE_OK;
}

static eventure_status check_before_first(const eventure__file *file, const char *first, eventure__error *error)
{
    if (first == file->text + file->text_len)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "%s: no line of it is `-- @setup` or `-- @on PATTERN`: it is not a projection",
                              file->name);
    const char *at = eventure__sql_skip_blank(file->text, first);
    if (at < first)
        return fail_at(file, at, error, "a statement precedes the first `-- @setup` or `-- @on PATTERN`", NULL, 0);
    return EVENTURE_OK;
}

static eventure_status read_parts(eventure__file *file, eventure__error *error)
{
    const char *end = file->text + file->text_len;
    const char *at = next_heading(file, file->text, end);
    char *room = file->headings;
    eventure_status status = check_before_first(file, at, error);
    while (status == EVENTURE_OK && at < end)
    {
        eventure__projection_part *parts = realloc(file->parts, (file->parts_count + 1) * sizeof *parts);
        if (parts == NULL)
            return eventure__fail(error, EVENTURE_ERROR_MEMORY, "%s: out of memory", file->name);
        file->parts = parts;
        eventure__projection_part *part = &parts[file->parts_count++];
        memset(part, 0, sizeof *part);
        const char *below = line_end(at, end);
        status = read_heading(file, part, at, below, &room, error);
        at = next_heading(file, below, end);
        part->sql = below;
        part->sql_len = (size_t)(at - below);
        if (status == EVENTURE_OK && eventure__sql_skip_blank(below, at) == at)
            status = eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s:%lld: there is no statement below this",
                                    file->name, (long long)part->line);
    }
    return status;
}

static eventure_status parse(eventure__file *file, eventure__error *error)
{
    eventure_status status = check_text(file, error);
    if (status != EVENTURE_OK)
        return status;
    file->headings = malloc(file->text_len + 1); /* the NUL of each pattern takes the place of a blank or line feed */
    if (file->headings == NULL)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "%s: out of memory", file->name);
    return read_parts(file, error);
}

eventure_status eventure__file_parse(eventure__file *file, const char *name, const char *text, size_t len,
                                     eventure__error *error)
{
    memset(file, 0, sizeof *file);
    file->name = strdup(name);
    file->text = malloc(len + 1);
    if (file->name == NULL || file->text == NULL)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "projection: out of memory");
    memcpy(file->text, text, len);
    file->text[len] = '\0';
    file->text_len = len;
    return parse(file, error);
}

/* Reads all of a stream into file->text. */
static eventure_status read_stream(eventure__file *file, FILE *in, eventure__error *error)
{
    size_t capacity = 0;
    for (;;)
    {
        if (file->text_len + 1 >= capacity)
        {
            capacity = capacity == 0 ? 16 * 1024 : capacity * 2;
            char *text = realloc(file->text, capacity);
            if (text == NULL)
                return eventure__fail(error, EVENTURE_ERROR_MEMORY, "%s: out of memory", file->name);
            file->text = text;
        }
        size_t len = fread(file->text + file->text_len, 1, capacity - file->text_len - 1, in);
        file->text_len += len;
        if (file->text_len > MAX_FILE_BYTES)
            return eventure__fail(error, EVENTURE_ERROR_LIMIT, "%s: a projection is at most %zu bytes long", file->name,
                                  MAX_FILE_BYTES);
        if (len == 0)
            break;
    }
    file->text[file->text_len] = '\0';
    if (ferror(in))
        return eventure__fail(error, EVENTURE_ERROR_IO, "%s: %s", file->name, strerror(errno));
    return EVENTURE_OK;
}

eventure_status eventure__file_read(eventure__file *file, const char *path, eventure__error *error)
{
    memset(file, 0, sizeof *file);
    file->name = strdup(path);
    if (file->name == NULL)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "projection: out of memory");
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return eventure__fail(error, eventure__errno_read_status(errno), "%s: %s", path, strerror(errno));
    eventure_status status = read_stream(file, in, error);
    fclose(in);
    return status == EVENTURE_OK ? parse(file, error) : status;
}

void eventure__file_free(eventure__file *file)
{
    for (size_t i = 0; i < file->parts_count; i++)
        free(file->parts[i].patterns);
    free(file->parts);
    free(file->headings);
    free(file->text);
    free(file->name);
    memset(file, 0, sizeof *file);
}
