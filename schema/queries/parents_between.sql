-- The events from seq ?1 to ?2, each with the seq of its parent.
SELECT seq, parent_seq FROM events WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq
