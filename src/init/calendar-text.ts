/** The configuration of a table of events and Google Calendar, with its comments. */
import type { SurveyedColumn, SurveyedTable } from '../connectors/database/survey.ts'
import { type Columns, typeOf } from './roles.ts'
import { HEAD } from './template.ts'
import { quote } from './yaml.ts'

export interface Plan {
  readonly url: string
  readonly table: SurveyedTable
  readonly columns: Columns
  readonly owner: string | null
  /** The first account; null: the rows are nobody's in particular. */
  readonly user: { readonly id: string; readonly value: string } | null
  readonly calendar: string
  readonly endIs: 'last_day' | 'day_after'
  readonly zoneColumn: string | null
  readonly zone: string
  readonly money: { readonly locale: string; readonly currency: string } | null
  readonly deleted: string | null
  /** Null: single times of a series are not synced. */
  readonly exceptions: { readonly series: string; readonly original: string; readonly cancelled: string } | null
}

export function calendarText(plan: Plan): string {
  const { user } = plan
  return [
    HEAD,
    'listen:',
    '  # public_url: https://sync.example.org # Google sends there what changes; without it changes are polled',
    '  webhooks: 127.0.0.1:8484',
    '',
    ...(user === null
      ? []
      : [
          'accounts: # one user each; connection and flow are written once for all of them',
          `  ${user.id}: { user: ${quote(user.value)}, calendar: ${quote(plan.calendar)} }`,
          '',
        ]),
    'connections:',
    ...databaseLines(plan),
    '  calendar:',
    ...(user === null ? [] : ['    per: account']),
    '    connector: google-calendar',
    '    client_id: ${GOOGLE_CLIENT_ID}',
    '    client_secret: ${GOOGLE_CLIENT_SECRET}',
    `    # "lockstep connect calendar${user === null ? '' : `/${user.id}`}" signs in, and keeps the token sealed in the store.`,
    '',
    'flows:',
    '  events:',
    ...(user === null ? [] : ['    per: account']),
    '    between: [app, calendar]',
    '    scopes:',
    user === null ? `      - [all, ${quote(plan.calendar)}]` : '      - ["${account.user}", "${account.calendar}"]',
    '    start: all # or now: rows and events made before are left alone',
    '    kinds:',
    '      owner-calendar: { a: owner, b: calendar }',
    ...eventLines(plan),
    '',
  ].join('\n')
}

function databaseLines(plan: Plan): readonly string[] {
  const { table, columns, owner, exceptions, deleted, zoneColumn } = plan
  const place = plan.url.startsWith('sqlite:') ? quote(plan.url) : '${DATABASE_URL}'
  const taken = [columns.title, columns.description, columns.start, columns.end, columns.all_day, zoneColumn]
  const own = [...taken, columns.amount, columns.category, columns.recurrence].filter((each) => each !== null)
  const keys = table.columns.filter(({ isKey }) => isKey)
  const besides = [owner, deleted, columns.created, columns.updated, ...Object.values(exceptions ?? {})]
  const left = table.columns.filter(({ name, isKey }) => !isKey && ![...own, ...besides].includes(name))
  const common = [
    `        table: ${quote(table.name)}`,
    `        key: ${keys.length === 1 ? quote(keys[0]?.name ?? '') : `[${keys.map(({ name }) => quote(name)).join(', ')}]`}`,
    ...(isNumbered(keys)
      ? []
      : ['        keys: uuid # made by Lockstep; a table with a default of its own leaves this out']),
    ...(owner === null ? [] : [`        owner: ${quote(owner)}`]),
    ...(deleted === null ? [] : [deletedLine(table, deleted)]),
    ...(columns.created === null ? [] : [`        created: ${quote(columns.created)}`]),
    ...(columns.updated === null ? [] : [`        updated: ${quote(columns.updated)}`]),
  ]
  const columnLine = (name: string): string => `          ${fieldOf(name)}: ${typed(table, name)}`
  return [
    '  app:',
    '    connector: database',
    `    url: ${place}`,
    '    tables:',
    '      entry:',
    ...common,
    ...(exceptions === null
      ? []
      : [`        where: { ${quote(exceptions.series)}: null }`, '        takes: [exception]']),
    '        columns:',
    ...own.map(columnLine),
    ...(left.length === 0 ? [] : [`          # not synced: ${left.map(({ name }) => name).join(', ')}`]),
    ...(exceptions === null
      ? []
      : [
          '      exception: # the same table: rows that are one time of a series',
          ...common,
          `        where: { ${quote(exceptions.series)}: { not: null } }`,
          '        columns:',
          `          series: { type: ref, column: ${quote(exceptions.series)}, to: entry, required: true, written: on-create }`,
          `          original: { type: ${typeNamed(table, exceptions.original)}, column: ${quote(exceptions.original)}, required: true, written: on-create }`,
          `          cancelled: { type: boolean, column: ${quote(exceptions.cancelled)} }`,
          ...[columns.title, columns.start, columns.end, columns.all_day, zoneColumn, columns.amount]
            .filter((each) => each !== null)
            .map(columnLine),
          '        under: series',
          '        unique: [series, original]',
        ]),
  ]
}

function deletedLine(table: SurveyedTable, deleted: string): string {
  return typeNamed(table, deleted) === 'boolean'
    ? `        deleted: { column: ${quote(deleted)}, type: boolean }`
    : `        deleted: ${quote(deleted)}`
}

/** Whether the database makes the keys of new rows. */
function isNumbered(keys: readonly SurveyedColumn[]): boolean {
  return keys.every(({ type }) => /int/.test(type))
}

function eventLines({ table, columns, money, endIs, zoneColumn, zone, exceptions }: Plan): readonly string[] {
  const wholeDays = columns.all_day === null ? '' : `, all_day: ${fieldOf(columns.all_day)}`
  const zoned = zoneColumn === null ? '' : `, zone: ${fieldOf(zoneColumn)}`
  const last = endIs === 'last_day' ? ', end_is: last_day' : ''
  const anchor = (name: string): string => (exceptions === null ? '' : ` &${name}`)
  return [
    '      entry-event:',
    '        a: entry',
    '        b: event',
    '        match: [title, when] # pairs what stands on both sides already',
    '        fields:',
    ...(columns.amount === null || money === null
      ? [`          title:${anchor('title')} { a: ${fieldOf(columns.title)}, b: summary }`]
      : [
          `          title:${anchor('title')} # whoever changes the amount in the calendar changes the column`,
          '            b: summary',
          `            template: "{${fieldOf(columns.title)}}[ · {${fieldOf(columns.amount)}}]"`,
          `            formats: { ${fieldOf(columns.amount)}: { locale: ${money.locale}, decimals: 2, currency: ${money.currency} } }`,
        ]),
    ...descriptionLines(columns),
    `          when:${anchor('when')}`,
    '            as: span',
    `            a: { start: ${fieldOf(columns.start)}, end: ${fieldOf(columns.end)}${wholeDays}${zoned}${last} }`,
    '            b: { start: start, end: end, zone: zone }',
    `            zone: ${zone} # of what names none`,
    ...(columns.recurrence === null ? [] : [recurrenceLine(table, columns.recurrence)]),
    '          # colour: { b: colour, rules: [{ when: { … }, value: "11" }, { value: "9" }], others: replace }',
    ...(exceptions === null
      ? []
      : [
          '      exception-exception:',
          '        a: exception',
          '        b: exception',
          '        fields:',
          '          series: { a: series, b: series }',
          '          original: { a: original, b: original }',
          '          cancelled: { a: cancelled, b: cancelled }',
          '          title: *title',
          '          when: *when',
        ]),
  ]
}

function descriptionLines({ description, category }: Columns): readonly string[] {
  if (category === null)
    return description === null ? [] : [`          details: { a: ${fieldOf(description)}, b: description }`]
  const text = description === null ? '' : `{${fieldOf(description)}}`
  return [
    '          details:',
    '            b: description',
    `            template: "${description === null ? `Category: {${fieldOf(category)}}` : `${text}[\\nCategory: {${fieldOf(category)}}]`}"`,
    ...(description === null ? [] : [`            formats: { ${fieldOf(description)}: { as: text } }`]),
  ]
}

function typed(table: SurveyedTable, name: string): string {
  const type = typeNamed(table, name)
  const filled = filledOf(table, name, type)
  const said = [...(fieldOf(name) === name ? [] : [`column: ${quote(name)}`]), ...(filled === null ? [] : [filled])]
  return said.length === 0 ? type : `{ type: ${type}, ${said.join(', ')} }`
}

/** Of a column that may not be null: what stands for nothing there, where its default says so; else it is always filled. */
function filledOf({ columns }: SurveyedTable, name: string, type: string): string | null {
  const column = columns.find((each) => each.name === name)
  if (column === undefined || !column.required || column.isKey) return null
  const preset = (column.preset ?? '').replace(/::[^']+$/, '').replace(/^'(.*)'$/, '$1')
  if (type === 'decimal' && /^\(*0+(\.0+)?\)*$/.test(preset)) return 'empty: 0'
  if (type === 'text' && column.preset !== null && preset === '') return 'empty: ""'
  return 'required: true'
}

/** Some applications keep a rule without its name. */
function isBareRule({ rows }: SurveyedTable, name: string): boolean {
  const rules = rows.flatMap((row) => row[name]?.trim() ?? []).filter((each) => each !== '')
  return rules.length > 0 && rules.every((each) => /^(FREQ|INTERVAL|COUNT|UNTIL|BY\w+|WKST)=/i.test(each))
}

function recurrenceLine(table: SurveyedTable, name: string): string {
  const field = fieldOf(name)
  return isBareRule(table, name)
    ? `          recurrence: { b: recurrence, template: "[RRULE:{${field}}]" } # the column holds the rule without its name`
    : `          recurrence: { a: ${field}, b: recurrence }`
}

function typeNamed(table: SurveyedTable, name: string): string {
  const column = table.columns.find((each) => each.name === name)
  return column === undefined ? 'text' : typeOf(table, column)
}

/** The name of a field, which not every name of a column can be. */
export function fieldOf(column: string): string {
  return column
    .replaceAll(/[^\w-]/g, '_')
    .replace(/^(?![a-zA-Z])/, 'c_')
    .slice(0, 63)
}
