/** A YAML text as plain data, with variables filled in and the place of every key and item kept. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document as Yaml, type Node } from 'yaml'
import { placeOf, type Finding, type Path } from './problem.ts'

export interface Document {
  /** Undefined where the text is not YAML. */
  readonly data: unknown
  readonly findings: readonly Finding[]
  /** Paths of texts in which variables stood. */
  readonly interpolated: readonly Path[]
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
  if (broken.length > 0) return { data: undefined, findings: broken.slice(0, 1), interpolated: [], at }
  const walk: Walk = { yaml, variable, offsets, findings: [], interpolated: [], nodes: 0 }
  const data = yaml.contents === null ? {} : valueOf(yaml.contents, [], walk)
  return { data: data ?? {}, findings: walk.findings, interpolated: walk.interpolated, at }
}

interface Walk {
  readonly yaml: Yaml
  readonly variable: (name: string) => string | undefined
  readonly offsets: Map<string, number>
  readonly findings: Finding[]
  readonly interpolated: Path[]
  nodes: number
}

function valueOf(node: unknown, path: Path, walk: Walk): unknown {
  walk.nodes += 1
  if (path.length > MAX_DEPTH || walk.nodes > MAX_NODES) return tooLarge(path, walk)
  const target = isAlias(node) ? node.resolve(walk.yaml) : node
  if (!walk.offsets.has(placeOf(path))) walk.offsets.set(placeOf(path), offsetOf(node))
  if (isSeq(target)) return target.items.map((item, index) => valueOf(item, [...path, index], walk))
  if (isMap(target)) {
    const entries = target.items.map(({ key, value }): [string, unknown] => {
      const name = isScalar(key) ? String(key.value) : String(key)
      const place = [...path, name]
      walk.offsets.set(placeOf(place), offsetOf(key))
      return [name, valueOf(value, place, walk)]
    })
    return Object.fromEntries(entries)
  }
  const value = isScalar(target) ? target.value : null
  return typeof value === 'string' ? filled(value, path, walk) : value
}

/** Told once, for a text that is this large is no configuration. */
function tooLarge(path: Path, walk: Walk): null {
  if (!walk.findings.some(({ code }) => code === 'yaml'))
    walk.findings.push({ code: 'yaml', path, message: 'this goes too deep', remedy: 'write it without aliases (`*`)' })
  return null
}

/** `${NAME}` becomes the variable's value, after parsing, so that a value is never read as YAML; `$${` is `${`. */
function filled(text: string, path: Path, walk: Walk): string {
  if (!text.includes('${')) return text
  walk.interpolated.push(path)
  return text.replace(/\$\$\{|\$\{([^}]*)\}?/g, (found: string, name: string | undefined) => {
    if (name === undefined) return '${'
    if (!/^[A-Za-z_]\w*$/.test(name) || !found.endsWith('}')) {
      const remedy = 'write `${NAME}`, or `$${` for the characters themselves'
      walk.findings.push({ code: 'invalid', path, message: 'this is no variable', remedy })
      return ''
    }
    const value = walk.variable(name)
    if (value !== undefined && value !== '') return value
    walk.findings.push({
      code: 'missing-variable',
      path,
      message: `the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`,
      remedy: `set ${name} in the environment, or in the file .env beside the configuration`,
    })
    return ''
  })
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
