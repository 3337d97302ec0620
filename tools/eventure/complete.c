/*
 * Completion: see complete.h. A failure, such as a store that cannot be read, means that there are no candidates.
 */
#include "complete.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <eventure/reader.h>

#include "sql_guard.h"

static bool is_on;

void complete_begin(void)
{
    int nowhere = open("/dev/null", O_WRONLY);
    is_on = true;
    if (nowhere != -1)
    {
        dup2(nowhere, STDERR_FILENO);
        close(nowhere);
    }
}

bool complete_is_on(void)
{
    return is_on;
}

/* Whether a text fits into one line of the output; other texts cannot be candidates. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return false;
    return true;
}

void complete_offer(const char *word, const char *candidate, const char *description)
{
    if (strncmp(candidate, word, strlen(word)) != 0 || !is_plain(candidate))
        return;
    fputs(candidate, stdout);
    if (description != NULL)
        printf("\t%s", description);
    fputc('\n', stdout);
}

/* The source of the values of an option or an operand. */
typedef struct source
{
    const char *name;
    const char *query; /* a query of the store, where ?1 is the word; NULL: names of files */
} source;

/* Ids are found with their index; types by seeking from each type to the next in their index. */
#define IDS "SELECT id FROM events WHERE id >= ?1 AND id < ?1 || char(0x10FFFF) ORDER BY id LIMIT 200"
#define TYPES                                                                                                          \
    "WITH RECURSIVE found (type) AS (SELECT min(type) FROM events WHERE type >= ?1 UNION ALL "                         \
    "SELECT (SELECT min(type) FROM events WHERE type > found.type) FROM found WHERE found.type IS NOT NULL LIMIT "     \
    "500) "                                                                                                            \
    "SELECT type FROM found WHERE type IS NOT NULL"
#define SAVE_POINTS "SELECT name FROM save_point WHERE ?1 IS NOT NULL ORDER BY tick, seq"
#define INDEXED_KEYS "SELECT DISTINCT key FROM data_index WHERE ?1 IS NOT NULL ORDER BY key"
#define SNAPSHOTS "SELECT DISTINCT name FROM snapshot WHERE ?1 IS NOT NULL ORDER BY name"
#define RECORD_KEYS "SELECT key FROM run_record WHERE ?1 IS NOT NULL ORDER BY key"
#define KEYS                                                                                                           \
    "SELECT DISTINCT member.key FROM (SELECT data FROM events ORDER BY seq DESC LIMIT 200) AS newest, "                \
    "json_each(newest.data) AS member WHERE ?1 IS NOT NULL ORDER BY 1"

static const source options_sources[] = {
    {"type", TYPES},   {"parent", IDS}, {"cascade", IDS}, {"ancestors", IDS},   {"save-point", SAVE_POINTS},
    {"columns", KEYS}, {"data", KEYS},  {"file", NULL},   {"projection", NULL}, {"into", NULL},
};

static const source operand_sources[] = {
    {"DB", NULL}, {"NEW", NULL}, {"PART", NULL}, {"FILE", NULL},  {"ARCHIVE", NULL},
    {"A", NULL},  {"B", NULL},   {"ID", IDS},    {"TYPE", TYPES},
};

static const source *find_source(const source *sources, size_t count, const char *name, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(sources[i].name) == len && memcmp(sources[i].name, name, len) == 0)
            return &sources[i];
    return NULL;
}

/* Offers the rows of a query of the store, each with the prefix `before`. */
static void offer_from_store(const char *path, const char *query, const char *word, const char *before)
{
    sql_guard guard;
    sqlite3_stmt *statement = NULL;
    eventure_reader *reader = NULL; /* closed last, so that it removes the files that SQLite makes beside a store */
    if (path == NULL || access(path, R_OK) != 0 || eventure_reader_open(path, &reader) != EVENTURE_OK)
    {
        eventure_reader_close(reader);
        return;
    }
    if (sql_guard_open(&guard, path) == 0 && sql_guard_prepare(&guard, query, &statement) == 0 &&
        sqlite3_bind_text(statement, 1, word, -1, SQLITE_STATIC) == SQLITE_OK)
        while (sqlite3_step(statement) == SQLITE_ROW)
        {
            const char *text = (const char *)sqlite3_column_text(statement, 0);
            if (text != NULL && strncmp(text, word, strlen(word)) == 0 && is_plain(text))
                printf("%s%s\n", before, text);
        }
    sqlite3_finalize(statement);
    sql_guard_close(&guard);
    eventure_reader_close(reader);
}

/* Offers the words that an option accepts, which its error text for an invalid word contains. */
static void offer_words(const option_spec *option, const char *word, const char *before)
{
    static const char list[] = "is not one of ";
    const char *said = option->set("\x01", option->target);
    if (said == NULL || strncmp(said, list, strlen(list)) != 0)
        return;
    for (const char *at = said + strlen(list); *at != '\0';)
    {
        size_t len = strcspn(at, ",");
        if (len >= strlen(word) && memcmp(at, word, strlen(word)) == 0)
            printf("%s%.*s\n", before, (int)len, at);
        at += len + strspn(at + len, ", ");
    }
}

static void offer_value(const option_spec *option, const char *path, const char *word, const char *before)
{
    const source *from = find_source(options_sources, sizeof options_sources / sizeof options_sources[0], option->name,
                                     strlen(option->name));
    if (from == NULL)
        offer_words(option, word, before);
    else if (from->query != NULL)
        offer_from_store(path, from->query, word, before);
    else
        puts(COMPLETE_FILES);
}

static bool takes_value(const option_spec *option)
{
    return option->kind == OPTION_VALUE || option->kind == OPTION_LIST;
}

static const option_spec *find_option(const command_line *line, const char *name, size_t len)
{
    for (const option_spec *option = line->options; option->name != NULL; option++)
        if (strlen(option->name) == len && memcmp(option->name, name, len) == 0)
            return option;
    return NULL;
}

static void offer_options(const command_line *line, const char *word)
{
    char text[80];
    for (const option_spec *option = line->options; option->name != NULL; option++)
    {
        /* An option that a command defines differently is in its list twice. */
        if (option->kind == OPTION_HIDDEN || option->kind == OPTION_HIDDEN_FLAG ||
            find_option(line, option->name, strlen(option->name)) != option)
            continue;
        snprintf(text, sizeof text, "--%s", option->name);
        complete_offer(word, text, NULL);
    }
    complete_offer(word, "--help", NULL);
    complete_offer(word, "--no-pager", NULL);
}

/* The meaning of the words before the last one. */
typedef struct context
{
    const char *operands[8];
    size_t operands_count;
    const option_spec *pending; /* the last word is the value of this option */
    const char *path;           /* the path of the store; NULL when it is not given yet */
    bool options_end;
} context;

static void read_word(const command_line *line, const char *word, context *out)
{
    if (out->pending != NULL)
        out->pending = NULL;
    else if (!out->options_end && strcmp(word, "--") == 0)
        out->options_end = true;
    else if (!out->options_end && strncmp(word, "--", 2) == 0)
    {
        const option_spec *option = find_option(line, word + 2, strcspn(word + 2, "="));
        if (option != NULL && takes_value(option) && strchr(word, '=') == NULL)
            out->pending = option;
    }
    else if (!out->options_end && strcmp(word, "-f") == 0)
        out->pending = find_option(line, "file", 4);
    else if (out->operands_count < sizeof out->operands / sizeof out->operands[0])
    {
        size_t place = out->operands_count++;
        out->operands[place] = word;
        for (size_t i = 0; line->operand_names[i] != NULL; i++)
            if (i == place &&
                (strcmp(line->operand_names[i], "DB") == 0 || strcmp(line->operand_names[i], "[DB]") == 0))
                out->path = word;
    }
}

static void offer_operand(const command_line *line, const context *given, const char *word)
{
    const char *name = NULL;
    for (size_t i = 0; line->operand_names[i] != NULL && i <= given->operands_count; i++)
        name =
            i == given->operands_count || strstr(line->operand_names[i], "...") != NULL ? line->operand_names[i] : NULL;
    if (name == NULL)
        return;
    size_t len = strcspn(name + (*name == '['), "[].=");
    const char *bare = name + (*name == '[');
    const source *from = find_source(operand_sources, sizeof operand_sources / sizeof operand_sources[0], bare, len);
    bool drops = given->operands_count > 0 && strcmp(given->operands[0], "drop") == 0;
    if (len == 4 && memcmp(bare, "VERB", 4) == 0)
    {
        complete_offer(word, "add", NULL);
        complete_offer(word, "drop", NULL);
        complete_offer(word, "list", NULL);
    }
    else if (len == 4 && memcmp(bare, "NAME", 4) == 0 && drops)
        offer_from_store(given->path, strcmp(line->command, "snapshot") == 0 ? SNAPSHOTS : SAVE_POINTS, word, "");
    else if (len == 3 && memcmp(bare, "KEY", 3) == 0 && strcmp(line->command, "info") == 0)
        offer_from_store(given->path, RECORD_KEYS, word, "");
    else if (len == 3 && memcmp(bare, "KEY", 3) == 0)
        offer_from_store(given->path, drops ? INDEXED_KEYS : KEYS, word, "");
    else if (from != NULL && from->query != NULL)
        offer_from_store(given->path, from->query, word, "");
    else if (from != NULL)
        puts(COMPLETE_FILES);
}

void complete_line(const command_line *line, int argc, char **argv)
{
    context given = {.operands_count = 0};
    const char *word = argv[argc - 1];
    for (int i = 1; i < argc - 1; i++)
        read_word(line, argv[i], &given);
    size_t name_len = strncmp(word, "--", 2) == 0 ? strcspn(word + 2, "=") : 0;
    const option_spec *own = name_len > 0 && word[2 + name_len] == '=' ? find_option(line, word + 2, name_len) : NULL;
    if (given.pending != NULL)
        offer_value(given.pending, given.path, word, "");
    else if (own != NULL && !given.options_end)
    {
        char before[80];
        snprintf(before, sizeof before, "--%s=", own->name);
        offer_value(own, given.path, word + 2 + name_len + 1, before);
    }
    else if (word[0] == '-' && !given.options_end)
        offer_options(line, word);
    else
        offer_operand(line, &given, word);
}
