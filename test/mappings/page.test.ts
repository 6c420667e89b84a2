/** Every line of the page on lenses is so. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Json, Values } from '../../src/connector/values.ts'
import type { Lens, Side } from '../../src/core/flow.ts'
import { lensesOf } from './kinds.ts'

const page = readFileSync(new URL('../../docs/lenses.md', import.meta.url), 'utf8')
const values: z.ZodType<Values> = z.record(z.string(), z.json())
const examples = page.matchAll(/```yaml\n([^]*?)```\n\n\| a[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)/g)

interface Line {
  readonly a: Values
  readonly sign: string
  readonly b: Values
}

function linesIn(table: string): readonly Line[] {
  return [...table.matchAll(/^\|(.*)\|(.*)\|(.*)\|$/gm)].map(([, a = '', sign = '', b = '']) => {
    const cell = (text: string) => values.parse(parse(text.trim().replaceAll(/^`|`$/g, '') || '{}'))
    return { a: cell(a), sign: sign.trim(), b: cell(b) }
  })
}

/** What a side holds once everything travelled to it; `old`: what it held before. */
function written(lenses: readonly Lens[], to: Side, from: Values, old: Values | null): Values {
  const away = to === 'a' ? 'b' : 'a'
  const found: Record<string, Json> = {}
  for (const lens of lenses) Object.assign(found, lens.write(to, lens.read(away, from, null), old, null))
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null))
}

let count = 0
for (const [, yaml = '', table = ''] of examples)
  for (const { a, sign, b } of linesIn(table)) {
    count += 1
    test(`docs/lenses.md: ${JSON.stringify(a)} ${sign} ${JSON.stringify(b)}`, () => {
      const lenses = lensesOf(parse(yaml))
      if (sign === '✗') {
        assert.ok(lenses.some((lens) => lens.unreadable?.('b', b, null) != null))
        return
      }
      for (const lens of lenses) assert.equal(lens.unreadable?.('a', a, null) ?? null, null)
      if (sign !== '←') assert.deepEqual(written(lenses, 'b', a, null), b)
      if (sign === '→') return
      for (const lens of lenses) assert.equal(lens.unreadable?.('b', b, null) ?? null, null)
      // Other fields of the row are none of the lens's business.
      const fields = new Set(lenses.flatMap((lens) => lens.fields.a))
      const held = Object.fromEntries(Object.entries(a).filter(([field]) => fields.has(field)))
      assert.deepEqual(written(lenses, 'a', b, a), held)
    })
  }

test('the page has examples, each with a table', () => {
  assert.equal([...page.matchAll(/```yaml/g)].length, [...page.matchAll(/\| a \| \| b \|/g)].length)
  assert.ok(count > 25)
})
