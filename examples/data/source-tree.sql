-- The state of a source tree, from the history that git-history.py makes: which files there are, and how long they are.

-- @setup
CREATE TABLE file (path TEXT PRIMARY KEY, lines INTEGER NOT NULL);
CREATE VIEW part AS
SELECT substr(path, 1, instr(path || '/', '/') - 1) AS part, count(*) AS files, sum(lines) AS lines
  FROM file GROUP BY part ORDER BY lines DESC;

-- @on file.added
INSERT INTO file VALUES (:path, :added);

-- @on file.changed
UPDATE file SET lines = lines + :added - :removed WHERE path = :path;

-- @on file.removed
DELETE FROM file WHERE path = :path;
