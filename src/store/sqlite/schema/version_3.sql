ALTER TABLE attempts ADD COLUMN number_taken_until INTEGER;
ALTER TABLE attempts ADD COLUMN first_asked_at INTEGER;
UPDATE attempts SET number_taken_until = finished_at + 7200000 WHERE outcome = 'unknown' AND phone IS NOT NULL;
CREATE INDEX attempts_taken_phone ON attempts (phone) WHERE number_taken_until IS NOT NULL;
