/*
 * Asks all stores in several threads, and passes the answers on in the order of the stores. At most a few answers wait,
 * so that memory does not depend on the number of stores.
 */
#ifndef EVENTURE_TOOL_FLEET_POOL_H
#define EVENTURE_TOOL_FLEET_POOL_H

#include "fleet_answer.h"
#include "fleet_folder.h"
#include "fleet_question.h"

typedef struct fleet_work
{
    const fleet_question *question;
    const fleet_folder *folder;
    size_t jobs;

    /* Receives the answers, in the thread of the caller. Returns false to end early. */
    bool (*take)(const char *name, fleet_answer *answer, void *context);

    /* Called several times a second, with the number of answers so far. */
    void (*tick)(size_t done, void *context);
    void *context;
    bool *found; /* see fleet_asker_found */
} fleet_work;

/* Returns the exit code; errors of the threads have been reported. Errors of stores are in their answers. */
int fleet_pool_run(const fleet_work *work);

#endif
