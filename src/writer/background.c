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

/* After it has processed records, the writer's thread polls NAPS times at intervals of NAP_NS before it blocks, because
   waking it is a system call, of which one in a thousand takes half a millisecond. */
#define NAPS 64
#define NAP_NS 1000000

/* Records are published to the writer's thread after this many bytes, and at the end of each tick. */
#define PUBLISH_BYTES 65536

/* While more ticks are queued, a commit is delayed until this many bytes of records are written: about 5,000 events,
   beyond which a larger transaction is not much faster. */
#define COMMIT_BYTES ((size_t)1024 * 1024)

/* An empty ring is used from its beginning again after this many bytes, because that memory is already in the caller's
   caches. Without this one append in 170 takes more than 2 us, and with it one in 700. */
#define REUSE_BYTES 65536

/* The alignment of records. It guarantees that any gap at the end of the ring can contain a record header. */
#define ALIGNMENT 16

/* The value of `wanted` when the log's thread is not waiting. */
#define NOTHING UINT64_MAX

typedef enum record_kind
{
    RECORD_EVENT,
    RECORD_TICK,
    RECORD_REST /* no content: the next record is at the beginning of the ring */
} record_kind;

typedef struct record
{
    size_t bytes; /* the size of the whole record, a multiple of ALIGNMENT */
    record_kind kind;
} record;

_Static_assert(sizeof(record) <= ALIGNMENT, "the rest of the ring has room for the head of a record");

/* An event. The record is followed by the id, the id of the parent if there is one, both with their NUL, and the data,
   unless these are too long for the ring. */
typedef struct event_record
{
    record head;
    eventure__entry entry;
    char *own_text; /* NULL: the text follows the record */
} event_record;

typedef struct tick_record
{
    record head;
    int64_t tick;
} tick_record;

struct eventure__background
{
    eventure__writer *writer;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t to_writer;
    pthread_cond_t to_log;
    char *ring;
    size_t ring_bytes;
    /* Positions count all bytes since the start; the place in the ring is the position modulo its size. */
    uint64_t filled; /* the log's thread: the end of the records */
    _Atomic uint64_t published;
    _Atomic uint64_t taken;
    uint64_t taken_seen;     /* the log's thread: the last value of `taken` that it read */
    uint64_t long_end;       /* the log's thread: the end of the newest record whose text is not in the ring */
    _Atomic uint64_t wanted; /* the log's thread waits until `taken` reaches this position */
    _Atomic bool wants_commit;
    _Atomic bool writer_sleeps; /* the writer's thread is blocked */
    bool writer_is_idle;        /* the writer's thread is idle until it holds the mutex, which guards this */
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

/* Ends a tick, and commits unless the next one is queued. */
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

static eventure_status write_record(eventure__background *self, const record *given)
{
    switch (given->kind)
    {
    case RECORD_EVENT:
        return write_event(self->writer, (const event_record *)(const void *)given);
    case RECORD_TICK:
        return write_tick(self, (const tick_record *)(const void *)given);
    case RECORD_REST:
        break;
    }
    return EVENTURE_OK;
}

/* Returns the number of bytes of a record outside the ring. */
static size_t bytes_beside(const record *given)
{
    const event_record *event = (const event_record *)(const void *)given;
    return given->kind == RECORD_EVENT && event->own_text != NULL ? text_len(&event->entry) : 0;
}

/* Writes all published records; returns whether there were any. After an error the rest is discarded. */
static bool take(eventure__background *self)
{
    const uint64_t before = atomic_load(&self->taken);
    uint64_t taken = before;
    while (taken != atomic_load(&self->published))
    {
        const record *given = (const record *)(const void *)(self->ring + taken % self->ring_bytes);
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
        taken += given->bytes;
        atomic_store(&self->taken, taken);
        if (taken >= atomic_load(&self->wanted))
            wake_log(self);
    }
    return taken != before;
}

/* SCHED_BATCH disables wake-up preemption on Linux, so that waking this thread does not deschedule the caller. */
static void yield_to_those_who_wake(void)
{
#ifdef __linux__
    static const struct sched_param none = {.sched_priority = 0};
    pthread_setschedparam(pthread_self(), 3 /* SCHED_BATCH, a GNU name */, &none); /* on failure the policy is
                                                                                      unchanged */
#endif
}

/* Returns the time in this many nanoseconds, by the clock of the condition variables. */
static struct timespec instant_in(int64_t nanoseconds)
{
    struct timespec instant = {0};
    clock_gettime(CLOCK_MONOTONIC, &instant);
    nanoseconds += instant.tv_nsec;
    instant.tv_sec += (time_t)(nanoseconds / 1000000000);
    instant.tv_nsec = (long)(nanoseconds % 1000000000);
    return instant;
}

static bool has_nothing_to_do(const eventure__background *self)
{
    return atomic_load(&self->taken) == atomic_load(&self->published) && !atomic_load(&self->stops);
}

static void nap(eventure__background *self)
{
    struct timespec until = instant_in(NAP_NS);
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
        ends = atomic_load(&self->stops) && atomic_load(&self->taken) == atomic_load(&self->published);
        pthread_mutex_unlock(&self->mutex);
    }
    return NULL;
}

/* --- The log's thread --- */

static void publish(eventure__background *self)
{
    if (self->filled == atomic_load_explicit(&self->published, memory_order_relaxed))
        return; /* only this thread changes it */
    atomic_store(&self->published, self->filled);
    if (!atomic_load(&self->writer_sleeps))
        return;
    /* Acquiring and releasing the mutex guarantees that the other thread is in pthread_cond_wait. Signalling after the
       unlock is then safe and cheaper. */
    pthread_mutex_lock(&self->mutex);
    pthread_mutex_unlock(&self->mutex);
    pthread_cond_signal(&self->to_writer);
}

static size_t record_bytes(size_t head, size_t text_len)
{
    return (head + text_len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Text of a quarter of the ring or more bypasses it, for one event at a time, so that the queued memory is bounded. */
static bool is_too_long(const eventure__background *self, size_t text_len)
{
    return text_len > self->ring_bytes / 4;
}

/* Returns the space that a record uses in the ring, including the rest of the ring when it does not fit before the
   end. */
static size_t room_for(const eventure__background *self, size_t bytes)
{
    size_t rest = self->ring_bytes - (size_t)(self->filled % self->ring_bytes);
    return bytes <= rest ? bytes : rest + bytes;
}

static bool fits(eventure__background *self, size_t room)
{
    if (self->filled - self->taken_seen + room <= self->ring_bytes)
        return true;
    self->taken_seen = atomic_load(&self->taken);
    return self->filled - self->taken_seen + room <= self->ring_bytes;
}

/* Waits until `taken` reaches a position. */
static void wait_until_taken(eventure__background *self, uint64_t wanted)
{
    publish(self);
    pthread_mutex_lock(&self->mutex);
    atomic_store(&self->wanted, wanted);
    if (atomic_load(&self->taken) < wanted)
        pthread_cond_signal(&self->to_writer); /* from its nap */
    while (atomic_load(&self->taken) < wanted)
        pthread_cond_wait(&self->to_log, &self->mutex);
    atomic_store(&self->wanted, NOTHING);
    pthread_mutex_unlock(&self->mutex);
}

/* Waits for a quarter of the ring and not only for the needed space, so that both threads can work. */
static void wait_for_room(eventure__background *self, size_t room)
{
    size_t quarter = self->ring_bytes / 4;
    wait_until_taken(self, self->filled + (room > quarter ? room : quarter) - self->ring_bytes);
}

/* The caller knows only an upper bound for the length of the text, so that the maximum is reserved. */
bool eventure__background_has_room(eventure__background *self, size_t events, size_t text_len)
{
    bool is_long = events == 1 && is_too_long(self, text_len);
    size_t each = record_bytes(sizeof(event_record), 0) + ALIGNMENT;
    size_t most_text = is_long ? self->ring_bytes / 4 : text_len;
    bool is_only_long = !is_long || atomic_load(&self->taken) >= self->long_end;
    if (is_only_long && fits(self, room_for(self, events * each + most_text + record_bytes(sizeof(tick_record), 0))))
        return true;
    publish(self);
    return self->filled == self->taken_seen;
}

/* Skips the rest of the ring when it is empty. The writer's thread is waiting, and holding the mutex keeps it waiting,
   so that both positions may be changed. */
static void reuse(eventure__background *self)
{
    size_t used = (size_t)(self->filled % self->ring_bytes);
    if (used < REUSE_BYTES || atomic_load(&self->taken) != self->filled)
        return;
    pthread_mutex_lock(&self->mutex);
    if (self->writer_is_idle)
    {
        self->filled += self->ring_bytes - used;
        self->taken_seen = self->filled;
        atomic_store(&self->taken, self->filled);
        atomic_store(&self->published, self->filled);
    }
    pthread_mutex_unlock(&self->mutex);
}

/* Reserves the memory of the next record. */
static void *place(eventure__background *self, record_kind kind, size_t bytes)
{
    if (self->filled == atomic_load_explicit(&self->published, memory_order_relaxed))
        reuse(self);
    size_t room = room_for(self, bytes);
    if (!fits(self, room))
        wait_for_room(self, room);
    if (room > bytes)
    {
        record *rest = (record *)(void *)(self->ring + self->filled % self->ring_bytes);
        *rest = (record){.bytes = room - bytes, .kind = RECORD_REST};
        self->filled += rest->bytes;
    }
    record *placed = (record *)(void *)(self->ring + self->filled % self->ring_bytes);
    *placed = (record){.bytes = bytes, .kind = kind};
    self->filled += bytes;
    return placed;
}

bool eventure__background_send_event(eventure__background *self, const eventure__entry *entry)
{
    size_t len = text_len(entry);
    char *own_text = NULL;
    if (is_too_long(self, len))
    {
        if (atomic_load(&self->taken) < self->long_end)
            wait_until_taken(self, self->long_end);
        own_text = malloc(len);
        if (own_text == NULL)
            return false;
        copy_text(own_text, entry);
    }
    event_record *sent = place(self, RECORD_EVENT, record_bytes(sizeof *sent, own_text == NULL ? len : 0));
    sent->entry = *entry;
    sent->own_text = own_text;
    if (own_text != NULL)
        self->long_end = self->filled;
    else
        copy_text((char *)(sent + 1), entry);
    if (self->filled - atomic_load_explicit(&self->published, memory_order_relaxed) >= PUBLISH_BYTES)
        publish(self);
    return true;
}

void eventure__background_send_tick(eventure__background *self, int64_t tick)
{
    tick_record *sent = place(self, RECORD_TICK, record_bytes(sizeof *sent, 0));
    sent->tick = tick;
    atomic_fetch_add(&self->ticks_sent, 1);
    publish(self);
}

void eventure__background_settle(eventure__background *self)
{
    wait_until_taken(self, self->filled);
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
    struct timespec until = instant_in((int64_t)timeout_ms * 1000000);
    int waited = 0;
    publish(self);
    pthread_mutex_lock(&self->mutex);
    atomic_store(&self->wants_commit, true);
    atomic_store(&self->wanted, self->filled); /* an error of the writer is detected then at the latest */
    pthread_cond_signal(&self->to_writer);
    while (atomic_load(&self->durable_tick) < tick && !atomic_load(&self->has_failed) && waited != ETIMEDOUT)
        waited = timeout_ms < 0 ? pthread_cond_wait(&self->to_log, &self->mutex)
                                : pthread_cond_timedwait(&self->to_log, &self->mutex, &until);
    atomic_store(&self->wanted, NOTHING);
    atomic_store(&self->wants_commit, false);
    pthread_mutex_unlock(&self->mutex);
    return atomic_load(&self->durable_tick) >= tick || atomic_load(&self->has_failed);
}

/* --- Its life --- */

/* Blocks all signals in the new thread, except those that report an error in the thread itself: signals are handled by
   the program's threads. */
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
    if (self != NULL)
    {
        self->ring_bytes = queue_bytes / ALIGNMENT * ALIGNMENT;
        self->ring = malloc(self->ring_bytes);
    }
    if (self == NULL || self->ring == NULL)
    {
        free(self);
        eventure__fail(error, EVENTURE_ERROR_MEMORY, "open %s: out of memory for a queue of %zu bytes",
                       writer->store->path, queue_bytes);
        return NULL;
    }
    memset(self->ring, 0, self->ring_bytes); /* page faults occur now, and not at the first event in each page */
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
        free(self->ring);
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
    free(self->ring);
    free(self);
}
