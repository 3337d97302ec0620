-- An id that two of the events ?1 to ?2 of a damaged store have. The plus keeps SQLite from the index on ids, in which it
-- may be missing.
SELECT min(id) FROM events WHERE seq BETWEEN ?1 AND ?2 GROUP BY +id HAVING count(*) > 1 LIMIT 1
