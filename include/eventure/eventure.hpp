/**
 * @file
 * Eventure for C++17: one header on the C API.
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
 *     std::cout << event.id() << ' ' << event.get_or<std::string>("enemy", "") << '\n';
 * @endcode
 *
 * Handles own what they hold: they are moved, never copied, and close in their destructor. A cursor or a bus must not
 * outlive its reader or log. A handle is for one thread at a time, as in the C API.
 *
 * Errors are exceptions of the type eventure::error. With EVENTURE_NO_EXCEPTIONS defined, or when the compiler has
 * exceptions switched off, each function returns an eventure::result instead, and constructors are replaced by the
 * static functions `open` and `make`, which exist in both forms. No exception crosses a C function: one that a handler
 * or a reducer throws is kept, the C call ends with EVENTURE_ERROR_HANDLER, and the exception continues in the caller.
 */
#ifndef EVENTURE_EVENTURE_HPP
#define EVENTURE_EVENTURE_HPP

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <eventure/eventure.h>

#if !defined(EVENTURE_NO_EXCEPTIONS) && !defined(__cpp_exceptions)
#define EVENTURE_NO_EXCEPTIONS 1
#endif
#ifndef EVENTURE_NO_EXCEPTIONS
#include <exception>
#include <stdexcept>
#endif

namespace eventure
{

/** What a function returns that can fail, without exceptions: a value, or a status and its text. */
template <typename T> class result
{
    using value_of = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  public:
    result() = default;
    template <typename U = T, std::enable_if_t<std::is_constructible_v<value_of, U>, int> = 0>
    result(U &&value) : value_(std::forward<U>(value)) {}
    result(eventure_status status, std::string message) : status_(status), message_(std::move(message)) {}
    /** Whether there is a value. */
    explicit operator bool() const { return status_ == EVENTURE_OK; }
    eventure_status status() const { return status_; }
    const std::string &message() const { return message_; }
    /** The value; only when there is one. */
    value_of &operator*() { return *value_; }
    value_of *operator->() { return &*value_; }

  private:
    eventure_status status_ = EVENTURE_OK;
    std::string message_;
    std::optional<value_of> value_;
};

#ifndef EVENTURE_NO_EXCEPTIONS
/** The exception: a status of the C API with its text. */
class error : public std::runtime_error
{
  public:
    error(eventure_status status, const std::string &message) : std::runtime_error(message), status_(status) {}
    eventure_status status() const { return status_; }

  private:
    eventure_status status_;
};

/** The return type of a function that can fail: T, or result<T> without exceptions. */
template <typename T> using answer = T;
#else
template <typename T> using answer = result<T>;
#endif

namespace detail
{

inline std::string text_of(const char *message, eventure_status status)
{
    return message != nullptr && *message != '\0' ? message : eventure_status_name(status);
}

/** An error as what a function returns; it throws where there are exceptions. */
template <typename T> [[nodiscard]] answer<T> fail(eventure_status status, const char *message)
{
#ifndef EVENTURE_NO_EXCEPTIONS
    throw error(status, text_of(message, status));
#else
    return answer<T>(status, text_of(message, status));
#endif
}

/** The end of a function: its value, or the error. */
template <typename T> answer<T> finish(eventure_status status, const char *message, T value)
{
    if (status < 0)
        return fail<T>(status, message);
    return value;
}

/** The end of a function without a value. */
inline answer<void> done(eventure_status status, const char *message)
{
    if (status < 0)
        return fail<void>(status, message);
    return answer<void>();
}

/** Keeps an exception of a callback while C functions return. */
class kept_exception
{
  public:
    /** Calls `function`, which returns an eventure_status; an exception is kept and is EVENTURE_ERROR_HANDLER. */
    template <typename F> int call(F &&function)
    {
#ifndef EVENTURE_NO_EXCEPTIONS
        try
        {
            return function();
        }
        catch (...)
        {
            exception_ = std::current_exception();
            return EVENTURE_ERROR_HANDLER;
        }
#else
        return function();
#endif
    }
    /** Throws the kept exception again, if there is one. */
    void rethrow()
    {
#ifndef EVENTURE_NO_EXCEPTIONS
        if (exception_ != nullptr)
            std::rethrow_exception(std::exchange(exception_, nullptr));
#endif
    }

  private:
#ifndef EVENTURE_NO_EXCEPTIONS
    std::exception_ptr exception_;
#endif
};

/** Calls what may return nothing, or a status. */
template <typename F, typename... A> int status_of(F &function, A &&...arguments)
{
    if constexpr (std::is_convertible_v<std::invoke_result_t<F &, A...>, int>)
        return static_cast<int>(function(std::forward<A>(arguments)...));
    else
    {
        function(std::forward<A>(arguments)...);
        return EVENTURE_OK;
    }
}

} // namespace detail

/** JSON text as the value of a member: `{"pos", json{"[1, 2]"}}`. */
struct json
{
    std::string text;
};

/** One value of a member of the data. It owns its text. */
class value
{
  public:
    value(std::nullptr_t) {}
    value(bool boolean) : held_(boolean) {}
    template <typename N, std::enable_if_t<std::is_integral_v<N> && !std::is_same_v<N, bool>, int> = 0>
    value(N integer) : held_(static_cast<std::int64_t>(integer))
    {
        static_assert(sizeof(N) < sizeof(std::int64_t) || std::is_signed_v<N>, "an unsigned 64-bit integer may not fit");
    }
    value(double number) : held_(number) {}
    value(const char *text) : held_(std::string(text)) {}
    value(std::string_view text) : held_(std::string(text)) {}
    value(std::string text) : held_(std::move(text)) {}
    value(json text) : held_(std::move(text)) {}

    /** The value as a field of the C API, which borrows from this object. */
    eventure_field field(const std::string &key) const
    {
        const char *name = key.c_str();
        if (const bool *boolean = std::get_if<bool>(&held_))
            return eventure_bool(name, *boolean);
        if (const std::int64_t *integer = std::get_if<std::int64_t>(&held_))
            return eventure_int(name, *integer);
        if (const double *number = std::get_if<double>(&held_))
            return eventure_double(name, *number);
        if (const std::string *text = std::get_if<std::string>(&held_))
            return eventure_string_n(name, text->data(), text->size());
        if (const json *literal = std::get_if<json>(&held_))
            return eventure_json_field(name, literal->text.c_str());
        return eventure_null(name);
    }

  private:
    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, json> held_ = nullptr;
};

/** The data of an event: members in order, or JSON text. It owns everything, so it can be stored. */
class data
{
  public:
    data() = default;
    data(std::initializer_list<std::pair<std::string, value>> members) : members_(members) {}
    data(json text) : json_(std::move(text.text)) {}

    /** Adds a member at the end. */
    data &add(std::string key, value member)
    {
        members_.emplace_back(std::move(key), std::move(member));
        return *this;
    }

    /** Calls `function` with the data as the C API takes it; the pointers are valid during that call. */
    template <typename F> auto use(F &&function) const
    {
        if (json_)
            return function(eventure_json_n(json_->data(), json_->size()));
        std::vector<eventure_field> fields;
        fields.reserve(members_.size());
        for (const auto &[key, member] : members_)
            fields.push_back(member.field(key));
        return function(eventure_data_fields(fields.data(), fields.size()));
    }

  private:
    std::vector<std::pair<std::string, value>> members_;
    std::optional<std::string> json_;
};

/** An event that something else owns: a cursor, a log, or an eventure::event. Valid as long as that says. */
class event_view
{
  public:
    explicit event_view(const eventure_event &event) : event_(event) {}

    std::int64_t seq() const { return event_.seq; }
    std::int64_t tick() const { return event_.tick; }
    double timestamp() const { return event_.timestamp; }
    std::string_view type() const { return event_.type; }
    std::string_view id() const { return event_.id; }
    /** The data as compact JSON text. */
    std::string_view data() const { return {event_.data, event_.data_len}; }
    /** The id of the cause; empty without one. */
    std::string_view parent_id() const { return event_.parent_id != nullptr ? event_.parent_id : std::string_view(); }
    /** The seq of the cause; 0 without one, and for a cause outside the store. */
    std::int64_t parent_seq() const { return event_.parent_seq; }
    /** The event of the C API. */
    const eventure_event &c_event() const { return event_; }

    /** One top-level member of the data, when it is there and has that type: an integer, bool, double or string. */
    template <typename T> std::optional<T> get(const char *key) const
    {
        if constexpr (std::is_same_v<T, bool>)
        {
            bool is_true = false;
            return when(eventure_event_bool(&event_, key, &is_true) == EVENTURE_OK, is_true);
        }
        else if constexpr (std::is_integral_v<T>)
        {
            std::int64_t integer = 0;
            bool found = eventure_event_int(&event_, key, &integer) == EVENTURE_OK;
            bool is_negative = integer < 0;
            return when(found && static_cast<std::int64_t>(static_cast<T>(integer)) == integer &&
                            (!is_negative || std::is_signed_v<T>), static_cast<T>(integer));
        }
        else if constexpr (std::is_floating_point_v<T>)
        {
            double number = 0;
            bool found = eventure_event_double(&event_, key, &number) == EVENTURE_OK;
            return when(found, static_cast<T>(number));
        }
        else
        {
            static_assert(std::is_same_v<T, std::string>, "a member is an integer, bool, double or std::string");
            std::size_t len = 0;
            eventure_status status = eventure_event_string(&event_, key, nullptr, 0, &len);
            std::string text(len, '\0');
            if (status == EVENTURE_ERROR_LIMIT)
                status = eventure_event_string(&event_, key, text.data(), len + 1, &len);
            return when(status == EVENTURE_OK, std::move(text));
        }
    }
    /** As get, with a value to return when there is none. */
    template <typename T> T get_or(const char *key, T otherwise) const
    {
        return get<T>(key).value_or(std::move(otherwise));
    }

  private:
    template <typename T> static std::optional<T> when(bool found, T member)
    {
        return found ? std::optional<T>(std::move(member)) : std::nullopt;
    }
    eventure_event event_;
};

/** An event that owns its text. */
class event : public event_view
{
  public:
    /** Takes ownership of an event that the C API has allocated. */
    explicit event(eventure_event *owned) : event_view(*owned), owned_(owned, &eventure_event_free) {}

  private:
    std::unique_ptr<eventure_event, decltype(&eventure_event_free)> owned_;
};

/** The cause of an event: none, an event, or an id. */
class parent
{
  public:
    parent() = default;
    parent(const event_view &event) : event_(event.c_event()) {}
    parent(std::string id) : id_(std::move(id)), event_(eventure_event{}) {}
    parent(const char *id) : parent(std::string(id)) {}

    /** The cause as the C API takes it; valid as long as this object and the event are. */
    const eventure_event *c_event()
    {
        if (event_ && !id_.empty())
            event_->id = id_.c_str();
        return event_ ? &*event_ : nullptr;
    }

  private:
    std::string id_;
    std::optional<eventure_event> event_;
};

/** A query that is being put together, and the range of its events: `for (const event_view &event : query)`. */
class query
{
  public:
    /** Every event of a store, in append order. The reader must outlive the query. */
    explicit query(eventure_reader *reader) : reader_(reader) { eventure_filter_init(&filter_, sizeof filter_); }

    /** Only events of a type or wildcard pattern; of any of them when it is called more than once. */
    query &type(std::string pattern) { return types_.push_back(std::move(pattern)), *this; }
    /** Only ticks from `begin` on that are less than `end`; 0: without end. */
    query &ticks(std::int64_t begin, std::int64_t end = 0)
    {
        filter_.tick_min = begin;
        filter_.tick_end = end;
        return *this;
    }
    /** Only events whose data has a member equal to this value. */
    query &where(std::string key, value member)
    {
        members_.emplace_back(std::move(key), std::move(member));
        return *this;
    }
    query &roots() { return filter_.roots = true, *this; }
    query &children_of(std::string id) { return children_of_ = std::move(id), *this; }
    query &cascade_of(std::string id) { return cascade_of_ = std::move(id), *this; }
    query &ancestors_of(std::string id) { return ancestors_of_ = std::move(id), *this; }
    query &after(std::int64_t seq) { return filter_.after_seq = seq, *this; }
    query &limit(std::int64_t count) { return filter_.limit = count, *this; }
    query &order(eventure_order order) { return filter_.order = order, *this; }
    query &reverse() { return filter_.reverse = true, *this; }

    /** The number of events. */
    answer<std::int64_t> count()
    {
        std::int64_t count = 0;
        fill();
        eventure_status status = eventure_count(reader_, &filter_, &count);
        return detail::finish<std::int64_t>(status, eventure_reader_message(reader_), count);
    }
    /** Calls `function` with each event; it may return false to stop. */
    template <typename F> answer<void> each(F &&function)
    {
        eventure_event event;
        fill();
        eventure_cursor *opened = nullptr;
        eventure_status status = eventure_query(reader_, &filter_, &opened);
        std::unique_ptr<eventure_cursor, decltype(&eventure_cursor_free)> cursor(opened, &eventure_cursor_free);
        while (status >= 0 && (status = eventure_cursor_next(cursor.get(), &event)) == EVENTURE_ROW)
        {
            if constexpr (std::is_same_v<std::invoke_result_t<F &, event_view>, bool>)
            {
                if (!function(event_view(event)))
                    break;
            }
            else
                function(event_view(event));
        }
        return detail::done(status, eventure_reader_message(reader_));
    }

#ifndef EVENTURE_NO_EXCEPTIONS
    /** Goes through the events once. A view is valid until the iterator moves on. */
    class iterator
    {
      public:
        iterator() = default;
        iterator(eventure_reader *reader, eventure_cursor *cursor)
            : reader_(reader), cursor_(cursor, &eventure_cursor_free)
        {
            ++*this;
        }
        const event_view &operator*() const { return *view_; }
        iterator &operator++()
        {
            eventure_event event;
            eventure_status status = eventure_cursor_next(cursor_.get(), &event);
            if (status == EVENTURE_ROW)
                view_.emplace(event);
            else
                view_.reset();
            if (status < 0)
                throw error(status, detail::text_of(eventure_reader_message(reader_), status));
            return *this;
        }
        bool operator!=(const iterator &other) const { return view_.has_value() != other.view_.has_value(); }

      private:
        eventure_reader *reader_ = nullptr;
        std::shared_ptr<eventure_cursor> cursor_;
        std::optional<event_view> view_;
    };
    iterator begin()
    {
        eventure_cursor *cursor = nullptr;
        fill();
        eventure_status status = eventure_query(reader_, &filter_, &cursor);
        if (status < 0)
            throw error(status, detail::text_of(eventure_reader_message(reader_), status));
        return iterator(reader_, cursor);
    }
    iterator end() { return iterator(); }
#endif

  private:
    /** Points the filter to what this object owns. */
    void fill()
    {
        patterns_.clear();
        for (const std::string &pattern : types_)
            patterns_.push_back(pattern.c_str());
        fields_.clear();
        for (const auto &[key, member] : members_)
            fields_.push_back(member.field(key));
        filter_.types = patterns_.data();
        filter_.types_count = patterns_.size();
        filter_.data = fields_.data();
        filter_.data_count = fields_.size();
        filter_.children_of = children_of_ ? children_of_->c_str() : nullptr;
        filter_.cascade_of = cascade_of_ ? cascade_of_->c_str() : nullptr;
        filter_.ancestors_of = ancestors_of_ ? ancestors_of_->c_str() : nullptr;
    }

    eventure_reader *reader_;
    eventure_filter filter_;
    std::vector<std::string> types_;
    std::vector<const char *> patterns_;
    std::vector<std::pair<std::string, value>> members_;
    std::vector<eventure_field> fields_;
    std::optional<std::string> children_of_, cascade_of_, ancestors_of_;
};

/** Queries of a store: the common part of a reader of its own and of that of a log. */
class reader_view
{
  public:
    explicit reader_view(eventure_reader *reader) : reader_(reader) {}
    eventure_reader *c_reader() const { return reader_; }
    eventure::query query() const { return eventure::query(reader_); }

    /** The event with an id; none when there is no such event. */
    answer<std::optional<event>> find(const std::string &id) const
    {
        eventure_event *found = nullptr;
        eventure_status status = eventure_find(reader_, id.c_str(), &found);
        if (status == EVENTURE_ERROR_NOT_FOUND)
            return std::optional<event>();
        return detail::finish<std::optional<event>>(status, eventure_reader_message(reader_), std::optional<event>(event(found)));
    }
    /** The tick of the next event. */
    answer<std::int64_t> tick() const { return number(&eventure_reader_tick); }
    /** The seq of the newest event; 0 without any. */
    answer<std::int64_t> last_seq() const { return number(&eventure_reader_last_seq); }

    /**
     * The state at the end of a tick: `initial`, to which `apply(state, event)` has applied each event up to then.
     * EVENTURE_TICK_NEWEST is the state after the newest event.
     */
    template <typename S, typename F> answer<S> state_at(std::int64_t tick, S initial, F apply) const
    {
        struct fold
        {
            S state;
            F &apply;
            detail::kept_exception kept;
        } fold{std::move(initial), apply, {}};
        eventure_reducer reducer = {};
        reducer.size = sizeof reducer;
        reducer.apply = [](const eventure_event *event, void *context) {
            auto *self = static_cast<struct fold *>(context);
            return self->kept.call(
                [&] { return detail::status_of(self->apply, self->state, event_view(*event)); });
        };
        eventure_status status = eventure_state_at(reader_, &reducer, tick, &fold, nullptr);
        fold.kept.rethrow();
        if (status < 0)
            return detail::fail<S>(status, eventure_reader_message(reader_));
        return std::move(fold.state);
    }

  protected:
    eventure_reader *reader_;

  private:
    answer<std::int64_t> number(eventure_status (*ask)(eventure_reader *, std::int64_t *)) const
    {
        std::int64_t answered = 0;
        eventure_status status = ask(reader_, &answered);
        return detail::finish<std::int64_t>(status, eventure_reader_message(reader_), answered);
    }
};

/** A store opened for reading. */
class reader : public reader_view
{
  public:
    /** Opens a store that exists. */
    static answer<reader> open(const std::string &path)
    {
        eventure_reader *opened = nullptr;
        eventure_status status = eventure_reader_open(path.c_str(), &opened);
        reader handle(opened);
        if (status < 0)
            return detail::fail<reader>(status, eventure_reader_message(opened));
        return handle;
    }
#ifndef EVENTURE_NO_EXCEPTIONS
    explicit reader(const std::string &path) : reader(open(path)) {}
#endif
    reader(reader &&other) noexcept : reader_view(other.reader_), owned_(std::move(other.owned_))
    {
        other.reader_ = nullptr;
    }

  private:
    explicit reader(eventure_reader *opened) : reader_view(opened), owned_(opened, &eventure_reader_close) {}
    std::unique_ptr<eventure_reader, decltype(&eventure_reader_close)> owned_;
};

/** A store opened for writing. */
class log
{
  public:
    /** The options of the C API with its defaults. */
    static eventure_log_options options()
    {
        eventure_log_options defaults;
        eventure_log_options_init(&defaults, sizeof defaults);
        return defaults;
    }
    /** Opens a store, or makes it. */
    static answer<log> open(const std::string &path, const eventure_log_options &options = log::options())
    {
        eventure_log *opened = nullptr;
        eventure_status status = eventure_log_open(path.c_str(), &options, &opened);
        log handle(opened);
        if (status < 0)
            return detail::fail<log>(status, eventure_log_message(opened));
        return handle;
    }
#ifndef EVENTURE_NO_EXCEPTIONS
    explicit log(const std::string &path, const eventure_log_options &options = log::options())
        : log(open(path, options))
    {
    }
#endif
    log(log &&) noexcept = default;

    /** Closes the log. The destructor does it, too, but cannot report an error. */
    answer<void> close()
    {
        eventure_log *closing = handle_.release();
        eventure_status status = eventure_log_close(closing);
        return detail::done(status, "closing the log failed");
    }
    /** Appends an event to the current tick; the view is valid until the next call on this log. */
    answer<event_view> append(const std::string &type, const data &data = {}, parent cause = {})
    {
        eventure_event event;
        eventure_status status = data.use([&](eventure_data taken) {
            return eventure_log_append(handle_.get(), type.c_str(), taken, cause.c_event(), &event);
        });
        return detail::finish<event_view>(status, message(), event_view(event));
    }
    std::int64_t tick() const { return eventure_log_tick(handle_.get()); }
    answer<void> advance_tick() { return detail::done(eventure_log_advance_tick(handle_.get()), message()); }
    answer<void> advance_to(std::int64_t tick)
    {
        return detail::done(eventure_log_advance_to(handle_.get(), tick), message());
    }
    answer<void> commit() { return detail::done(eventure_log_commit(handle_.get()), message()); }
    answer<void> rollback() { return detail::done(eventure_log_rollback(handle_.get()), message()); }
    /** Waits until the tick is durable; a negative timeout waits without end. */
    answer<void> wait_durable(std::int64_t tick, int timeout_ms = -1)
    {
        return detail::done(eventure_log_wait_durable(handle_.get(), tick, timeout_ms), message());
    }
    /** The reader on the connection of the log; it sees events that are not committed, too. */
    reader_view reader() { return reader_view(eventure_log_reader(handle_.get())); }
    eventure_log *c_log() const { return handle_.get(); }

  private:
    struct closer
    {
        void operator()(eventure_log *log) const { (void)eventure_log_close(log); }
    };
    explicit log(eventure_log *opened) : handle_(opened) {}
    const char *message() const { return eventure_log_message(handle_.get()); }
    std::unique_ptr<eventure_log, closer> handle_;
};

/** Hands events to its subscribers as they are published. */
class bus
{
  public:
    /** What a handler may be: it returns nothing, or an eventure_status. */
    using handler = std::function<int(const event_view &)>;

    /** A bus on a log, which must outlive it. */
    static answer<bus> make(log &log)
    {
        eventure_bus *made = nullptr;
        eventure_status status = eventure_bus_new(log.c_log(), nullptr, &made);
        bus handle(made);
        if (status < 0)
            return detail::fail<bus>(status, "out of memory");
        return handle;
    }
#ifndef EVENTURE_NO_EXCEPTIONS
    explicit bus(log &log) : bus(make(log)) {}
#endif
    bus(bus &&) noexcept = default;

    /** Calls `function` with each event of the pattern, until the subscription is ended. */
    template <typename F> answer<eventure_subscription> subscribe(const std::string &pattern, F function)
    {
        state_->entries.push_back(std::make_unique<entry>(entry{
            [function = std::move(function)](const event_view &event) mutable { return detail::status_of(function, event); },
            &state_->kept, 0}));
        entry *added = state_->entries.back().get();
        eventure_status status = eventure_bus_subscribe(handle_.get(), pattern.c_str(), &call, added, &added->name);
        if (status < 0)
        {
            state_->entries.pop_back();
            return detail::fail<eventure_subscription>(status, message());
        }
        return added->name;
    }
    /** Ends a subscription; allowed in a handler. */
    answer<void> unsubscribe(eventure_subscription name)
    {
        return detail::done(eventure_bus_unsubscribe(handle_.get(), name), message());
    }
    /** Appends an event and calls the handlers. An exception of a handler continues here; the event stays. */
    answer<event> publish(const std::string &type, const data &data = {}, parent cause = {})
    {
        eventure_event *published = nullptr;
        eventure_status status = data.use([&](eventure_data taken) {
            return eventure_bus_publish(handle_.get(), type.c_str(), taken, cause.c_event(), &published);
        });
        if (status == EVENTURE_OK)
            return event(published);
        eventure_event_free(published);
        state_->kept.rethrow();
        return detail::fail<event>(status, message());
    }
    eventure_bus *c_bus() const { return handle_.get(); }

  private:
    struct entry
    {
        handler function;
        detail::kept_exception *kept;
        eventure_subscription name;
    };
    struct state
    {
        detail::kept_exception kept;
        std::vector<std::unique_ptr<entry>> entries; /* until the bus ends, as a handler may end its subscription */
    };
    static int call(const eventure_event *event, void *context)
    {
        auto *self = static_cast<entry *>(context);
        return self->kept->call([&] { return self->function(event_view(*event)); });
    }
    explicit bus(eventure_bus *made) : state_(std::make_unique<state>()), handle_(made, &eventure_bus_free) {}
    const char *message() const { return eventure_bus_message(handle_.get()); }
    std::unique_ptr<state> state_;
    std::unique_ptr<eventure_bus, decltype(&eventure_bus_free)> handle_;
};

} // namespace eventure

#endif
