-- The distribution of an outcome by a parameter: the number of runs that ended, and the outcome's quantiles.
SELECT (parameters ->> 'rate')::float8 AS rate,
       count(*) AS runs,
       min((outcome ->> 'infected')::bigint) AS least,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY (outcome ->> 'infected')::bigint) AS median,
       max((outcome ->> 'infected')::bigint) AS most
  FROM eventure.runs
 WHERE outcome IS NOT NULL
 GROUP BY rate
 ORDER BY rate;
