/*
 * eventure.hpp without exceptions: every function that can fail returns an answer with a value or an error. Compiled
 * with -fno-exceptions -fno-rtti, and with exceptions and EVENTURE_NO_EXCEPTIONS.
 */
#include "check.hpp"

using eventure::event_view;

int main()
{
    std::string path = new_store("results");
    auto missing = eventure::reader::open(path);
    CHECK(!missing && missing.status() == EVENTURE_ERROR_NOT_FOUND);
    CHECK(missing.message().find(path) != std::string::npos);

    auto opened = eventure::log::open(path);
    CHECK(opened && opened.status() == EVENTURE_OK);
    eventure::log log = std::move(*opened);
    auto made = eventure::bus::make(log);
    CHECK(made);
    eventure::bus bus = std::move(*made);
    int heard = 0;
    int folded = 0;
    CHECK(bus.fold(folded, eventure::on("combat.*", [](int &count, const event_view &) { count++; })));
    CHECK(bus.subscribe("combat.*", [&](const event_view &event) { heard += event.get_or("damage", 0); }));
    CHECK(bus.subscribe("fails", [](const event_view &) -> eventure_status { return EVENTURE_ERROR_LIMIT; }));
    auto hit = bus.publish("combat.hit", {{"enemy", "dragon"}, {"damage", 18}});
    CHECK(hit && *hit == 1 && heard == 18 && folded == 1);
    CHECK(log.append("effect", {}, *hit));
    CHECK(bus.publish("fails").status() == EVENTURE_ERROR_LIMIT);
    CHECK(bus.publish("").status() == EVENTURE_ERROR_TYPE);
    auto refused = log.append("effect", {}, "no such id");
    CHECK(!refused && refused.status() == EVENTURE_ERROR_PARENT && !refused.message().empty());
    CHECK(log.advance_tick() && log.tick() == 1);

    eventure::reader reader = log.reader();
    auto count = reader.query().type("combat.*").count();
    CHECK(count && *count == 1);
    CHECK(reader.query().type("a*b").count().status() == EVENTURE_ERROR_ARGUMENT);
    std::string types;
    CHECK(reader.query().each([&](const event_view &event) { types += event.type(), types += ' '; }));
    CHECK(types == "combat.hit effect fails ");
    CHECK(reader.query().cascade_of("none").each([](const event_view &) {}).status() == EVENTURE_ERROR_NOT_FOUND);
    auto state = reader.state_at(0, 0, [](int &seen, const event_view &) { seen++; });
    CHECK(state && *state == 3);
    auto none = reader.find("none");
    CHECK(none && !*none);
#ifdef __cpp_exceptions
    CHECK(bus.subscribe("throws", [](const event_view &) { throw 5; }));
    CHECK(bus.publish("throws").status() == EVENTURE_ERROR_HANDLER);
#endif
    CHECK(log.close());
    std::puts("all passed");
    return 0;
}
