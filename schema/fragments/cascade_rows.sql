WITH RECURSIVE cascade (seq, depth) AS
(
    SELECT ?1, 0
    UNION ALL
    SELECT child.seq, cascade.depth + 1
      FROM cascade CROSS JOIN main.archived_events AS child ON child.parent_seq = cascade.seq AND child.seq > cascade.seq
       AND +child.seq > cascade.seq
    UNION ALL
    SELECT child.seq, cascade.depth + 1
      FROM cascade CROSS JOIN main.events AS child ON child.parent_seq = cascade.seq AND child.seq > cascade.seq
       AND +child.seq > cascade.seq
