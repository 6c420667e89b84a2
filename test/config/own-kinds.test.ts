import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { formatProblem, loadConfig } from '../../src/config/index.ts'
import { defineConnector, type AnyConnector, type Kind } from '../../src/connector/index.ts'
import { FOLDER } from './files.ts'

const writable: Pick<Kind<null>, 'create' | 'update' | 'delete'> = {
  create: () => Promise.resolve([]),
  update: (_call, { ref }) => Promise.resolve({ scope: '', ref, unread: true }),
  delete: () => Promise.resolve(),
}

/** Binders with cards, whose kind the configuration names. */
const binders: AnyConnector = defineConnector<{ cards: string }, null>({
  name: 'binders',
  title: 'Binders',
  config: z.object({ cards: z.string().regex(/^\w+$/).meta({ description: 'What a card is called.' }) }),
  limits: () => ({}),
  calls: () => [{}],
  connect: () => null,
  probe: () => Promise.resolve({ actor: { ref: 'me' }, problems: [] }),
  kinds: ({ cards }) => ({
    binder: { ...writable, is: 'container', fields: { name: { type: 'text', required: true } } },
    [cards]: { ...writable, in: 'binder', fields: { text: { type: 'text' } } },
  }),
  feeds: ({ cards }) => ({
    binders: {
      kinds: ['binder', cards],
      async *pull() {
        yield { changes: [], cursor: '' }
      },
      async *list() {
        yield { changes: [], cursor: '', complete: true }
      },
    },
  }),
})

function load(first: string, second: string, kinds: readonly [string, string]) {
  const yaml = `
connections:
  one: { connector: binders, cards: ${first} }
  two: { connector: binders, cards: ${second} }
flows:
  team:
    between: [one, two]
    scopes: [[1, 2]]
    kinds:
      binder: { a: binder, b: binder, fields: { name: { a: name, b: name } } }
      card: { a: ${kinds[0]}, b: ${kinds[1]}, fields: { text: { a: text, b: text } } }
`
  return loadConfig({
    path: `${FOLDER}/lockstep.yaml`,
    readFile: (path) => (path.endsWith('lockstep.yaml') ? yaml : null),
    env: {},
    connectors: new Map([[binders.name, binders]]),
  })
}

// Seen red: with a connection that keeps its connector as it is registered.
test('two connections of one connector have the kinds and feeds that each of their configurations says', () => {
  const { config, problems } = load('bill', 'event', ['bill', 'event'])
  assert.deepEqual(problems.map(formatProblem), [])
  assert.deepEqual(
    config?.connections.map(({ connector }) => [Object.keys(connector.kinds), connector.feeds['binders']?.kinds]),
    [
      [
        ['binder', 'bill'],
        ['binder', 'bill'],
      ],
      [
        ['binder', 'event'],
        ['binder', 'event'],
      ],
    ],
  )
  const { kinds } = config?.flows[0]?.flow.pairs[0] ?? {}
  assert.deepEqual([kinds?.a.kind, kinds?.b.kind], ['bill', 'event'])
})

test('a kind that the configuration of its connection does not say is not known, and where that one is wrong it is told alone', () => {
  assert.deepEqual(
    load('bill', 'event', ['bill', 'bill']).problems.map(({ code, place }) => `${code} ${place}`),
    ['unknown-kind flows.team.kinds.card.b'],
  )
  assert.deepEqual(
    load('"a b"', 'event', ['bill', 'event']).problems.map(({ code, place }) => `${code} ${place}`),
    ['invalid connections.one.cards'],
  )
})
