/*
 * Calling a reducer: see reducer.h.
 */
#include "replay/reducer.h"

#include <string.h>

#include "base/name.h"
#include "base/options.h"
#include "base/pattern.h"
#include "base/text.h"

eventure__quoted eventure__reducer_name(const eventure_reducer *reducer)
{
    const char *name = reducer->name != NULL ? reducer->name : "reducer";
    return eventure__quote(name, strlen(name));
}

static eventure_status check_rules(const eventure_reducer *reducer, eventure__error *error)
{
    eventure__pattern pattern;
    eventure_status status = eventure__options_check_list("rules", reducer->rules, reducer->rules_count, NULL, error);
    for (size_t i = 0; i < reducer->rules_count && status == EVENTURE_OK; i++)
    {
        status = eventure__pattern_parse(reducer->rules[i].pattern, &pattern, error);
        if (status == EVENTURE_OK && reducer->rules[i].apply == NULL)
            status = eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "its apply is NULL");
        if (status != EVENTURE_OK)
            eventure__fail_prefix(error, "rule %zu", i + 1);
    }
    return status;
}

eventure_status eventure__reducer_take(const eventure_reducer *given, const char *what, eventure__error *error,
                                       eventure_reducer *out)
{
    if (given == NULL)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s: the reducer is NULL", what);
    eventure_status status = EVENTURE__TAKE(given, out, eventure_reducer, what, error);
    if (status != EVENTURE_OK)
        return status;
    if (out->name == NULL)
        out->name = "reducer";
    if (out->apply == NULL && out->rules_count == 0)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s of %s: apply is NULL", what,
                              eventure__reducer_name(out).text);
    status = check_rules(out, error);
    if (status != EVENTURE_OK)
        return eventure__fail_prefix(error, "%s of %s", what, eventure__reducer_name(out).text);
    if ((out->save == NULL) != (out->load == NULL))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s of %s: save and load go together, and %s is NULL",
                              what, eventure__reducer_name(out).text, out->save == NULL ? "save" : "load");
    return EVENTURE_OK;
}

eventure_status eventure__reducer_take_saving(const eventure_reducer *given, const char *what, eventure__error *error,
                                              eventure_reducer *out)
{
    eventure_status status = eventure__reducer_take(given, what, error, out);
    if (status == EVENTURE_OK && out->save == NULL)
        status = eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s of %s: save and load are NULL", what,
                                eventure__reducer_name(out).text);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__name_check("the reducer", out->name, strlen(out->name), error);
    return status == EVENTURE_OK ? status : eventure__fail_prefix(error, "%s", what);
}

/* Appends the result of a callback and its message to an error text. */
static eventure_status fail(eventure__error *error, const eventure_reducer *reducer, void *context, int result,
                            const char *callback, const char *where)
{
    const char *message = reducer->message != NULL ? reducer->message(context) : NULL;
    eventure__quoted name = eventure__reducer_name(reducer);
    if (message != NULL && *message != '\0')
        return eventure__fail(error, result, "replay of %s%s: %s", name.text, where, message);
    return eventure__fail(error, result, "replay of %s%s: %s returned %d (%s)", name.text, where, callback, result,
                          result < 0 ? eventure_status_name(result) : "a value of its own");
}

eventure_status eventure__reducer_reset(const eventure_reducer *reducer, void *context, eventure__error *error)
{
    int result = reducer->reset != NULL ? reducer->reset(context) : 0;
    return result == 0 ? EVENTURE_OK : fail(error, reducer, context, result, "reset", "");
}

/* Calls apply, and then the rules that match. */
static int call(const eventure_reducer *reducer, const eventure_event *event, void *context)
{
    int result = reducer->apply != NULL ? reducer->apply(event, context) : 0;
    size_t type_len = reducer->rules_count > 0 ? eventure__text_len(event->type, event->type_len) : 0;
    for (size_t i = 0; i < reducer->rules_count && result == 0; i++)
    {
        eventure__pattern pattern;
        if (eventure__pattern_parse(reducer->rules[i].pattern, &pattern, NULL) == EVENTURE_OK &&
            eventure__pattern_matches(&pattern, event->type, type_len))
            result = reducer->rules[i].apply(event, context);
    }
    return result;
}

eventure_status eventure__reducer_apply(const eventure_reducer *reducer, const eventure_event *event, void *context,
                                        eventure__error *error)
{
    error->status = EVENTURE_OK;
    int result = call(reducer, event, context);
    if (result == 0 || result == EVENTURE_REPLAY_STOP)
        return result;
    eventure__quoted name = eventure__reducer_name(reducer);
    /* A caller may dispatch an event without an id. */
    eventure__quoted id = eventure__quote(event->id, eventure__text_len(event->id, event->id_len));
    eventure__quoted type = eventure__quote(event->type, strlen(event->type));
    if (error->status == result)
        return eventure__fail_prefix(error, "replay of %s at tick %lld, event %s (%s)", name.text,
                                     (long long)event->tick, id.text, type.text);
    char where[256];
    eventure__error place = {0};
    eventure__fail(&place, result, " at tick %lld, event %s (%s)", (long long)event->tick, id.text, type.text);
    memcpy(where, place.text, sizeof where - 1);
    where[sizeof where - 1] = '\0';
    return fail(error, reducer, context, result, "apply", where);
}

static int write_to_buffer(const void *bytes, size_t len, void *sink)
{
    eventure__buffer *out = sink;
    eventure__buffer_append(out, bytes, len);
    return out->failed ? EVENTURE_ERROR_MEMORY : 0;
}

eventure_status eventure__reducer_save(const eventure_reducer *reducer, void *context, eventure__buffer *out,
                                       eventure__error *error)
{
    eventure__buffer_clear(out);
    int result = reducer->save(write_to_buffer, out, context);
    if (result != 0)
        return fail(error, reducer, context, result, "save", "");
    if (out->failed)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "replay of %s: out of memory for the state",
                              eventure__reducer_name(reducer).text);
    return EVENTURE_OK;
}

eventure_status eventure__reducer_load(const eventure_reducer *reducer, const void *bytes, size_t len, int64_t tick,
                                       void *context, eventure__error *error)
{
    int result = reducer->load(bytes != NULL ? bytes : "", len, context);
    if (result == 0)
        return EVENTURE_OK;
    eventure__error place = {0};
    eventure__fail(&place, result, ": the snapshot at tick %lld", (long long)tick);
    return fail(error, reducer, context, result, "load", place.text);
}

void eventure_reducer_init(eventure_reducer *reducer, size_t size)
{
    eventure__options_init(reducer, size);
}

void eventure_reducer_state_init(eventure_reducer_state *state, size_t size)
{
    eventure__options_init(state, size);
}
