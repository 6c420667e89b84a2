import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf } from './files.ts'

function mailOf(options: string, head = ''): unknown {
  const yaml = `${head}connections:\n  mail: { connector: missive, token: token${options} }\n`
  const [mail] = configOf(yaml).connections
  return [mail?.webhooks.accept, mail?.webhooks.secrets, mail?.address]
}

const PUBLIC = 'listen: { public_url: "https://sync.example.org" }\n'
const ADDRESS = 'https://sync.example.org/webhooks/mail'

// Seen red: where such a connection takes no secret.
test('Missive is asked for webhooks where it can reach this machine, and rules by hand need a secret beside', () => {
  assert.deepEqual(mailOf('', PUBLIC), ['signed', [], ADDRESS])
  assert.deepEqual(mailOf(', webhook_secret: s', PUBLIC), ['signed', ['s'], ADDRESS])
  assert.deepEqual(mailOf(', webhook_secret: s'), ['signed', ['s'], null])
  assert.deepEqual(mailOf(', webhooks: unsigned'), ['unsigned', [], null])
  assert.deepEqual(mailOf(''), ['off', [], null])
  assert.deepEqual(mailOf(', webhooks: off', PUBLIC), ['off', [], null])
})

// Seen red: where the variable gives a secret to every connection that webhooks come for.
test('WEBHOOK_SECRET is not for systems that are only ever asked for webhooks', () => {
  const yaml = 'connections:\n  work: { connector: teamwork, base_url: "https://team.example.com", api_key: key }\n'
  const { aliases } = configOf(yaml, { env: { WEBHOOK_SECRET: 'secret' } })
  assert.deepEqual(aliases, [])
})
