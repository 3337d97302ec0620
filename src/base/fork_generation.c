/*
 * Generations, and descriptors that a child closes: see fork_generation.h.
 */
#include "base/fork_generation.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct private_descriptor
{
    struct private_descriptor *next;
    int descriptor;
} private_descriptor;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards the list */
static private_descriptor *first;
static _Atomic uint64_t generation;
static pthread_once_t watched = PTHREAD_ONCE_INIT;
static int watching_failed;

uint64_t eventure__fork_generation(void)
{
    return atomic_load_explicit(&generation, memory_order_relaxed);
}

static void before_fork(void)
{
    pthread_mutex_lock(&mutex);
}

static void in_parent(void)
{
    pthread_mutex_unlock(&mutex);
}

/* The child is one thread, which is a copy of the one that has the mutex. Closing ends no lock of the parent: one on
 * the open file description stays as long as any process has it open, and POSIX locks are not inherited. */
static void in_child(void)
{
    while (first != NULL)
    {
        private_descriptor *next = first->next;
        close(first->descriptor);
        free(first);
        first = next;
    }
    atomic_fetch_add(&generation, 1);
    pthread_mutex_unlock(&mutex);
}

static void watch(void)
{
    watching_failed = pthread_atfork(before_fork, in_parent, in_child);
}

int eventure__fork_watch(void)
{
    int failed = pthread_once(&watched, watch);
    return failed != 0 ? failed : watching_failed;
}

bool eventure__fork_keep_private(int descriptor)
{
    private_descriptor *added = malloc(sizeof *added);
    if (added == NULL)
        return false;
    added->descriptor = descriptor;
    pthread_mutex_lock(&mutex);
    added->next = first;
    first = added;
    pthread_mutex_unlock(&mutex);
    return true;
}

void eventure__fork_forget(int descriptor)
{
    pthread_mutex_lock(&mutex);
    private_descriptor **at = &first;
    while (*at != NULL && (*at)->descriptor != descriptor)
        at = &(*at)->next;
    private_descriptor *found = *at;
    if (found != NULL)
        *at = found->next;
    pthread_mutex_unlock(&mutex);
    free(found);
}
