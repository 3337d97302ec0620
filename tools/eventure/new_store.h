/*
 * Commands that make a store from another one: copy and fork.
 */
#ifndef EVENTURE_TOOL_NEW_STORE_H
#define EVENTURE_TOOL_NEW_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/session.h>

/* A command that makes a store. */
typedef struct new_store
{
    const char *command;
    eventure_status (*make)(eventure_reader *reader, const char *path, const eventure_copy_options *options,
                            void *context);
    eventure_status (*count)(eventure_reader *reader, void *context, int64_t *out_events); /* the events of the new
                                                                                              store */
    void *context;
} new_store;

/* Opens `path`, makes `target` from it, shows the progress, stops at a signal, and prints the result. Returns the exit
 * code. */
int new_store_make(const char *path, const char *target, bool force, const new_store *work);

#endif
