-- The calendar: allowed hours, closed days, series, feeds.

-- In which hours a unit and all below it hold what is heard outdoors or indoors. A unit without a
-- row follows the nearest above it that has one, else the program's default.
CREATE TABLE allowed_hours (
    unit_id UUID NOT NULL REFERENCES unit (id),
    what TEXT NOT NULL,                -- loudspeaker, session
    week TEXT NOT NULL,                -- Monday to Sunday separated by '|': '06:00-11:30 13:30-21:00', empty for none
    blocks BIGINT NOT NULL,            -- 1: outside these hours nothing can be planned; 0: only with a reason
    basis TEXT NOT NULL,               -- the rule it follows (quy chế, văn bản), may be empty
    PRIMARY KEY (unit_id, what)
);

-- Days on which a unit and all below it hold nothing: exam seasons, days off in lieu, mourning.
CREATE TABLE closed_days (
    id UUID NOT NULL PRIMARY KEY,
    unit_id UUID NOT NULL REFERENCES unit (id),
    kind TEXT NOT NULL,                -- holiday, exam, other
    name TEXT NOT NULL,
    first_on TEXT NOT NULL,
    last_on TEXT NOT NULL,             -- inclusive
    blocks BIGINT NOT NULL,            -- 1: nothing can be planned on them; 0: only with a reason
    deleted_at BIGINT
);
CREATE INDEX closed_days_unit ON closed_days (unit_id, last_on);

-- A rule by which an activity is repeated (RFC 5545). Its occurrences are rows of activity.
CREATE TABLE series (
    id UUID NOT NULL PRIMARY KEY,
    unit_id UUID NOT NULL REFERENCES unit (id),
    title TEXT NOT NULL,
    rule TEXT NOT NULL,                -- RRULE, with UNTIL or COUNT
    starts_at BIGINT NOT NULL,         -- DTSTART
    created_at BIGINT NOT NULL
);

-- Days of the rule that were left out while planning (EXDATE), with the reason.
CREATE TABLE series_exception (
    series_id UUID NOT NULL REFERENCES series (id),
    day TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (series_id, day)
);

ALTER TABLE activity ADD COLUMN series_at BIGINT;   -- where the rule puts it (RECURRENCE-ID); differs from starts_at where it was moved
ALTER TABLE activity ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;    -- how often it was changed (SEQUENCE)
ALTER TABLE activity ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0; -- when last
CREATE INDEX activity_series ON activity (series_id, series_at);

-- Activities that were repeated weekly before there were rules. Each belongs to the week of the
-- rule that is nearest to it (604800000 ms), so that one moved by some days since then counts as
-- moved, and the rule reaches as far as the last of them.
INSERT INTO series (id, unit_id, title, rule, starts_at, created_at)
SELECT a.series_id, a.unit_id, a.title,
       'FREQ=WEEKLY;COUNT=' || (SELECT 1 + (MAX(c.starts_at) - a.starts_at + 302400000) / 604800000
                                FROM activity c WHERE c.series_id = a.series_id),
       a.starts_at, a.created_at
FROM activity a
WHERE a.series_id IS NOT NULL
  AND a.id = (SELECT b.id FROM activity b WHERE b.series_id = a.series_id
              ORDER BY b.starts_at, b.id LIMIT 1);
UPDATE activity SET series_at =
    (SELECT s.starts_at + (activity.starts_at - s.starts_at + 302400000) / 604800000 * 604800000
     FROM series s WHERE s.id = activity.series_id)
WHERE series_id IS NOT NULL;
UPDATE activity SET changed_at = created_at;

-- Secret addresses under which a calendar program reads what an account may see.
CREATE TABLE calendar_feed (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    token_hash BYTEA NOT NULL UNIQUE,  -- SHA-256: the address itself is shown once and not kept
    label TEXT NOT NULL,
    shows TEXT NOT NULL,               -- all, mine, unit, team
    target_id UUID,                    -- the unit or team
    created_at BIGINT NOT NULL,
    read_at BIGINT,                    -- when a program last read it
    revoked_at BIGINT
);
CREATE INDEX calendar_feed_account ON calendar_feed (account_id);
