/** Every line of the page on lenses is so. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { parse } from 'yaml'
import { values } from '../../src/connector/json.ts'
import type { Json, Values } from '../../src/connector/values.ts'
import type { Lens, Side } from '../../src/core/flow.ts'
import { lensesOf } from './kinds.ts'

const page = readFileSync(new URL('../../docs/lenses.md', import.meta.url), 'utf8')
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

/** The files that the page shows, as a user would lay them beside the configuration. */
const folder = mkdtempSync(path.join(tmpdir(), 'lenses-'))
after(() => rmSync(folder, { recursive: true }))
for (const [, name = '', text = ''] of page.matchAll(/^`\.\/(\w+\.ts)`:\n\n```ts\n([^]*?)```/gm))
  writeFileSync(path.join(folder, name), text)
const load = (file: string): unknown => createRequire(import.meta.url)(path.join(folder, file))

let count = 0
for (const [, yaml = '', table = ''] of examples)
  for (const { a, sign, b } of linesIn(table)) {
    count += 1
    test(`docs/lenses.md: ${JSON.stringify(a)} ${sign} ${JSON.stringify(b)}`, () => {
      const lenses = lensesOf(parse(yaml), load)
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

test('the policy that the page shows lets the larger amount stand', () => {
  const [amount] = lensesOf({ amount: { a: 'amount', b: 'amount', conflict: './larger.ts' } }, load)
  assert.ok(typeof amount?.policy === 'object')
  const { settle } = amount.policy
  assert.deepEqual(settle({ base: '1', a: '-5', b: '3' }), { side: 'a' })
  assert.deepEqual(settle({ base: null, a: '1', b: '-3' }), { side: 'b' })
  assert.deepEqual(settle({ base: '1', a: '3', b: '-3' }), { ask: 'it leaves this to a person' })
})

test('the page has examples, each with a table', () => {
  assert.equal([...page.matchAll(/```yaml/g)].length, [...page.matchAll(/\| a \| \| b \|/g)].length)
  assert.ok(count > 25)
})
