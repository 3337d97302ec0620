UPDATE store SET foreign_ids = 1
