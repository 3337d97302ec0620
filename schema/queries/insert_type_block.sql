-- Notes that a block (?2) holds events of a type (?1). It may be noted already.
INSERT OR IGNORE INTO type_block (type, block) VALUES (?1, ?2)
