/*
 * The SQLite API of the extension. Its sources are compiled twice: into the loadable extension (EVENTURE__LOADABLE),
 * which calls SQLite through the function table of the host, and into the library, which links SQLite.
 */
#ifndef EVENTURE_EXTENSION_SQLITE_H
#define EVENTURE_EXTENSION_SQLITE_H

#if !defined(EVENTURE__LOADABLE) && !defined(SQLITE_CORE)
#define SQLITE_CORE 1
#endif

#include <sqlite3ext.h>

#ifdef EVENTURE__LOADABLE
/* The function table of the host. The entry point sets it before any other code runs. */
extern const sqlite3_api_routines *sqlite3_api;
#endif

#endif
