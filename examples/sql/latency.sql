-- How long it takes from a cause to its effect: mean and percentiles, in ticks and in seconds.
--
-- :cause and :effect are types ('commit.made' when they are not given). A percentile is the value at the nearest
-- rank. The effects are found by the index on types, each cause by its seq; the latencies are sorted, so they are
-- kept in memory.
WITH latency AS
(
    SELECT effect.tick - cause.tick AS ticks, effect.timestamp - cause.timestamp AS seconds
      FROM events AS effect JOIN events AS cause ON cause.seq = effect.parent_seq
     WHERE effect.type = coalesce(:effect, 'commit.made') AND cause.type = coalesce(:cause, 'commit.made')
),
ranked AS
(
    SELECT ticks, seconds, count(*) OVER () AS n,
           row_number() OVER (ORDER BY ticks) AS tick_rank, row_number() OVER (ORDER BY seconds) AS second_rank
      FROM latency
),
percentile (name, share) AS (VALUES ('p50', 50), ('p90', 90), ('p99', 99), ('max', 100))
SELECT 'mean' AS what, round(avg(ticks), 2) AS ticks, round(avg(seconds), 1) AS seconds FROM latency
UNION ALL
SELECT name,
       (SELECT ticks FROM ranked WHERE tick_rank = (n * share + 99) / 100),
       (SELECT round(seconds, 1) FROM ranked WHERE second_rank = (n * share + 99) / 100)
  FROM percentile;
