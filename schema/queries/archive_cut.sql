-- Where a store begins whose old events were moved into an archive: its first tick, the newest event moved, and where to.
SELECT before_tick, last_seq, file FROM archive ORDER BY before_tick DESC LIMIT 1
