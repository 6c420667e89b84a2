/** The part of Airtable's formulas that lists are filtered with. A function that is not here is a formula that is not valid. */
import { Malformed, parseFormula, type Node } from './formula-syntax.ts'

export type Primitive = string | number | boolean | Date | null

export interface Context {
  readonly recordId: string
  readonly createdAt: number
  readonly modifiedAt: number
  readonly now: number
  /** Of a field, by its name or id. */
  valueOf(name: string): Primitive
}

/** Throws Malformed, with a sentence: also for a function or a field that is not known. What it answers may throw as well. */
export function compile(formula: string, knows: (field: string) => boolean): (context: Context) => Primitive {
  const tree = parseFormula(formula)
  check(tree, knows)
  return (context) => valueOf(tree, context)
}

function check(node: Node, knows: (field: string) => boolean): void {
  if (node.kind === 'field' && !knows(node.name)) throw new Malformed(`Unknown field names: ${node.name.toLowerCase()}`)
  if (node.kind === 'call' && FUNCTIONS[node.name] === undefined)
    throw new Malformed(`the function ${node.name} is not known`)
  const inner = node.kind === 'call' ? node.parts : node.kind === 'operator' ? [node.left, node.right] : []
  for (const part of inner) check(part, knows)
}

/** Whether a list shows the record. */
export function isTrue(value: Primitive): boolean {
  if (value instanceof Date) return true
  return value !== null && value !== '' && value !== 0 && value !== false && !Number.isNaN(value)
}

/** As a cell tells it: empty where it is not there. */
export function primitiveJson(value: Primitive): unknown {
  if (value instanceof Date) return value.toISOString()
  return value === '' || value === false ? null : value
}

function valueOf(node: Node, context: Context): Primitive {
  switch (node.kind) {
    case 'value':
      return node.value
    case 'field':
      return context.valueOf(node.name)
    case 'operator':
      return operate(node.sign, valueOf(node.left, context), valueOf(node.right, context))
    case 'call': {
      const parts = node.parts.map((part) => () => valueOf(part, context))
      return FUNCTIONS[node.name]?.(parts, context) ?? null
    }
  }
}

function operate(sign: string, left: Primitive, right: Primitive): Primitive {
  switch (sign) {
    case '=':
      return isEqual(left, right)
    case '!=':
      return !isEqual(left, right)
    case '&':
      return textOf(left) + textOf(right)
    case '+':
      return numberOf(left) + numberOf(right)
    case '-':
      return numberOf(left) - numberOf(right)
    case '*':
      return numberOf(left) * numberOf(right)
    case '/':
      return numberOf(left) / numberOf(right)
    default: {
      const [one, other] = [numberOf(left), numberOf(right)]
      if (sign === '<') return one < other
      if (sign === '>') return one > other
      return sign === '<=' ? one <= other : one >= other
    }
  }
}

/** An empty cell equals an empty text, zero and false. */
function isEqual(left: Primitive, right: Primitive): boolean {
  if (left === null) return right === null || !isTrue(right)
  if (right === null) return isEqual(right, left)
  if (left instanceof Date || right instanceof Date) return timeOf(left) === timeOf(right)
  if (typeof left === typeof right) return left === right
  return typeof left === 'string' || typeof right === 'string'
    ? textOf(left) === textOf(right)
    : Number(left) === Number(right)
}

function textOf(value: Primitive): string {
  if (value === null) return ''
  return value instanceof Date ? value.toISOString() : String(value)
}

function numberOf(value: Primitive): number {
  if (value instanceof Date) return value.getTime()
  return value === null ? 0 : Number(value)
}

function timeOf(value: Primitive): number {
  if (value instanceof Date) return value.getTime()
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(at)) throw new Malformed('a time cannot be read')
  return at
}

type Lazy = () => Primitive
type Run = (parts: readonly Lazy[], context: Context) => Primitive

const first =
  (run: (value: Primitive) => Primitive): Run =>
  ([part]) =>
    run(part?.() ?? null)
const both =
  (run: (one: Primitive, other: Primitive) => Primitive): Run =>
  ([one, other]) =>
    run(one?.() ?? null, other?.() ?? null)
/** No comparison with an empty time is true. */
const times = (compare: (one: number, other: number) => boolean): Run =>
  both((one, other) => one !== null && other !== null && compare(timeOf(one), timeOf(other)))

const FUNCTIONS: Readonly<Record<string, Run>> = {
  AND: (parts) => parts.every((part) => isTrue(part())),
  OR: (parts) => parts.some((part) => isTrue(part())),
  NOT: first((value) => !isTrue(value)),
  IF: ([condition, yes, no]) => (isTrue(condition?.() ?? null) ? (yes?.() ?? null) : (no?.() ?? null)),
  TRUE: () => true,
  FALSE: () => false,
  BLANK: () => null,
  RECORD_ID: (_, { recordId }) => recordId,
  CREATED_TIME: (_, { createdAt }) => new Date(createdAt),
  /** Empty where nobody changed the record since it was made. */
  LAST_MODIFIED_TIME: (_, { createdAt, modifiedAt }) => (modifiedAt === createdAt ? null : new Date(modifiedAt)),
  NOW: (_, { now }) => new Date(now),
  DATETIME_PARSE: first((value) => (value === null ? null : new Date(timeOf(value)))),
  IS_AFTER: times((one, other) => one > other),
  IS_BEFORE: times((one, other) => one < other),
  IS_SAME: times((one, other) => one === other),
  CONCATENATE: (parts) => parts.map((part) => textOf(part())).join(''),
  LOWER: first((value) => textOf(value).toLowerCase()),
  UPPER: first((value) => textOf(value).toUpperCase()),
  TRIM: first((value) => textOf(value).trim()),
  LEN: first((value) => textOf(value).length),
  VALUE: first((value) => numberOf(value)),
  FIND: both((part, whole) => textOf(whole).indexOf(textOf(part)) + 1),
  SEARCH: both((part, whole) => textOf(whole).toLowerCase().indexOf(textOf(part).toLowerCase()) + 1),
}
