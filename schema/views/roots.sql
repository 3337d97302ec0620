-- The events with no parent, or with a parent in an earlier tick.
CREATE VIEW roots AS
SELECT events.*
  FROM events JOIN tick ON tick.tick = events.tick
 WHERE events.parent_seq IS NULL OR events.parent_seq < tick.first_seq;
