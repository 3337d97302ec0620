/*
 * The model of a disk for fault_vfs.c: the content that is safe, and the writes that were not synced.
 *
 * A file is an inode and a name that refers to it; they become safe at different times. An inode is safe up to its last
 * sync. Names that were added or removed are safe once the directory was synced; a power cut loses the newest changes
 * of a directory first.
 */
#ifndef EVENTURE_TESTS_FAULT_DISK_H
#define EVENTURE_TESTS_FAULT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fault_inode fault_inode;

/* Resets the model; the content of a file at its next opening is then safe. */
void fault_disk_forget(void);

/* Returns the inode of a path; with `create`, makes one when there is no such file. */
fault_inode *fault_disk_open(const char *path, bool create, bool *out_is_new);

void fault_disk_write(fault_inode *inode, const void *bytes, size_t len, size_t offset);
void fault_disk_truncate(fault_inode *inode, size_t size);
void fault_disk_sync(fault_inode *inode);
void fault_disk_delete(const char *path);
void fault_disk_sync_directory(void);

/* Changes the files to a state that a power cut may leave. */
void fault_disk_settle(uint64_t *seed);

#endif
