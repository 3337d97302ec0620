/*
 * The same from C++17: the headers are C's, and a handle is held by a smart pointer.
 */
#include <cstdio>
#include <memory>

#include <eventure/eventure.h>

struct log_closer
{
    void operator()(eventure_log *log) const
    {
        eventure_log_close(log);
    }
};

struct cursor_freer
{
    void operator()(eventure_cursor *cursor) const
    {
        eventure_cursor_free(cursor);
    }
};

using log_handle = std::unique_ptr<eventure_log, log_closer>;
using cursor_handle = std::unique_ptr<eventure_cursor, cursor_freer>;

static eventure_status write_history(eventure_log *log)
{
    eventure_event defeat;
    eventure_status status = eventure_log_append(
        log, "enemy.defeated", EVENTURE_DATA(eventure_string("enemy", "dragon"), eventure_int("round", 3)), nullptr,
        &defeat);
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "treasure.drop", eventure_json("{\"item\":\"gold\"}"), &defeat, nullptr);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(log);
    return status;
}

static eventure_status print_history(eventure_reader *reader)
{
    eventure_cursor *raw = nullptr;
    eventure_status status = eventure_query(reader, nullptr, &raw);
    cursor_handle cursor(raw);
    eventure_event event;
    while (status >= 0 && (status = eventure_cursor_next(cursor.get(), &event)) == EVENTURE_ROW)
        std::printf("%s %s %s\n", event.id, event.type, event.data);
    return status == EVENTURE_DONE ? EVENTURE_OK : status;
}

int main(int argc, char **argv)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_NEW;
    eventure_log *raw = nullptr;
    eventure_status status = eventure_log_open(argc > 1 ? argv[1] : "consumer.db", &options, &raw);
    log_handle log(raw);
    if (status == EVENTURE_OK)
        status = write_history(log.get());
    if (status == EVENTURE_OK)
        status = print_history(eventure_log_reader(log.get()));
    if (status != EVENTURE_OK)
        std::fprintf(stderr, "consumer: %s\n", eventure_log_message(log.get()));
    if (eventure_log_close(log.release()) != EVENTURE_OK)
        status = EVENTURE_ERROR_IO;
    std::printf("eventure %s\n", eventure_version());
    return status == EVENTURE_OK ? 0 : 1;
}
