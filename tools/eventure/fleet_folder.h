/*
 * The stores of a folder: the files in it and in its subfolders that may be stores, in the order of the bytes of their
 * paths.
 *
 * A file is a candidate when it begins with the header of an SQLite database or its name ends with `.db`, so that a
 * store with damaged first bytes is reported and not ignored. Databases that Eventure makes from stores (projections,
 * joined answers) are left out. Links are followed after everything that is in the folder itself: each folder is
 * searched once, and each file is one store, so that a loop of links ends and no run is counted twice.
 */
#ifndef EVENTURE_TOOL_FLEET_FOLDER_H
#define EVENTURE_TOOL_FLEET_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* The subfolder with the projections that are kept: it is not searched. */
#define FLEET_KEPT_FOLDER ".eventure-fleet"

/* PRAGMA application_id of a store, "Evnt", and its user_version; of the database of a projection, "EvPr"; and of one
   of joined answers, "EvFl". */
#define FLEET_STORE_ID 0x45766E74
#define FLEET_STORE_FORMAT 6
#define FLEET_PROJECTION_ID 0x45765072
#define FLEET_APPLICATION_ID 0x4576466C

typedef struct fleet_folder
{
    char **paths; /* relative to the folder */
    size_t count;
    size_t capacity;
    bool is_incomplete; /* a subfolder could not be read; reported */
} fleet_folder;

/* Finds the stores. Returns the exit code: EXIT_FILE when the folder itself cannot be read, which has been reported. */
int fleet_folder_find(const char *folder, fleet_folder *out);

void fleet_folder_free(fleet_folder *folder);

/* Whether the file is an Eventure store, by its first bytes. */
bool fleet_folder_is_store(const char *path);

/* Returns folder and name as one path; the caller frees it. NULL: out of memory. */
char *fleet_path(const char *folder, const char *name);

#endif
