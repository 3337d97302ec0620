/*
 * Values of runs: see fleet_record.h.
 */
#include "fleet_record.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <eventure/run.h>

#include "base/buffer.h"
#include "fleet_where.h"
#include "message.h"

static int fail_in_sql(sqlite3 *db, const char *what)
{
    message("%s: %s", what, sqlite3_errmsg(db));
    return EXIT_FILE;
}

bool fleet_record_begin(fleet_record *record, const fleet_question *question)
{
    memset(record, 0, sizeof *record);
    record->found = calloc(question->names.count + 1, sizeof *record->found);
    if (record->found == NULL)
    {
        message_memory();
        return false;
    }
    int code = sqlite3_open_v2(":memory:", &record->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(record->db, "SELECT json_extract(?1, ?2)", -1, &record->member, NULL);
    if (code == SQLITE_OK && question->where != NULL)
    {
        record->condition = fleet_where_compile(question, record->db);
        code = record->condition != NULL ? SQLITE_OK : SQLITE_ERROR;
    }
    if (code == SQLITE_OK)
        return true;
    message("fleet: %s", record->db != NULL ? sqlite3_errmsg(record->db) : "out of memory");
    return false;
}

static void clear(fleet_record *record)
{
    for (size_t i = 0; i < record->count; i++)
    {
        free(record->entries[i].key);
        free(record->entries[i].json);
        sqlite3_value_free(record->entries[i].value);
    }
    record->count = 0;
}

/* Adds an entry from the columns of a row; json may be NULL. */
static bool add_entry(fleet_record *record, const char *key, sqlite3_value *value, const char *json)
{
    if (record->count == record->capacity)
    {
        size_t capacity = record->capacity > 0 ? 2 * record->capacity : 16;
        fleet_entry *entries = realloc(record->entries, capacity * sizeof *entries);
        if (entries == NULL)
            return false;
        record->entries = entries;
        record->capacity = capacity;
    }
    fleet_entry *entry = &record->entries[record->count++];
    *entry =
        (fleet_entry){key != NULL ? strdup(key) : NULL, json != NULL ? strdup(json) : NULL, sqlite3_value_dup(value)};
    return entry->key != NULL && entry->value != NULL && (json == NULL || entry->json != NULL);
}

/* Binds the values that come from the file system and from the reader. The statement computes the others. */
static int bind_facts(const fleet_store *store, sqlite3_stmt *row)
{
    struct stat info;
    int64_t events = 0;
    char *json = NULL;
    if (sqlite3_bind_text(row, 1, store->name, -1, SQLITE_STATIC) != SQLITE_OK)
        return message_memory();
    if (stat(store->path, &info) == 0)
        sqlite3_bind_int64(row, 2, info.st_size);
    if (store->reader == NULL)
        return EXIT_DONE;
    eventure_status status = eventure_reader_last_seq(store->reader, &events);
    if (status == EVENTURE_OK)
        status = eventure_reader_description(store->reader, NULL, &json);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(store->reader));
    sqlite3_bind_int64(row, 3, events);
    sqlite3_bind_text(row, 4, json, -1, SQLITE_TRANSIENT);
    eventure_free(json);
    return EXIT_DONE;
}

/* Adds the facts. They come first, so that a key of the record with such a name does not hide them. A store without the
   view `run`, from before the record, cannot be read without a reader. */
static int read_facts(fleet_record *record, const fleet_store *store)
{
    static const char with_reader[] = "SELECT ?1 AS file, (SELECT uuid FROM store) AS uuid, ?3 AS events, "
                                      "(SELECT tick FROM events ORDER BY seq DESC LIMIT 1) AS tick, ?2 AS size, "
                                      "?4 AS record";
    static const char alone[] =
        "SELECT ?1 AS file, (SELECT uuid FROM store) AS uuid, "
        "coalesce((SELECT max(seq) FROM events), (SELECT max(last_seq) FROM archive), 0) AS events, "
        "(SELECT tick FROM events ORDER BY seq DESC LIMIT 1) AS tick, ?2 AS size, (SELECT record FROM run) AS record";
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(store->db, store->reader != NULL ? with_reader : alone, -1, &row, NULL) != SQLITE_OK)
        return fail_in_sql(store->db, "read the store");
    int exit_code = bind_facts(store, row);
    if (exit_code == EXIT_DONE && sqlite3_step(row) != SQLITE_ROW)
        exit_code = fail_in_sql(store->db, "read the store");
    for (int i = 0; exit_code == EXIT_DONE && i < sqlite3_column_count(row); i++)
    {
        if (!add_entry(record, sqlite3_column_name(row, i), sqlite3_column_value(row, i), NULL))
            exit_code = message_memory();
    }
    sqlite3_finalize(row);
    return exit_code;
}

/* Returns SQLITE_OK when the store has the table, SQLITE_ERROR when it does not, or another error of SQLite. */
static int find_table(const fleet_store *store, const char *table)
{
    return sqlite3_table_column_metadata(store->db, "main", table, NULL, NULL, NULL, NULL, NULL, NULL);
}

/* Adds the keys. A store that was made before the record existed has no table run_record. A damaged store whose schema
   cannot be read seems to have no tables at all. */
static int read_keys(fleet_record *record, const fleet_store *store)
{
    sqlite3_stmt *row = NULL;
    int code = find_table(store, "run_record");
    if (code == SQLITE_ERROR && find_table(store, "store") == SQLITE_OK)
        return EXIT_DONE;
    if (code == SQLITE_ERROR)
    {
        message("read the record: the schema cannot be read");
        return EXIT_FILE;
    }
    if (code != SQLITE_OK)
        return fail_in_sql(store->db, "read the record");
    code = sqlite3_prepare_v2(store->db, "SELECT key, value, json FROM run_record", -1, &row, NULL);
    bool done = code == SQLITE_OK;
    while (done && (code = sqlite3_step(row)) == SQLITE_ROW)
        done = add_entry(record, (const char *)sqlite3_column_text(row, 0), sqlite3_column_value(row, 1),
                         (const char *)sqlite3_column_text(row, 2));
    int exit_code = EXIT_DONE;
    if (code == SQLITE_ROW)
        exit_code = message_memory();
    else if (code != SQLITE_DONE)
        exit_code = fail_in_sql(store->db, "read the record");
    sqlite3_finalize(row);
    return exit_code;
}

int fleet_record_read(fleet_record *record, const fleet_question *question, const fleet_store *store)
{
    clear(record);
    if (question->names.count == 0)
        return EXIT_DONE;
    int exit_code = question->needs_facts ? read_facts(record, store) : EXIT_DONE;
    return exit_code == EXIT_DONE ? read_keys(record, store) : exit_code;
}

static fleet_entry *find(fleet_record *record, const char *key, size_t len)
{
    for (size_t i = 0; i < record->count; i++)
    {
        if (strlen(record->entries[i].key) == len && memcmp(record->entries[i].key, key, len) == 0)
            return &record->entries[i];
    }
    return NULL;
}

/* Returns the member at a path such as `a.b` in the value of a key. */
static sqlite3_value *member_of(fleet_record *record, const fleet_entry *entry, const char *path)
{
    eventure__buffer quoted = {0};
    eventure__buffer_append_text(&quoted, "$");
    for (const char *label = path; label != NULL;)
    {
        const char *point = strchr(label, '.');
        eventure__buffer_append_text(&quoted, ".\"");
        eventure__buffer_append(&quoted, label, point != NULL ? (size_t)(point - label) : strlen(label));
        eventure__buffer_append_text(&quoted, "\"");
        label = point != NULL ? point + 1 : NULL;
    }
    const char *text = eventure__buffer_text(&quoted);
    sqlite3_value_free(record->last);
    record->last = NULL;
    if (text != NULL && sqlite3_bind_text(record->member, 1, entry->json, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_text(record->member, 2, text, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(record->member) == SQLITE_ROW)
        record->last = sqlite3_value_dup(sqlite3_column_value(record->member, 0));
    sqlite3_reset(record->member);
    sqlite3_clear_bindings(record->member);
    eventure__buffer_free(&quoted);
    return record->last != NULL && sqlite3_value_type(record->last) != SQLITE_NULL ? record->last : NULL;
}

sqlite3_value *fleet_record_value(fleet_record *record, const fleet_question *question, size_t name)
{
    const char *text = question->names.list[name];
    const char *point = strchr(text, '.');
    fleet_entry *entry = find(record, text, strlen(text));
    sqlite3_value *value = entry != NULL ? entry->value : NULL;
    if (entry == NULL && point != NULL && (entry = find(record, text, (size_t)(point - text))) != NULL &&
        entry->json != NULL)
        value = member_of(record, entry, point + 1);
    record->found[name] = record->found[name] || value != NULL;
    return value;
}

int fleet_record_judge(fleet_record *record, const fleet_question *question, bool *out_is_chosen)
{
    int code = SQLITE_OK;
    *out_is_chosen = record->condition == NULL;
    if (record->condition == NULL)
        return EXIT_DONE;
    for (size_t i = 0; i < question->names.count && code == SQLITE_OK; i++)
    {
        sqlite3_value *value = fleet_record_value(record, question, i);
        /* The condition may not use the names of the columns. */
        if ((int)i < sqlite3_bind_parameter_count(record->condition))
            code = value != NULL ? sqlite3_bind_value(record->condition, (int)i + 1, value)
                                 : sqlite3_bind_null(record->condition, (int)i + 1);
    }
    if (code == SQLITE_OK)
        code = sqlite3_step(record->condition);
    if (code == SQLITE_ROW)
        *out_is_chosen = sqlite3_column_double(record->condition, 0) != 0;
    else
        message("--where: %s", sqlite3_errmsg(record->db));
    sqlite3_reset(record->condition);
    return code == SQLITE_ROW ? EXIT_DONE : EXIT_DATA;
}

void fleet_record_end(fleet_record *record)
{
    clear(record);
    sqlite3_value_free(record->last);
    sqlite3_finalize(record->member);
    sqlite3_finalize(record->condition);
    sqlite3_close(record->db);
    free(record->entries);
    free(record->found);
    memset(record, 0, sizeof *record);
}
