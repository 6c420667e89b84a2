/** What may be asked over the control socket: one entry for each operation, its input parsed. */
import { z } from 'zod'
import type { Operations, Say } from '../service/operations.ts'

const flow = z.object({ flow: z.string().nullable() })
const asked = flow.extend({
  kind: z.string().nullable(),
  person: z.string().nullable(),
  since: z.number().nullable(),
  until: z.number().nullable(),
  limit: z.number(),
})
const Approval = z.union([z.null(), z.literal('ahead'), z.object({ shown: z.string() })])
const Sync = flow.extend({ item: z.string().nullable(), full: z.boolean(), approval: Approval })
const Decide = z.object({
  ids: z.union([z.array(z.number()), z.literal('all')]),
  decision: z.enum(['approved', 'discarded', 'retry']),
})
const Resolve = z.object({ id: z.number(), winner: z.enum(['a', 'b', 'accept']) })

const Undo = flow.extend({
  ids: z.array(z.number()),
  run: z.number().nullable(),
  since: z.number().nullable(),
  over: z.boolean(),
  pastBrake: z.boolean(),
  approval: Approval,
})

const side = z.enum(['a', 'b'])
const Apply = z.object({
  fingerprint: z.string(),
  lines: z.array(
    z.object({
      flow: z.string(),
      pair: z.string(),
      do: z.enum(['create', 'update', 'delete', 'empty']),
      side,
      of: side,
      ref: z.string(),
      kind: z.string(),
      name: z.string(),
      fingerprint: z.string(),
    }),
  ),
})

const Given = z.object({ flow: z.string(), pair: z.string(), a: z.string(), b: z.string() })

const PersonAt = z.object({ connection: z.string(), ref: z.string() })

type Perform = (operations: Operations, body: unknown, say: Say) => Promise<unknown>

const calls: { readonly [name in keyof Operations]: Perform } = {
  status: (operations) => operations.status(),
  plan: (operations, body, say) => operations.plan(flow.parse(body), say),
  sync: (operations, body, say) => operations.sync(Sync.parse(body), say),
  apply: (operations, body, say) => operations.apply(Apply.parse(body), say),
  explain: (operations, body) => operations.explain(z.object({ ref: z.string() }).parse(body)),
  history: (operations, body) => operations.history(asked.parse(body)),
  queue: (operations, body) => operations.queue(asked.parse(body)),
  channels: (operations) => operations.channels(),
  renewChannels: (operations, body) =>
    operations.renewChannels(z.object({ connection: z.string().nullable() }).parse(body)),
  undo: (operations, body, say) => operations.undo(Undo.parse(body), say),
  held: (operations, body) => operations.held(flow.parse(body)),
  decide: (operations, body) => operations.decide(Decide.parse(body)),
  conflicts: (operations, body) => operations.conflicts(z.object({ all: z.boolean() }).parse(body)),
  resolve: (operations, body) => operations.resolve(Resolve.parse(body)),
  divergences: (operations) => operations.divergences(),
  people: (operations) => operations.people(),
  mapPeople: (operations, body) => operations.mapPeople(z.object({ persons: z.array(PersonAt).min(1) }).parse(body)),
  unmapPerson: (operations, body) => operations.unmapPerson(z.object({ person: PersonAt }).parse(body)),
  check: (operations) => operations.check(),
  probe: (operations, body, say) =>
    operations.probe(z.object({ connection: z.string(), scope: z.string(), approve: z.boolean() }).parse(body), say),
  stopProbe: (operations, body) => operations.stopProbe(z.object({ connection: z.string() }).parse(body)),
  instances: (operations, body) => operations.instances(flow.parse(body)),
  pauseFlow: (operations, body) =>
    operations.pauseFlow(z.object({ flow: z.string(), scope: z.string().nullable(), paused: z.boolean() }).parse(body)),
  liftBrake: (operations, body) =>
    operations.liftBrake(z.object({ flow: z.string(), forMs: z.number().nullable() }).parse(body)),
  backfill: (operations, body) =>
    operations.backfill(z.object({ flow: z.string(), since: z.string(), approve: z.boolean() }).parse(body)),
  links: (operations, body) => operations.links(flow.extend({ limit: z.number().nullable() }).parse(body)),
  giveLinks: (operations, body) => operations.giveLinks(z.object({ links: z.array(Given) }).parse(body)),
  adoptFlow: (operations, body) => operations.adoptFlow(z.object({ from: z.string(), to: z.string() }).parse(body)),
  forgetFlow: (operations, body) => operations.forgetFlow(z.object({ flow: z.string() }).parse(body)),
  rotateKey: (operations, body) => operations.rotateKey(z.object({ key: z.string().nullable() }).parse(body)),
  beginSignIn: (operations, body) =>
    operations.beginSignIn(
      z.object({ connection: z.string(), redirect: z.string().nullable(), anotherAccount: z.boolean() }).parse(body),
    ),
  finishSignIn: (operations, body) =>
    operations.finishSignIn(z.object({ id: z.string(), answer: z.string() }).parse(body)),
  waitForSignIn: (operations, body) => operations.waitForSignIn(z.object({ id: z.string() }).parse(body)),
  endSignIn: (operations, body) => operations.endSignIn(z.object({ id: z.string() }).parse(body)),
  signOut: (operations, body) =>
    operations.signOut(z.object({ connection: z.string(), hereOnly: z.boolean() }).parse(body)),
}

export type OperationName = keyof typeof calls

export function isOperation(name: string): name is OperationName {
  return Object.hasOwn(calls, name)
}

export function perform(operations: Operations, name: OperationName, body: unknown, say: Say): Promise<unknown> {
  return calls[name](operations, body, say)
}
