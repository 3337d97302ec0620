/*
 * Compares the C API with the histories and results of the reference (cases/, see its README.md): import, every query,
 * the viewer and the export, byte for byte.
 *
 * The queries are read with cJSON, but values of data are copied unchanged from the text: cJSON rounds integers.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <eventure/eventure.h>

#include "raw_json.h"
#include "testing.h"

#define CASES 11

static const char *const cases[CASES] = {"bushy", "chain",   "crossing", "deep", "empty", "flat",
                                         "gaps",  "onetype", "sparse",   "tiny", "wide"};

static char folder[32];
static const char *name; /* the name of the case */
static char *history;
static eventure_log *history_log;
static eventure_reader *history_reader; /* a separate reader, beside that of the log */

static char *read_file(const char *file)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s/%s", EVENTURE_CASES_DIR, name, file);
    FILE *in = fopen(path, "rb");
    ck_assert_msg(in != NULL, "cannot open %s", path);
    ck_assert_int_eq(fseek(in, 0, SEEK_END), 0);
    long size = ftell(in);
    rewind(in);
    char *text = malloc((size_t)size + 1);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(fread(text, 1, (size_t)size, in), (size_t)size);
    text[size] = '\0';
    fclose(in);
    return text;
}

static const char *scratch(const char *file)
{
    static char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    return path;
}

static void import_case(int index)
{
    char path[512];
    name = cases[index];
    strcpy(folder, "case-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    history = read_file("history.jsonl");
    expect_ok(NULL, eventure_log_open(scratch("case.db"), NULL, &history_log));
    snprintf(path, sizeof path, "%s/%s/history.jsonl", EVENTURE_CASES_DIR, name);
    FILE *in = fopen(path, "rb");
    ck_assert_ptr_nonnull(in);
    eventure_transfer_counts counts;
    ck_assert_msg(eventure_log_import(history_log, in, NULL, &counts) == EVENTURE_OK, "%s: %s", name,
                  eventure_log_message(history_log));
    fclose(in);
    int64_t lines = 0;
    for (const char *at = history; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    ck_assert_int_eq(counts.events, lines);
    expect_ok(NULL, eventure_reader_open(scratch("case.db"), &history_reader));
}

static void remove_case(void)
{
    static const char *const files[] = {"case.db", "case.db-wal", "case.db-shm"};
    eventure_reader_close(history_reader);
    expect_ok(NULL, eventure_log_close(history_log));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(scratch(files[i]));
    rmdir(folder);
    free(history);
}

/* Fails with the first position at which the texts differ. */
static void expect_text(const char *what, const char *actual, size_t actual_len, const char *expected)
{
    size_t expected_len = strlen(expected);
    size_t at = 0;
    while (at < actual_len && at < expected_len && actual[at] == expected[at])
        at++;
    ck_assert_msg(actual_len == expected_len && at == expected_len,
                  "%s: %s differs at byte %zu (%zu bytes instead of %zu):\n%.60s\ninstead of\n%.60s", name, what, at,
                  actual_len, expected_len, actual + at, expected + at);
}

/* Question by question */

static const char *text_of(const cJSON *question, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(question, key);
    ck_assert_msg(cJSON_IsString(item), "%s: a question without %s", name, key);
    return item->valuestring;
}

static void expect_ids(eventure_reader *reader, const cJSON *question, eventure_status status, eventure_cursor *cursor)
{
    eventure_event event;
    char *asked = cJSON_PrintUnformatted(question);
    ck_assert_msg(status == EVENTURE_OK, "%s: %s: %s", name, asked, eventure_reader_message(reader));
    const cJSON *id = NULL;
    const cJSON *ids = cJSON_GetObjectItemCaseSensitive(question, "ids");
    ck_assert(cJSON_IsArray(ids));
    cJSON_ArrayForEach(id, ids)
    {
        status = eventure_cursor_next(cursor, &event);
        ck_assert_msg(status == EVENTURE_ROW, "%s: %s: ends before %s: %s", name, asked, id->valuestring,
                      eventure_reader_message(reader));
        ck_assert_msg(strcmp(event.id, id->valuestring) == 0, "%s: %s: %s instead of %s", name, asked, event.id,
                      id->valuestring);
    }
    status = eventure_cursor_next(cursor, &event);
    ck_assert_msg(status == EVENTURE_DONE, "%s: %s: more than that: %s", name, asked,
                  status == EVENTURE_ROW ? event.id : eventure_reader_message(reader));
    eventure_cursor_free(cursor);
    free(asked);
}

static void ask_by_type(eventure_reader *reader, const cJSON *question, raw text)
{
    (void)text;
    eventure_cursor *cursor = NULL;
    eventure_status status = eventure_query_by_type(reader, text_of(question, "type"), &cursor);
    expect_ids(reader, question, status, cursor);
}

/* Queries by the JSON text, and by the typed value. */
static void ask_by_data(eventure_reader *reader, const cJSON *question, raw text)
{
    const char *key = text_of(question, "key");
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(question, "value");
    raw raw_value = raw_member(text, "value");
    ck_assert_ptr_nonnull(raw_value.at);
    char *json = strndup(raw_value.at, raw_value.len);
    eventure_cursor *cursor = NULL;
    eventure_status status = eventure_query_by_data(reader, eventure_json_field(key, json), &cursor);
    expect_ids(reader, question, status, cursor);
    eventure_field field = eventure_null(key);
    if (cJSON_IsString(value))
        field = eventure_string(key, value->valuestring);
    else if (cJSON_IsBool(value))
        field = eventure_bool(key, cJSON_IsTrue(value));
    else if (cJSON_IsNumber(value) && strpbrk(json, ".eE") == NULL)
        field = eventure_int(key, strtoll(json, NULL, 10));
    else if (cJSON_IsNumber(value))
        field = eventure_double(key, strtod(json, NULL));
    else
        ck_assert(cJSON_IsNull(value));
    status = eventure_query_by_data(reader, field, &cursor);
    expect_ids(reader, question, status, cursor);
    free(json);
}

static void ask_at_tick(eventure_reader *reader, const cJSON *question, raw text)
{
    eventure_cursor *cursor = NULL;
    int64_t tick = strtoll(raw_member(text, "tick").at, NULL, 10);
    eventure_status status = eventure_query_at_tick(reader, tick, &cursor);
    expect_ids(reader, question, status, cursor);
}

static void ask_roots(eventure_reader *reader, const cJSON *question, raw text)
{
    eventure_cursor *cursor = NULL;
    bool all = cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(question, "tick"));
    int64_t tick = all ? -1 : strtoll(raw_member(text, "tick").at, NULL, 10);
    eventure_status status = eventure_query_roots(reader, tick, &cursor);
    expect_ids(reader, question, status, cursor);
}

static void ask_children(eventure_reader *reader, const cJSON *question, raw text)
{
    (void)text;
    eventure_cursor *cursor = NULL;
    eventure_status status = eventure_query_children(reader, text_of(question, "id"), &cursor);
    expect_ids(reader, question, status, cursor);
}

static void ask_cascade(eventure_reader *reader, const cJSON *question, raw text)
{
    (void)text;
    eventure_cursor *cursor = NULL;
    const char *id = text_of(question, "id");
    eventure_status status = eventure_query_cascade(reader, id, EVENTURE_ORDER_DEFAULT, &cursor);
    expect_ids(reader, question, status, cursor);
    status = eventure_query_cascade(reader, id, EVENTURE_ORDER_BREADTH_FIRST, &cursor);
    expect_ids(reader, question, status, cursor);
}

static void ask_cascade_ordered(eventure_reader *reader, const cJSON *question, raw text)
{
    (void)text;
    eventure_cursor *cursor = NULL;
    eventure_status status = eventure_query_cascade(reader, text_of(question, "id"), EVENTURE_ORDER_ID, &cursor);
    expect_ids(reader, question, status, cursor);
}

/* Removes each count from the list of expected counts. */
static int take_count(const char *type, int64_t count, void *context)
{
    const cJSON **next = context;
    ck_assert_msg(*next != NULL, "%s: one more type: %s", name, type);
    ck_assert_str_eq(type, (*next)->string);
    ck_assert_int_eq(count, (int64_t)(*next)->valuedouble);
    *next = (*next)->next;
    return 0;
}

static void ask_count_by_type(eventure_reader *reader, const cJSON *question, raw text)
{
    (void)text;
    const cJSON *counts = cJSON_GetObjectItemCaseSensitive(question, "counts");
    ck_assert(cJSON_IsObject(counts));
    const cJSON *next = counts->child;
    expect_ok(reader, eventure_query_count_by_type(reader, take_count, &next));
    ck_assert_msg(next == NULL, "%s: no count of %s", name, next != NULL ? next->string : "");
}

/* Checks that the found event is the expected one, and that its JSON line is a line of the history. */
static void ask_by_id(eventure_reader *reader, const cJSON *question, raw text)
{
    const char *id = text_of(question, "id");
    raw expected_text = raw_member(text, "event");
    eventure_event *found = NULL, *expected = NULL;
    char *line = NULL, *expected_line = NULL;
    ck_assert_msg(eventure_query_find(reader, id, &found) == EVENTURE_OK, "%s: %s", name,
                  eventure_reader_message(reader));
    ck_assert_msg(eventure_event_from_json(expected_text.at, expected_text.len, &expected) == EVENTURE_OK, "%s: %s: %s",
                  name, id, eventure_last_message());
    ck_assert_str_eq(found->id, id);
    ck_assert_int_eq(found->tick, expected->tick);
    ck_assert_double_eq(found->timestamp, expected->timestamp);
    ck_assert_str_eq(found->type, expected->type);
    ck_assert_str_eq(found->data, expected->data);
    ck_assert_int_eq(found->parent_id == NULL, expected->parent_id == NULL);
    if (found->parent_id != NULL)
        ck_assert_str_eq(found->parent_id, expected->parent_id);
    expect_ok(NULL, eventure_event_to_json(found, &line));
    expect_ok(NULL, eventure_event_to_json(expected, &expected_line));
    ck_assert_str_eq(line, expected_line);
    const char *at = strstr(history, line);
    ck_assert_msg(at != NULL && (at == history || at[-1] == '\n') && at[strlen(line)] == '\n',
                  "%s: no line of the history: %s", name, line);
    eventure_free(line);
    eventure_free(expected_line);
    eventure_event_free(found);
    eventure_event_free(expected);
}

static void ask_print(eventure_reader *reader, const cJSON *question, bool whole_cascade)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    const char *id = text_of(question, "id");
    eventure_status status = whole_cascade ? eventure_cascade_print_one(reader, id, out, NULL)
                                           : eventure_cascade_print_event(reader, id, out, NULL);
    ck_assert_msg(status == EVENTURE_OK, "%s: %s: %s", name, id, eventure_reader_message(reader));
    fclose(out);
    expect_text(id, text, len, text_of(question, "text"));
    free(text);
}

static void ask_print_single_cascade(eventure_reader *reader, const cJSON *question, raw text)
{
    (void)text;
    ask_print(reader, question, true);
}

static void ask_print_event_details(eventure_reader *reader, const cJSON *question, raw text)
{
    (void)text;
    ask_print(reader, question, false);
}

typedef struct form
{
    const char *ask;
    void (*run)(eventure_reader *reader, const cJSON *question, raw text);
} form;

static const form forms[] = {
    {"by_type", ask_by_type},
    {"by_data", ask_by_data},
    {"at_tick", ask_at_tick},
    {"roots", ask_roots},
    {"children", ask_children},
    {"cascade", ask_cascade},
    {"cascade_ordered", ask_cascade_ordered},
    {"count_by_type", ask_count_by_type},
    {"by_id", ask_by_id},
    {"print_single_cascade", ask_print_single_cascade},
    {"print_event_details", ask_print_event_details},
};

static void ask(eventure_reader *reader, const cJSON *question, raw text)
{
    const char *what = text_of(question, "ask");
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
    {
        if (strcmp(forms[i].ask, what) == 0)
        {
            forms[i].run(reader, question, text);
            return;
        }
    }
    ck_abort_msg("%s: a question of an unknown form: %s", name, what);
}

LOOP_TEST(every_question_has_the_references_answer, CASES)
{
    import_case(_i);
    char *answers = read_file("answers.json");
    cJSON *questions = cJSON_Parse(answers);
    ck_assert(cJSON_IsArray(questions));
    ck_assert_int_ge(cJSON_GetArraySize(questions), 9);
    raw text = raw_first(raw_skip_space(answers));
    const cJSON *question = NULL;
    cJSON_ArrayForEach(question, questions)
    {
        ck_assert_ptr_nonnull(text.at);
        ask(history_reader, question, text);
        ask(eventure_log_reader(history_log), question, text);
        text = raw_next(text);
    }
    ck_assert_ptr_null(text.at);
    cJSON_Delete(questions);
    free(answers);
    remove_case();
}
END_TEST

LOOP_TEST(the_export_is_the_history_byte_for_byte, CASES)
{
    import_case(_i);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    expect_ok(history_reader, eventure_store_export(history_reader, out, NULL, NULL));
    fclose(out);
    expect_text("the export", text, len, history);
    free(text);
    remove_case();
}
END_TEST

static void expect_viewer(const char *file, bool without_data)
{
    char *expected = read_file(file);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    options.without_data = without_data;
    ck_assert_msg(eventure_cascade_print(history_reader, out, &options) == EVENTURE_OK, "%s: %s", name,
                  eventure_reader_message(history_reader));
    fclose(out);
    expect_text(file, text, len, expected);
    free(text);
    free(expected);
}

LOOP_TEST(the_viewer_prints_the_references_text, CASES)
{
    import_case(_i);
    expect_viewer("cascade.txt", false);
    expect_viewer("cascade-bare.txt", true);
    remove_case();
}
END_TEST

START_TEST(no_case_is_left_out)
{
    DIR *found = opendir(EVENTURE_CASES_DIR);
    ck_assert_ptr_nonnull(found);
    int count = 0;
    for (struct dirent *entry = readdir(found); entry != NULL; entry = readdir(found))
    {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s/answers.json", EVENTURE_CASES_DIR, entry->d_name);
        count += access(path, R_OK) == 0;
    }
    closedir(found);
    ck_assert_int_eq(count, CASES);
}
END_TEST
