/*
 * Following: after each commit, the filter is queried again from the end of the previous result.
 *
 * Events are read in batches, each in one read transaction, and copied, so that no transaction is open while the caller
 * works. A batch that is not full has read everything up to the newest event. The next batch starts after it, so that
 * events that do not match are not read again.
 */
#include <eventure/follow.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <eventure/query.h>
#include <eventure/session.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/name.h"
#include "base/options.h"
#include "base/path.h"
#include "event/tick_digest.h"
#include "session/follow_position.h"
#include "store/archived.h"
#include "store/files.h"
#include "store/watch.h"

#define BATCH 128

/* A reader without write permission may have to repeat a query when a writer opens the store. */
#define MOST_TRIES 3

struct eventure_follower
{
    eventure_reader *reader;
    eventure__watch *watch;
    eventure_follower_options options;
    eventure_filter filter;
    eventure__follow_position position;
    bool has_name;
    bool is_open; /* opening succeeded, and no event was missed since */
    eventure__error error;
    eventure_event *batch[BATCH];
    size_t batch_count;
    size_t batch_at;  /* index of the next event to return; the previous one belongs to the caller */
    int64_t read_seq; /* events up to this seq were read or do not match */
    int64_t seq;      /* events up to this seq were returned or do not match */
};

static eventure_status take_options(eventure_follower *follower, const eventure_follower_options *given)
{
    const eventure_filter *filter = &follower->filter;
    eventure_status status =
        EVENTURE__TAKE(given, &follower->options, eventure_follower_options, "follow", &follower->error);
    if (status == EVENTURE_OK)
        status =
            EVENTURE__TAKE(follower->options.filter, &follower->filter, eventure_filter, "follow", &follower->error);
    if (status != EVENTURE_OK)
        return status;
    bool is_ordered = filter->order != EVENTURE_ORDER_DEFAULT && filter->order != EVENTURE_ORDER_APPEND;
    const char *wrong = filter->limit != 0 ? "limit" : filter->reverse ? "reverse" : is_ordered ? "order" : NULL;
    if (wrong != NULL)
        return eventure__fail(&follower->error, EVENTURE_ERROR_ARGUMENT, "follow: filter.%s is not supported", wrong);
    return EVENTURE_OK;
}

/* Copies the error of the reader. */
static eventure_status fail_of_reader(eventure_follower *follower, eventure_status status)
{
    if (follower->reader != NULL)
        follower->error = follower->reader->error;
    return status;
}

/* Opens the position file of a name and checks its position against this store. */
static eventure_status open_position(eventure_follower *follower, const char *path, const char *name, int64_t *out_seq)
{
    eventure_origin origin;
    eventure_status status =
        eventure__name_check("the follower", name, name != NULL ? strlen(name) : 0, &follower->error);
    if (status != EVENTURE_OK)
        return status;
    status = eventure_store_origin(follower->reader, &origin);
    if (status != EVENTURE_OK)
        return fail_of_reader(follower, status);
    char *position_path = follower->options.position_path != NULL
                              ? eventure__path_absolute(follower->options.position_path)
                              : eventure__follow_position_path(path, name);
    if (position_path == NULL)
        return eventure__fail(&follower->error, EVENTURE_ERROR_MEMORY, "follow: out of memory");
    if (eventure__path_is_same_file(position_path, follower->reader->file))
    {
        const char *given = follower->options.position_path;
        status = eventure__fail(&follower->error, EVENTURE_ERROR_ARGUMENT,
                                "follow: the position of a follower cannot be kept in %s, which is the store %s",
                                given != NULL ? given : position_path, path);
        free(position_path);
        return status;
    }
    follower->has_name = true;
    return eventure__follow_position_open(&follower->position, position_path, origin.uuid, path, out_seq,
                                          &follower->error);
}

static eventure_status check_position(eventure_follower *follower, int64_t last_seq, int64_t cut_seq)
{
    if (follower->seq > last_seq)
        return eventure__fail(&follower->error, EVENTURE_ERROR_CORRUPT,
                              "follow: event %lld was read already, but %s ends with event %lld",
                              (long long)follower->seq, follower->reader != NULL ? follower->reader->path : "",
                              (long long)last_seq);
    if (follower->seq < cut_seq)
        return eventure__fail(&follower->error, EVENTURE_ERROR_ARCHIVED,
                              "follow: events %lld to %lld were not read yet, and are archived",
                              (long long)follower->seq + 1, (long long)cut_seq);
    return EVENTURE_OK;
}

/* Computes the digest of an event: of all of its parts but its parent. It is "" for an event that the store does not
 * contain: one that is archived, was lost, or does not exist yet. */
static eventure_status digest_event(eventure_follower *follower, int64_t seq, char out[2 * EVENTURE__DIGEST_BYTES + 1])
{
    static const eventure__tick_digest none;
    eventure__digest_chain chain;
    eventure__tick_digest digest;
    eventure_event *event = NULL;
    *out = '\0';
    if (seq == 0)
        return EVENTURE_OK;
    eventure_status status = eventure_query_find_seq(follower->reader, seq, &event);
    if (status == EVENTURE_ERROR_NOT_FOUND || status == EVENTURE_ERROR_ARCHIVED)
        return EVENTURE_OK;
    if (status != EVENTURE_OK)
        return fail_of_reader(follower, status);
    const eventure__digest_input input = {.timestamp = eventure__timestamp_of_event(event),
                                          .type = event->type,
                                          .type_len = event->type_len,
                                          .explicit_id = event->id,
                                          .data = event->data,
                                          .data_len = event->data_len};
    eventure__digest_chain_begin(&chain, &none, event->tick);
    eventure__digest_chain_add(&chain, &input);
    eventure__digest_chain_peek(&chain, &digest);
    eventure__format_hex(out, digest.full, sizeof digest.full);
    eventure_event_free(event);
    return EVENTURE_OK;
}

/* Compares the last event that was read with the event of the store at its seq. They differ when the store was replaced
 * by an older copy, and then continued. */
static eventure_status compare_read(eventure_follower *follower)
{
    char digest[sizeof follower->position.digest];
    eventure_status status = digest_event(follower, follower->seq, digest);
    if (status == EVENTURE_OK && digest[0] != '\0' && strcmp(digest, follower->position.digest) != 0)
        return eventure__fail(&follower->error, EVENTURE_ERROR_EXISTS,
                              "%s is the position in another history: event %lld of %s is not the event that was read",
                              follower->position.path, (long long)follower->seq, follower->reader->path);
    return status;
}

/* Determines the start. Without a stored position it is the caller's option, or else the first event of the store. */
static eventure_status find_start(eventure_follower *follower, const char *path, const char *name)
{
    int64_t position = -1;
    int64_t last_seq = 0;
    eventure__cut cut;
    eventure_status status = name != NULL ? open_position(follower, path, name, &position) : EVENTURE_OK;
    if (status != EVENTURE_OK)
        return status;
    status = eventure_reader_last_seq(follower->reader, &last_seq);
    if (status == EVENTURE_OK)
        status = eventure__store_cut(follower->reader, &cut);
    if (status != EVENTURE_OK)
        return fail_of_reader(follower, status);
    follower->seq = position >= 0                    ? position
                    : follower->options.from_end     ? last_seq
                    : follower->filter.after_seq > 0 ? follower->filter.after_seq
                                                     : cut.last_seq;
    if (position < 0 && follower->seq > last_seq) /* a caller can wait for events that do not exist yet */
        last_seq = follower->seq;
    status = check_position(follower, last_seq, cut.last_seq);
    if (status == EVENTURE_OK && follower->position.digest[0] != '\0')
        status = compare_read(follower);
    return status;
}

/* Runs the query once, so that an invalid filter is refused on opening. */
static eventure_status try_filter(eventure_follower *follower)
{
    eventure_cursor *cursor = NULL;
    eventure_status status = eventure_query(follower->reader, &follower->filter, &cursor);
    eventure_cursor_free(cursor);
    return status == EVENTURE_OK ? status : fail_of_reader(follower, status);
}

static eventure_status open_reader(eventure_follower *follower, const char *path)
{
    eventure_status status = eventure__store_open_read(path, &follower->reader);
    if (status == EVENTURE_OK)
        return status;
    if (follower->reader != NULL)
        return fail_of_reader(follower, status);
    return eventure__fail(&follower->error, status, "follow %s: out of memory", path);
}

static eventure_status open_follower(eventure_follower *follower, const char *path, const char *name,
                                     const eventure_follower_options *options)
{
    follower->position.lock = (eventure__lock)EVENTURE__LOCK_INIT;
    if (path == NULL || *path == '\0')
        return eventure__fail(&follower->error, EVENTURE_ERROR_ARGUMENT, "follow: no path was given");
    eventure_status status = take_options(follower, options);
    /* The watch starts before the first read, so that no commit is missed. */
    if (status == EVENTURE_OK && (status = eventure__watch_open(path, &follower->watch)) != EVENTURE_OK)
        eventure__fail(&follower->error, status, "follow %s: out of memory", path);
    if (status == EVENTURE_OK)
        status = open_reader(follower, path);
    if (status == EVENTURE_OK)
        status = find_start(follower, path, name);
    follower->read_seq = follower->seq;
    follower->filter.order = EVENTURE_ORDER_APPEND;
    follower->filter.limit = BATCH;
    if (status == EVENTURE_OK)
        status = try_filter(follower);
    follower->is_open = status == EVENTURE_OK;
    return status;
}

eventure_status eventure_follower_open(const char *path, const char *name, const eventure_follower_options *options,
                                       eventure_follower **out_follower)
{
    if (out_follower == NULL)
        return eventure__fail_argument(__func__);
    *out_follower = NULL;
    eventure_follower *follower = calloc(1, sizeof *follower);
    if (follower == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_MEMORY, "follow: out of memory");
    eventure_status status = open_follower(follower, path, name, options);
    if (status == EVENTURE_OK)
        *out_follower = follower;
    else
    {
        eventure__error kept = follower->error;
        eventure_follower_close(follower);
        eventure__set_last_error(&kept);
    }
    return status;
}

static void free_batch(eventure_follower *follower)
{
    for (size_t i = 0; i < follower->batch_count; i++)
        eventure_event_free(follower->batch[i]);
    follower->batch_count = 0;
    follower->batch_at = 0;
}

static eventure_status copy_batch(eventure_follower *follower)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    follower->filter.after_seq = follower->read_seq;
    eventure_status status = eventure_query(follower->reader, &follower->filter, &cursor);
    while (status >= 0 && follower->batch_count < BATCH &&
           (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        if (eventure_event_copy(&event, &follower->batch[follower->batch_count]) == EVENTURE_OK)
            follower->batch_count++;
        else
            status = eventure__fail(&follower->reader->error, EVENTURE_ERROR_MEMORY, "follow: out of memory");
    }
    eventure_cursor_free(cursor);
    return status < 0 ? status : EVENTURE_OK;
}

/* Reads the available events, at most one batch, in one read transaction. */
static eventure_status read_batch(eventure_follower *follower)
{
    eventure_reader *reader = follower->reader;
    eventure__cut cut = {0, 0};
    int64_t last_seq = 0;
    eventure_status status = eventure_reader_begin(reader);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(reader, &last_seq);
    if (status == EVENTURE_OK && last_seq > follower->read_seq)
    {
        status = eventure__store_cut(reader, &cut);
        if (status == EVENTURE_OK)
            status = copy_batch(follower);
    }
    if (status != EVENTURE_OK)
        fail_of_reader(follower, status);
    eventure_reader_end(reader);
    if (status == EVENTURE_OK && follower->read_seq < cut.last_seq)
    {
        status = check_position(follower, last_seq, cut.last_seq);
        follower->is_open = status == EVENTURE_OK;
    }
    if (status != EVENTURE_OK)
    {
        free_batch(follower);
        return status;
    }
    if (follower->batch_count == BATCH)
        follower->read_seq = follower->batch[BATCH - 1]->seq;
    else if (last_seq > follower->read_seq)
        follower->read_seq = last_seq;
    if (follower->batch_count == 0)
        follower->seq = follower->read_seq;
    return EVENTURE_OK;
}

/* Whether a reader without locks met a writer. */
static bool is_unlucky(const eventure_follower *follower, eventure_status status)
{
    return status == EVENTURE_ERROR_BUSY && follower->reader != NULL && follower->reader->read_file != NULL;
}

static eventure_status hand_out(eventure_follower *follower, eventure_event *out_event)
{
    const eventure_event *event = follower->batch[follower->batch_at++];
    *out_event = *event;
    follower->seq = follower->batch_at == follower->batch_count ? follower->read_seq : event->seq;
    return EVENTURE_ROW;
}

eventure_status eventure_follower_next(eventure_follower *follower, int timeout_ms, eventure_event *out_event)
{
    if (follower != NULL && follower->is_open)
        eventure__clear(&follower->error);
    if (follower == NULL || out_event == NULL)
        return eventure__fail_argument(__func__);
    if (follower->reader != NULL && eventure__store_check_process(follower->reader) != EVENTURE_OK)
        return fail_of_reader(follower, EVENTURE_ERROR_ARGUMENT);
    if (!follower->is_open)
        return follower->error.status;
    if (follower->batch_at < follower->batch_count)
        return hand_out(follower, out_event);
    int64_t end = eventure__clock_ms() + timeout_ms;
    for (;;)
    {
        free_batch(follower);
        eventure_status status = read_batch(follower);
        for (int tries = 1; is_unlucky(follower, status) && tries < MOST_TRIES; tries++)
            status = read_batch(follower);
        if (status != EVENTURE_OK)
            return status;
        if (follower->batch_count > 0)
            return hand_out(follower, out_event);
        int64_t left = timeout_ms < 0 ? -1 : end - eventure__clock_ms();
        if (timeout_ms >= 0 && left <= 0)
            return EVENTURE_DONE;
        errno = 0;
        if (!eventure__watch_wait(follower->watch, (int)left) || errno == EINTR)
            return EVENTURE_DONE;
    }
}

eventure_status eventure_follower_commit(eventure_follower *follower)
{
    if (follower == NULL)
        return eventure__fail_argument(__func__);
    if (follower->reader != NULL && eventure__store_check_process(follower->reader) != EVENTURE_OK)
        return fail_of_reader(follower, EVENTURE_ERROR_ARGUMENT);
    if (!follower->has_name || !follower->is_open)
        return eventure__fail(&follower->error, EVENTURE_ERROR_ARGUMENT,
                              "follow: a follower without a name keeps no position");
    char digest[sizeof follower->position.digest];
    eventure_status status = digest_event(follower, follower->seq, digest);
    for (int tries = 1; is_unlucky(follower, status) && tries < MOST_TRIES; tries++)
        status = digest_event(follower, follower->seq, digest);
    if (status == EVENTURE_OK)
        status = eventure__follow_position_write(&follower->position, follower->seq, digest, &follower->error);
    return status;
}

int64_t eventure_follower_seq(const eventure_follower *follower)
{
    return follower != NULL ? follower->seq : 0;
}

const char *eventure_follower_message(const eventure_follower *follower)
{
    return follower != NULL ? follower->error.text : eventure_last_message();
}

void eventure_follower_close(eventure_follower *follower)
{
    if (follower == NULL)
        return;
    free_batch(follower);
    if (follower->has_name)
        eventure__follow_position_close(&follower->position);
    eventure__watch_close(follower->watch);
    eventure_reader_close(follower->reader);
    free(follower);
}

/* Deletes the file of a position, unless a follower uses it. */
static eventure_status remove_position(const char *position, eventure__error *error)
{
    eventure__lock lock = EVENTURE__LOCK_INIT;
    if (access(position, F_OK) != 0)
        return eventure__fail(error, eventure__errno_read_status(errno), "%s: %s", position, strerror(errno));
    eventure_status status = eventure__lock_take(&lock, position, error);
    if (status == EVENTURE_ERROR_BUSY)
        eventure__fail(error, status, "another follower uses this name: %s is locked", lock.path);
    if (status == EVENTURE_OK && unlink(position) != 0)
        status = eventure__fail(error, EVENTURE_ERROR_IO, "%s: %s", position, strerror(errno));
    eventure__lock_release(&lock);
    return status;
}

eventure_status eventure_follower_forget(const char *path, const char *name)
{
    eventure__error error;
    if (path == NULL || *path == '\0')
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "forget a follower: no path was given");
    const size_t name_len = name != NULL ? strlen(name) : 0;
    if (eventure__name_check("the follower", name, name_len, &error) != EVENTURE_OK)
        return eventure__fail_prefix(&error, "forget a follower");
    char *position = eventure__follow_position_path(path, name);
    if (position == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_MEMORY, "forget a follower: out of memory");
    eventure_status status = remove_position(position, &error);
    if (status != EVENTURE_OK)
        eventure__fail_prefix(&error, "forget the follower %s", eventure__quote(name, name_len).text);
    free(position);
    return status;
}

void eventure_follower_options_init(eventure_follower_options *options, size_t size)
{
    eventure__options_init(options, size);
}
