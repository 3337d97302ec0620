-- An id that two of the events ?1 to ?2 of a damaged store have. The unary plus prevents the use of the index on ids,
-- in which a row may be missing.
SELECT min(id) FROM events WHERE seq BETWEEN ?1 AND ?2 GROUP BY +id HAVING count(*) > 1 LIMIT 1
