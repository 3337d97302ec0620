-- The event ?1 (a seq) and all its descendants, each below its parent, children as appended: of the rows in the
-- recursive table, the deepest comes first, and among equals the first appended. The LIMIT is needed for this order,
-- and only the cascade of a damaged file reaches it: without a LIMIT, SQLite considers the ORDER BY of the joined table
-- redundant, and drops it.
-- include cascade_rows
     ORDER BY 2 DESC, 1
-- include cascade_events
