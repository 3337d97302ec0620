/*
 * The file itself. The input is a list of changes of a small store: three bytes for the offset, one for the length, and
 * this number of bytes. The changed file is then opened, queried in all ways, verified, repaired and written to.
 */
#include <string.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "fuzz.h"
#include "harness.h"
#include "history.h"

#define STORE "fuzz.db"
#define PAGE 4096

static unsigned char *whole;
static long whole_len;

static void make_whole(void)
{
    history past = {0};
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    harness_enter();
    fuzz_must(history_open(&past, STORE, &options, &log) == EVENTURE_OK);
    for (int i = 0; i < 10; i++)
        fuzz_must(history_tick(&past, log) == EVENTURE_OK);
    fuzz_must(eventure_log_close(log) == EVENTURE_OK);
    whole = harness_load(STORE, &whole_len);
}

static void change(unsigned char *store, const uint8_t *bytes, size_t len)
{
    while (len >= 5)
    {
        size_t at = ((size_t)bytes[0] << 16 | (size_t)bytes[1] << 8 | bytes[2]) % (size_t)whole_len;
        size_t count = (size_t)bytes[3] % 32 + 1;
        count = count < len - 4 ? count : len - 4;
        count = count < (size_t)whole_len - at ? count : (size_t)whole_len - at;
        memcpy(store + at, bytes + 4, count);
        bytes += 4 + count;
        len -= 4 + count;
    }
}

static void ask(eventure_reader *reader)
{
    eventure_verify_report report;
    eventure_repair_report repaired;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    FILE *out = fopen("/dev/null", "w");
    fuzz_must(out != NULL);
    eventure_status status = eventure_query(reader, NULL, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        fuzz_must(event.data[event.data_len] == '\0' && strlen(event.id) > 0);
    eventure_cursor_free(cursor);
    status = eventure_query_by_type(reader, "sensor.*", &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        fuzz_must(strlen(event.type) >= 7);
    eventure_cursor_free(cursor);
    eventure_cascade_print(reader, out, NULL);
    eventure_store_export(reader, out, NULL, NULL);
    fclose(out);
    fuzz_must(eventure_store_verify(reader, NULL, &report) <= 0);
    harness_remove("repaired.db");
    eventure_store_repair(reader, "repaired.db", NULL, &repaired);
    harness_remove("repaired.db");
}

/* The test of the test: a program that trusts a length in a damaged file. With libFuzzer, the
 * sanitizer's report would count as a finding. */
#if defined(EVENTURE_ADDRESS_SANITIZER) && !defined(EVENTURE_LIBFUZZER)
static void believe_a_length(void *context)
{
    unsigned char *page = malloc(PAGE);
    (void)context;
    fuzz_must(page != NULL);
    memcpy(page, whole, PAGE);
    page[5] = 0xFF; /* the start of the cells, which is past the page now */
    page[6] = 0xFF;
    volatile unsigned char cell = page[page[5] << 8 | page[6]];
    (void)cell;
    free(page);
}

static void test_defects(void)
{
    fuzz_must(harness_notices(believe_a_length, NULL));
    harness_say("test-bounds", "a length of a damaged file that is not checked: noticed by the address sanitizer");
}
#else
static void test_defects(void)
{
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    eventure_reader *reader = NULL;
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    if (whole == NULL)
    {
        make_whole();
        test_defects();
    }
    unsigned char *store = malloc((size_t)whole_len);
    fuzz_must(store != NULL);
    memcpy(store, whole, (size_t)whole_len);
    change(store, bytes, len);
    harness_remove(STORE);
    harness_store(STORE, store, whole_len);
    free(store);
    if (eventure_reader_open(STORE, &reader) == EVENTURE_OK)
        ask(reader);
    eventure_reader_close(reader);
    options.sync = EVENTURE_SYNC_OFF;
    if (eventure_log_open(STORE, &options, &log) == EVENTURE_OK)
    {
        eventure_log_append(log, "order.placed", eventure_json("{\"a\":1}"), NULL, NULL);
        eventure_log_advance_tick(log);
    }
    eventure_log_close(log);
    harness_remove(STORE);
    return 0;
}
