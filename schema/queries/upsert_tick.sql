-- Writes the row of a tick. A tick that is written in parts grows until it is sealed.
INSERT INTO tick (tick, first_seq, last_seq, sealed, run_digest, full_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (tick) DO UPDATE SET last_seq = excluded.last_seq,
                                 sealed = excluded.sealed,
                                 run_digest = excluded.run_digest,
                                 full_digest = excluded.full_digest
