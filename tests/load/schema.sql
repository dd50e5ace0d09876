CREATE TABLE IF NOT EXISTS kept (number text PRIMARY KEY);
CREATE TABLE IF NOT EXISTS counts (writer text PRIMARY KEY, n int NOT NULL);
INSERT INTO counts SELECT 'writer_' || i, 0 FROM generate_series(0, 2) i ON CONFLICT DO NOTHING;
