-- The whole house, one text for SQLite and PostgreSQL.
-- Instants are epoch milliseconds (BIGINT); civil dates are ISO 8601 text ('2023-08-08');
-- ids are UUIDv7 except units of the gazetteer, whose ids follow from level, code and date.
-- A period that is open on a side carries '0001-01-01' or '9999-12-31', so that
-- "valid on a day" is always: valid_from <= day AND day < valid_to.

CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Administrative units ------------------------------------------------------

CREATE TABLE unit (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    level TEXT NOT NULL,               -- country, province, district, commune, hamlet
    kind TEXT NOT NULL,                -- Xã, Phường, Thị trấn, Thôn, Xóm, Tổ dân phố, ...
    name TEXT NOT NULL,
    folded TEXT NOT NULL,              -- name and code for search without diacritics
    parent_id UUID REFERENCES unit (id),
    valid_from TEXT NOT NULL,
    valid_to TEXT NOT NULL,
    dates_exact BIGINT NOT NULL,       -- 0: the sources only bound valid_from/valid_to between two snapshots
    lat DOUBLE PRECISION,
    lon DOUBLE PRECISION,
    point_quality TEXT,                -- centroid, rounded, approximate, typed
    households BIGINT,
    population BIGINT,
    adults BIGINT,
    figures_source TEXT,               -- where households, population and adults come from
    generated BIGINT NOT NULL,         -- 1: made by the demo generator, not a real unit
    deleted_at BIGINT
);
CREATE UNIQUE INDEX unit_code ON unit (level, code, parent_id, valid_from);
CREATE INDEX unit_parent ON unit (parent_id, code);
CREATE INDEX unit_level ON unit (level, valid_from, code);

CREATE TABLE unit_ancestor (
    ancestor_id UUID NOT NULL REFERENCES unit (id),
    unit_id UUID NOT NULL REFERENCES unit (id),
    distance BIGINT NOT NULL,          -- 0 for the unit itself
    PRIMARY KEY (ancestor_id, unit_id)
);
CREATE INDEX unit_ancestor_unit ON unit_ancestor (unit_id, distance);

CREATE TABLE unit_link (
    predecessor_id UUID NOT NULL REFERENCES unit (id),
    successor_id UUID NOT NULL REFERENCES unit (id),
    on_date TEXT NOT NULL,
    whole BIGINT NOT NULL,             -- 1: the predecessor went into this successor undivided
    evidence TEXT NOT NULL,
    PRIMARY KEY (predecessor_id, successor_id)
);
CREATE INDEX unit_link_successor ON unit_link (successor_id);

CREATE TABLE venue (
    id UUID NOT NULL PRIMARY KEY,
    unit_id UUID NOT NULL REFERENCES unit (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    address TEXT NOT NULL,
    capacity BIGINT,
    lat DOUBLE PRECISION,
    lon DOUBLE PRECISION,
    deleted_at BIGINT
);
CREATE INDEX venue_unit ON venue (unit_id, kind);

-- People ---------------------------------------------------------------------

CREATE TABLE team (
    id UUID NOT NULL PRIMARY KEY,
    unit_id UUID NOT NULL REFERENCES unit (id),
    kind TEXT NOT NULL,                -- community, one_stop, police, post, telecom, youth, women, farmers, other
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    decision TEXT NOT NULL,            -- number and date of the establishing decision, may be empty
    deleted_at BIGINT
);
CREATE INDEX team_unit ON team (unit_id);

CREATE TABLE member (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES team (id),
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    phone TEXT NOT NULL,
    position TEXT NOT NULL,            -- lead, member
    organisation TEXT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX member_team ON member (team_id);

CREATE TABLE asset (
    id UUID NOT NULL PRIMARY KEY,
    unit_id UUID NOT NULL REFERENCES unit (id),
    kind TEXT NOT NULL,                -- loudspeaker_vehicle, projector, portable_speaker, tablet_set
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    code TEXT NOT NULL,                -- number plate or inventory number
    note TEXT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX asset_unit ON asset (unit_id);

CREATE TABLE account (
    id UUID NOT NULL PRIMARY KEY,
    sign_in_name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    language TEXT NOT NULL,
    member_id UUID REFERENCES member (id),
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE role_grant (
    account_id UUID NOT NULL REFERENCES account (id),
    role TEXT NOT NULL,                -- administrator, officer, team_lead, member, counter, loudspeaker, viewer
    unit_id UUID NOT NULL REFERENCES unit (id),
    PRIMARY KEY (account_id, role, unit_id)
);

CREATE TABLE session (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    view_as_id UUID REFERENCES account (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX session_account ON session (account_id);

CREATE TABLE sign_in_failure (
    sign_in_name TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

CREATE TABLE audit (
    id UUID NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    account_id UUID,
    account_name TEXT NOT NULL,
    action TEXT NOT NULL,              -- created, changed, deleted, restored, read, exported, signed_in, ...
    subject TEXT NOT NULL,             -- unit, venue, team, member, asset, campaign, activity, encounter, account, ...
    subject_id UUID,
    subject_name TEXT NOT NULL,
    unit_id UUID,
    detail TEXT NOT NULL               -- JSON: {"field": [before, after], ...}
);
CREATE INDEX audit_subject ON audit (subject, subject_id, id);
CREATE INDEX audit_unit ON audit (unit_id, id);

CREATE TABLE idempotency (
    account_id UUID NOT NULL REFERENCES account (id),
    key TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);

-- Catalogue --------------------------------------------------------------------

CREATE TABLE service_list (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,                -- 'QD06', 'QD422', ...: the same code comes back with a higher version
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    legal_basis TEXT NOT NULL,
    source TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    superseded_at BIGINT,
    UNIQUE (code, version)
);

CREATE TABLE topic (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,         -- 'QD06-09', 'vneid-2', ...: stable over versions of its list
    kind TEXT NOT NULL,                -- service, skill
    list_id UUID REFERENCES service_list (id),
    position BIGINT NOT NULL,
    name_vi TEXT NOT NULL,
    name_en TEXT NOT NULL,
    folded TEXT NOT NULL,
    agency TEXT NOT NULL,
    interlinked_group TEXT NOT NULL,   -- LT1, LT2 or empty
    source TEXT NOT NULL,
    retired_at BIGINT
);
CREATE INDEX topic_list ON topic (list_id, position);

-- What a service list held at each version, so that an older version can still be read.
CREATE TABLE service_list_entry (
    list_id UUID NOT NULL REFERENCES service_list (id),
    topic_id UUID NOT NULL REFERENCES topic (id),
    position BIGINT NOT NULL,
    name_vi TEXT NOT NULL,
    agency TEXT NOT NULL,
    PRIMARY KEY (list_id, topic_id)
);

-- Campaigns ------------------------------------------------------------------

CREATE TABLE campaign (
    id UUID NOT NULL PRIMARY KEY,
    unit_id UUID NOT NULL REFERENCES unit (id),
    template TEXT NOT NULL,            -- peak, sunday_evening, door_to_door, one_stop, own
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    goal TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,             -- last day, inclusive
    created_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX campaign_home ON campaign (unit_id, starts_on);

CREATE TABLE campaign_unit (
    campaign_id UUID NOT NULL REFERENCES campaign (id),
    unit_id UUID NOT NULL REFERENCES unit (id),
    PRIMARY KEY (campaign_id, unit_id)
);

CREATE TABLE campaign_topic (
    campaign_id UUID NOT NULL REFERENCES campaign (id),
    topic_id UUID NOT NULL REFERENCES topic (id),
    PRIMARY KEY (campaign_id, topic_id)
);

CREATE TABLE campaign_force (
    campaign_id UUID NOT NULL REFERENCES campaign (id),
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    people BIGINT,
    PRIMARY KEY (campaign_id, position)
);

CREATE TABLE target (
    id UUID NOT NULL PRIMARY KEY,
    campaign_id UUID NOT NULL REFERENCES campaign (id),
    unit_id UUID NOT NULL REFERENCES unit (id),
    measure TEXT NOT NULL,             -- people_percent, households_percent, encounters, activities
    topic_id UUID REFERENCES topic (id),
    value BIGINT NOT NULL
);
CREATE INDEX target_campaign ON target (campaign_id, unit_id);

-- Schedule -------------------------------------------------------------------

CREATE TABLE activity (
    id UUID NOT NULL PRIMARY KEY,
    campaign_id UUID REFERENCES campaign (id),
    series_id UUID,                    -- activities repeated together share it
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    folded TEXT NOT NULL,
    unit_id UUID NOT NULL REFERENCES unit (id),
    venue_id UUID REFERENCES venue (id),
    place TEXT NOT NULL,
    team_id UUID REFERENCES team (id),
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    state TEXT NOT NULL,               -- planned, confirmed, held, cancelled
    cancel_reason TEXT NOT NULL,
    clash_reason TEXT NOT NULL,        -- why a person let a clash stand, else empty
    headcount BIGINT,
    minutes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX activity_unit ON activity (unit_id, starts_at);
CREATE INDEX activity_time ON activity (starts_at);
CREATE INDEX activity_campaign ON activity (campaign_id, starts_at);
CREATE INDEX activity_team ON activity (team_id, starts_at);
CREATE INDEX activity_venue ON activity (venue_id, starts_at);

CREATE TABLE activity_asset (
    activity_id UUID NOT NULL REFERENCES activity (id),
    asset_id UUID NOT NULL REFERENCES asset (id),
    PRIMARY KEY (activity_id, asset_id)
);
CREATE INDEX activity_asset_asset ON activity_asset (asset_id);

CREATE TABLE activity_member (
    activity_id UUID NOT NULL REFERENCES activity (id),
    member_id UUID NOT NULL REFERENCES member (id),
    PRIMARY KEY (activity_id, member_id)
);
CREATE INDEX activity_member_member ON activity_member (member_id);

CREATE TABLE activity_topic (
    activity_id UUID NOT NULL REFERENCES activity (id),
    topic_id UUID NOT NULL REFERENCES topic (id),
    PRIMARY KEY (activity_id, topic_id)
);

CREATE TABLE photo (
    id UUID NOT NULL PRIMARY KEY,
    activity_id UUID NOT NULL REFERENCES activity (id),
    caption TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    jpeg BYTEA NOT NULL,               -- re-encoded on arrival: no place, no camera data
    added_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX photo_activity ON photo (activity_id);

-- Encounters -----------------------------------------------------------------

CREATE TABLE encounter (
    id UUID NOT NULL PRIMARY KEY,      -- made where the encounter is recorded, so that sending twice counts once
    campaign_id UUID REFERENCES campaign (id),
    activity_id UUID REFERENCES activity (id),
    venue_id UUID REFERENCES venue (id),
    team_id UUID REFERENCES team (id),
    unit_id UUID NOT NULL REFERENCES unit (id),  -- the unit of its day: hamlet where known, else commune
    channel TEXT NOT NULL,             -- the kind of activity it happened in
    met_at BIGINT NOT NULL,
    met_on TEXT NOT NULL,              -- the local day of met_at
    person_key BYTEA,                  -- keyed hash; the number itself is never stored
    household_key BYTEA,
    age_group TEXT NOT NULL,           -- under_18, 18_34, 35_59, 60_plus, unknown
    note TEXT NOT NULL,
    reference TEXT,                    -- own number of an imported slip: importing it again changes nothing
    recorded_by UUID REFERENCES account (id),
    recorded_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,          -- 1 as first recorded
    withdrawn_at BIGINT
);
CREATE INDEX encounter_campaign ON encounter (campaign_id, unit_id, met_at);
CREATE INDEX encounter_unit ON encounter (unit_id, met_at);
CREATE INDEX encounter_activity ON encounter (activity_id);
CREATE INDEX encounter_person ON encounter (person_key);
CREATE INDEX encounter_household ON encounter (household_key);
CREATE INDEX encounter_time ON encounter (met_at, id);
CREATE INDEX encounter_campaign_time ON encounter (campaign_id, met_at, id);
CREATE INDEX encounter_recorder ON encounter (recorded_by, recorded_at);
CREATE UNIQUE INDEX encounter_reference ON encounter (unit_id, reference);

CREATE TABLE encounter_topic (
    encounter_id UUID NOT NULL REFERENCES encounter (id),
    topic_id UUID NOT NULL REFERENCES topic (id),
    outcome TEXT NOT NULL,             -- told, shown, done_with_help, done_alone, not_done
    reason TEXT NOT NULL,              -- why not done
    PRIMARY KEY (encounter_id, topic_id)
);
CREATE INDEX encounter_topic_topic ON encounter_topic (topic_id);

-- What an encounter said before each correction.
CREATE TABLE encounter_revision (
    encounter_id UUID NOT NULL REFERENCES encounter (id),
    revision BIGINT NOT NULL,
    content TEXT NOT NULL,             -- JSON of the whole record as it stood
    replaced_at BIGINT NOT NULL,
    replaced_by UUID REFERENCES account (id),
    reason TEXT NOT NULL,
    PRIMARY KEY (encounter_id, revision)
);

-- Measures -------------------------------------------------------------------

-- Kept current in the transaction of every encounter; rebuilt from raw by `lantoa check --mend`.
-- slice: 'all', 'topic:<uuid>', 'channel:<kind>', 'age:<group>', 'week:<Monday>', 'outcome:<outcome>'.
-- unit: the encounter's unit, its ancestors, and the whole successors of these.
CREATE TABLE tally (
    campaign_id UUID NOT NULL,         -- the nil UUID for encounters outside any campaign
    unit_id UUID NOT NULL REFERENCES unit (id),
    slice TEXT NOT NULL,
    encounters BIGINT NOT NULL,
    people BIGINT NOT NULL,            -- distinct person keys
    households BIGINT NOT NULL,        -- distinct household keys
    last_at BIGINT NOT NULL,           -- latest met_at counted here
    PRIMARY KEY (campaign_id, unit_id, slice)
);
CREATE INDEX tally_slice ON tally (campaign_id, slice, unit_id);
