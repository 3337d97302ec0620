-- Counts events (?2) of a type (?1).
INSERT INTO type_count (type, count) VALUES (?1, ?2)
ON CONFLICT (type) DO UPDATE SET count = count + excluded.count
