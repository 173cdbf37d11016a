-- Rosters: when people are free, who takes part in what, and what they are told.

-- Availability ---------------------------------------------------------------

-- Who has said when they are free; who has no row here is taken as free on the default hours.
CREATE TABLE availability (
    member_id UUID NOT NULL PRIMARY KEY REFERENCES member (id),
    said_at BIGINT NOT NULL,
    said_by TEXT NOT NULL              -- name of who entered it
);

-- The hours of an ordinary week.
CREATE TABLE availability_week (
    member_id UUID NOT NULL REFERENCES member (id),
    weekday BIGINT NOT NULL,           -- 1 Monday to 7 Sunday (ISO 8601)
    from_minute BIGINT NOT NULL,       -- of the local day
    to_minute BIGINT NOT NULL,
    PRIMARY KEY (member_id, weekday, from_minute)
);

-- Days that are otherwise than the ordinary week; what was said later holds.
CREATE TABLE availability_exception (
    id UUID NOT NULL PRIMARY KEY,
    member_id UUID NOT NULL REFERENCES member (id),
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,              -- last day, inclusive
    from_minute BIGINT NOT NULL,
    to_minute BIGINT NOT NULL,
    free BIGINT NOT NULL,              -- 1 free, 0 not free
    note TEXT NOT NULL
);
CREATE INDEX availability_exception_member ON availability_exception (member_id, to_day);

-- Assignments ----------------------------------------------------------------

-- What an activity asks of its roster; without a row: nobody is counted, nobody signs up.
CREATE TABLE roster (
    activity_id UUID NOT NULL PRIMARY KEY REFERENCES activity (id),
    needed BIGINT,                     -- people wanted; null where nobody said
    is_open BIGINT NOT NULL            -- 1: members of its units sign up by themselves
);

CREATE TABLE assignment (
    activity_id UUID NOT NULL REFERENCES activity (id),
    member_id UUID NOT NULL REFERENCES member (id),
    origin TEXT NOT NULL,              -- invited, signed_up
    answer TEXT NOT NULL,              -- none, confirmed, declined
    reason TEXT NOT NULL,              -- why declined, else empty
    clash_reason TEXT NOT NULL,        -- why a person let it stand beside another, else empty
    attendance TEXT NOT NULL,          -- unknown, attended, no_show
    starts_at BIGINT NOT NULL,         -- the start that the answer speaks of
    added_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,          -- name of who last changed it
    reminded_at BIGINT,
    PRIMARY KEY (activity_id, member_id)
);
CREATE INDEX assignment_member ON assignment (member_id, starts_at);
CREATE INDEX assignment_start ON assignment (starts_at);

INSERT INTO assignment (activity_id, member_id, origin, answer, reason, clash_reason, attendance,
                        starts_at, added_at, changed_at, changed_by)
SELECT x.activity_id, x.member_id, 'invited', 'none', '', '', 'unknown', a.starts_at,
       a.created_at, a.created_at, ''
FROM activity_member x JOIN activity a ON a.id = x.activity_id;

-- Who takes part, for all who only need to know that: the roster without those who declined.
DROP TABLE activity_member;
CREATE VIEW activity_member AS
SELECT activity_id, member_id FROM assignment WHERE answer <> 'declined';

-- The roster of an activity in figures, for all who only need to know these.
CREATE VIEW roster_count AS
SELECT activity_id,
       COUNT(*) AS listed,
       CAST(SUM(CASE WHEN origin = 'signed_up' THEN 1 ELSE 0 END) AS BIGINT) AS signed_up,
       CAST(SUM(CASE WHEN answer <> 'declined' THEN 1 ELSE 0 END) AS BIGINT) AS coming,
       CAST(SUM(CASE WHEN answer = 'confirmed' THEN 1 ELSE 0 END) AS BIGINT) AS confirmed,
       CAST(SUM(CASE WHEN answer = 'declined' THEN 1 ELSE 0 END) AS BIGINT) AS declined,
       COUNT(reminded_at) AS reminded,
       CAST(SUM(CASE WHEN attendance = 'attended' THEN 1 ELSE 0 END) AS BIGINT) AS attended,
       CAST(SUM(CASE WHEN attendance = 'no_show' THEN 1 ELSE 0 END) AS BIGINT) AS no_show
FROM assignment GROUP BY activity_id;

-- Notices --------------------------------------------------------------------

-- What a person is told of an activity, once for each of its starts. Those without an account are
-- told by phone; that they were is written down here too.
CREATE TABLE notice (
    id UUID NOT NULL PRIMARY KEY,
    member_id UUID NOT NULL REFERENCES member (id),
    activity_id UUID NOT NULL REFERENCES activity (id),
    kind TEXT NOT NULL,                -- invited, evening_before, hours_before, moved, cancelled, released
    starts_at BIGINT NOT NULL,         -- the start it speaks of: a moved activity is told anew
    made_at BIGINT NOT NULL,
    made_on TEXT NOT NULL,             -- the local day of made_at
    read_at BIGINT,
    told_at BIGINT,                    -- when it reached the person by another way than the list
    told_how TEXT NOT NULL,            -- phone, or empty
    told_by TEXT NOT NULL,             -- name of who passed it on, or empty
    UNIQUE (member_id, activity_id, kind, starts_at)
);
CREATE INDEX notice_member ON notice (member_id, made_at);
CREATE INDEX notice_unread ON notice (member_id, read_at);
CREATE INDEX notice_activity ON notice (activity_id, made_at);
CREATE INDEX notice_untold ON notice (told_at, starts_at);

-- A member signs in with one account at most.
CREATE UNIQUE INDEX account_member ON account (member_id);
