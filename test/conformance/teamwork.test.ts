import { test } from 'node:test'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import type { Trial } from '../../src/testing/conformance-bench.ts'
import { conformance } from '../../src/testing/conformance.ts'
import { ANN, LATER, testSite } from '../connectors/teamwork-site.ts'

const SECRET = 'a-secret-of-webhooks'

function start({ pageSize }: { lagMs?: number; pageSize?: number } = {}): Trial {
  const { site, runtime, wire, config, delivered, call, advance } = testSite({
    webhooksEnabled: true,
    webhookDelay: [0, 0],
    ...(pageSize === undefined ? {} : { mostPageSize: pageSize }),
  })
  const ann = site.as(ANN)
  const texts = new Map<number, { text: string; task: number }>()
  return {
    call: call(),
    config,
    drawn: () => runtime.drawn.slice(),
    sent: () => runtime.sent.length,
    now: () => runtime.clock.now(),
    advance,
    trouble: wire.trouble,
    say(text, beside) {
      const task = texts.get(Number(beside))?.task ?? ann.addTask(LATER, { name: 'A task of Ann' }).id
      const { id } = ann.comment(task, text)
      texts.set(id, { text, task })
      return String(id)
    },
    edit: (ref, text) => ann.editComment(Number(ref), text),
    remove: (ref) => ann.removeComment(Number(ref)),
    count(text) {
      const answer = site.handle({
        method: 'GET',
        path: '/projects/api/v3/comments.json',
        query: new URLSearchParams({ pageSize: '500' }),
        headers: { authorization: `Basic ${Buffer.from('key-ann:x').toString('base64')}` },
        body: Buffer.from(''),
        address: '10.0.0.9',
      })
      return JSON.parse(String(answer.body)).comments.filter((each: { body: string }) => each.body === text).length
    },
    webhook(text) {
      site.handle({
        method: 'POST',
        path: '/webhooks.json',
        query: new URLSearchParams(),
        headers: {
          authorization: `Basic ${Buffer.from('key-sync:x').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: Buffer.from(
          JSON.stringify({
            webhook: {
              event: 'COMMENT.CREATED',
              url: 'http://lockstep.test/hook',
              version: '2',
              contentType: 'application/json',
              token: SECRET,
            },
          }),
        ),
        address: '10.0.0.9',
      })
      ann.comment(ann.addTask(LATER, { name: 'A task that is spoken of' }).id, text)
      advance(0)
      const [sent] = delivered
      if (sent === undefined) throw new Error('no webhook was sent')
      const headers = Object.fromEntries(
        Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]),
      )
      return { request: { headers, body: Buffer.from(sent.body) }, secret: SECRET }
    },
  }
}

conformance(
  {
    connector: teamwork,
    untried: ['create: repeated', 'version', 'stale', 'delete: last', 'empty'],
    start,
  },
  (name, run) => void test(name, run),
)
