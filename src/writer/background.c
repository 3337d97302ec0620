/*
 * The thread that writes: see background.h.
 */
#include "writer/background.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "writer/ring.h"

/* After it has taken records, the writer's thread polls NAPS times, every NAP_NS nanoseconds, before it waits for a
 * signal: waking it is a system call, and one such call in a thousand takes half a millisecond. */
#define NAPS 64
#define NAP_NS 1000000

/* Records are published to the writer's thread when this many bytes have gathered, and at the end of each tick. */
#define PUBLISH_BYTES 65536

/* While more ticks are queued, the writer commits only after COMMIT_BYTES of records, about 5,000 events. Larger
 * transactions are hardly faster. */
#define COMMIT_BYTES ((size_t)1024 * 1024)

/* An empty ring of which this many bytes were used is used from its beginning again, because that memory is in the
 * processor's caches already. Without this, one append in 170 takes more than 2 us, and with it one in 700. */
#define REUSE_BYTES 65536

/* The value of `wanted` while the log's thread does not wait. */
#define NOTHING UINT64_MAX

typedef enum record_kind
{
    RECORD_EVENT = EVENTURE__RECORD_FILLER + 1,
    RECORD_TICK
} record_kind;

/* Followed by the text of the event: the id, the id of the parent when there is one, both with their NUL, and the data.
 * A text that is too long for the ring is in own_text. */
typedef struct event_record
{
    eventure__record head;
    eventure__entry entry;
    char *own_text; /* NULL: the text follows the record */
} event_record;

typedef struct tick_record
{
    eventure__record head;
    int64_t tick;
} tick_record;

struct eventure__background
{
    eventure__writer *writer;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t to_writer;
    pthread_cond_t to_log;
    eventure__ring ring;
    uint64_t long_end;       /* the log's thread: the end of the newest record whose text is not in the ring */
    _Atomic uint64_t wanted; /* the position up to which the log's thread waits for records to be taken */
    _Atomic bool wants_commit;
    _Atomic bool writer_sleeps; /* the writer's thread waits for a signal, without a time limit */
    bool writer_is_idle;        /* guarded by the mutex; while it is set, the writer's thread takes nothing */
    _Atomic bool stops;
    _Atomic bool has_failed;
    _Atomic uint64_t ticks_sent;
    _Atomic int64_t durable_tick;
    /* The writer's thread. */
    uint64_t ticks_written;
    size_t uncommitted_bytes;
};

/* --- The writer's thread --- */

static void wake_log(eventure__background *self)
{
    pthread_mutex_lock(&self->mutex);
    pthread_cond_signal(&self->to_log);
    pthread_mutex_unlock(&self->mutex);
}

static size_t text_len(const eventure__entry *entry)
{
    return entry->id_len + 1 + (entry->parent_id != NULL ? entry->parent_id_len + 1 : 0) + entry->data_len;
}

static void copy_text(char *to, const eventure__entry *entry)
{
    memcpy(to, entry->id, entry->id_len + 1);
    to += entry->id_len + 1;
    if (entry->parent_id != NULL)
    {
        memcpy(to, entry->parent_id, entry->parent_id_len + 1);
        to += entry->parent_id_len + 1;
    }
    memcpy(to, entry->data, entry->data_len);
}

static eventure_status write_event(eventure__writer *writer, const event_record *given)
{
    eventure__entry entry = given->entry;
    entry.id = given->own_text != NULL ? given->own_text : (const char *)(given + 1);
    entry.data = entry.id + entry.id_len + 1;
    if (entry.parent_id != NULL)
    {
        entry.parent_id = entry.data;
        entry.data += entry.parent_id_len + 1;
    }
    return eventure__writer_event(writer, &entry);
}

/* Ends a tick, and commits unless the end of a later tick was sent already and fewer than COMMIT_BYTES are
 * uncommitted. */
static eventure_status write_tick(eventure__background *self, const tick_record *given)
{
    eventure_status status = eventure__writer_next_tick(self->writer, given->tick);
    self->ticks_written++;
    if (status != EVENTURE_OK ||
        (atomic_load(&self->ticks_sent) != self->ticks_written && self->uncommitted_bytes < COMMIT_BYTES))
        return status;
    status = eventure__writer_commit(self->writer);
    self->uncommitted_bytes = 0;
    if (status != EVENTURE_OK)
        return status;
    atomic_store(&self->durable_tick, given->tick);
    if (atomic_load(&self->wants_commit))
        wake_log(self);
    return EVENTURE_OK;
}

static eventure_status write_record(eventure__background *self, const eventure__record *given)
{
    switch (given->kind)
    {
    case RECORD_EVENT:
        return write_event(self->writer, (const event_record *)(const void *)given);
    case RECORD_TICK:
        return write_tick(self, (const tick_record *)(const void *)given);
    default: /* a filler */
        return EVENTURE_OK;
    }
}

/* The number of bytes of a record's text that are not in the ring. */
static size_t bytes_beside(const eventure__record *given)
{
    const event_record *event = (const event_record *)(const void *)given;
    return given->kind == RECORD_EVENT && event->own_text != NULL ? text_len(&event->entry) : 0;
}

/* Writes all published records. Returns whether there were any. After an error the rest is discarded. */
static bool take(eventure__background *self)
{
    const eventure__record *given = eventure__ring_peek(&self->ring);
    const bool has_some = given != NULL;
    for (; given != NULL; given = eventure__ring_peek(&self->ring))
    {
        self->uncommitted_bytes += given->bytes + bytes_beside(given);
        if (!atomic_load(&self->has_failed))
        {
            eventure__store_enter(self->writer->store);
            if (write_record(self, given) != EVENTURE_OK)
                atomic_store(&self->has_failed, true);
            eventure__store_leave(self->writer->store);
        }
        else if (given->kind == RECORD_TICK)
            self->ticks_written++;
        if (given->kind == RECORD_EVENT)
            free(((const event_record *)(const void *)given)->own_text);
        if (eventure__ring_take(&self->ring) >= atomic_load(&self->wanted))
            wake_log(self);
    }
    return has_some;
}

/* Makes the calling thread yield to those that wake it: the thread that wakes it must not lose the processor to it.
 * SCHED_BATCH has that effect on Linux. */
static void yield_to_those_who_wake(void)
{
#ifdef __linux__
    static const struct sched_param none = {.sched_priority = 0};
    pthread_setschedparam(pthread_self(), 3 /* SCHED_BATCH, a GNU name */, &none); /* optional: an error is ignored */
#endif
}

static bool has_nothing_to_do(const eventure__background *self)
{
    return eventure__ring_is_empty(&self->ring) && !atomic_load(&self->stops);
}

static void nap(eventure__background *self)
{
    struct timespec until = eventure__clock_after(NAP_NS);
    if (has_nothing_to_do(self))
        pthread_cond_timedwait(&self->to_writer, &self->mutex, &until);
}

static void sleep_until_woken(eventure__background *self)
{
    atomic_store(&self->writer_sleeps, true);
    while (has_nothing_to_do(self))
        pthread_cond_wait(&self->to_writer, &self->mutex);
    atomic_store(&self->writer_sleeps, false);
}

static void *work(void *context)
{
    eventure__background *self = context;
    int naps = NAPS;
    bool ends = false;
    yield_to_those_who_wake();
    while (!ends)
    {
        naps = take(self) ? 0 : naps + 1;
        pthread_mutex_lock(&self->mutex);
        self->writer_is_idle = true;
        if (naps < NAPS)
            nap(self);
        else
            sleep_until_woken(self);
        self->writer_is_idle = false;
        ends = atomic_load(&self->stops) && eventure__ring_is_empty(&self->ring);
        pthread_mutex_unlock(&self->mutex);
    }
    return NULL;
}

/* --- The log's thread --- */

static void publish(eventure__background *self)
{
    if (!eventure__ring_publish(&self->ring) || !atomic_load(&self->writer_sleeps))
        return;
    /* Once this thread has held the mutex, the writer waits on the condition. The signal needs no lock. */
    pthread_mutex_lock(&self->mutex);
    pthread_mutex_unlock(&self->mutex);
    pthread_cond_signal(&self->to_writer);
}

/* Whether a text is stored in memory of its own and not in the ring: when it is longer than a quarter of the ring. At
 * most one such text is queued, so that the memory of queued events is bounded. */
static bool is_too_long(const eventure__background *self, size_t text_len)
{
    return text_len > self->ring.size / 4;
}

/* Waits until the records before this position are taken. */
static void wait_until_taken(eventure__background *self, uint64_t wanted)
{
    publish(self);
    pthread_mutex_lock(&self->mutex);
    atomic_store(&self->wanted, wanted);
    if (eventure__ring_taken(&self->ring) < wanted)
        pthread_cond_signal(&self->to_writer); /* in case it waits in nap() */
    while (eventure__ring_taken(&self->ring) < wanted)
        pthread_cond_wait(&self->to_log, &self->mutex);
    atomic_store(&self->wanted, NOTHING);
    pthread_mutex_unlock(&self->mutex);
}

/* Waits until at least a quarter of the ring is free, so that the two threads do not wait for each other for each
 * record. */
static void wait_for_room(eventure__background *self, size_t room)
{
    size_t quarter = self->ring.size / 4;
    wait_until_taken(self, self->ring.filled + (room > quarter ? room : quarter) - self->ring.size);
}

/* Whether the ring has room for the events and the end of their tick, in the worst case: the caller knows only an upper
 * bound of the text's length. Also true when the ring is empty, because waiting would free no more room. */
bool eventure__background_has_room(eventure__background *self, size_t events, size_t text_len)
{
    bool is_long = events == 1 && is_too_long(self, text_len);
    size_t each = eventure__record_bytes(sizeof(event_record)) + EVENTURE__RECORD_ALIGNMENT;
    size_t most_text = is_long ? self->ring.size / 4 : text_len;
    /* Only one queued event may have memory of its own. False when this event needs it and an earlier one has it. */
    bool is_only_long = !is_long || eventure__ring_taken(&self->ring) >= self->long_end;
    if (is_only_long &&
        eventure__ring_fits(&self->ring,
                            eventure__ring_room_for(&self->ring, events * each + most_text +
                                                                     eventure__record_bytes(sizeof(tick_record)))))
        return true;
    publish(self);
    return self->ring.filled == self->ring.taken_seen;
}

/* Continues at the beginning of the ring when it is empty. The writer's thread must not read the ring meanwhile: while
 * writer_is_idle is set, it takes nothing until it has the mutex, which this thread holds. */
static void reuse(eventure__background *self)
{
    if (!eventure__ring_may_reuse(&self->ring, REUSE_BYTES))
        return;
    pthread_mutex_lock(&self->mutex);
    if (self->writer_is_idle)
        eventure__ring_reuse(&self->ring);
    pthread_mutex_unlock(&self->mutex);
}

/* Returns the memory of the next record, for which it waits when the ring is full. */
static void *reserve(eventure__background *self, record_kind kind, size_t bytes)
{
    if (eventure__ring_unpublished(&self->ring) == 0)
        reuse(self);
    size_t room = eventure__ring_room_for(&self->ring, bytes);
    if (!eventure__ring_fits(&self->ring, room))
        wait_for_room(self, room);
    return eventure__ring_reserve(&self->ring, (int)kind, bytes);
}

bool eventure__background_send_event(eventure__background *self, const eventure__entry *entry)
{
    size_t len = text_len(entry);
    char *own_text = NULL;
    if (is_too_long(self, len))
    {
        if (eventure__ring_taken(&self->ring) < self->long_end)
            wait_until_taken(self, self->long_end);
        own_text = malloc(len);
        if (own_text == NULL)
            return false;
        copy_text(own_text, entry);
    }
    event_record *sent =
        reserve(self, RECORD_EVENT, eventure__record_bytes(sizeof *sent + (own_text == NULL ? len : 0)));
    sent->entry = *entry;
    sent->own_text = own_text;
    if (own_text != NULL)
        self->long_end = self->ring.filled;
    else
        copy_text((char *)(sent + 1), entry);
    if (eventure__ring_unpublished(&self->ring) >= PUBLISH_BYTES)
        publish(self);
    return true;
}

void eventure__background_send_tick(eventure__background *self, int64_t tick)
{
    tick_record *sent = reserve(self, RECORD_TICK, eventure__record_bytes(sizeof *sent));
    sent->tick = tick;
    atomic_fetch_add(&self->ticks_sent, 1);
    publish(self);
}

void eventure__background_settle(eventure__background *self)
{
    wait_until_taken(self, self->ring.filled);
}

bool eventure__background_has_failed(const eventure__background *self)
{
    return atomic_load(&self->has_failed);
}

void eventure__background_forget(eventure__background *self)
{
    self->uncommitted_bytes = 0;
    atomic_store(&self->has_failed, false);
}

int64_t eventure__background_durable_tick(const eventure__background *self)
{
    return atomic_load(&self->durable_tick);
}

void eventure__background_set_durable(eventure__background *self, int64_t tick)
{
    self->uncommitted_bytes = 0;
    atomic_store(&self->durable_tick, tick);
}

bool eventure__background_wait_durable(eventure__background *self, int64_t tick, int timeout_ms)
{
    struct timespec until = eventure__clock_after((int64_t)timeout_ms * 1000000);
    int waited = 0;
    publish(self);
    pthread_mutex_lock(&self->mutex);
    atomic_store(&self->wants_commit, true);
    atomic_store(&self->wanted, self->ring.filled); /* an error of the writer is found out then at the latest */
    pthread_cond_signal(&self->to_writer);
    while (atomic_load(&self->durable_tick) < tick && !atomic_load(&self->has_failed) && waited != ETIMEDOUT)
        waited = timeout_ms < 0 ? pthread_cond_wait(&self->to_log, &self->mutex)
                                : pthread_cond_timedwait(&self->to_log, &self->mutex, &until);
    atomic_store(&self->wanted, NOTHING);
    atomic_store(&self->wants_commit, false);
    pthread_mutex_unlock(&self->mutex);
    return atomic_load(&self->durable_tick) >= tick || atomic_load(&self->has_failed);
}

/* --- Start and end --- */

/* Blocks signals, which are for the program's own threads, except those that report an error in this thread. */
static int start_thread(eventure__background *self)
{
    static const int own[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};
    sigset_t others;
    sigset_t before;
    sigfillset(&others);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&others, own[i]);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    int result = pthread_create(&self->thread, NULL, work, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

static int make_conditions(eventure__background *self)
{
    pthread_condattr_t monotonic;
    int result = pthread_condattr_init(&monotonic);
    if (result != 0)
        return result;
    result = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    if (result == 0)
        result = pthread_mutex_init(&self->mutex, NULL);
    if (result == 0)
        result = pthread_cond_init(&self->to_writer, &monotonic);
    if (result == 0)
        result = pthread_cond_init(&self->to_log, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return result;
}

eventure__background *eventure__background_start(eventure__writer *writer, size_t queue_bytes)
{
    eventure__error *error = &writer->store->error;
    eventure__background *self = calloc(1, sizeof *self);
    if (self == NULL || !eventure__ring_open(&self->ring, queue_bytes))
    {
        free(self);
        eventure__fail(error, EVENTURE_ERROR_MEMORY, "open %s: out of memory for a queue of %zu bytes",
                       writer->store->path, queue_bytes);
        return NULL;
    }
    self->writer = writer;
    atomic_store(&self->durable_tick, writer->tick);
    atomic_store(&self->wanted, NOTHING);
    int result = make_conditions(self);
    if (result == 0)
        result = start_thread(self);
    if (result != 0)
    {
        eventure__fail(error, result == ENOMEM || result == EAGAIN ? EVENTURE_ERROR_MEMORY : EVENTURE_ERROR_IO,
                       "open %s: cannot start the writer's thread: %s", writer->store->path, strerror(result));
        eventure__ring_close(&self->ring);
        free(self);
        return NULL;
    }
    return self;
}

void eventure__background_stop(eventure__background *self)
{
    if (self == NULL)
        return;
    publish(self);
    pthread_mutex_lock(&self->mutex);
    atomic_store(&self->stops, true);
    pthread_cond_signal(&self->to_writer);
    pthread_mutex_unlock(&self->mutex);
    pthread_join(self->thread, NULL);
    pthread_cond_destroy(&self->to_log);
    pthread_cond_destroy(&self->to_writer);
    pthread_mutex_destroy(&self->mutex);
    eventure__background_abandon(self);
}

void eventure__background_abandon(eventure__background *self)
{
    if (self == NULL)
        return;
    eventure__ring_close(&self->ring);
    free(self);
}
