/*
 * SQLite as the extension sees it. The same sources are compiled twice: into the loadable extension
 * (EVENTURE__LOADABLE), where every call goes through the table of functions that the host hands over, and into the
 * library, where SQLite is linked.
 */
#ifndef EVENTURE_EXTENSION_SQLITE_H
#define EVENTURE_EXTENSION_SQLITE_H

#if !defined(EVENTURE__LOADABLE) && !defined(SQLITE_CORE)
#define SQLITE_CORE 1
#endif

#include <sqlite3ext.h>

#ifdef EVENTURE__LOADABLE
/* The host's functions: set once, by the entry point, before anything else runs. */
extern const sqlite3_api_routines *sqlite3_api;
#endif

#endif
