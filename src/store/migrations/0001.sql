-- All times are milliseconds since 1970, handed in by the program. Columns named *_json hold JSON.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE connection (
  id TEXT PRIMARY KEY,
  connector TEXT NOT NULL,
  actor_json TEXT,                       -- whose credential it is, as the system said
  state TEXT NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'dead')),
  why TEXT NOT NULL DEFAULT '',
  since INTEGER NOT NULL DEFAULT 0,
  last_webhook INTEGER,
  listened_at INTEGER,                   -- when a process last noted that it takes its webhooks
  last_change INTEGER,                   -- when an item of it was last read that had changed
  orphans INTEGER NOT NULL DEFAULT 0     -- uploads that may stand there unused
) STRICT;

CREATE TABLE flow (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  template TEXT,                         -- what it is for one account of; null: it stands for itself
  fingerprint TEXT NOT NULL,             -- its two connections, in order
  approved_at INTEGER,                   -- when a person approved the first sync
  in_step_at INTEGER,                    -- when it was first in step
  settings TEXT,                         -- a digest of what was said of it when it was last planned; null: it was never
  paused_at INTEGER,                     -- nothing of it is written; null: it is not paused
  paused_why TEXT NOT NULL DEFAULT '',
  lifted_from INTEGER,                   -- a person lifts the brake for a while, ahead of a bulk job
  lifted_until INTEGER
) STRICT;

-- A flow running between one pair of containers.
CREATE TABLE instance (
  flow TEXT NOT NULL REFERENCES flow (id),
  a_scope TEXT NOT NULL,
  b_scope TEXT NOT NULL,
  link INTEGER,
  state TEXT NOT NULL CHECK (state IN ('listing', 'live')),
  since INTEGER NOT NULL,
  live_at INTEGER,                       -- when what stood in its scopes was last matched
  paused_at INTEGER,                     -- nothing of it is written; null: it is not paused by itself
  paused_why TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (flow, a_scope, b_scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX instance_b ON instance (flow, b_scope);
CREATE INDEX instance_a_scope ON instance (a_scope);
CREATE INDEX instance_b_scope ON instance (b_scope);

-- Where a system was asked to send its webhooks, for a time.
CREATE TABLE channel (
  id TEXT PRIMARY KEY,
  connection TEXT NOT NULL,
  scope TEXT NOT NULL,                   -- the container that it tells of; '': the whole connection
  address TEXT NOT NULL,
  handle TEXT,                           -- by which its system knows it; null: that is not told yet
  state TEXT NOT NULL CHECK (state IN ('opening', 'open', 'closing')),
  opened_at INTEGER NOT NULL,
  expires_at INTEGER,                    -- null: it stays until it is closed
  renew_at INTEGER,
  heard_at INTEGER,                      -- when its last message came
  tries INTEGER NOT NULL DEFAULT 0,      -- how often opening, renewing or closing it failed
  not_before INTEGER NOT NULL DEFAULT 0,
  failing_since INTEGER,
  why TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX channel_connection ON channel (connection, scope);

-- Where a system reports changes, and how far they were read.
CREATE TABLE feed (
  connection TEXT NOT NULL,
  feed TEXT NOT NULL,
  cursor TEXT,
  began_at INTEGER,                      -- since when nothing was missed: when its first cursor was taken
  pulled_at INTEGER,
  failing_since INTEGER,
  why TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (connection, feed)
) STRICT, WITHOUT ROWID;

-- The reading of everything in one scope: first sync and audit.
CREATE TABLE listing (
  connection TEXT NOT NULL,
  feed TEXT NOT NULL,
  scope TEXT NOT NULL,
  run INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL CHECK (state IN ('wanted', 'running', 'done')),
  position TEXT,
  started_at INTEGER,
  finished_at INTEGER,
  named INTEGER NOT NULL DEFAULT 0,      -- how many items this run named
  omitted INTEGER NOT NULL DEFAULT 0,    -- how many it did not name that are there: more than it named, and it is doubted
  doubts INTEGER NOT NULL DEFAULT 0,     -- how many runs in a row were doubted
  PRIMARY KEY (connection, feed, scope)
) STRICT, WITHOUT ROWID;

-- What a running listing has named so far, a row for each page and kind: of a page in which nothing is new no item is
-- written.
CREATE TABLE named (
  id INTEGER PRIMARY KEY,
  connection TEXT NOT NULL,
  feed TEXT NOT NULL,
  scope TEXT NOT NULL,
  run INTEGER NOT NULL,
  kind TEXT NOT NULL,
  refs_json TEXT NOT NULL
) STRICT;
CREATE INDEX named_listing ON named (connection, feed, scope, run, kind);

-- What each side was last seen to be.
CREATE TABLE item (
  connection TEXT NOT NULL,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,
  scope TEXT NOT NULL,
  parent TEXT,
  state TEXT NOT NULL CHECK (state IN ('present', 'deleted', 'moved', 'left')),
  values_json TEXT NOT NULL,
  version TEXT,
  author_json TEXT,
  created_at TEXT,
  edited_at TEXT,
  key TEXT,
  may_json TEXT,
  slot TEXT,                             -- the values that only one item of its scope has, where its kind has such fields
  rev INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  moved_at INTEGER,                      -- when it was last seen in another scope than before
  unread INTEGER NOT NULL DEFAULT 0,
  emptied INTEGER NOT NULL DEFAULT 0,    -- its text was taken away where it could not be deleted
  missed INTEGER NOT NULL DEFAULT 0,     -- the last listing run that left it out, though it was known before that began; of what is gone the first
  PRIMARY KEY (connection, kind, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_scope ON item (connection, kind, scope);
CREATE INDEX item_parent ON item (connection, kind, parent, created_at) WHERE parent IS NOT NULL;
CREATE INDEX item_key ON item (key) WHERE key IS NOT NULL;
CREATE INDEX item_slot ON item (slot, kind, connection) WHERE slot IS NOT NULL;

-- The two items that stand for each other, and what they last agreed on. The journal, conflicts and what waits go by the id,
-- also of one that is forgotten: no other ever has it.
CREATE TABLE link (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  flow TEXT NOT NULL,
  pair TEXT NOT NULL,
  a_connection TEXT NOT NULL,
  a_kind TEXT NOT NULL,
  a_ref TEXT NOT NULL,
  b_connection TEXT NOT NULL,
  b_kind TEXT NOT NULL,
  b_ref TEXT NOT NULL,
  a_base_json TEXT NOT NULL,
  b_base_json TEXT NOT NULL,
  complement_json TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('live', 'asleep', 'gone')),
  incarnation INTEGER NOT NULL DEFAULT 0,
  late INTEGER NOT NULL DEFAULT 0,
  made TEXT CHECK (made IN ('a', 'b')),  -- the side whose item is the engine's copy; null: both stood there
  about TEXT,                            -- of a correction, which has one end: the item of that side that it tells about
  made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX link_a ON link (a_ref, a_kind, a_connection);
CREATE INDEX link_b ON link (b_ref, b_kind, b_connection);
CREATE INDEX link_pair ON link (flow, pair, state);
CREATE INDEX link_about ON link (about) WHERE about IS NOT NULL;

-- How many links of a pair are alive, corrections aside: the brake asks before each pass with a write. Of a flow that is
-- renamed or forgotten whole its verb sees to these rows: counted link by link, one row would be written as often in one
-- transaction, of which PostgreSQL keeps every state.
CREATE TABLE living (
  flow TEXT NOT NULL,
  pair TEXT NOT NULL,
  links INTEGER NOT NULL,
  PRIMARY KEY (flow, pair)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER link_made AFTER INSERT ON link WHEN new.state = 'live' AND new.about IS NULL BEGIN
  INSERT INTO living VALUES (new.flow, new.pair, 1) ON CONFLICT (flow, pair) DO UPDATE SET links = living.links + 1;
END;
CREATE TRIGGER link_forgotten AFTER DELETE ON link WHEN old.state = 'live' AND old.about IS NULL BEGIN
  UPDATE living SET links = links - 1 WHERE flow = old.flow AND pair = old.pair;
END;
CREATE TRIGGER link_changed AFTER UPDATE OF state ON link WHEN old.about IS NULL BEGIN
  UPDATE living SET links = links - 1 WHERE old.state = 'live' AND flow = old.flow AND pair = old.pair;
  INSERT INTO living SELECT new.flow, new.pair, 1 WHERE new.state = 'live'
    ON CONFLICT (flow, pair) DO UPDATE SET links = living.links + 1;
END;

-- Pairs of items that a person says stand for each other, until both were seen and they are linked.
CREATE TABLE adoption (
  flow TEXT NOT NULL,
  pair TEXT NOT NULL,
  a_ref TEXT NOT NULL,
  b_ref TEXT NOT NULL,
  PRIMARY KEY (flow, pair, a_ref, b_ref)
) STRICT, WITHOUT ROWID;

-- Which subjects have to be planned. A generation rises with every reason; release deletes only the one it claimed.
CREATE TABLE due (
  flow TEXT NOT NULL,
  pair TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('a', 'b')),
  ref TEXT NOT NULL,
  generation INTEGER NOT NULL,
  rank INTEGER NOT NULL,                 -- parents before children
  created_at TEXT NOT NULL,
  since INTEGER NOT NULL,
  not_before INTEGER NOT NULL DEFAULT 0,
  waits_for TEXT,                        -- an identity or an intent, whose coming wakes it
  raised INTEGER NOT NULL DEFAULT 0,     -- a wanted child needs it
  attempts INTEGER NOT NULL DEFAULT 0,
  why TEXT NOT NULL DEFAULT '',
  claimed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (flow, pair, side, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_order ON due (flow, rank, created_at, length(ref), ref) WHERE claimed = 0 AND waits_for IS NULL;
CREATE INDEX due_next ON due (not_before) WHERE claimed = 0 AND waits_for IS NULL;
CREATE INDEX due_waits ON due (waits_for) WHERE waits_for IS NOT NULL;

-- A write, committed before its call.
CREATE TABLE intent (
  key TEXT PRIMARY KEY,
  flow TEXT NOT NULL,
  pair TEXT NOT NULL,
  action TEXT NOT NULL,
  side TEXT NOT NULL,
  connection TEXT NOT NULL,
  kind TEXT NOT NULL,
  head_kind TEXT,
  ref TEXT,
  scope TEXT NOT NULL,
  parent TEXT,
  link INTEGER,
  about TEXT,                            -- of a correction: the item that it tells about
  source_ref TEXT NOT NULL,
  plan_json TEXT NOT NULL,
  fingerprint TEXT NOT NULL DEFAULT '',  -- to which what a person approves binds
  actor TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  turn_at INTEGER NOT NULL,              -- later, where its call had to wait for its turn
  process INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sent', 'unknown')),
  ask_at INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX intent_open ON intent (connection, kind, scope);
CREATE INDEX intent_source ON intent (source_ref);
CREATE INDEX intent_head ON intent (json_extract(plan_json, '$.head.action.source.ref')) WHERE head_kind IS NOT NULL;
CREATE INDEX intent_link ON intent (link) WHERE link IS NOT NULL;

CREATE TABLE held (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- which a person may still have before them when it is gone
  flow TEXT NOT NULL,
  pair TEXT NOT NULL,
  side TEXT NOT NULL,
  ref TEXT NOT NULL,
  action TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  name TEXT NOT NULL,
  since INTEGER NOT NULL,
  decision TEXT NOT NULL DEFAULT 'open' CHECK (decision IN ('open', 'approved', 'discarded')),
  UNIQUE (flow, pair, side, ref, fingerprint)
) STRICT;
-- What the brake holds may be tens of thousands, and is never read to find what else people are asked.
CREATE INDEX held_open ON held (fingerprint) WHERE decision = 'open';
CREATE INDEX held_braked ON held (flow, since) WHERE reason = 'brake' AND decision = 'open';
CREATE INDEX held_approved ON held (flow, pair) WHERE decision = 'approved';
CREATE INDEX held_ambiguous ON held (id) WHERE reason = 'ambiguous' AND decision = 'open';

CREATE TABLE conflict (
  id INTEGER PRIMARY KEY,
  flow TEXT NOT NULL,
  pair TEXT NOT NULL,
  link INTEGER NOT NULL,
  lens TEXT NOT NULL,
  base_json TEXT NOT NULL,
  a_json TEXT NOT NULL,
  b_json TEXT NOT NULL,
  winner TEXT CHECK (winner IN ('a', 'b', 'accept')),
  why TEXT NOT NULL,
  at INTEGER NOT NULL,
  resolved_at INTEGER
) STRICT;
CREATE INDEX conflict_open ON conflict (link, lens) WHERE resolved_at IS NULL;

-- What people decided about a pair of values: which side stands, or that the difference is accepted.
CREATE TABLE decided (
  link INTEGER NOT NULL,
  lens TEXT NOT NULL,
  a TEXT NOT NULL,
  b TEXT NOT NULL,
  winner TEXT NOT NULL CHECK (winner IN ('a', 'b', 'accept')),
  at INTEGER NOT NULL
) STRICT;
-- Not of the values, which may be longer than an index of PostgreSQL takes.
CREATE INDEX decided_link ON decided (link, lens);

-- What a credential or a system cannot say: shown, never retried, never held.
CREATE TABLE divergence (
  flow TEXT NOT NULL,
  pair TEXT NOT NULL,
  side TEXT NOT NULL,
  ref TEXT NOT NULL,
  lens TEXT NOT NULL,
  why TEXT NOT NULL,
  people_json TEXT NOT NULL DEFAULT '[]', -- persons of that side who have no alias on the other
  at INTEGER NOT NULL,
  PRIMARY KEY (flow, pair, side, ref, lens)
) STRICT, WITHOUT ROWID;

-- Somebody as one system knows them.
CREATE TABLE person (
  connection TEXT NOT NULL,
  ref TEXT NOT NULL,
  name TEXT,
  email TEXT,                            -- in lower case; one that the system has verified
  seen_at INTEGER NOT NULL,              -- when an item first named them
  told_at INTEGER,                       -- when the system's directory last told of them
  PRIMARY KEY (connection, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_email ON person (email, connection) WHERE email IS NOT NULL;

-- Which persons of several connections are one, as people say. Somebody who is alone is nobody else, whatever their e-mail.
CREATE TABLE alias (
  connection TEXT NOT NULL,
  ref TEXT NOT NULL,                     -- or an e-mail
  one TEXT NOT NULL,                     -- equal for all who are one
  source TEXT NOT NULL CHECK (source IN ('configuration', 'command')),
  at INTEGER NOT NULL,
  PRIMARY KEY (connection, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_one ON alias (one, connection);

-- Which items name a person, or did when they were last read.
CREATE TABLE naming (
  connection TEXT NOT NULL,
  person TEXT NOT NULL,
  kind TEXT NOT NULL,
  item TEXT NOT NULL,
  PRIMARY KEY (connection, person, kind, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX naming_item ON naming (connection, kind, item);

CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  flow TEXT NOT NULL,
  pair TEXT NOT NULL,
  link INTEGER,
  action TEXT NOT NULL,
  side TEXT NOT NULL,
  a_ref TEXT,
  b_ref TEXT,
  before_json TEXT NOT NULL,
  after_json TEXT NOT NULL,
  why TEXT NOT NULL,
  waited_ms INTEGER,
  run INTEGER NOT NULL,                  -- the process that did it
  undoes INTEGER                         -- the entry that it takes back
) STRICT;
CREATE INDEX journal_link ON journal (link) WHERE link IS NOT NULL;
CREATE INDEX journal_recent ON journal (flow, action, at);
CREATE INDEX journal_a ON journal (a_ref);
CREATE INDEX journal_b ON journal (b_ref);

-- Verified hints: "look at this". They coalesce by ref; a generation keeps a wake-up from being lost.
CREATE TABLE inbox (
  connection TEXT NOT NULL,
  feed TEXT NOT NULL,
  kind TEXT NOT NULL,                    -- '' asks for a pull of the feed
  ref TEXT NOT NULL,
  scope TEXT NOT NULL,
  generation INTEGER NOT NULL,
  since INTEGER NOT NULL,
  not_before INTEGER NOT NULL DEFAULT 0,
  doubt_until INTEGER NOT NULL DEFAULT 0, -- only a read that begins then or later answers it
  told_gone INTEGER NOT NULL DEFAULT 0,  -- a feed told it to be deleted, and nothing has shown it since
  attempts INTEGER NOT NULL DEFAULT 0,
  claimed INTEGER NOT NULL DEFAULT 0,
  why TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (connection, kind, ref, feed)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_ready ON inbox (not_before, since, connection, feed, kind, ref) WHERE claimed = 0;

-- How much of each limit each process of late may have used up.
CREATE TABLE bucket (
  name TEXT NOT NULL,
  process INTEGER NOT NULL,
  window_until INTEGER NOT NULL,
  spent INTEGER NOT NULL,
  PRIMARY KEY (name, process)
) STRICT, WITHOUT ROWID;

-- Sealed: the additional data of each envelope binds its row and its column.
CREATE TABLE secret (name TEXT PRIMARY KEY, sealed TEXT NOT NULL, at INTEGER NOT NULL) STRICT;

-- Files that writes are to copy, from before the first is sent until the outcome; and those that stay where they are.
CREATE TABLE file (
  flow TEXT NOT NULL,
  pair TEXT NOT NULL,
  side TEXT NOT NULL,                    -- written to
  source TEXT NOT NULL,                  -- the item that it is of
  ref TEXT NOT NULL,
  value_json TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sending', 'made', 'stays')),
  digest TEXT,                           -- of its bytes, which are kept under it meanwhile
  size INTEGER,
  made_json TEXT,                        -- what it is on the side that is written to
  why TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (flow, pair, side, source, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_digest ON file (digest) WHERE digest IS NOT NULL;

-- For people with a SQL prompt.
CREATE VIEW mappings AS
  SELECT flow, pair, a_ref, b_ref, state, incarnation FROM link WHERE about IS NULL;
CREATE VIEW queue_backlog AS
  SELECT flow, pair, count(*) AS items, count(waits_for) AS waiting, min(since) AS oldest FROM due GROUP BY flow, pair;
CREATE VIEW recent_errors AS
  SELECT 'due' AS place, flow AS of, pair || ' ' || ref AS ref, attempts, why FROM due WHERE why <> ''
  UNION ALL SELECT 'inbox', connection, kind || ' ' || ref, attempts, why FROM inbox WHERE why <> ''
  UNION ALL SELECT 'feed', connection, feed, 0, why FROM feed WHERE why <> ''
  UNION ALL SELECT 'channel', connection, scope, tries, why FROM channel WHERE why <> ''
  UNION ALL SELECT 'connection', id, connector, 0, why FROM connection WHERE why <> '';
CREATE VIEW channels_expiring AS
  SELECT connection, scope, id, state, renew_at, expires_at, failing_since, why FROM channel WHERE expires_at IS NOT NULL;
CREATE VIEW sync_state AS
  SELECT f.id AS flow, f.title, f.in_step_at, coalesce((SELECT sum(links) FROM living WHERE flow = f.id), 0) AS links,
    (SELECT count(*) FROM due WHERE flow = f.id) AS due, (SELECT count(*) FROM held WHERE flow = f.id AND decision = 'open') AS held,
    (SELECT count(*) FROM conflict WHERE flow = f.id AND resolved_at IS NULL) AS conflicts
  FROM flow f;

-- How selective each index is, as counts that are never taken anew: without them SQLite reads all items of a kind to find
-- those under one parent, and all links of a pair to find one. The first number is rows, then rows for each equal prefix.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('item', 'item', '1000000 500000 160000 1'),
  ('item', 'item_parent', '1000000 500000 160000 10 1'),
  ('item', 'item_scope', '1000000 500000 160000 10000'),
  ('item', 'item_key', '1000 1'),
  ('item', 'item_slot', '1000 2 2 1'),
  ('link', 'link_a', '500000 1 1 1'),
  ('link', 'link_b', '500000 1 1 1'),
  ('link', 'link_about', '1000 1'),
  ('living', 'living', '20 10 1'),
  ('link', 'link_pair', '500000 500000 250000 200000'),
  ('decided', 'decided_link', '1000 2 1'),
  ('due', 'due', '100000 100000 50000 25000 1'),
  ('due', 'due_order', '100000 100000 50000 2 2 1'),
  ('due', 'due_next', '100000 1000'),
  ('due', 'due_waits', '1000 2'),
  ('inbox', 'inbox', '100000 50000 25000 1 1'),
  ('inbox', 'inbox_ready', '100000 50000 1000 1000 500 250 1'),
  ('intent', 'sqlite_autoindex_intent_1', '100 1'),
  ('intent', 'intent_open', '100 50 25 10'),
  ('intent', 'intent_source', '100 1'),
  ('intent', 'intent_head', '20 1'),
  ('intent', 'intent_link', '50 1'),
  ('person', 'person', '10000 5000 1'),
  ('person', 'person_email', '10000 2 1'),
  ('alias', 'alias', '1000 500 1'),
  ('alias', 'alias_one', '1000 2 1'),
  ('naming', 'naming', '500000 250000 50 40 1'),
  ('naming', 'naming_item', '500000 250000 200000 2'),
  ('file', 'file', '1000 1000 500 250 2 1'),
  ('file', 'file_digest', '100 1');
ANALYZE sqlite_schema;
