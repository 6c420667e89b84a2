/** Formulas as a tree: fields in braces or bare, texts, numbers, operators and calls. */

export type Node =
  | { readonly kind: 'value'; readonly value: string | number }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly parts: readonly Node[] }
  | { readonly kind: 'operator'; readonly sign: string; readonly left: Node; readonly right: Node }

export class Malformed extends Error {}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\{((?:[^}\\]|\\.)*)\}|([A-Za-z_][A-Za-z0-9_]*)|(!=|<=|>=|[-+*/&=<>(),]))/y
const LEVELS = [['=', '!=', '<', '>', '<=', '>='], ['&'], ['+', '-'], ['*', '/']]

interface Token {
  readonly kind: 'number' | 'text' | 'field' | 'name' | 'sign'
  readonly text: string
}

export function parseFormula(source: string): Node {
  const tokens = tokensOf(source)
  let at = 0
  const isSign = (...signs: readonly string[]): boolean => {
    const token = tokens[at]
    return token?.kind === 'sign' && signs.includes(token.text)
  }
  const take = (sign: string): void => {
    if (!isSign(sign)) throw new Malformed(`"${sign}" is missing`)
    at += 1
  }
  const binary = (level: number): Node => {
    const signs = LEVELS[level]
    if (signs === undefined) return single()
    let left = binary(level + 1)
    while (isSign(...signs)) {
      const sign = tokens[at]?.text ?? ''
      at += 1
      left = { kind: 'operator', sign, left, right: binary(level + 1) }
    }
    return left
  }
  const single = (): Node => {
    if (isSign('-')) {
      at += 1
      return { kind: 'operator', sign: '-', left: { kind: 'value', value: 0 }, right: single() }
    }
    if (isSign('(')) {
      at += 1
      const inner = binary(0)
      take(')')
      return inner
    }
    const token = tokens[at]
    at += 1
    if (token === undefined || token.kind === 'sign') throw new Malformed('a value is missing')
    if (token.kind === 'number') return { kind: 'value', value: Number(token.text) }
    if (token.kind === 'text') return { kind: 'value', value: token.text }
    if (token.kind === 'name' && isSign('(')) return { kind: 'call', name: token.text.toUpperCase(), parts: parts() }
    return { kind: 'field', name: token.text }
  }
  const parts = (): Node[] => {
    take('(')
    const found: Node[] = []
    while (!isSign(')')) {
      if (found.length > 0) take(',')
      found.push(binary(0))
    }
    take(')')
    return found
  }
  const tree = binary(0)
  if (at < tokens.length) throw new Malformed(`"${tokens[at]?.text ?? ''}" is too much`)
  return tree
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  const text = source.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex
    const found = TOKEN.exec(text)
    if (found === null) throw new Malformed(`"${text.slice(from)}" cannot be read`)
    const [, number, quoted, field, name, sign] = found
    if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: unescaped(quoted.slice(1, -1)) })
    else if (field !== undefined) tokens.push({ kind: 'field', text: unescaped(field) })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else tokens.push({ kind: 'sign', text: sign ?? '' })
  }
  return tokens
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
}
