UPDATE store SET current_tick = ?1
