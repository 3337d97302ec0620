/**
 * @file
 * Includes all public headers of Eventure, except cjson.h and extension.h.
 *
 * A program opens a log (log.h), publishes events on a bus (bus.h) and advances the tick; it queries the history
 * (query.h), folds it (replay.h), prints it (cascade.h) and exports or imports it (transfer.h). cjson.h needs cJSON's
 * header, and extension.h mentions types of SQLite: a program that needs them includes them itself.
 */
#ifndef EVENTURE_EVENTURE_H
#define EVENTURE_EVENTURE_H

#include <eventure/archive.h>
#include <eventure/batch.h>
#include <eventure/bus.h>
#include <eventure/cascade.h>
#include <eventure/data.h>
#include <eventure/data_index.h>
#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/follow.h>
#include <eventure/integrity.h>
#include <eventure/log.h>
#include <eventure/playback.h>
#include <eventure/progress.h>
#include <eventure/projection.h>
#include <eventure/query.h>
#include <eventure/reader.h>
#include <eventure/replay.h>
#include <eventure/restore.h>
#include <eventure/resume.h>
#include <eventure/run.h>
#include <eventure/session.h>
#include <eventure/snapshot.h>
#include <eventure/status.h>
#include <eventure/stream.h>
#include <eventure/time.h>
#include <eventure/transfer.h>
#include <eventure/upgrade.h>
#include <eventure/version.h>

/* After all declarations, which have the new names. */
#include <eventure/old_names.h>

#endif
