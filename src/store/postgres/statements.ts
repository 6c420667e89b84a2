/** Verbs' SQL on PostgreSQL. */
import type { Sql, Statement } from '../sql.ts'
import { objectsOf, type Bridge, type Parameter, type Question } from './bridge.ts'

/** Prepared by the server with their first use, as many as there are texts. */
export function statementsOn(bridge: Bridge): Sql {
  const prepared = new Map<string, Statement>()
  return {
    get(text) {
      let statement = prepared.get(text)
      if (statement === undefined) {
        statement = isControl(text) ? controlOf(bridge, text) : statementOf(bridge, prepared.size + 1, numbered(text))
        prepared.set(text, statement)
      }
      return statement
    },
  }
}

function statementOf(bridge: Bridge, id: number, text: string): Statement {
  let isKnown = false
  const ask = (values: readonly Parameter[]): ReturnType<Bridge['ask']> => {
    const question: Question = { id, text: isKnown ? null : text, values: values.map(storable) }
    isKnown = true
    return bridge.ask(question)
  }
  return {
    run: (...values) => ({ changes: ask(values).changes }),
    get: (...values) => objectsOf(ask(values))[0],
    all: (...values) => objectsOf(ask(values)),
  }
}

/** What begins, parts and ends transactions: it is taken as well where a statement has failed. */
function isControl(text: string): boolean {
  return /^(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/.test(text)
}

function controlOf(bridge: Bridge, text: string): Statement {
  const run = (): { changes: number } => ({ changes: bridge.ask({ id: 0, text, values: [] }).changes })
  return { run, get: () => (run(), undefined), all: () => (run(), []) }
}

/** `?` and `?1` as PostgreSQL writes them; what stands between quotes is left. */
export function numbered(text: string): string {
  let last = 0
  return text.replaceAll(/'[^']*'|\?(\d*)/g, (found: string, number: string | undefined) =>
    number === undefined ? found : `$${number === '' ? (last += 1) : number}`,
  )
}

/** Text holds no character 0: another stands in its place. */
function storable(value: Parameter): Parameter {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\u{FFFD}') : value
}
