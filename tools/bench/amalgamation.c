/*
 * Compares the amalgamation with the shared library: appends events, with one commit per tick, and reads them back with
 * one query over all of them. Prints the CPU time of both parts in seconds.
 *
 * usage: amalgamation STORE EVENTS
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <eventure/eventure.h>

#define EVENTS_PER_TICK 100

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static eventure_status append(eventure_log *log, int64_t count)
{
    static const char *const types[] = {"unit.moved", "unit.hit", "item.found", "item.used", "room.entered"};
    eventure_status status = EVENTURE_OK;
    for (int64_t i = 0; i < count && status == EVENTURE_OK; i++)
    {
        status = eventure_log_append(log, types[i % 5],
                                     EVENTURE_DATA(eventure_int("unit", i % 1000), eventure_string("name", "Mirabel"),
                                                   eventure_double("x", (double)i * 0.25)),
                                     NULL, NULL);
        if (status == EVENTURE_OK && i % EVENTS_PER_TICK == EVENTS_PER_TICK - 1)
            status = eventure_log_advance_tick(log);
    }
    return status;
}

static eventure_status read_all(eventure_reader *reader, int64_t *out_sum)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t unit = 0;
    eventure_status status = eventure_query(reader, NULL, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        if (eventure_event_int(&event, "unit", &unit) == EVENTURE_OK)
            *out_sum += unit;
    eventure_cursor_free(cursor);
    return status;
}

int main(int argc, char **argv)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    int64_t sum = 0;
    if (argc != 3)
        return 2;
    options.mode = EVENTURE_OPEN_NEW;
    options.sync = EVENTURE_SYNC_OFF;
    eventure_status status = eventure_log_open(argv[1], &options, &log);
    double begin = cpu_seconds();
    if (status == EVENTURE_OK)
        status = append(log, strtoll(argv[2], NULL, 10));
    double appended = cpu_seconds();
    if (status == EVENTURE_OK)
        status = read_all(eventure_log_reader(log), &sum);
    double end = cpu_seconds();
    if (status != EVENTURE_OK)
        fprintf(stderr, "amalgamation: %s\n", eventure_log_message(log));
    eventure_log_close(log);
    printf("%.3f %.3f\n", appended - begin, end - appended);
    return status == EVENTURE_OK ? 0 : 1;
}
