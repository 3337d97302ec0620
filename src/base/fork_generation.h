/*
 * Detects the use of handles in a child of fork. A log, a reader and their SQLite connections belong to the process
 * that opened them: their locks stay with the parent, their threads are not in the child, and a mutex may stay locked
 * there without end. So each of them keeps the generation of the process in which it was opened, and a child, whose
 * generation is another one, leaves it alone.
 *
 * This is state of the process, as the locks of a file are: it cannot be kept in a handle.
 */
#ifndef EVENTURE_BASE_FORK_GENERATION_H
#define EVENTURE_BASE_FORK_GENERATION_H

#include <stdbool.h>
#include <stdint.h>

/* Returns the generation of this process: the number of forks between the first process that used the library and this
 * one. It costs one atomic load. */
uint64_t eventure__fork_generation(void);

/* Makes every child of fork close the descriptor, so that no lock on it outlives the parent. Returns false when out of
 * memory. */
bool eventure__fork_keep_private(int descriptor);

/* Ends eventure__fork_keep_private. To be called before the descriptor is closed. */
void eventure__fork_forget(int descriptor);

/* Installs the pthread_atfork handlers, without which the generation does not change in a child and no descriptor is
 * closed. The functions that open a store, lock it or use its file call it before they keep a generation or a private
 * descriptor; later calls do nothing. Returns 0 or an errno. */
int eventure__fork_watch(void);

#endif
