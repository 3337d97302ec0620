-- The identity of this history, and its newest origin.
SELECT store.uuid, origin.uuid, origin.tick, origin.seq, lower(hex(origin.run_digest)), lower(hex(origin.full_digest))
  FROM store LEFT JOIN (SELECT * FROM origin ORDER BY generation DESC LIMIT 1) AS origin
