-- The event ?1 (a seq) and all its descendants, as they were appended: of the rows in the recursive table, the first
-- appended comes first, and each later row was appended after it. The LIMIT is needed for this order, and only the
-- cascade of a damaged file reaches it: without a LIMIT, SQLite considers the ORDER BY of the joined table redundant,
-- and drops it.
-- include cascade_rows
     ORDER BY 1
-- include cascade_events
