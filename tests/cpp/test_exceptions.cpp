/*
 * eventure.hpp with exceptions: handles, data, queries, handlers and reducers, and errors.
 */
#include <stdexcept>
#include <vector>

#include "check.hpp"

using eventure::event_view;
using eventure::json;
using eventure::on;

/* The status of the eventure::error that a function throws, or 0. */
template <typename F> static eventure_status status_of(F function)
{
    try
    {
        function();
    } catch (const eventure::error &error)
    {
        CHECK(error.what()[0] != '\0');
        return error.status();
    }
    return EVENTURE_OK;
}

static void test_data_outlives_its_expression()
{
    eventure::log log(new_store("data"));
    std::vector<eventure::data> stored;
    for (int i = 0; i < 3; i++)
    {
        std::string text = "a text that is too long to be stored inside the object, number " + std::to_string(i);
        stored.push_back({{"text", text}, {"number", i}, {"half", i + 0.5}, {"even", i % 2 == 0}, {"none", nullptr}});
        stored.back().add("list", json{"[" + std::to_string(i) + "]"});
    }
    for (const eventure::data &data : stored)
        log.append("item.added", data);
    log.append("item.added", json{R"({"whole": true})"});
    log.append("item.added");
    int i = 0;
    for (const event_view &event : log.reader().query().limit(3))
    {
        CHECK(event.get_or("text", "").back() == '0' + i);
        CHECK(event.get<int>("number") == i && event.get<double>("half") == i + 0.5);
        CHECK(event.get<bool>("even") == (i % 2 == 0));
        CHECK(event.data().find(",\"none\":null,\"list\":[" + std::to_string(i) + "]}") != event.data().npos);
        i++;
    }
    CHECK(i == 3);
}

static void test_members_of_other_types_are_absent()
{
    eventure::log log(new_store("members"));
    std::string zero("a\0b", 3);
    log.append("a.b", {{"big", std::int64_t(1) << 40}, {"minus", -1}, {"text", zero}});
    for (const event_view &event : log.reader().query())
    {
        CHECK(!event.get<int>("big") && event.get<std::int64_t>("big") == std::int64_t(1) << 40);
        CHECK(!event.get<unsigned>("minus") && !event.get<std::uint64_t>("minus") && event.get<int>("minus") == -1);
        CHECK(!event.get<int>("text") && !event.get<std::string>("big") && !event.get<bool>("none"));
        CHECK(event.get<std::string>("text") == zero);
        CHECK(!event.get<std::string>(std::string("text\0x", 6)));
    }
}

static void test_parents_are_events_seqs_or_ids()
{
    eventure::log log(new_store("parents"));
    eventure::bus bus(log);
    std::int64_t root = bus.publish("root");
    std::string id;
    for (const event_view &event : log.reader().query())
        id = event.id();
    bus.publish("by.seq", {}, root);
    bus.publish("by.id", {}, id);
    bus.publish("by.event", {}, *log.reader().find(id));
    CHECK(log.reader().query().children_of(id).count() == 3);
    CHECK(status_of([&] { log.append("by.id", {}, "no such id"); }) == EVENTURE_ERROR_PARENT);
    CHECK(status_of([&] { log.append("by.seq", {}, 99); }) == EVENTURE_ERROR_PARENT);
    CHECK(status_of([&] { log.append("by.id", {}, id + std::string("\0x", 2)); }) != EVENTURE_OK);
}

static void test_a_query_is_a_range()
{
    std::string path = new_store("query");
    eventure::log log(path);
    for (int tick = 0; tick < 10; tick++)
    {
        std::int64_t cause = log.append(tick % 2 == 0 ? "combat.hit" : "combat.miss", {{"tick", tick}});
        log.append("effect", {{"enemy", tick < 5 ? "dragon" : "wolf"}}, cause);
        log.advance_tick();
    }
    eventure::query all = eventure::reader(path).query(); /* the query keeps the reader open */
    eventure::query hits = all.type("combat.hit").ticks(2, 9);
    std::vector<std::int64_t> ticks;
    for (const event_view &event : hits)
        ticks.push_back(event.tick());
    CHECK((ticks == std::vector<std::int64_t>{2, 4, 6, 8}));
    CHECK(hits.count() == 4 && all.count() == 20 && all.type("combat.hit").type("combat.miss").count() == 10);
    CHECK(all.where("enemy", "dragon").count() == 5 && all.roots().count() == 10);
    std::string first;
    for (const event_view &event : all.reverse().limit(1))
        first = event.parent_id();
    CHECK(all.children_of(first).count() == 1 && all.cascade_of(first).count() == 2);
    CHECK(all.after(18).count() == 2);
    int seen = 0;
    all.each([&](const event_view &) { return ++seen < 3; });
    CHECK(seen == 3);
    for (const event_view &event : all.type("nothing.*"))
        CHECK(event.seq() == 0);
    CHECK(status_of([&] { (void)all.type("a*b").count(); }) == EVENTURE_ERROR_ARGUMENT);
    CHECK(status_of([&] { (void)all.children_of(std::string("\0", 1)).count(); }) == EVENTURE_ERROR_ARGUMENT);
    CHECK(status_of([&] { (void)all.type("effect").type(std::string("a\0b", 3)).count(); }) == EVENTURE_ERROR_ARGUMENT);
    CHECK(status_of([&] { (void)all.ancestors_of("no such id").begin(); }) == EVENTURE_ERROR_NOT_FOUND);
    CHECK(!log.reader().find("no such id") && log.reader().find(first)->id() == first);
}

static void test_an_exception_of_a_handler_continues_in_publish()
{
    eventure::log log(new_store("throwing"));
    eventure::bus bus(log);
    int depth = 0;
    bus.subscribe("a.*", [&](const event_view &event) {
        if (++depth < 5)
            bus.publish("a.next", {}, event);
        throw std::logic_error("thrown at depth " + std::to_string(depth));
    });
    std::string what;
    try
    {
        bus.publish("a.first");
    } catch (const std::logic_error &error)
    {
        what = error.what();
    }
    CHECK(what == "thrown at depth 5" && log.reader().query().count() == 5);
    bus.subscribe("b", [](const event_view &) { return 5; });
    bus.subscribe("c", [](const event_view &) -> eventure_status { return EVENTURE_ERROR_LIMIT; });
    CHECK(status_of([&] { bus.publish("b"); }) == EVENTURE_ERROR_HANDLER);
    CHECK(status_of([&] { bus.publish("c"); }) == EVENTURE_ERROR_LIMIT);
    CHECK(status_of([&] { bus.publish(""); }) == EVENTURE_ERROR_TYPE);
    CHECK(status_of([&] { bus.publish("d", {{std::string("k\0x", 3), 1}}); }) == EVENTURE_OK);
    CHECK(log.reader().query().where(std::string("k\0x", 3), 1).count() == 1);
    CHECK(log.reader().query().where("k", 1).count() == 0);
    CHECK(status_of([&] { bus.subscribe("", [](const event_view &) {}); }) == EVENTURE_ERROR_ARGUMENT);
}

static void test_a_handler_may_end_its_subscription()
{
    eventure::log log(new_store("once"));
    eventure::bus bus(log);
    eventure_subscription once = 0;
    std::string heard;
    once = bus.subscribe(
        "*", [&, text = std::string("a text of the handler, with an allocation of its own")](const event_view &) {
            bus.unsubscribe(once);
            heard += text.substr(0, 6);
        });
    bus.publish("a");
    bus.publish("b");
    CHECK(heard == "a text");
    CHECK(status_of([&] { bus.unsubscribe(once); }) == EVENTURE_ERROR_NOT_FOUND);
}

struct totals
{
    int hits = 0;
    std::int64_t damage = 0;
    std::vector<std::string> order;
};

static auto hit_rule()
{
    return on("combat.hit", [](totals &state, const event_view &event) {
        state.hits++;
        state.damage += event.get_or<std::int64_t>("damage", 0);
    });
}

static void test_reducers_are_lambdas()
{
    eventure::log log(new_store("reducers"));
    totals live;
    eventure::bus bus(log);
    auto every = on("*", [](totals &state, const event_view &event) { state.order.emplace_back(event.type()); });
    bus.fold(live, hit_rule(), every);
    bus.subscribe("combat.hit", [&](const event_view &) { CHECK(live.order.back() == "combat.hit"); });
    bus.subscribe("combat.hit", [&](const event_view &event) { bus.publish("nested", {}, event); });
    for (int i = 0; i < 4; i++)
    {
        bus.publish("combat.hit", {{"damage", 10 + i}});
        log.advance_tick();
    }
    totals replayed = log.reader().state_at(EVENTURE_TICK_NEWEST, totals(), hit_rule(), every);
    CHECK(live.hits == 4 && live.damage == 46 && live.order == replayed.order && replayed.damage == 46);
    CHECK(log.reader().state_at(1, totals(), hit_rule()).damage == 21);
    CHECK(log.reader().state_at(1, 100, [](int &count, const event_view &) { count++; }) == 104);
    log.append("combat.hit", {{"damage", 1000}});
    CHECK(live.damage == 1046);
    log.rollback();
    CHECK(live.damage == 46 && live.order == replayed.order);
    bool thrown = false;
    try
    {
        log.reader().state_at(9, 0,
                              [](int &, const event_view &event) { throw std::out_of_range(std::string(event.id())); });
    } catch (const std::out_of_range &error)
    {
        thrown = std::string(error.what()).rfind("0-", 0) == 0;
    }
    CHECK(thrown);
    CHECK(status_of([&] { log.reader().state_at(9, 0, on("a*b", [](int &, const event_view &) {})); }) ==
          EVENTURE_ERROR_ARGUMENT);
}

static void test_an_exception_of_a_reducer_of_a_bus()
{
    eventure::log log(new_store("reducer-throws"));
    eventure::bus bus(log);
    int count = 0;
    bus.fold(count, on("bad", [](int &, const event_view &) { throw std::domain_error("bad"); }));
    bool thrown = false;
    try
    {
        bus.publish("bad");
    } catch (const std::domain_error &)
    {
        thrown = true;
    }
    CHECK(thrown);
}

static eventure::log moved_from_a_function(const std::string &path)
{
    eventure::log log(path);
    log.append("a");
    return log;
}

static void test_an_exception_of_an_append_is_not_thrown_later()
{
    eventure::log log(new_store("append-throws"));
    eventure::bus bus(log);
    int count = 0;
    bus.fold(count, on("bad", [](int &, const event_view &) { throw std::domain_error("bad"); }));
    log.append("bad"); /* the folded state is then out of date, which the next publish reports */
    CHECK(status_of([&] { bus.unsubscribe(1234); }) == EVENTURE_ERROR_NOT_FOUND);
    CHECK(status_of([&] { bus.subscribe(std::string("a\0b", 3), [](const event_view &) {}); }) != EVENTURE_OK);
}

static void test_handles_move()
{
    std::string path = new_store("moved");
    eventure::log log = moved_from_a_function(path);
    eventure::bus bus(log);
    int heard = 0;
    bus.subscribe("*", [&](const event_view &) { heard++; });
    eventure::bus other = std::move(bus);
    other.publish("b");
    eventure::log last = std::move(log);
    other.publish("c");
    CHECK(heard == 2 && last.reader().query().count() == 3);
    CHECK(log.tick() == 0 && status_of([&] { log.append("d"); }) == EVENTURE_ERROR_ARGUMENT);
    last.close();
    CHECK(status_of([&] { last.append("d"); }) == EVENTURE_ERROR_ARGUMENT);
    eventure::reader reader(path);
    eventure::reader copy = reader;
    reader = eventure::reader(path);
    CHECK(copy.query().count() == 3 && reader.last_seq() == 3 && reader.tick() == 0);
}

static void test_openers_fail()
{
    CHECK(status_of([] { eventure::reader reader("no/such/store.db"); }) == EVENTURE_ERROR_NOT_FOUND);
    CHECK(status_of([] { eventure::reader reader(std::string("a\0b", 3)); }) == EVENTURE_ERROR_ARGUMENT);
    std::string path = new_store("options");
    eventure::log log(path);
    CHECK(status_of([&] { eventure::log second(path); }) == EVENTURE_ERROR_BUSY);
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_NEW;
    log.close();
    CHECK(status_of([&] { eventure::log again(path, &options); }) == EVENTURE_ERROR_EXISTS);
}

int main()
{
    test_data_outlives_its_expression();
    test_members_of_other_types_are_absent();
    test_parents_are_events_seqs_or_ids();
    test_a_query_is_a_range();
    test_an_exception_of_a_handler_continues_in_publish();
    test_a_handler_may_end_its_subscription();
    test_reducers_are_lambdas();
    test_an_exception_of_a_reducer_of_a_bus();
    test_an_exception_of_an_append_is_not_thrown_later();
    test_handles_move();
    test_openers_fail();
    std::puts("all passed");
    return 0;
}
