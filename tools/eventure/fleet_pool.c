/*
 * The threads: see fleet_pool.h.
 */
#include "fleet_pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "interrupt.h"
#include "message.h"

/* A thread takes several stores at once: changing between threads costs as much as a short question. */
#define MOST_IN_BATCH 8
#define LEAST_BATCHES_PER_JOB 16
#define BATCHES_AHEAD 4
#define TICK_NS 100000000L

typedef struct slot
{
    fleet_answer answer;
    bool is_ready;
} slot;

typedef struct pool
{
    const fleet_work *work;
    pthread_mutex_t mutex;
    pthread_cond_t ready; /* an answer is ready, or a thread ended */
    pthread_cond_t room;  /* an answer was taken, or the work ends */
    slot *slots;          /* the answer of store i is in slot i % slots_count */
    size_t slots_count;   /* a multiple of batch */
    size_t batch;         /* number of stores that a thread takes at once */
    size_t next;          /* the store that the next free thread asks */
    size_t taken;         /* number of answers that were passed on */
    size_t running;       /* number of threads */
    bool is_ended;
    bool has_failed; /* all threads have ended, and the next answer is missing */
} pool;

/* Takes the next stores. Returns their number, 0 at the end. The mutex is held. */
static size_t begin_batch(pool *self, size_t *out_index)
{
    size_t count = self->work->folder->count;
    while (!self->is_ended && self->next < count && self->next + self->batch > self->taken + self->slots_count)
        pthread_cond_wait(&self->room, &self->mutex);
    if (self->is_ended || self->next >= count)
        return 0;
    size_t stores = count - self->next < self->batch ? count - self->next : self->batch;
    *out_index = self->next;
    self->next += stores;
    return stores;
}

/* Asks the stores of a batch. The mutex is not held. */
static void ask_batch(pool *self, fleet_asker *asker, size_t index, size_t stores)
{
    for (size_t i = index; i < index + stores && !interrupt_ends_reading(); i++)
        fleet_asker_ask(asker, self->work->folder->paths[i], &self->slots[i % self->slots_count].answer);
}

static void *run_thread(void *context)
{
    pool *self = context;
    size_t index = 0;
    size_t stores = 0;
    fleet_asker *asker = fleet_asker_new(self->work->question);
    pthread_mutex_lock(&self->mutex);
    while (asker != NULL && (stores = begin_batch(self, &index)) > 0)
    {
        pthread_mutex_unlock(&self->mutex);
        ask_batch(self, asker, index, stores);
        pthread_mutex_lock(&self->mutex);
        for (size_t i = index; i < index + stores; i++)
            self->slots[i % self->slots_count].is_ready = true;
        if (index <= self->taken)
            pthread_cond_signal(&self->ready);
    }
    if (asker != NULL)
        fleet_asker_found(asker, self->work->found);
    self->running--;
    pthread_cond_signal(&self->ready);
    pthread_mutex_unlock(&self->mutex);
    fleet_asker_free(asker);
    return NULL;
}

/* Waits until the next answer is ready. Returns false when no thread will deliver it. The mutex is held. */
static bool await(pool *self, const slot *next)
{
    while (!next->is_ready && self->running > 0 && !interrupt_came())
    {
        const struct timespec until = eventure__clock_after(TICK_NS);
        if (pthread_cond_timedwait(&self->ready, &self->mutex, &until) == ETIMEDOUT)
            self->work->tick(self->taken, self->work->context);
    }
    self->has_failed = !next->is_ready && self->running == 0;
    return next->is_ready && !interrupt_came();
}

/* Passes the answers on. */
static void take_all(pool *self)
{
    const fleet_work *work = self->work;
    bool more = true;
    pthread_mutex_lock(&self->mutex);
    while (more && self->taken < work->folder->count)
    {
        slot *next = &self->slots[self->taken % self->slots_count];
        more = await(self, next);
        if (!more)
            break;
        pthread_mutex_unlock(&self->mutex);
        more = work->take(work->folder->paths[self->taken], &next->answer, work->context);
        fleet_rows_clear(&next->answer.values);
        work->tick(self->taken + 1, work->context);
        pthread_mutex_lock(&self->mutex);
        next->is_ready = false;
        self->taken++;
        if (self->taken % self->batch == 0)
            pthread_cond_signal(&self->room);
    }
    self->is_ended = true;
    pthread_cond_broadcast(&self->room);
    pthread_mutex_unlock(&self->mutex);
}

/* Starts a thread. Signals are for the thread that prints. */
static bool start_thread(pool *self, pthread_t *out_thread)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int cause = pthread_create(out_thread, NULL, run_thread, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return cause == 0;
}

static int run(pool *self, pthread_t *threads, size_t jobs)
{
    size_t count = 0;
    pthread_mutex_lock(&self->mutex);
    while (count < jobs && start_thread(self, &threads[count]))
        count++;
    self->running = count;
    pthread_mutex_unlock(&self->mutex);
    if (count > 0)
        take_all(self);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    if (count == 0)
        message("fleet: cannot start a thread: %s", strerror(EAGAIN));
    return count > 0 ? EXIT_DONE : EXIT_FILE;
}

int fleet_pool_run(const fleet_work *work)
{
    pthread_condattr_t monotonic;
    size_t jobs = work->jobs < work->folder->count ? work->jobs : work->folder->count;
    pool self = {.work = work, .batch = 1};
    if (jobs == 0)
        return EXIT_DONE;
    while (self.batch < MOST_IN_BATCH && 2 * self.batch * jobs * LEAST_BATCHES_PER_JOB <= work->folder->count)
        self.batch *= 2;
    self.slots_count = self.batch * BATCHES_AHEAD * jobs;
    self.slots = calloc(self.slots_count, sizeof *self.slots);
    pthread_t *threads = calloc(jobs, sizeof *threads);
    pthread_mutex_init(&self.mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self.ready, &monotonic);
    pthread_cond_init(&self.room, NULL);
    int exit_code = self.slots != NULL && threads != NULL ? run(&self, threads, jobs) : message_memory();
    for (size_t i = 0; self.slots != NULL && i < self.slots_count; i++)
        fleet_rows_clear(&self.slots[i].answer.values);
    pthread_cond_destroy(&self.room);
    pthread_cond_destroy(&self.ready);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_destroy(&self.mutex);
    free(threads);
    free(self.slots);
    return self.has_failed ? EXIT_FILE : exit_code;
}
