/*
 * Every measure, in the order in which the table shows them.
 */
#ifndef EVENTURE_BENCH_MEASURES_H
#define EVENTURE_BENCH_MEASURES_H

#include "bench.h"
#include "peers.h"

extern const bench_measure bench_append_normal;
extern const bench_measure bench_append_full;
extern const bench_measure bench_caller;
extern const bench_measure bench_by_id;
extern const bench_measure bench_children;
extern const bench_measure bench_at_tick;
extern const bench_measure bench_of_type;
extern const bench_measure bench_all_of_type;
extern const bench_measure bench_by_data;
extern const bench_measure bench_count_by_type;
extern const bench_measure bench_cascade;
extern const bench_measure bench_replay;
extern const bench_measure bench_state;
extern const bench_measure bench_text;
extern const bench_measure bench_verify;
extern const bench_measure bench_import;
extern const bench_measure bench_bus;
extern const bench_measure bench_open;

/* Appends all events of W(n) to a new file. */
void bench_fill(const bench_peer *peer, const bench_setting *setting, const char *path, bench_sync sync);

#endif
