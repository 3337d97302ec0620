-- The record of the run as one row: the conventional keys as columns, and the complete record as a JSON object. No JSON
-- function is used, because SQLite refuses these in views of a file that it does not trust. Keys have no control
-- characters, so that two replacements make them JSON.
CREATE VIEW IF NOT EXISTS run AS
SELECT store.uuid AS uuid,
       (SELECT value FROM run_record WHERE key = 'name') AS name,
       (SELECT value FROM run_record WHERE key = 'parameters') AS parameters,
       (SELECT value FROM run_record WHERE key = 'seed') AS seed,
       (SELECT value FROM run_record WHERE key = 'version') AS version,
       (SELECT value FROM run_record WHERE key = 'host') AS host,
       (SELECT value FROM run_record WHERE key = 'started') AS started,
       (SELECT value FROM run_record WHERE key = 'finished') AS finished,
       (SELECT value FROM run_record WHERE key = 'outcome') AS outcome,
       (SELECT '{' || coalesce(group_concat('"' || replace(replace(key, '\', '\\'), '"', '\"') || '":' || json, ','),
                               '') || '}'
          FROM run_record) AS record
  FROM store;
