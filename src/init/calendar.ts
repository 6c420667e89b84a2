/** A table of events and Google Calendar: what cannot be read off the table is asked. */
import { noDatabase } from './answers.ts'
import { EXIT, UserError } from '../words/errors.ts'
import { surveyed, tablesIn, type SurveyedTable } from '../connectors/database/survey.ts'
import { SqlError } from '../connector/sql.ts'
import type { Asking, Choice, Option } from './asking.ts'
import { calendarText, type Plan } from './calendar-text.ts'
import { EXCEPTION, NEEDED, OPTIONAL, candidates, proposed, ROLES, typeOf, type Role, type Columns } from './roles.ts'
import { sampleOf } from './sample.ts'
import type { Draft, InitPorts, Template } from './template.ts'

const NONE = 'none'

export const calendar: Template = {
  id: 'calendar',
  about: 'a table of events in your own database (PostgreSQL, SQLite) and Google Calendar',
  async draft(ports): Promise<Draft> {
    const { asking } = ports
    const url = await asking.text({
      id: 'url',
      words: 'Where is the database? postgres://user:password@host:5432/name, or sqlite:./app.db',
      ...(ports.variable('DATABASE_URL') === undefined ? {} : { proposed: ports.variable('DATABASE_URL') ?? '' }),
      refused: noDatabase,
    })
    const table = await tableFrom(ports, url)
    const columns = await columnsOf(asking, table)
    const plan: Plan = { url, table, columns, ...(await restOf(ports, table, columns)) }
    const text = calendarText(plan)
    return {
      text,
      variables: [
        ...(url.startsWith('sqlite:') ? [] : [{ name: 'DATABASE_URL', value: url, about: 'the database' }]),
        { name: 'GOOGLE_CLIENT_ID', value: null, about: 'of an OAuth client of your Google Cloud project' },
        { name: 'GOOGLE_CLIENT_SECRET', value: null, about: 'of the same client' },
      ],
      next: [
        ['lockstep capture install app', 'shows the SQL of the triggers that note changes, asks, runs it'],
        [`lockstep connect ${plan.user === null ? 'calendar' : `calendar/${plan.user.id}`}`, 'sign in to Google'],
        ['lockstep check', 'is it right, can the accounts do what is needed?'],
        ['lockstep plan', 'what would be done, item by item; nothing is written'],
        ['lockstep sync', 'shows the plan again and asks: the first sync needs a yes'],
        ['lockstep run', 'from then on'],
      ],
      shown: await sampleOf(ports, plan, text),
    }
  },
}

async function tableFrom({ asking, databases }: InitPorts, url: string): Promise<SurveyedTable> {
  try {
    const database = databases.at(url)
    const tables = await tablesIn(database)
    if (tables.length === 0)
      throw new UserError({
        code: 'no-tables',
        message: 'There is no table in this database that this user can see.',
        remedy: 'Name the right database, or make the table first.',
        exit: EXIT.configuration,
      })
    const name = await asking.choose({
      id: 'table',
      words: 'Which table holds the events?',
      options: tables.map((value) => ({ value, words: value })),
    })
    const table = await surveyed(database, name)
    if (table.columns.some(({ isKey }) => isKey)) return table
    throw new UserError({
      code: 'no-key',
      message: `${name} has no primary key, so its rows cannot be told apart.`,
      remedy: `ALTER TABLE ${name} ADD PRIMARY KEY (…)`,
      exit: EXIT.configuration,
    })
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    throw new UserError({
      code: 'database',
      message: `The database does not answer: ${error.message}`,
      remedy: 'Correct the address, user and password.',
      exit: EXIT.configuration,
      cause: error,
    })
  }
}

/** What names and types tell is proposed as a whole; what they do not, and is needed, is asked. */
async function columnsOf(asking: Asking, table: SurveyedTable): Promise<Columns> {
  await asking.note(
    `What the columns of ${table.name} look like`,
    [...NEEDED, ...OPTIONAL]
      .map((role) => `${ROLES[role].words.padEnd(28)} ${proposed(table, role) ?? '-'}`)
      .join('\n'),
  )
  const keeps = asking.isLive
    ? await asking.choose({
        id: 'columns',
        words: 'Is that right?',
        options: [
          { value: 'yes', words: 'Yes' },
          { value: 'no', words: 'No, ask me one by one' },
        ],
      })
    : 'yes'
  const needed = (role: Role): Promise<string> =>
    columnOf(asking, table, role, keeps === 'yes' && proposed(table, role) !== null)
  const optional = (role: Role): Promise<string | null> => columnOrNone(asking, table, role, keeps === 'yes')
  return {
    title: await needed('title'),
    start: await needed('start'),
    end: await needed('end'),
    description: await optional('description'),
    all_day: await optional('all_day'),
    amount: await optional('amount'),
    category: await optional('category'),
    recurrence: await optional('recurrence'),
    created: await optional('created'),
    updated: await optional('updated'),
  }
}

/** `assumed`: nobody has to say yes to what is proposed. */
async function columnOf(asking: Asking, table: SurveyedTable, role: Role, assumed = false): Promise<string> {
  const columns = candidates(table, role)
  const likely = proposed(table, role)
  if (columns.length === 0)
    throw new UserError({
      code: 'no-column',
      message: `No column of ${table.name} could tell ${ROLES[role].words}.`,
      remedy: 'Choose another table, or add such a column.',
      exit: EXIT.configuration,
    })
  return await asking.choose({
    ...questionOf(role),
    options: columns.map(optionOf),
    assumed,
    ...(likely === null ? {} : { proposed: likely }),
  })
}

async function columnOrNone(asking: Asking, table: SurveyedTable, role: Role, assumed = false): Promise<string | null> {
  const answer = await asking.choose({
    ...questionOf(role),
    options: [...candidates(table, role).map(optionOf), { value: NONE, words: 'None' }],
    assumed,
    proposed: proposed(table, role) ?? NONE,
  })
  return answer === NONE ? null : answer
}

function questionOf(role: Role): Pick<Choice, 'id' | 'words'> {
  return { id: role, words: `Which column tells ${ROLES[role].words}?` }
}

function optionOf({ name }: { readonly name: string }): Option {
  return { value: name, words: name }
}

/** What no name of a column tells. */
async function restOf(
  ports: InitPorts,
  table: SurveyedTable,
  columns: Columns,
): Promise<Omit<Plan, 'url' | 'table' | 'columns'>> {
  const { asking } = ports
  const owner = await columnOrNone(asking, table, 'owner')
  const user = owner === null ? null : await userOf(asking, table, owner)
  const calendarId = await asking.text({
    id: 'calendar',
    words:
      user === null
        ? 'Into which calendar? Its id, or primary'
        : `Which calendar is that of ${user.value}? Its id, or primary`,
    proposed: 'primary',
  })
  const startType = columnType(table, columns.start)
  const wholeDays = columns.all_day !== null || startType !== 'instant'
  const endIs = !wholeDays
    ? 'day_after'
    : await asking.choose({
        id: 'end_of_day',
        words: `A whole day on 3 May: what does ${columns.end ?? 'the end'} hold?`,
        options: [
          { value: 'last_day', words: '3 May', hint: 'the last day itself' },
          { value: 'day_after', words: '4 May', hint: 'the day after, as calendars do' },
        ],
      })
  const zoneColumn = await columnOrNone(asking, table, 'zone')
  const zone = await asking.text({
    id: 'fixed_zone',
    words:
      zoneColumn === null
        ? 'In which time zone are the events?'
        : `Which time zone counts where ${zoneColumn} is empty?`,
    proposed: ports.zone,
    refused: (answer) => (isZone(answer) ? null : 'a zone is named as Europe/Berlin is'),
  })
  const money = columns.amount === null ? null : await moneyOf(asking)
  const deleted = await deletedOf(asking, table)
  const taken = [owner, zoneColumn, deleted, ...Object.values(columns)]
  const left = table.columns.filter(({ name, isKey }) => !isKey && !taken.includes(name))
  const exceptions = columns.recurrence === null ? null : await exceptionsOf(asking, { ...table, columns: left })
  return {
    owner,
    user,
    calendar: calendarId,
    endIs: endIs === 'last_day' ? 'last_day' : 'day_after',
    zoneColumn,
    zone,
    money,
    deleted,
    exceptions,
  }
}

function columnType(table: SurveyedTable, name: string | null): string {
  const column = table.columns.find((each) => each.name === name)
  return column === undefined ? 'text' : typeOf(table, column)
}

async function userOf(asking: Asking, table: SurveyedTable, owner: string): Promise<{ id: string; value: string }> {
  const known = [...new Set(table.rows.flatMap((row) => row[owner] ?? []))]
  const value = await asking.text({
    id: 'user',
    words: `Whose rows first? A value of ${owner}; more are added in the file`,
    ...(known[0] === undefined ? {} : { proposed: known[0] }),
  })
  return {
    id: `user-${value
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 40)}`,
    value,
  }
}

async function moneyOf(asking: Asking): Promise<{ locale: string; currency: string }> {
  const locale = await asking.text({
    id: 'locale',
    words: 'How do your people write amounts? A locale: de-DE for 1.234,56, en-US for 1,234.56',
    example: 'de-DE',
    refused: (answer) => (isLocale(answer) ? null : 'a locale is written as en-US is'),
  })
  const currency = await asking.text({
    id: 'currency',
    words: 'In which currency? Three letters',
    refused: (answer) => (/^[A-Z]{3}$/.test(answer) ? null : 'three capital letters, as EUR'),
  })
  return { locale, currency }
}

async function deletedOf(asking: Asking, table: SurveyedTable): Promise<string | null> {
  const columns = candidates(table, 'deleted').filter(({ likely }) => likely)
  if (columns.length === 0) return null
  const answer = await asking.choose({
    id: 'deleted',
    words: 'What does your application do with a deleted row?',
    options: [
      ...columns.map(({ name }) => ({ value: name, words: `It sets ${name}` })),
      { value: NONE, words: 'It removes the row' },
    ],
  })
  return answer === NONE ? null : answer
}

/** How a table keeps what differs from a series, in columns that are nothing else. */
async function exceptionsOf(asking: Asking, left: SurveyedTable): Promise<Plan['exceptions']> {
  const apart = (name: string): SurveyedTable => ({
    ...left,
    columns: left.columns.filter((each) => each.name !== name),
  })
  // One of them may be the only one that could be the other: it must not be taken for this.
  const series = candidates(left, 'series').filter(({ name }) => candidates(apart(name), 'original').length > 0)
  const canBeRows = series.length > 0 && candidates(left, 'cancelled').length > 0
  const rows: Option = { value: 'rows', words: 'In a row of its own, which names its series' }
  if (!canBeRows)
    await asking.note(
      'Single times of a series',
      `that are moved or cancelled in Google are not synced: ${left.name} has no columns left that could tell\n${EXCEPTION.map((role) => ROLES[role].words).join(', ')}`,
    )
  const kept = await asking.choose({
    id: 'exceptions',
    words: 'One time of a series is moved or cancelled: where does the table keep that?',
    ...(canBeRows ? {} : { proposed: NONE, assumed: true }),
    options: [
      ...(canBeRows ? [rows] : []),
      { value: NONE, words: 'Nowhere', hint: 'single times changed in Google are not synced' },
    ],
  })
  if (kept === NONE) return null
  const columns = left.columns.filter(({ name }) => series.some((each) => each.name === name))
  const chosen = await columnOf(asking, { ...left, columns }, 'series')
  return {
    series: chosen,
    original: await columnOf(asking, apart(chosen), 'original'),
    cancelled: await columnOf(asking, apart(chosen), 'cancelled'),
  }
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function isLocale(name: string): boolean {
  try {
    return /^[a-z]{2,3}(-[A-Z]{2})?$/.test(name) && Intl.NumberFormat.supportedLocalesOf(name).length > 0
  } catch {
    return false
  }
}
