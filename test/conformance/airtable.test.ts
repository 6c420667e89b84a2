import { test } from 'node:test'
import type { Http } from '../../src/connector/index.ts'
import type { Bench, Trial } from '../../src/testing/conformance-bench.ts'
import { SPECIFICATION } from '../../src/connectors/airtable/hook.ts'
import { conformance } from '../../src/testing/conformance.ts'
import { ANN, BASE, TASKS, testBase } from '../connectors/airtable-base.ts'

const config = {
  tables: { task: { table: 'Tasks', sync: 'Sync ID', fields: { name: { type: 'text', field: 'Name' } } } },
}

function start({ pageSize }: { lagMs?: number; pageSize?: number } = {}): Trial {
  const base = testBase({ config, ...(pageSize === undefined ? {} : { through: pagesOf(pageSize) }) })
  const { runtime, wire, call, advance, airtable } = base
  const ann = airtable.as(ANN, BASE)
  return {
    call: call(),
    config: base.config,
    drawn: () => runtime.drawn.slice(),
    sent: () => runtime.sent.length,
    now: () => runtime.clock.now(),
    advance,
    trouble: wire.trouble,
    say: (text) => ann.add(TASKS, { Name: text }),
    edit: (ref, text) => ann.edit(TASKS, ref, { Name: text }),
    remove: (ref) => ann.remove(TASKS, [ref]),
    count(text) {
      const { body } = airtable.handle({
        method: 'GET',
        path: `/v0/${BASE}/${TASKS}`,
        query: new URLSearchParams({ filterByFormula: `{Name}=${JSON.stringify(text)}` }),
        headers: { authorization: 'Bearer pat-sync', host: 'system.test' },
        body: Buffer.from(''),
        address: '10.0.0.9',
      })
      return JSON.parse(String(body)).records.length
    },
    webhook(text) {
      const body = { notificationUrl: 'http://lockstep.test/hook', specification: SPECIFICATION }
      const made = airtable.handle({
        method: 'POST',
        path: `/v0/bases/${BASE}/webhooks`,
        query: new URLSearchParams(),
        headers: { authorization: 'Bearer pat-sync', host: 'system.test' },
        body: Buffer.from(JSON.stringify(body)),
        address: '10.0.0.9',
      })
      ann.add(TASKS, { Name: text })
      advance(5000)
      const [sent] = base.delivered
      if (sent === undefined) throw new Error('no ping was sent')
      return {
        request: { headers: lower(sent.headers), body: Buffer.from(sent.body) },
        secret: JSON.parse(String(made.body)).macSecretBase64,
      }
    },
  }
}

const lower = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Pages are as long as is asked for, so less is asked for. */
const pagesOf =
  (size: number) =>
  (http: Http): Http => ({
    send: (request) => http.send({ ...request, url: request.url.replace('pageSize=100', `pageSize=${size}`) }),
  })

const bench: Bench = {
  connector: testBase({ config }).connector,
  untried: ['create: repeated', 'create: no parent', 'version', 'delete: parent', 'delete: last', 'empty'],
  start,
}

conformance(bench, (name, run) => void test(name, run))
