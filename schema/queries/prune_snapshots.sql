-- Deletes the snapshots of a reducer (its name ?1 and version ?2), except the newest ?3, and the last one of each ?4
-- ticks (0: no such exception).
DELETE FROM snapshot
 WHERE name = ?1 AND version = ?2
   AND id NOT IN (SELECT id FROM snapshot WHERE name = ?1 AND version = ?2 ORDER BY tick DESC, seq DESC LIMIT ?3)
   AND (?4 = 0
        OR EXISTS (SELECT 1 FROM snapshot AS later
                    WHERE later.name = ?1 AND later.version = ?2 AND later.tick / ?4 = snapshot.tick / ?4
                      AND (later.tick, later.seq) > (snapshot.tick, snapshot.seq)))
