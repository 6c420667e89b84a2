/** How the values of a field stand in a text: by its type, and as the configuration says. */
import type { Field } from '../connector/values.ts'
import {
  dateFormat,
  instantFormat,
  LINE,
  listFormat,
  numberFormat,
  TEXT,
  wallClock,
  WORD,
  yesNo,
  type Format,
  type WallClock,
} from '../mappings/index.ts'
import type { FormatSetting } from './lens-schema.ts'
import type { Finding, Path } from './problem.ts'

type Report = (finding: Finding) => void
type As = NonNullable<FormatSetting['as']>

const BY_TYPE: { readonly [type in Field['type']]?: readonly As[] } = {
  text: ['line', 'word', 'text'],
  rich: ['text', 'line', 'word'],
  decimal: ['number'],
  date: ['date'],
  instant: ['time'],
  boolean: ['yes-no'],
}

const USED: { readonly [as in As]: readonly (keyof FormatSetting)[] } = {
  line: [],
  word: [],
  text: [],
  number: ['locale', 'decimals', 'currency', 'show_currency', 'grouping', 'negative'],
  date: ['pattern'],
  time: ['pattern', 'zone'],
  'yes-no': ['yes', 'no'],
  list: ['separator'],
}

/** Null: a finding was reported. `name`: of the field. */
export function formatOf(
  name: string,
  field: Field,
  setting: FormatSetting,
  path: Path,
  report: Report,
): Format | null {
  const choices: readonly As[] = field.many === 'set' && field.type === 'text' ? ['list'] : (BY_TYPE[field.type] ?? [])
  const [usual] = field.many === 'list' ? [] : choices
  if (usual === undefined) {
    const message = `${name} holds ${field.many === undefined ? '' : `a ${field.many} of `}${field.type}, which does not stand in a text`
    report({ code: 'unfit-fields', path, message, remedy: 'leave it out' })
    return null
  }
  const as = setting.as ?? usual
  if (!choices.includes(as)) {
    const message = `${name} holds ${field.type}, which is no ${as}`
    report({
      code: 'unfit-fields',
      path: [...path, 'as'],
      message,
      remedy: `write ${choices.join(' or ')}, or leave it out`,
    })
    return null
  }
  for (const option of Object.keys(setting))
    if (option !== 'as' && !USED[as].some((each) => each === option)) {
      const message = `\`${option}\` says nothing about ${name}, which stands there as ${as}`
      report({ code: 'invalid', path: [...path, option], message, remedy: 'leave it out' })
      return null
    }
  return made(as, setting, path, report)
}

function made(as: As, setting: FormatSetting, path: Path, report: Report): Format | null {
  switch (as) {
    case 'line':
      return LINE
    case 'word':
      return WORD
    case 'text':
      return TEXT
    case 'number':
      return numbers(setting, path, report)
    case 'date':
      return whole(dateFormat(setting.pattern ?? 'YYYY-MM-DD'), 'YYYY, MM and DD', path, report)
    case 'time': {
      const clock = clockOf(setting.zone ?? 'UTC', [...path, 'zone'], report)
      const pattern = setting.pattern ?? 'YYYY-MM-DD HH:mm'
      return clock === null ? null : whole(instantFormat(pattern, clock), 'YYYY, MM, DD, HH and mm', path, report)
    }
    case 'yes-no':
      return yesNo(setting.yes ?? 'yes', setting.no ?? 'no')
    case 'list':
      return listFormat(setting.separator ?? ', ')
  }
}

function whole(format: Format | null, units: string, path: Path, report: Report): Format | null {
  if (format === null)
    report({
      code: 'invalid',
      path: [...path, 'pattern'],
      message: 'this pattern does not say all of it',
      remedy: `use ${units}`,
    })
  return format
}

function numbers(setting: FormatSetting, path: Path, report: Report): Format | null {
  const { locale, decimals, currency, grouping, negative, show_currency: showCurrency } = setting
  try {
    return numberFormat({
      locale: locale ?? 'en-US',
      ...(decimals === undefined ? {} : { decimals }),
      ...(currency === undefined ? {} : { currency }),
      ...(showCurrency === undefined ? {} : { showCurrency }),
      ...(grouping === undefined ? {} : { grouping }),
      ...(negative === undefined ? {} : { negative }),
    })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    report({
      code: 'invalid',
      path: [...path, isCurrency(currency) ? 'locale' : 'currency'],
      message: isCurrency(currency) ? 'there is no such locale' : 'this is no code of a currency',
      remedy: isCurrency(currency) ? 'write one such as de-DE or en-GB' : 'write one such as EUR or USD',
    })
    return null
  }
}

function isCurrency(code: string | undefined): boolean {
  return code === undefined || /^[A-Za-z]{3}$/.test(code)
}

/** Null: a finding was reported. */
export function clockOf(zone: string, path: Path, report: Report): WallClock | null {
  try {
    return wallClock(zone)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    report({ code: 'invalid', path, message: 'there is no such time zone', remedy: 'write one such as Europe/Berlin' })
    return null
  }
}
