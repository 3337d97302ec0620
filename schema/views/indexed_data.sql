-- The content of the indexes on data: the values of a key, each with its events; see docs/data-indexes.md.
CREATE VIEW indexed_data (key, pattern, value, seq) AS
SELECT data_index.key, data_index.pattern, data_value.value, data_value.seq
  FROM data_index
  JOIN data_value ON data_value.index_id = data_index.id;
