-- Notes that the store has explicit ids, or parents outside of it. The file format calls such ids foreign.
UPDATE store SET foreign_ids = 1
