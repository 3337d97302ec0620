/*
 * The same from C++17, with the handles, the data and the exceptions of eventure.hpp.
 */
#include <cstdio>
#include <exception>

#include <eventure/eventure.hpp>

static void write_and_print(const char *path)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_NEW;
    eventure::log log(path, &options);
    std::int64_t defeat = log.append("enemy.defeated", {{"enemy", "dragon"}, {"round", 3}});
    log.append("treasure.drop", {{"item", "gold"}}, defeat);
    log.advance_tick();
    for (const eventure::event_view &event : log.reader().query())
        std::printf("%s %s %s\n", event.c_event().id, event.c_event().type, event.c_event().data);
    log.close();
}

int main(int argc, char **argv)
{
    int result = 0;
    try
    {
        write_and_print(argc > 1 ? argv[1] : "consumer.db");
    } catch (const std::exception &error)
    {
        std::fprintf(stderr, "consumer: %s\n", error.what());
        result = 1;
    }
    std::printf("eventure %s\n", eventure_version());
    return result;
}
