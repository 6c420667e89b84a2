/**
 * A YAML text as plain data, with variables filled in, templates written out for every account, and the place of every
 * key and item kept.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document as Yaml,
  type Node,
  type YAMLMap,
} from 'yaml'
import { idFor, isEntry, templateOf, type Accounts } from './accounts.ts'
import { filled, type Filling } from './filled.ts'
import { ID } from './flow-schema.ts'
import { badId } from './issues.ts'
import { placeOf, type Finding, type Path } from './problem.ts'

export interface Document {
  /** Undefined where the text is not YAML. */
  readonly data: unknown
  readonly findings: readonly Finding[]
  /** Paths of texts in which variables stood. */
  readonly interpolated: readonly Path[]
  readonly accounts: Accounts
  /** Paths of texts in which a value of an account stood. */
  readonly personal: readonly Path[]
  /** Counted from 1: where this is, or else the nearest thing around it. */
  at(path: Path): { readonly line: number; readonly column: number }
}

/** Deeper than any configuration; an alias may point to what it stands in. */
const MAX_DEPTH = 24
const MAX_NODES = 100_000

export function readDocument(text: string, variable: (name: string) => string | undefined): Document {
  const lines = new LineCounter()
  const yaml = parseDocument(text, { prettyErrors: false, lineCounter: lines, stringKeys: true })
  const offsets = new Map<string, number>([['', 0]])
  const at = (path: Path) => {
    for (let length = path.length; length > 0; length--) {
      const offset = offsets.get(placeOf(path.slice(0, length)))
      if (offset !== undefined) return position(lines, offset)
    }
    return { line: 1, column: 1 }
  }
  const broken = yaml.errors.map((error, index): Finding => {
    offsets.set(placeOf(['yaml', index]), error.pos[0])
    return { code: 'yaml', path: ['yaml', index], message: meaningOf(error.code), remedy: 'correct this line' }
  })
  const accounts = new Map<string, ReadonlyMap<string, string>>()
  const found = { findings: [], interpolated: [], personal: [], accounts }
  if (broken.length > 0) return { ...found, data: undefined, findings: broken.slice(0, 1), at }
  for (const [id, values] of entriesAt(yaml.get('accounts', true), yaml))
    if (ID.test(id)) accounts.set(id, textsIn(values, yaml))
  const walk: Walk = { ...found, yaml, variable, offsets, account: null, nodes: 0 }
  const data = yaml.contents === null ? {} : valueOf(yaml.contents, [], walk)
  return { ...found, data: data ?? {}, at }
}

interface Walk extends Filling {
  readonly yaml: Yaml
  readonly offsets: Map<string, number>
  readonly accounts: Accounts
  nodes: number
}

function entriesAt(node: unknown, yaml: Yaml): readonly (readonly [string, unknown])[] {
  const target = isAlias(node) ? node.resolve(yaml) : node
  return isMap(target) ? target.items.map(({ key, value }) => [nameOf(key), value] as const) : []
}

/** As they are written: `007` is no number. What has no value is not there. */
function textsIn(node: unknown, yaml: Yaml): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [name, value] of entriesAt(node, yaml)) {
    const target = isAlias(value) ? value.resolve(yaml) : value
    if (!isScalar(target) || target.value === null) continue
    texts.set(name, typeof target.value === 'string' ? target.value : (target.source ?? JSON.stringify(target.value)))
  }
  return texts
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key)
}

function valueOf(node: unknown, path: Path, walk: Walk): unknown {
  walk.nodes += 1
  if (path.length > MAX_DEPTH || walk.nodes > MAX_NODES) return tooLarge(path, walk)
  const target = isAlias(node) ? node.resolve(walk.yaml) : node
  if (!walk.offsets.has(placeOf(path))) walk.offsets.set(placeOf(path), offsetOf(node))
  if (isSeq(target)) return target.items.map((item, index) => valueOf(item, [...path, index], walk))
  if (isMap(target)) return Object.fromEntries(target.items.flatMap((pair) => entriesOf(pair, path, walk)))
  const value = isScalar(target) ? target.value : null
  // The values of an account are filled in where they are used.
  return typeof value === 'string' && path[0] !== 'accounts' ? filled(value, path, walk) : value
}

/** One entry of a map; of a template, one for each account. */
function entriesOf({ key, value }: YAMLMap['items'][number], path: Path, walk: Walk): readonly [string, unknown][] {
  const name = nameOf(key)
  const place = [...path, name]
  if (isEntry(place) && templateOf(name) !== null) {
    walk.offsets.set(placeOf(place), offsetOf(key))
    walk.findings.push(badId(place))
    return []
  }
  if (!isEntry(place) || !isTemplate(value, walk.yaml)) return [[name, at(place, walk)]]
  const { nodes } = walk
  if (!walk.yaml.has('accounts')) {
    const remedy = 'add `accounts:` with an id for each user of your product, and the values that differ'
    walk.offsets.set(placeOf(place), offsetOf(key))
    walk.findings.push({
      code: 'no-account',
      path: place,
      message: 'there are no accounts that it could be for',
      remedy,
    })
  }
  return [...walk.accounts].map(([id, values]) => {
    const account = { ...walk, account: { id, values }, nodes }
    const own = idFor(name, id)
    const entry = at([...path, own], account)
    walk.nodes = Math.max(walk.nodes, account.nodes)
    return [own, entry]
  })

  function at(own: Path, within: Walk): unknown {
    walk.offsets.set(placeOf(own), offsetOf(key))
    return valueOf(value, own, within)
  }
}

function isTemplate(node: unknown, yaml: Yaml): boolean {
  return entriesAt(node, yaml).some(([name, value]) => name === 'per' && isScalar(value) && value.value === 'account')
}

/** Told once, for a text that is this large is no configuration. */
function tooLarge(path: Path, walk: Walk): null {
  if (!walk.findings.some(({ code }) => code === 'yaml'))
    walk.findings.push({ code: 'yaml', path, message: 'this goes too deep', remedy: 'write it without aliases (`*`)' })
  return null
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0
}

function isNode(node: unknown): node is Node {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)
}

function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

/** In own words: the parser's quote the text, which may hold a secret. */
function meaningOf(code: string): string {
  const meanings: { readonly [code: string]: string } = {
    BAD_INDENT: 'the indentation does not fit the lines above',
    TAB_AS_INDENT: 'the line is indented with a tab, where YAML wants spaces',
    DUPLICATE_KEY: 'this key stands here twice',
    MISSING_CHAR: 'a bracket, a quote or a comma is missing',
    BAD_ALIAS: 'this alias (`*`) points to nothing',
    BLOCK_AS_IMPLICIT_KEY: 'a value may not begin with another `key:` on the same line',
    MULTILINE_IMPLICIT_KEY: 'a `:` is missing, or a value goes on in the next line',
    MULTIPLE_DOCS: 'the file holds more than one document (`---`)',
    BAD_SCALAR_START: 'a value may not begin with this character; put it in quotes',
    NON_STRING_KEY: 'a key has to be text',
  }
  return meanings[code] ?? `this is not valid YAML (${code})`
}
