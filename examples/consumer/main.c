/*
 * The smallest program that uses an installed Eventure from C: writes two events, one the cause of the other, and asks
 * for them.
 */
#include <stdio.h>

#include <eventure/eventure.h>

static eventure_status write_and_print(eventure_log *log)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_status status =
        eventure_log_append(log, "enemy.defeated",
                            EVENTURE_DATA(eventure_string("enemy", "dragon"), eventure_int("round", 3)), NULL, &event);
    if (status == EVENTURE_OK)
        status =
            eventure_log_append(log, "treasure.drop", EVENTURE_DATA(eventure_string("item", "gold")), &event, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(log);
    if (status == EVENTURE_OK)
        status = eventure_query(eventure_log_reader(log), NULL, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        printf("%s %s %s\n", event.id, event.type, event.data);
    eventure_cursor_free(cursor);
    return status;
}

int main(int argc, char **argv)
{
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_NEW;
    eventure_status status = eventure_log_open(argc > 1 ? argv[1] : "consumer.db", &options, &log);
    if (status == EVENTURE_OK)
        status = write_and_print(log);
    eventure_status closed = eventure_log_close(log);
    if (status == EVENTURE_OK)
        status = closed;
    if (status != EVENTURE_OK)
        fprintf(stderr, "consumer: %s\n", eventure_last_message());
    printf("eventure %s\n", eventure_version());
    return status == EVENTURE_OK ? 0 : 1;
}
