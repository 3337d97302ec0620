/**
 * @file
 * Eventure for C++17: one header on the C API. eventure.h does not include it.
 * @code
 * eventure::log log("game.db");
 * eventure::bus bus(log);
 * bus.subscribe("combat.*", [&](const eventure::event_view &hit) {
 *     if (hit.get_or("damage", 0) > 10)
 *         bus.publish("player.hurt", {{"left", 3}}, hit);
 * });
 * bus.publish("combat.hit", {{"enemy", "dragon"}, {"damage", 18}});
 * log.advance_tick();
 * for (const eventure::event_view &event : log.reader().query().type("combat.*").ticks(0, 10))
 *     std::cout << event.id() << ' ' << event.get_or("enemy", "-") << '\n';
 * @endcode
 *
 * Logs and buses can be moved, not copied; copies of a reader share it. Destructors close. A bus needs its log, and the
 * reader of a log that log, for as long as it is used. A handle is for one thread at a time, as in the C API.
 *
 * A function that fails throws eventure::error. With EVENTURE_NO_EXCEPTIONS defined, or when the compiler has no
 * exceptions, it returns a class eventure::answer<T>, which has the value or the error; handles are then made by the
 * static functions `open` and `make`, and queries are read with `each`.
 *
 * No exception crosses a C function. When a handler or a reducer throws, the exception is kept, the C function returns
 * EVENTURE_ERROR_HANDLER, and the call of this header that led to it throws the exception again. (When a reducer of a
 * bus throws while log::append runs, that becomes an eventure::error.)
 */
#ifndef EVENTURE_EVENTURE_HPP
#define EVENTURE_EVENTURE_HPP
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <eventure/eventure.h>
#if !defined(EVENTURE_NO_EXCEPTIONS) && !defined(__cpp_exceptions)
#define EVENTURE_NO_EXCEPTIONS 1
#endif
/* Short functions and opening braces take no lines of their own, so that a class fits a page. */
/* clang-format off */
namespace eventure {
/* The two forms have different names for the linker, so that a program may contain both. */
#ifdef EVENTURE_NO_EXCEPTIONS
inline namespace with_results {
#else
inline namespace with_exceptions {
#endif
/** The value of a function that can fail and has no other result. */
struct done {};

#ifdef EVENTURE_NO_EXCEPTIONS
/** The result of a function: a value, or a status and its text. */
template <typename T> class [[nodiscard]] answer {
  public:
    answer(T value) : value_(std::move(value)) {}
    answer(eventure_status status, std::string message) : status_(status), message_(std::move(message)) {}
    explicit operator bool() const { return value_.has_value(); }
    eventure_status status() const { return status_; }
    const std::string &message() const { return message_; }
    T &operator*() { return *value_; }
    T *operator->() { return &*value_; }
  private:
    eventure_status status_ = EVENTURE_OK;
    std::string message_;
    std::optional<T> value_;
};
#else
template <typename T> using answer = T;

/** The exception: a status of the C API with its text. */
class error : public std::runtime_error {
  public:
    error(eventure_status status, const std::string &message) : std::runtime_error(message), status_(status) {}
    eventure_status status() const { return status_; }
  private:
    eventure_status status_;
};
#endif

namespace detail {
inline const char *message(std::nullptr_t) { return eventure_last_message(); }
inline const char *message(eventure_log *log) { return eventure_log_message(log); }
inline const char *message(eventure_reader *reader) { return eventure_reader_message(reader); }
inline const char *message(eventure_bus *bus) { return eventure_bus_message(bus); }

/* The end of a function: its value, or an error with the text of the handle. The value is a reference, and the text is
 * taken here, because arguments are evaluated in any order, and `status` is often the call that sets both. */
template <typename H, typename T> answer<std::decay_t<T>> finish(eventure_status status, H handle, T &&value) {
    if (status >= 0)
        return answer<std::decay_t<T>>(std::forward<T>(value));
    const char *text = message(handle);
    std::string shown = *text != '\0' ? text : eventure_status_name(status);
#ifdef EVENTURE_NO_EXCEPTIONS
    return answer<std::decay_t<T>>(status, std::move(shown));
#else
    throw error(status, shown);
#endif
}
template <typename H> answer<done> finish(eventure_status status, H handle) { return finish(status, handle, done()); }

/* The text for a C function that takes text which ends with NUL; NULL, which it refuses, for one with a NUL in it. */
inline const char *c_text(const std::string &text) {
    return text.find('\0') == std::string::npos ? text.c_str() : nullptr;
}

/* A text of the C API that is given with its length. */
inline void set_text(const std::optional<std::string> &text, const char *&out, std::size_t &out_len) {
    out = text ? text->data() : nullptr, out_len = text ? text->size() : 0;
}

/* Calls a function that returns nothing or an eventure_status, and returns the status. */
template <typename F, typename... A> int status_of(F &function, A &&...arguments) {
    using returned = std::invoke_result_t<F &, A...>;
    static_assert(std::is_void_v<returned> || std::is_same_v<returned, int>, "return nothing or an eventure_status");
    if constexpr (!std::is_void_v<returned>)
        return function(std::forward<A>(arguments)...);
    else
        return function(std::forward<A>(arguments)...), EVENTURE_OK;
}

/* Keeps an exception of a callback while C functions return. */
struct kept_exception {
    std::exception_ptr exception;
    template <typename F, typename... A> int call(F &function, A &&...arguments) {
#ifdef __cpp_exceptions
        try {
            return status_of(function, std::forward<A>(arguments)...);
        } catch (...) {
            exception = std::current_exception();
            return EVENTURE_ERROR_HANDLER;
        }
#else
        return status_of(function, std::forward<A>(arguments)...);
#endif
    }
    void rethrow() {
        std::exception_ptr kept = std::exchange(exception, nullptr);
#ifndef EVENTURE_NO_EXCEPTIONS
        if (kept != nullptr)
            std::rethrow_exception(kept);
#endif
    }
};
} // namespace detail

/** JSON text as the value of a member, or as the whole data: `{{"pos", json{"[1, 2]"}}}`. */
struct json { std::string text; };

/** The value of a member of the data. It owns its text. */
class value {
    template <typename T, typename U> using if_same = std::enable_if_t<std::is_same_v<T, U>, int>;
    template <typename T> using if_integer = std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int>;

  public:
    value(std::nullptr_t) {}
    template <typename T, if_same<T, bool> = 0> value(T boolean) : field_(eventure_bool(nullptr, boolean)) {}
    template <typename T, if_integer<T> = 0>
    value(T integer) : field_(eventure_int(nullptr, static_cast<std::int64_t>(integer))) {
        static_assert(sizeof(T) < sizeof(std::int64_t) || std::is_signed_v<T>, "its values may have more than 63 bits");
    }
    value(double number) : field_(eventure_double(nullptr, number)) {}
    value(const char *text) { if (text != nullptr) *this = value(std::string(text)); }
    value(std::string_view text) : value(std::string(text)) {}
    value(std::string text) : field_(eventure_string(nullptr, "")), text_(std::move(text)) {}
    value(json text) : field_(eventure_json_field(nullptr, "")), text_(std::move(text.text)) {}
    /** The member as the C API takes it, which borrows from this object and from the key. */
    eventure_field field(const std::string &key) const {
        eventure_field field = field_;
        field.key = key.data(), field.key_len = key.size();
        if (field.kind == EVENTURE_FIELD_STRING || field.kind == EVENTURE_FIELD_JSON)
            field.value.text = {text_.data(), text_.size()};
        return field;
    }
  private:
    eventure_field field_ = eventure_null(nullptr);
    std::string text_;
};

/** The data of an event: members in their order, or JSON text. It owns everything, so it can be stored. */
class data {
  public:
    data() = default;
    data(std::initializer_list<std::pair<std::string, value>> members) : members_(members) {}
    data(json text) : json_(std::move(text.text)) {}
    /** Adds a member at the end. */
    data &add(std::string key, value member) { return members_.emplace_back(std::move(key), std::move(member)), *this; }
    /** The data as the C API takes it, which borrows from this object and from `fields`. */
    eventure_data c_data(std::vector<eventure_field> &fields) const {
        if (json_)
            return eventure_json_n(json_->data(), json_->size());
        for (const auto &[key, member] : members_)
            fields.push_back(member.field(key));
        return eventure_data_fields(fields.data(), fields.size());
    }
  private:
    std::vector<std::pair<std::string, value>> members_;
    std::optional<std::string> json_;
};

/** An event. That of a query, a handler or a reducer is valid as that one says; that of reader::find stays valid. */
class event_view {
  public:
    explicit event_view(const eventure_event &borrowed) : event_(borrowed) {}
    explicit event_view(std::shared_ptr<eventure_event> owned) : event_(*owned), owned_(std::move(owned)) {}
    std::int64_t seq() const { return event_.seq; }
    std::int64_t tick() const { return event_.tick; }
    double timestamp() const { return event_.timestamp; }
    std::string_view type() const { return {event_.type, event_.type_len}; }
    std::string_view id() const { return {event_.id, event_.id_len}; }
    /** The data as compact JSON text. */
    std::string_view data() const { return {event_.data, event_.data_len}; }
    /** The id of the cause; empty without one. */
    std::string_view parent_id() const { return {event_.parent_id, event_.parent_id_len}; }
    /** The seq of the cause; 0 without one, and for a cause outside the store. */
    std::int64_t parent_seq() const { return event_.parent_seq; }
    const eventure_event &c_event() const { return event_; }
    /** One top-level member of that type (integer, bool, double, string); empty also for a key that contains a NUL. */
    template <typename T> std::optional<T> get(const std::string &key) const {
        T member{};
        const char *name = detail::c_text(key);
        bool found = name != nullptr && read(name, member) == EVENTURE_OK;
        return found ? std::optional<T>(std::move(member)) : std::nullopt;
    }
    /** As get, with the value to return when there is none. */
    template <typename T> T get_or(const std::string &key, T otherwise) const {
        return get<T>(key).value_or(std::move(otherwise));
    }
    std::string get_or(const std::string &key, const char *otherwise) const {
        return get_or(key, std::string(otherwise));
    }
  private:
    eventure_status read(const char *key, bool &member) const { return eventure_event_bool(&event_, key, &member); }
    eventure_status read(const char *key, double &member) const { return eventure_event_double(&event_, key, &member); }
    eventure_status read(const char *key, std::string &member) const {
        std::size_t len = 0;
        eventure_status status = eventure_event_string(&event_, key, nullptr, 0, &len);
        member.resize(len);
        if (status == EVENTURE_ERROR_LIMIT)
            status = eventure_event_string(&event_, key, member.data(), len + 1, &len);
        return status;
    }
    template <typename T> eventure_status read(const char *key, T &member) const {
        static_assert(std::is_integral_v<T>, "a member is an integer, bool, double or std::string");
        std::int64_t integer = 0;
        eventure_status status = eventure_event_int(&event_, key, &integer);
        member = static_cast<T>(integer);
        bool fits = static_cast<std::int64_t>(member) == integer && (std::is_signed_v<T> || integer >= 0);
        return fits ? status : EVENTURE_ERROR_TYPE;
    }
    eventure_event event_;
    std::shared_ptr<eventure_event> owned_;
};

/** The cause of an event: none, an event, the seq that append and publish returned, or an id. */
class parent {
  public:
    parent() = default;
    parent(const event_view &event) : event_(event.c_event()) {}
    parent(std::int64_t seq) : seq_(seq) {}
    parent(std::string id) : id_(std::move(id)) {}
    parent(const char *id) : id_(std::string(id)) {}
    void fill(eventure_event_input &input) const {
        input.parent = event_ ? &*event_ : nullptr, input.parent_seq = seq_;
        detail::set_text(id_, input.parent_id, input.parent_id_len);
    }
  private:
    std::optional<eventure_event> event_;
    std::int64_t seq_ = 0;
    std::optional<std::string> id_;
};

/** One rule of a reducer: what is done with the events of a pattern. `apply(state, event)`. */
template <typename F> struct rule { std::string pattern; F apply; };
template <typename F> rule<F> on(std::string pattern, F apply) { return {std::move(pattern), std::move(apply)}; }

namespace detail {
/* Calls eventure_log_append_input or eventure_bus_publish_input. */
template <typename H>
eventure_status give(eventure_status (*function)(H *, const eventure_event_input *, eventure_event *), H *handle,
                     std::string_view type, const data &data, const parent &cause, eventure_event &out_event) {
    std::string terminated(type);
    std::vector<eventure_field> fields;
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = terminated.c_str(), input.type_len = terminated.size();
    input.data = data.c_data(fields);
    cause.fill(input);
    return function(handle, &input, &out_event);
}

template <typename F> rule<F> as_rule(rule<F> given) { return given; }
template <typename F> rule<F> as_rule(F apply) { return on("*", std::move(apply)); }

/* A state and its rules as a reducer of the C API, which points into this object. */
template <typename S, typename... R> class fold {
  public:
    fold(kept_exception &kept, S &state, R... rules)
        : kept_(kept), state_(state), initial_(state), rules_(std::move(rules)...) {
        reducer.reset = [](void *context) {
            fold &self = *static_cast<fold *>(context);
            auto assign = [&self] { self.state_ = self.initial_; };
            return self.kept_.call(assign);
        };
        fill(std::index_sequence_for<R...>());
    }
    fold(const fold &) = delete;
    eventure_reducer reducer = EVENTURE_REDUCER_INIT;
  private:
    template <std::size_t I> static int apply(const eventure_event *event, void *context) {
        fold &self = *static_cast<fold *>(context);
        return self.kept_.call(std::get<I>(self.rules_).apply, self.state_, event_view(*event));
    }
    template <std::size_t... I> void fill(std::index_sequence<I...>) {
        table_ = {{c_text(std::get<I>(rules_).pattern), &apply<I>}...};
        reducer.rules = table_.data();
        reducer.rules_count = table_.size();
    }
    kept_exception &kept_;
    S &state_;
    S initial_;
    std::tuple<R...> rules_;
    std::vector<eventure_reducer_rule> table_;
};
template <typename S, typename... R> fold(kept_exception &, S &, R...) -> fold<S, R...>;
} // namespace detail

/**
 * A query of a store, and the range of its events. Each function returns a query with one more condition: `for (const
 * event_view &event : reader.query().type("combat.*").ticks(3, 9))`.
 */
class [[nodiscard]] query {
  public:
    /** Every event of a store, in append order. */
    explicit query(std::shared_ptr<eventure_reader> reader) : reader_(std::move(reader)) {}
    /** Only events of a type or wildcard pattern; of any of them when it is called more than once. */
    query type(std::string pattern) const { return with([&](query &q) { q.types_.push_back(std::move(pattern)); }); }
    /** Only ticks from `begin` on that are less than `end`; 0: without end. */
    query ticks(std::int64_t begin, std::int64_t end = 0) const {
        return with([&](query &q) { q.filter_.tick_min = begin, q.filter_.tick_end = end; });
    }
    /** Only events whose data has a member with this value. */
    query where(std::string key, value member) const {
        return with([&](query &q) { q.members_.emplace_back(std::move(key), std::move(member)); });
    }
    query roots() const { return with([&](query &q) { q.filter_.roots = true; }); }
    query children_of(std::string id) const { return with([&](query &q) { q.children_of_ = std::move(id); }); }
    query cascade_of(std::string id) const { return with([&](query &q) { q.cascade_of_ = std::move(id); }); }
    query ancestors_of(std::string id) const { return with([&](query &q) { q.ancestors_of_ = std::move(id); }); }
    query after(std::int64_t seq) const { return with([&](query &q) { q.filter_.after_seq = seq; }); }
    query limit(std::int64_t count) const { return with([&](query &q) { q.filter_.limit = count; }); }
    query order(eventure_order order) const { return with([&](query &q) { q.filter_.order = order; }); }
    query reverse() const { return with([&](query &q) { q.filter_.reverse = true; }); }
    /** The number of events. */
    answer<std::int64_t> count() const {
        std::int64_t count = 0;
        auto function = [&](const auto *filter) { return eventure_query_count(reader_.get(), filter, &count); };
        return detail::finish(ask(function), reader_.get(), count);
    }
    /** Calls `function` with each event, which is valid during that call; `false` from it ends the loop. */
    template <typename F> answer<done> each(F &&function) const {
        cursor_handle cursor;
        eventure_status status = open(cursor);
        eventure_event event;
        bool more = true;
        while (status >= 0 && more && (status = eventure_cursor_next(cursor.get(), &event)) == EVENTURE_ROW) {
            if constexpr (std::is_same_v<std::invoke_result_t<F &, event_view>, bool>)
                more = function(event_view(event));
            else
                function(event_view(event));
        }
        return detail::finish(status, reader_.get());
    }

#ifndef EVENTURE_NO_EXCEPTIONS
    /** Reads the answer once. An event is valid until the iterator moves on. */
    class iterator {
      public:
        iterator() = default;
        explicit iterator(const query &query) : reader_(query.reader_) {
            detail::finish(query.open(cursor_), reader_.get());
            ++*this;
        }
        const event_view &operator*() const { return *view_; }
        iterator &operator++() {
            eventure_event event;
            eventure_status status = eventure_cursor_next(cursor_.get(), &event);
            status == EVENTURE_ROW ? (void)view_.emplace(event) : view_.reset();
            detail::finish(status, reader_.get());
            return *this;
        }
        bool operator!=(const iterator &other) const { return !view_ != !other.view_; }
      private:
        std::shared_ptr<eventure_reader> reader_; /* closed after the cursor */
        std::shared_ptr<eventure_cursor> cursor_;
        std::optional<event_view> view_;
    };
    iterator begin() const { return iterator(*this); }
    iterator end() const { return iterator(); }
#endif
  private:
    template <typename F> query with(F change) const {
        query copy(*this);
        change(copy);
        return copy;
    }
    using cursor_handle = std::shared_ptr<eventure_cursor>;
    eventure_status open(cursor_handle &cursor) const {
        eventure_cursor *opened = nullptr;
        auto function = [&](const eventure_filter *filter) { return eventure_query(reader_.get(), filter, &opened); };
        eventure_status status = ask(function);
        cursor.reset(opened, &eventure_cursor_free);
        return status;
    }
    /* Calls `function` with the filter of the C API. */
    template <typename F> eventure_status ask(F function) const {
        eventure_filter filter = filter_;
        std::vector<const char *> patterns;
        std::vector<std::size_t> lengths;
        std::vector<eventure_field> fields;
        for (const std::string &pattern : types_)
            patterns.push_back(pattern.data()), lengths.push_back(pattern.size());
        for (const auto &[key, member] : members_)
            fields.push_back(member.field(key));
        filter.types = patterns.data(), filter.types_len = lengths.data(), filter.types_count = patterns.size();
        filter.data = fields.data(), filter.data_count = fields.size();
        detail::set_text(children_of_, filter.children_of, filter.children_of_len);
        detail::set_text(cascade_of_, filter.cascade_of, filter.cascade_of_len);
        detail::set_text(ancestors_of_, filter.ancestors_of, filter.ancestors_of_len);
        return function(&filter);
    }
    std::shared_ptr<eventure_reader> reader_;
    eventure_filter filter_ = EVENTURE_FILTER_INIT;
    std::vector<std::string> types_;
    std::vector<std::pair<std::string, value>> members_;
    std::optional<std::string> children_of_, cascade_of_, ancestors_of_;
};

/** A store opened for reading. Copies share it, and so do its queries, so that it stays open for them. */
class reader {
  public:
    /** Opens a store that exists. */
    static answer<reader> open(const std::string &path) {
        eventure_reader *opened = nullptr;
        eventure_status status = eventure_reader_open(detail::c_text(path), &opened);
        return detail::finish(status, nullptr, reader(opened, &eventure_reader_close));
    }
#ifndef EVENTURE_NO_EXCEPTIONS
    explicit reader(const std::string &path) : reader(open(path)) {}
#endif
    /** A reader that the caller closes, as that of a log; with `close`, one that this object closes. */
    explicit reader(eventure_reader *opened, void (*close)(eventure_reader *) = [](eventure_reader *) {})
        : reader_(opened, close) {}
    eventure_reader *c_reader() const { return reader_.get(); }
    eventure::query query() const { return eventure::query(reader_); }
    /** The event with an id; none when there is no such event. */
    answer<std::optional<event_view>> find(const std::string &id) const {
        eventure_event *found = nullptr;
        std::optional<event_view> answered;
        eventure_status status = eventure_query_find(c_reader(), detail::c_text(id), &found);
        if (found != nullptr)
            answered.emplace(std::shared_ptr<eventure_event>(found, &eventure_event_free));
        status = status == EVENTURE_ERROR_NOT_FOUND ? EVENTURE_OK : status;
        return detail::finish(status, c_reader(), std::move(answered));
    }
    /** The tick of the next event. */
    answer<std::int64_t> tick() const { return number(&eventure_reader_tick); }
    /** The seq of the newest event; 0 without any. */
    answer<std::int64_t> last_seq() const { return number(&eventure_reader_last_seq); }
    /** The state at the end of a tick: `initial`, and what the rules made of the events up to then in append order:
     *  `state_at(9, game(), on("combat.*", [](game &state, const event_view &event) { ... }), on(...))`. A function
     *  without a pattern is a rule for all events. */
    template <typename S, typename... F> answer<S> state_at(std::int64_t tick, S initial, F... rules) const {
        detail::kept_exception kept;
        detail::fold fold(kept, initial, detail::as_rule(std::move(rules))...);
        eventure_status status = eventure_replay_at(c_reader(), &fold.reducer, &fold, tick, nullptr);
        kept.rethrow();
        return detail::finish(status, c_reader(), std::move(initial));
    }
  private:
    answer<std::int64_t> number(eventure_status (*ask)(eventure_reader *, std::int64_t *)) const {
        std::int64_t number = 0;
        eventure_status status = ask(c_reader(), &number);
        return detail::finish(status, c_reader(), number);
    }
    std::shared_ptr<eventure_reader> reader_;
};

/** A store opened for writing. */
class log {
  public:
    /** Opens a store, or makes it; without options with the defaults. */
    static answer<log> open(const std::string &path, const eventure_log_options *options = nullptr) {
        eventure_log *opened = nullptr;
        eventure_status status = eventure_log_open(detail::c_text(path), options, &opened);
        return detail::finish(status, nullptr, log(opened));
    }
    /** Takes ownership of a log that the C API has opened, as eventure_log_resume does. */
    explicit log(eventure_log *opened) : handle_(opened, &eventure_log_close) {}
#ifndef EVENTURE_NO_EXCEPTIONS
    explicit log(const std::string &path, const eventure_log_options *options = nullptr) : log(open(path, options)) {}
#endif
    /** Commits and closes. The destructor does so too, but cannot report an error. */
    answer<done> close() { return detail::finish(eventure_log_close(handle_.release()), nullptr); }
    /** Appends an event to the current tick. Returns its seq, which can be the parent of others. */
    answer<std::int64_t> append(std::string_view type, const data &data = {}, const parent &cause = {}) {
        eventure_event event = {};
        eventure_status status = detail::give(&eventure_log_append_input, c_log(), type, data, cause, event);
        return detail::finish(status, c_log(), event.seq);
    }
    std::int64_t tick() const { return eventure_log_tick(c_log()); }
    answer<done> advance_tick() { return end(eventure_log_advance_tick(c_log())); }
    answer<done> advance_to(std::int64_t tick) { return end(eventure_log_advance_to(c_log(), tick)); }
    answer<done> commit() { return end(eventure_log_commit(c_log())); }
    answer<done> rollback() { return end(eventure_log_rollback(c_log())); }
    /** Waits until the tick is durable; a negative timeout waits without end. */
    answer<done> wait_durable(std::int64_t tick, int timeout_ms = -1) {
        return end(eventure_log_wait_durable(c_log(), tick, timeout_ms));
    }
    /** The reader on the connection of the log; it also reads events that are not committed. */
    eventure::reader reader() { return eventure::reader(eventure_log_reader(c_log())); }
    eventure_log *c_log() const { return handle_.get(); }
  private:
    answer<done> end(eventure_status status) { return detail::finish(status, c_log()); }
    std::unique_ptr<eventure_log, decltype(&eventure_log_close)> handle_;
};

/** Passes events to its subscribers as they are published. */
class bus {
  public:
    /** A bus on a log, which must outlive it. */
    static answer<bus> make(log &log) {
        eventure_bus *made = nullptr;
        eventure_status status = eventure_bus_new(log.c_log(), nullptr, &made);
        return detail::finish(status, nullptr, bus(made));
    }
#ifndef EVENTURE_NO_EXCEPTIONS
    explicit bus(log &log) : bus(make(log)) {}
#endif
    /** Calls `function(event)` for each event of the pattern. It returns nothing, or an eventure_status. */
    template <typename F> answer<eventure_subscription> subscribe(const std::string &pattern, F function) {
        eventure_subscription id = 0;
        auto owner = std::make_shared<subscriber<F>>(subscriber<F>{kept(), std::move(function)});
        shared_->owned.push_back(owner);
        return end(eventure_bus_subscribe(c_bus(), detail::c_text(pattern), owner->call, owner.get(), &id), id);
    }
    /** Ends a subscription; allowed in a handler. */
    answer<done> unsubscribe(eventure_subscription added) { return end(eventure_bus_unsubscribe(c_bus(), added)); }
    /** Keeps `state`, which must outlive the bus, up to date: its value now, and what the rules make of all events, as
     *  in reader::state_at. They are applied to each event before its handlers are called. */
    template <typename S, typename... F> answer<done> fold(S &state, F... rules) {
        using fold_type = decltype(detail::fold(kept(), state, detail::as_rule(std::move(rules))...));
        auto made = std::make_shared<fold_type>(kept(), state, detail::as_rule(std::move(rules))...);
        shared_->owned.push_back(made);
        kept().exception = nullptr; /* one that an append of the log left */
        return end(eventure_bus_fold(c_bus(), &made->reducer, made.get()));
    }
    /** Appends an event and calls the handlers. Returns its seq. When a handler fails, the event stays in the log. */
    answer<std::int64_t> publish(std::string_view type, const data &data = {}, const parent &cause = {}) {
        eventure_event event = {};
        kept().exception = nullptr;
        return end(detail::give(&eventure_bus_publish_input, c_bus(), type, data, cause, event), event.seq);
    }
    eventure_bus *c_bus() const { return handle_.get(); }
  private:
    template <typename F> struct subscriber {
        detail::kept_exception &kept;
        F function;
        static int call(const eventure_event *event, void *context) {
            subscriber &self = *static_cast<subscriber *>(context);
            return self.kept.call(self.function, event_view(*event));
        }
    };
    struct shared {
        detail::kept_exception kept;
        std::vector<std::shared_ptr<void>> owned; /* until the bus ends, since a handler may end its own subscription */
    };
    explicit bus(eventure_bus *made) : shared_(std::make_unique<shared>()), handle_(made, &eventure_bus_free) {}
    detail::kept_exception &kept() { return shared_->kept; }
    /* The end of a call: an exception of a callback, an error, or the value. A handler may return any int. */
    template <typename T = done> answer<T> end(eventure_status status, const T &value = T()) {
        if (status == EVENTURE_ERROR_HANDLER || status > 0)
            kept().rethrow();
        return detail::finish(status > 0 ? EVENTURE_ERROR_HANDLER : status, c_bus(), value);
    }
    std::unique_ptr<shared> shared_; /* freed after the bus */
    std::unique_ptr<eventure_bus, decltype(&eventure_bus_free)> handle_;
};

} // inline namespace
} // namespace eventure
/* clang-format on */
#endif
