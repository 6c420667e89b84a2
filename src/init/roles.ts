/** Which columns of a table of events look like what: proposals by name and type, for a person to judge. */
import type { SurveyedColumn, SurveyedTable } from '../connectors/database/survey.ts'

export type Role =
  | 'title'
  | 'description'
  | 'start'
  | 'end'
  | 'all_day'
  | 'zone'
  | 'amount'
  | 'category'
  | 'recurrence'
  | 'series'
  | 'original'
  | 'cancelled'
  | 'owner'
  | 'deleted'
  | 'created'
  | 'updated'

export type ConfiguredType = 'text' | 'decimal' | 'boolean' | 'date' | 'instant' | 'json'

interface Guess {
  /** As people say it. */
  readonly words: string
  readonly names: RegExp
  readonly fits: readonly ConfiguredType[]
}

export const ROLES: { readonly [role in Role]: Guess } = {
  title: { words: 'the title', names: /^(title|name|subject|summary|label)$/, fits: ['text'] },
  description: { words: 'the description', names: /^(description|notes?|details?|body|memo|comment)$/, fits: ['text'] },
  start: {
    words: 'when it begins',
    names: /^(start|starts|begin|begins|from|date|day)(_?(at|on|time|date))?$/,
    fits: ['instant', 'date', 'text'],
  },
  end: {
    words: 'when it ends',
    names: /^(end|ends|until|to|finish|last_day)(_?(at|on|time|date))?$/,
    fits: ['instant', 'date', 'text'],
  },
  all_day: { words: 'whether it lasts whole days', names: /^(is_)?(all|whole|full)_?day$/, fits: ['boolean'] },
  zone: { words: 'its time zone', names: /^(time_?zone|tz|zone)$/, fits: ['text'] },
  amount: { words: 'an amount of money', names: /^(amount|price|total|value|sum|cost)$/, fits: ['decimal'] },
  category: { words: 'its category', names: /^(category|kind|type|group)$/, fits: ['text'] },
  recurrence: {
    words: 'how it repeats (RRULE)',
    names: /^(recurrence|rrule|recurrence_rule|repeats?)$/,
    fits: ['text'],
  },
  series: {
    words: 'the series that a row is one time of',
    names: /^(series|parent|master|recurring|recurring_event)_?id$/,
    fits: ['text', 'decimal'],
  },
  original: {
    words: 'which time of its series a row is',
    names: /^(original|occurrence|recurrence_id)(_?(start|date|time|at))*$/,
    fits: ['text', 'instant'],
  },
  cancelled: { words: 'whether that time is cancelled', names: /^(is_)?cancell?ed$/, fits: ['boolean'] },
  owner: {
    words: 'whose row it is',
    names: /^(user|owner|account|member|customer|tenant|employee)(_?id)?$/,
    fits: ['text', 'decimal'],
  },
  deleted: { words: 'that it is deleted', names: /^(is_)?deleted(_?at)?$/, fits: ['instant', 'boolean', 'text'] },
  created: {
    words: 'when the row was made',
    names: /^(created|inserted|made)(_?(at|on))?$/,
    fits: ['instant', 'text'],
  },
  updated: {
    words: 'when it was last changed',
    names: /^(updated|modified|changed)(_?(at|on))?$/,
    fits: ['instant', 'text'],
  },
}

/** As the database connector is to read a column. SQLite says little of its types, so what stands there counts too. */
export function typeOf(table: SurveyedTable, { name, type }: SurveyedColumn): ConfiguredType {
  if (type.startsWith('bool')) return 'boolean'
  if (/^jsonb?$/.test(type)) return 'json'
  if (/^date$/.test(type)) return 'date'
  if (/^(timestamp|datetime)/.test(type)) return 'instant'
  if (/^(small|big|tiny)?int|^numeric|^decimal|^real|^double|^float|^money/.test(type))
    return /^(is_|has_)|^(all|whole|full)_?day$|cancell?ed$/.test(name) ? 'boolean' : 'decimal'
  const shown = table.rows.flatMap((row) => row[name] ?? [])
  if (shown.length > 0 && shown.every((each) => /^\d{4}-\d\d-\d\d$/.test(each))) return 'date'
  if (shown.length > 0 && shown.every((each) => /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(each))) return 'instant'
  const isMoney = shown.length > 0 && shown.every((each) => /^-?\d+(\.\d+)?$/.test(each))
  return isMoney && ROLES.amount.names.test(name.toLowerCase()) ? 'decimal' : 'text'
}

/** The columns that could be it, the likely ones first. */
export function candidates(
  table: SurveyedTable,
  role: Role,
): readonly { readonly name: string; readonly likely: boolean }[] {
  const { names, fits } = ROLES[role]
  return table.columns
    .filter((column) => !column.many && fits.includes(typeOf(table, column)))
    .map(({ name }) => ({ name, likely: names.test(name.toLowerCase()) }))
    .sort((left, right) => Number(right.likely) - Number(left.likely))
}

/** The one column that is likely it; null: none, or several. */
export function proposed(table: SurveyedTable, role: Role): string | null {
  const likely = candidates(table, role).filter((each) => each.likely)
  return likely.length === 1 ? (likely[0]?.name ?? null) : null
}

export const NEEDED = ['title', 'start', 'end'] as const
export const OPTIONAL = ['description', 'all_day', 'amount', 'category', 'recurrence', 'created', 'updated'] as const
/** What a row tells that is one time of a series: all of it, or it is none. */
export const EXCEPTION = ['series', 'original', 'cancelled'] as const

/** The columns that names and types may tell; null: there is none. */
export type Columns = { readonly [role in (typeof NEEDED)[number]]: string } & {
  readonly [role in (typeof OPTIONAL)[number]]: string | null
}
