/*
 * What a child of fork must not inherit. A log, a reader and SQLite below them belong to the process that opened them:
 * their locks stay with the parent, their threads are not in the child, and a mutex may stay locked there without end.
 * So each of them keeps the generation of the process in which it was opened, and a child, whose generation is another
 * one, leaves it alone.
 *
 * This is state of the process, as the locks of a file are: it cannot be kept in a handle.
 */
#ifndef EVENTURE_BASE_FORK_H
#define EVENTURE_BASE_FORK_H

#include <stdbool.h>
#include <stdint.h>

/* The generation of this process: how often its line of ancestors was forked since the library was used first. Costs a
 * look into memory. */
uint64_t eventure__fork_generation(void);

/* A child closes the descriptor when it is forked, so that no lock on it outlives the parent. False: out of memory. */
bool eventure__fork_keep_private(int descriptor);

/* To be called before the descriptor is closed. */
void eventure__fork_forget(int descriptor);

/* Prepares the two above, and what calls in a child find out; by whatever keeps a generation. 0, or why not. */
int eventure__fork_watch(void);

#endif
