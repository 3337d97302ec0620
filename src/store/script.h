/*
 * Single scripts of schema/tables and schema/views, for stores of the present format from before the script existed.
 */
#ifndef EVENTURE_STORE_SCRIPT_H
#define EVENTURE_STORE_SCRIPT_H

#include "store/store.h"

/* Runs the script of that name, which must exist: the name of its file without `.sql`. */
eventure_status eventure__script_run(eventure__store *store, const char *name);

#endif
