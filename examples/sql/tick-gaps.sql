-- The stretches of ticks in which nothing happened, the longest first.
--
-- :least is how many empty ticks in a row are worth telling (2 when it is not given). Reads the table of ticks, a row
-- for each tick that has events, and no event.
WITH step AS
(
    SELECT tick, lag(tick) OVER (ORDER BY tick) AS before FROM ticks
)
SELECT before + 1 AS first_empty, tick - 1 AS last_empty, tick - before - 1 AS empty_ticks
  FROM step
 WHERE tick - before - 1 >= coalesce(:least, 2)
 ORDER BY empty_ticks DESC, first_empty;
