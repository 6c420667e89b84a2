/** What the schema finds wrong, in words for a person: each finding names its place and the remedy, and no value. */
import type { z } from 'zod'
import { suggestion, type Finding, type Path } from './problem.ts'
import { RESERVED } from './sides.ts'
import { dataAt, nodesAt, type SchemaNode } from './schema-tree.ts'

type Issue = z.core.$ZodIssue

/** `base`: the path of what was parsed; `rename` writes a step of an issue's path as it stands in the file. */
export function findingsOf(
  issues: readonly Issue[],
  schema: SchemaNode,
  data: unknown,
  base: Path = [],
  rename: (step: string | number) => string | number = (step) => step,
): readonly Finding[] {
  return issues.flatMap((issue) => {
    const steps = issue.path.flatMap((step) => (typeof step === 'symbol' ? [] : [rename(step)]))
    return findingOf(issue, [...base, ...steps], schema, data)
  })
}

function findingOf(issue: Issue, path: Path, schema: SchemaNode, data: unknown): readonly Finding[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, schema, data))
  if (issue.code === 'invalid_key') return [badId(path)]
  if (issue.code === 'invalid_union') return unionFindings(issue, path, schema, data)
  const nodes = nodesAt(schema, path, data)
  if (dataAt(data, path) === undefined) return [missing(path, nodes)]
  return [{ code: 'invalid', path, message: messageOf(issue, nodes), remedy: remedyOf(nodes) }]
}

function unknownKey(key: string, path: Path, schema: SchemaNode, data: unknown): Finding {
  const known = nodesAt(schema, path, data).flatMap((node) => Object.keys(node.properties ?? {}))
  return {
    code: 'unknown-key',
    path: [...path, key],
    message: `there is no option \`${key}\` here`,
    remedy: suggestion(key, [...new Set(known)]),
  }
}

export function badId(path: Path): Finding {
  const id = String(path.at(-1))
  if (path[0] === 'accounts' && path.length === 3)
    return {
      code: 'invalid',
      path,
      message: id === 'id' ? '`id` is the id of the account itself' : 'this cannot be the name of a value',
      remedy: 'use another name: a letter, then letters, digits and `_`',
    }
  return {
    code: 'invalid',
    path,
    message: RESERVED.includes(id) ? `\`${id}\` means something else here` : 'this cannot be an id',
    remedy: 'use another id: a lower-case letter, then letters, digits and `-`, at most 40',
  }
}

function missing(path: Path, nodes: readonly SchemaNode[]): Finding {
  const name = String(path.at(-1) ?? 'this')
  const what = nodes.find(({ description }) => description !== undefined)?.description
  return {
    code: 'missing',
    path,
    message: `\`${name}\` is missing`,
    remedy: what === undefined ? `add \`${name}\`` : `add \`${name}\`: ${what}`,
  }
}

/** Of the branches of a union, the one that the writer most likely meant: the one that fails deepest. */
function unionFindings(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  schema: SchemaNode,
  data: unknown,
): readonly Finding[] {
  const isMeant = (branch: readonly Issue[]) => branch.length > 0 && !branch.some(isOfAnotherType)
  const meant = issue.errors.find(isMeant)
  if (meant !== undefined && issue.errors.filter(isMeant).length === 1)
    return meant.flatMap((inner) => findingsOf([inner], schema, data, path))
  const nodes = nodesAt(schema, path, data)
  if (issue.errors.length === 0 && path.at(-1) === 'connector')
    return [connectorFinding(path.slice(0, -1), schema, data)]
  if (dataAt(data, path) === undefined) return [missing(path, nodes)]
  return [{ code: 'invalid', path, message: 'this value does not fit', remedy: remedyOf(nodes) }]
}

function isOfAnotherType(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

/** A connection whose `connector` is missing, or that no connector has this name. */
function connectorFinding(path: Path, schema: SchemaNode, data: unknown): Finding {
  const known = nodesAt(schema, path, data).flatMap((node) => {
    const name = node.properties?.['connector']?.const
    return typeof name === 'string' ? [name] : []
  })
  const given = dataAt(data, [...path, 'connector'])
  if (typeof given !== 'string')
    return {
      code: 'missing',
      path: [...path, 'connector'],
      message: '`connector` is missing',
      remedy: `add \`connector:\` with one of: ${known.join(', ')}`,
    }
  return {
    code: 'invalid',
    path: [...path, 'connector'],
    message: 'there is no connector of this name',
    remedy: suggestion(given, known),
  }
}

/** The schema's own words, which never quote the value. */
function messageOf(issue: Issue, nodes: readonly SchemaNode[]): string {
  switch (issue.code) {
    case 'invalid_type':
      return `this should be ${article(issue.expected)}`
    case 'too_small':
      return `this is too ${sizeWord(issue.origin, 'short', 'small')}: at least ${String(issue.minimum)}`
    case 'too_big':
      return `this is too ${sizeWord(issue.origin, 'long', 'large')}: at most ${String(issue.maximum)}`
    case 'invalid_value':
      return `this should be ${issue.values
        .map(String)
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1')}`
    case 'invalid_format':
      return issue.format === 'url' ? 'this is no address (URL)' : 'this is not written in the right form'
    default:
      return nodes.length === 0 ? 'this value does not fit' : `this value does not fit: ${issue.message}`
  }
}

function sizeWord(origin: string, text: string, number: string): string {
  return origin === 'string' || origin === 'array' ? text : number
}

function article(expected: string): string {
  const words: { readonly [type: string]: string } = {
    string: 'text; put numbers and words such as yes in quotes',
    object: 'a map of options',
    record: 'a map',
    array: 'a list',
    tuple: 'a list of two',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  }
  return words[expected] ?? expected
}

function remedyOf(nodes: readonly SchemaNode[]): string {
  const node = nodes.find(({ description }) => description !== undefined)
  const start = node?.default === undefined ? '' : ` Default: ${JSON.stringify(node.default)}.`
  return node?.description === undefined ? 'see docs/guide/configuration.md' : `${node.description}${start}`
}
