import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/index.ts'
import { snake } from '../../src/config/connection-options.ts'
import { generated } from '../../src/config/generate.ts'
import { connectors } from '../../src/connectors/index.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const guide = read('docs/guide/configuration.md')

for (const [path, text] of Object.entries(generated(guide)))
  test(`${path} is fresh: else run \`node src/config/generate.ts\``, () => {
    assert.equal(read(path), text)
  })

const examples = [...guide.matchAll(/```yaml\n([^]*?)```/g)]
  .flatMap(([, text]) => text ?? [])
  .filter((text) => text.includes('connections:'))

test('the examples of the guide are configurations without problems', () => {
  assert.equal(examples.length, 2)
  for (const example of examples) {
    const variables = [...example.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name ?? '', `value of ${name}`])
    const options = { path: '/x/lockstep.yaml', env: Object.fromEntries(variables), connectors }
    const { problems } = loadConfig({ ...options, readFile: (path) => (path.endsWith('.yaml') ? example : null) })
    assert.deepEqual(problems, [])
  }
})

test('every variable that the guide names is in .env.example', () => {
  const named = [...guide.matchAll(/\$\{((?:GOOGLE|DISCOURSE)\w+)\}/g)].map(([, name]) => name)
  for (const name of named) assert.match(read('.env.example'), new RegExp(`^#?${name}=`, 'm'))
})

test('every option is documented', () => {
  const rows = guide.split('\n').filter((line) => line.startsWith('| `'))
  assert.ok(rows.length > 60)
  for (const row of rows) assert.ok(!/\|\s*\|$/.test(row), row)
})

test('names in camelCase become snake_case', () => {
  assert.deepEqual(['baseUrl', 'apiKey', 'requestsPerMinute', 'baseURL', 'OAuthToken', 'x2y', 'title'].map(snake), [
    'base_url',
    'api_key',
    'requests_per_minute',
    'base_url',
    'o_auth_token',
    'x2y',
    'title',
  ])
})
