INSERT INTO type_tick (type, tick, count) VALUES (?1, ?2, ?3)
ON CONFLICT (type, tick) DO UPDATE SET count = count + excluded.count
