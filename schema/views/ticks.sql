-- The ticks that have events.
CREATE VIEW ticks AS
SELECT tick.tick AS tick,
       tick.last_seq - tick.first_seq + 1 AS count,
       tick.first_seq AS first_seq,
       tick.last_seq AS last_seq,
       lower(hex(tick.run_digest)) AS run_digest,
       lower(hex(tick.full_digest)) AS full_digest
  FROM tick;
