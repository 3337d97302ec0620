INSERT INTO external_parent (seq, parent_id) VALUES (?1, ?2)
