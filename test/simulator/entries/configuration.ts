/** The application's table, and how docs/guide/table-and-calendar.md joins it with calendars: one flow for two users. */
export const SCHEMA = [
  `CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL, title TEXT, notes TEXT, amount TEXT, category TEXT, status TEXT,
    starts_at TEXT, ends_at TEXT, all_day INTEGER, zone TEXT, recurrence TEXT,
    series_id INTEGER REFERENCES entries (id) ON DELETE CASCADE, original_start TEXT, cancelled INTEGER,
    CHECK (starts_at IS NOT NULL OR cancelled))`,
  'CREATE INDEX by_user ON entries (user_id, id)',
  'CREATE UNIQUE INDEX by_time ON entries (series_id, original_start)',
]

export const CONFIGURATION = `
connections:
  app:
    connector: database
    url: $DATABASE
    tables:
      entry:
        table: entries
        key: id
        owner: user_id
        where: { series_id: null }
        columns:
          title: text
          notes: text
          amount: decimal
          category: text
          status: text
          starts: { type: instant, column: starts_at }
          ends: { type: instant, column: ends_at }
          all_day: boolean
          zone: text
          recurrence: text
        takes: [exception]
      exception:
        table: entries
        key: id
        owner: user_id
        where: { series_id: { not: null } }
        columns:
          series: { type: ref, column: series_id, to: entry, required: true, written: on-create }
          original: { type: text, column: original_start, required: true, written: on-create }
          cancelled: boolean
          title: text
          amount: decimal
          starts: { type: instant, column: starts_at }
          ends: { type: instant, column: ends_at }
          all_day: boolean
          zone: text
        under: series
        unique: [series, original]
  calendar:
    connector: google-calendar
    client_id: client
    client_secret: secret
    refresh_token: refresh
    base_url: http://google.test
    token_url: http://google.test/token
    tokeninfo_url: http://google.test/tokeninfo
flows:
  plans:
    between: [app, calendar]
    start: all
    brake: { deletes: { at_least: 1000 }, writes: { at_least: 1000 } }
    scopes: [["17", mira@group.calendar.google.com], ["18", jonas@group.calendar.google.com]]
    kinds:
      user-calendar: { a: owner, b: calendar }
      entry-event:
        a: entry
        b: event
        match: [title, when]
        fields:
          title: &title
            b: summary
            template: "{title}[ · {amount}]"
            formats: { amount: { locale: de-DE, decimals: 2, currency: EUR } }
          details:
            b: description
            template: "{notes}[\\nCategory: {category}]"
            formats: { notes: { as: text } }
          when: &when
            as: span
            a: { start: starts, end: ends, all_day: all_day, zone: zone }
            b: { start: start, end: end, zone: zone }
            zone: Europe/Berlin
          recurrence: { a: recurrence, b: recurrence }
          status: { a: status, b: status, map: { planned: confirmed, perhaps: tentative } }
          colour:
            b: colour
            rules:
              - { when: { amount: { below: 0 } }, value: "11" }
              - { when: { category: [workshop] }, value: "10" }
              - { value: "9" }
            others: replace
      exception-exception:
        a: exception
        b: exception
        fields:
          series: { a: series, b: series }
          original: { a: original, b: original }
          cancelled: { a: cancelled, b: cancelled }
          title: *title
          when: *when
`
