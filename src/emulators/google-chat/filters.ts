/** The filter language of Google's list methods: restrictions joined by AND and OR, where OR binds tighter. */
import { invalid } from './errors.ts'
import { parseTime, type Micros } from './time.ts'

export type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=' | ':'

export interface Restriction {
  /** Empty for a bare keyword. */
  readonly field: string
  readonly operator: Operator | null
  readonly value: string
  readonly quoted: boolean
}

/** All of the outer list, one of each inner list. */
export type Filter = readonly (readonly Restriction[])[]

interface Token {
  readonly kind: 'word' | 'string' | 'operator' | 'open' | 'close'
  readonly text: string
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|(>=|<=|!=|=|>|<|:)|(\()|(\))|([^\s()=<>:!"]+))/y

export function refuse(filter: string): never {
  throw invalid(`Invalid filter: ${filter}`)
}

/** `implicitAnd`: restrictions side by side count as joined by AND. */
export function parseFilter(text: string, implicitAnd = false): Filter {
  const tokens = tokensOf(text)
  let at = 0
  const word = (expected: string): boolean => tokens[at]?.kind === 'word' && tokens[at]?.text === expected
  const conjunction = (): Restriction[][] => {
    const all = disjunction()
    while (at < tokens.length && tokens[at]?.kind !== 'close') {
      if (word('AND')) at += 1
      else if (!implicitAnd) refuse(text)
      all.push(...disjunction())
    }
    return all
  }
  const disjunction = (): Restriction[][] => {
    const first = term()
    if (!word('OR')) return first
    const options = [...alternative(first)]
    while (word('OR')) {
      at += 1
      options.push(...alternative(term()))
    }
    return [options]
  }
  const alternative = (group: Restriction[][]): Restriction[] =>
    group.length === 1 && group[0] !== undefined ? group[0] : refuse(text)
  const term = (): Restriction[][] => {
    const token = tokens[at]
    at += 1
    if (token?.kind === 'open') {
      const inner = conjunction()
      if (tokens[at]?.kind !== 'close') refuse(text)
      at += 1
      return inner
    }
    if (token?.kind === 'string') return [[{ field: '', operator: null, value: token.text, quoted: true }]]
    if (token?.kind !== 'word' || token.text === 'AND' || token.text === 'OR') return refuse(text)
    const operator = tokens[at]
    if (operator?.kind !== 'operator') return [[{ field: '', operator: null, value: token.text, quoted: false }]]
    const value = tokens[at + 1]
    at += 2
    if (value === undefined || (value.kind !== 'word' && value.kind !== 'string')) return refuse(text)
    const quoted = value.kind === 'string'
    return [[{ field: token.text, operator: operatorOf(operator.text), value: value.text, quoted }]]
  }
  const parsed = conjunction()
  if (at < tokens.length) refuse(text)
  return parsed
}

/** The single restriction of each conjunct, for filters that know no OR. */
export function conjuncts(filter: Filter, text: string): Restriction[] {
  return filter.map((options) => {
    const [only, ...others] = options
    return only === undefined || others.length > 0 ? refuse(text) : only
  })
}

/** Times must be RFC 3339 in double quotes. */
export function timeIn(restriction: Restriction, text: string): Micros {
  const time = restriction.quoted ? parseTime(restriction.value) : null
  return time ?? refuse(text)
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  let at = 0
  while (at < end) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match === null) return refuse(text)
    at = TOKEN.lastIndex
    const [, string, operator, open, close, word] = match
    if (string !== undefined) tokens.push({ kind: 'string', text: string.slice(1, -1).replace(/\\(.)/g, '$1') })
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator })
    else if (open !== undefined) tokens.push({ kind: 'open', text: open })
    else if (close !== undefined) tokens.push({ kind: 'close', text: close })
    else tokens.push({ kind: 'word', text: word ?? '' })
  }
  if (tokens.length === 0) refuse(text)
  return tokens
}

function operatorOf(text: string): Operator {
  for (const operator of ['=', '!=', '>', '>=', '<', '<=', ':'] as const) if (operator === text) return operator
  return refuse(text)
}
