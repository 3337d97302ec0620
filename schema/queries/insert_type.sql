INSERT INTO type (id, name, hash) VALUES (?1, ?2, ?3)
