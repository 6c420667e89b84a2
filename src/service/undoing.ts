/** Takes actions back: shows the plan first, then carries it out on one side and lets the ordinary plan follow. */
import { EXIT, UserError } from '../words/errors.ts'
import type { UpdateAction } from '../core/action.ts'
import { other } from '../core/flow.ts'
import { carryOutUndo } from '../engine/take-back.ts'
import { planUndo, undoPrint, type UndoStep } from '../engine/undo.ts'
import { chosenFlows, type Context } from './context.ts'
import type { Say, UndoLine, UndoReport, UndoRequest } from './operations.ts'
import { moment } from '../words/numbers.ts'
import { currentStatus } from './planning.ts'

export interface Ways {
  /** Reads both sides, so that the plan is of now. */
  read(): Promise<void>
  /** Brings both sides of these flows together. */
  carry(flows: readonly string[]): Promise<void>
}

export async function takeBack(
  context: Context,
  request: UndoRequest,
  say: Say,
  { read, carry }: Ways,
): Promise<UndoReport> {
  const { owned, signal, hub } = context
  const flows = chosenFlows(context.config, request.flow)
  const [only] = flows
  const found = await owned.store.undoable({ ...request, flow: flows.length === 1 ? (only ?? null) : null })
  const missing = request.ids.filter((id) => !found.entries.some((entry) => entry.id === id))
  if (missing.length > 0 || found.entries.length === 0) throw nothingToUndo(request, missing, found.begins)
  say({ is: 'phase', phase: 'reading' })
  await read()
  const { engine, model } = await context.assembly()
  const meant = model.flows.filter(({ flow }) => flows.includes(flow.id))
  const steps = await planUndo(engine.world, meant, found, request)
  const lines = steps.map(lineOf)
  const goes = steps.filter((step) => step.hold === null)
  const fingerprint = undoPrint(engine.world, steps)
  // A yes is to what was shown: as the sides stand now, it may be something else.
  const isApproved = request.approval === 'ahead' || request.approval?.shown === fingerprint
  const isWanted = isApproved && goes.some(({ step }) => step.is === 'write' || step.is === 'part')
  const past = request.since !== null && (found.begins ?? 0) > request.since
  const common = { begins: found.begins, past, fingerprint }
  if (!isWanted) return { ...common, lines, done: null, status: await currentStatus(context) }
  const stop = hub.listen((event) => say({ is: 'event', event }))
  try {
    const concerned = [...new Set(steps.map(({ model: { flow } }) => flow.id))]
    const lifted = request.pastBrake ? await liftBrakes(context, concerned) : []
    const carryOut = async (): Promise<Awaited<ReturnType<typeof carryOutUndo>>> => {
      const undone = await carryOutUndo(engine.world, goes, signal)
      await carry(concerned)
      return undone
    }
    // Whatever becomes of it, the brake works again.
    const undone = await carryOut().finally(() => setBrakes(context, lifted))
    const done = undone.map(({ step, why }) => ({ ...lineOf(step), failed: why }))
    return { ...common, lines, done, status: await currentStatus(context) }
  } finally {
    stop()
  }
}

/** So long at most, should this process end before it is done. */
const LIFT_MS = 3600_000

/** What an undo leaves to the ordinary plan is wanted past the brake as well. Answers the flows whose brake worked. */
async function liftBrakes({ owned, ports }: Context, flows: readonly string[]): Promise<readonly string[]> {
  const now = ports.clock.now()
  const lifted: string[] = []
  for (const flow of flows) {
    if (((await owned.store.flowState({ flow })).liftedUntil ?? 0) > now) continue
    await owned.store.liftBrake({ flow, until: now + LIFT_MS, now })
    lifted.push(flow)
  }
  return lifted
}

async function setBrakes({ owned, ports }: Context, flows: readonly string[]): Promise<void> {
  for (const flow of flows) await owned.store.liftBrake({ flow, until: null, now: ports.clock.now() })
}

function lineOf({ entry, subject, side, step, name, hold, model }: UndoStep): UndoLine {
  const { connection, kind } = subject.pair.kinds[side]
  const common = {
    action: entry.id,
    undoes: entry.action,
    flow: model.flow.id,
    pair: subject.pair.id,
    side,
    connection,
    kind,
  }
  const ref = subject[side]?.ref ?? entry.refs[side] ?? ''
  const line = { ...common, ref, name, hold, before: null, after: null }
  if (step.is === 'write') {
    const { write } = step
    const after = write.do === 'update' ? write.changed : write.do === 'create' ? write.values : null
    const there = subject[side]?.values ?? {}
    const before =
      write.do === 'update'
        ? Object.fromEntries(Object.keys(write.changed).map((field) => [field, there[field] ?? null]))
        : null
    const stays = write.about === null ? keeps(write.do) : 'only the reply goes that tells of it'
    return { ...line, do: write.do, before, after, why: write.undoes?.travels === false ? stays : '' }
  }
  if (step.is === 'part') {
    const far = subject.pair.kinds[other(side)].kind
    const anew = step.link === undefined ? `made anew from the ${far} by the next plan` : 'told again by the next plan'
    if (step.how === 'gone') return { ...line, do: 'create', why: anew }
    const why =
      step.how === 'asleep'
        ? 'goes with what is under it'
        : `${backFirst(subject, step.first)}the two are two: each is copied by the next plan`
    return { ...line, do: step.how === 'asleep' ? 'delete' : 'unlink', why }
  }
  return {
    ...line,
    do: 'nothing',
    why: step.is === 'along' ? 'goes with its parent' : step.why,
    refused: step.is === 'refused',
  }
}

function backFirst({ pair }: UndoStep['subject'], first: readonly UpdateAction[] = []): string {
  const told = first.map(({ side, changed }) => `${Object.keys(changed).join(', ')} in ${pair.kinds[side].connection}`)
  return told.length === 0 ? '' : `${told.join(' and ')} as before; `
}

function keeps(action: string): string {
  return action === 'delete' ? 'what it was made from stays' : ''
}

function nothingToUndo({ ids, run }: UndoRequest, missing: readonly number[], begins: number | null): UserError {
  const what =
    missing.length > 0 && ids.length > 0
      ? `There is no action ${missing.join(', ')} to take back.`
      : run === null
        ? 'Nothing was done since then.'
        : `Nothing was done by the run r${run}.`
  const forgotten = begins === null ? '' : ` What was done before ${moment(begins)} is forgotten.`
  return new UserError({
    code: 'nothing-to-undo',
    message: `${what}${forgotten}`,
    remedy: '"lockstep history" lists what was done, with the ids of actions and runs.',
    exit: EXIT.failed,
  })
}
