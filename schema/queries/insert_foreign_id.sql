INSERT INTO foreign_id (seq, id) VALUES (?1, ?2)
