/** Tries on a real account what its connector relies on, and removes what that made, however it ends. */
import { EXIT, UserError } from '../words/errors.ts'
import { inOrderFor, runCheck, type Outcome } from '../conformance/checks.ts'
import { lagOf, type Check, type Ground } from '../conformance/ground.ts'
import type { Left } from '../conformance/own.ts'
import { sweep } from '../conformance/sweep.ts'
import type { Context } from './context.ts'
import type { Operations, ProbeLine, ProbeReport, ProbeRequest, Say } from './operations.ts'
import { groundOn, scratchOf, type Scratch } from './scratch.ts'

const SWEEP_MS = 2000

export interface Probes {
  readonly operations: Pick<Operations, 'probe' | 'stopProbe'>
  /** Resolves when those under way have removed what they made. */
  ended(): Promise<void>
}

export function createProbes(context: Context): Probes {
  const running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<unknown> }>()
  const begin = (request: ProbeRequest, scratch: Scratch, say: Say): Promise<ProbeReport> => {
    const { connection } = request
    if (running.has(connection)) throw alreadyTried(connection)
    const stop = new AbortController()
    const probing = tryAll(context, scratch, AbortSignal.any([stop.signal, context.signal]), say)
    const ended = probing.catch(() => undefined).finally(() => running.delete(connection))
    running.set(connection, { stop, ended })
    return probing
  }
  return {
    operations: {
      async probe(request, say) {
        const scratch = await scratchOf(context, request)
        return request.approve ? await begin(request, scratch, say) : reportOf(scratch, new Map(), null)
      },
      async stopProbe({ connection }) {
        const found = running.get(connection)
        found?.stop.abort()
        await found?.ended
        return null
      },
    },
    async ended() {
      await Promise.all([...running.values()].map(({ ended }) => ended))
    },
  }
}

async function tryAll(
  { ports, running }: Context,
  scratch: Scratch,
  signal: AbortSignal,
  say: Say,
): Promise<ProbeReport> {
  const began = ports.clock.now()
  const mark = `lockstep probe ${ports.random.hex(4)}`
  const ground = groundOn(scratch, ports, mark, signal)
  const checks = inOrderFor(scratch.setup.connector)
  const outcomes = new Map<string, Outcome>()
  const left: Left[] = []
  try {
    for (const [index, check] of checks.entries()) {
      if (signal.aborted) break
      say({ is: 'check', at: index + 1, of: checks.length, assumed: check.assumed })
      const outcome = await outcomeOf(check, ground, signal)
      if (outcome !== null) outcomes.set(check.id, outcome)
      if (signal.aborted) say({ is: 'removing' })
      left.push(...(await ground.own.clear()))
    }
  } finally {
    say({ is: 'removing' })
    left.push(...(await ground.own.clear()))
    // What has just been made may not be listed yet.
    await ports.clock.sleep(Math.max(SWEEP_MS, lagOf(ground)))
    left.push(...(await sweep(ground, mark)))
  }
  const { setup, scope } = scratch
  const links = left.map((each) => {
    const link =
      each.ref === null ? null : setup.connector.link?.(setup.config, each.kind, { scope: scope.ref, ref: each.ref })
    return { ...each, link: link ?? null }
  })
  // Whoever asked for it may have gone.
  if (running)
    for (const { kind, ref, why } of left)
      ports.log('warn', `${setup.id}: ${kind} ${ref ?? ''} was not removed: ${why}`)
  return reportOf(scratch, outcomes, {
    made: ground.own.made,
    left: links,
    stopped: signal.aborted,
    durationMs: ports.clock.now() - began,
  })
}

/** Null: it was stopped in the middle. */
async function outcomeOf(check: Check, ground: Ground, signal: AbortSignal): Promise<Outcome | null> {
  try {
    const outcome = await runCheck(check, ground)
    return signal.aborted && outcome.verdict !== 'as assumed' ? null : outcome
  } catch (error) {
    if (signal.aborted) return null
    throw error
  }
}

function reportOf(
  { setup, call: { actor }, scope }: Scratch,
  outcomes: ReadonlyMap<string, Outcome>,
  done: ProbeReport['done'],
): ProbeReport {
  const { connector } = setup
  const checks = inOrderFor(connector).map(({ id, assumed, means }): ProbeLine => {
    const outcome = outcomes.get(id)
    const unconfirmed = connector.unconfirmed?.[id] ?? null
    return { id, assumed, means, unconfirmed, verdict: outcome?.verdict ?? null, seen: outcome?.seen ?? '' }
  })
  return { connection: setup.id, system: connector.title, actor: actor.name ?? actor.ref, scope, done, checks }
}

function alreadyTried(connection: string): UserError {
  return new UserError({
    code: 'probe-runs',
    message: `The connection "${connection}" is being tried already.`,
    remedy: 'Let that end first.',
    exit: EXIT.failed,
  })
}
