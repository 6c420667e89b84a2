/** A made-up table of rows and a made-up calendar, joined by a flow whose fields a test describes. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import { compileFlows } from '../../src/config/index.ts'
import { flowSchema } from '../../src/config/flow-schema.ts'
import type { Finding } from '../../src/config/problem.ts'
import { defineConnector, type Configured, type Fields } from '../../src/connector/index.ts'
import type { Lens } from '../../src/core/flow.ts'

function system(name: string, kind: string, fields: Fields): Configured {
  const writable = {
    create: () => Promise.resolve([]),
    update: (_call: unknown, { ref }: { readonly ref: string }) =>
      Promise.resolve({ scope: '', ref, unread: true as const }),
    delete: () => Promise.resolve(),
  }
  return defineConnector({
    name,
    title: name,
    config: z.object({}),
    limits: () => ({}),
    calls: () => [{}],
    connect: () => null,
    probe: () => Promise.resolve({ actor: { ref: 'me' }, problems: [] }),
    kinds: {
      book: { ...writable, is: 'container', fields: { name: { type: 'text', required: true } } },
      [kind]: { ...writable, in: 'book', fields },
    },
    feeds: {},
  })
}

export const ROW: Fields = {
  title: { type: 'text', required: true },
  notes: { type: 'rich' },
  amount: { type: 'decimal' },
  currency: { type: 'text' },
  category: { type: 'text' },
  income: { type: 'boolean' },
  status: { type: 'text' },
  colour: { type: 'text' },
  tags: { type: 'text' },
  day: { type: 'date' },
  last: { type: 'date' },
  begins: { type: 'instant' },
  ends: { type: 'instant' },
  whole_day: { type: 'boolean' },
  zone: { type: 'text' },
  owner: { type: 'person' },
  number: { type: 'decimal', written: 'never' },
}

export const EVENT: Fields = {
  summary: { type: 'text', required: true },
  description: { type: 'rich' },
  amount: { type: 'decimal' },
  colour: { type: 'text' },
  status: { type: 'text' },
  source: { type: 'text' },
  labels: { type: 'text', many: 'set' },
  day: { type: 'date' },
  end: { type: 'date' },
  begins: { type: 'instant' },
  start: { type: 'text' },
  until: { type: 'text' },
  zone: { type: 'text' },
  private: { type: 'boolean' },
}

const table = system('table', 'row', ROW)
const calendar = system('calendar', 'event', EVENT)

export function compiledFields(
  fields: unknown,
  load?: (path: string) => unknown,
): {
  readonly lenses: readonly Lens[]
  readonly findings: readonly Finding[]
} {
  const flow = flowSchema.parse({
    between: ['table', 'calendar'],
    scopes: [[1, 2]],
    kinds: {
      book: { a: 'book', b: 'book', fields: { name: { a: 'name', b: 'name' } } },
      entry: { a: 'row', b: 'event', fields },
    },
  })
  const known = new Map([
    ['table', table],
    ['calendar', calendar],
  ])
  const { flows, findings } = compileFlows({ money: flow }, known, load)
  return { lenses: flows[0]?.flow.pairs[0]?.lenses ?? [], findings }
}

export function lensesOf(fields: unknown, load?: (path: string) => unknown): readonly Lens[] {
  const { lenses, findings } = compiledFields(fields, load)
  assert.deepEqual(findings, [])
  return lenses
}
