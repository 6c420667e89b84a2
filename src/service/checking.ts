/** Looks whether connections and the containers of flows can be used. Writes nothing anywhere. */
import { MAX_SKEW_MS, skewWords } from '../adapters/skew.ts'
import { userError } from '../words/errors.ts'
import { templateOf } from '../config/index.ts'
import type { Call } from '../connector/call.ts'
import type { Standing } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import { runtimeOf } from '../connector/runtime.ts'
import type { ConnectionSetup } from '../engine/model.ts'
import { isClientRefused } from '../engine/tokens.ts'
import { noticedName } from '../engine/others.ts'
import { SIDES, type Flow, type Side } from '../core/flow.ts'
import { installationId } from '../core/key.ts'
import { assembleUnstarted, type Assembly } from './assembly.ts'
import { ofConnection } from './capturing.ts'
import type { Context } from './context.ts'
import type { CheckReport, Finding } from './operations.ts'

interface Probed {
  readonly setup: ConnectionSetup
  readonly api: unknown
  readonly standing: Standing
}

export async function checkAll(context: Context): Promise<CheckReport> {
  const findings: Finding[] = []
  const assembly = await context.assembly().catch((error: unknown) => {
    const known = userError(error)
    if (known === null) throw error
    findings.push({ code: known.code, place: 'flows', message: known.message, remedy: known.remedy })
    return assembleUnstarted(context)
  })
  const asked = await Promise.all(
    context.config.connections.map(async (setup) => ({ setup, found: await checkOne(context, assembly, setup) })),
  )
  // In the order of the configuration, whoever answered first.
  const probed = new Map<string, Probed>()
  const connections: { readonly id: string; readonly actor: string | null }[] = []
  for (const { setup, found } of asked) {
    if ('code' in found) findings.push(found)
    else probed.set(setup.id, found)
    const actor = 'code' in found ? null : (found.standing.actor.name ?? found.standing.actor.ref)
    connections.push({ id: setup.id, actor })
  }
  for (const { setup, standing } of probed.values())
    for (const each of standing.problems)
      findings.push({ code: 'connection', place: `connections.${setup.id}`, ...ofConnection(each, setup.id) })
  findings.push(...sameUsers([...probed.values()]))
  for (const { flow } of context.config.flows) findings.push(...(await checkFlow(flow, probed)))
  for (const { flow } of context.config.flows) findings.push(...(await otherFindings(context, flow.id)))
  return { findings: [...findings, ...skewFindings(context)], connections }
}

/** Of a template: accounts whose connections somebody signed in to as one and the same user. */
function sameUsers(probed: readonly Probed[]): readonly Finding[] {
  const personal = probed.filter(({ setup }) => templateOf(setup.id) !== null && setup.connector.oauth !== undefined)
  const alike = Map.groupBy(personal, ({ setup, standing }) =>
    JSON.stringify([templateOf(setup.id)?.template, standing.actor.ref]),
  )
  return [...alike.values()].flatMap(([first, ...others]) =>
    others.map(({ setup: { id }, standing: { actor } }) => ({
      code: 'account-clash',
      place: `connections.${id}`,
      message: `it is signed in as ${actor.name ?? actor.ref}, as ${first?.setup.id ?? ''} is: what is of one would reach the other`,
      remedy: `sign in as the user of this account: lockstep connect ${id}`,
    })),
  )
}

async function checkOne(
  { ports }: Context,
  { engine, tokens }: Assembly,
  setup: ConnectionSetup,
): Promise<Probed | Finding> {
  const api: unknown = setup.connector.connect(
    setup.config,
    runtimeOf(ports, {
      tokens: tokens(setup.id),
      limits: { within: (draws, call) => engine.world.buckets.within(0, draws, call) },
      installation: installationId(engine.world.markerKey),
    }),
  )
  try {
    return { setup, api, standing: await setup.connector.probe(api) }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return {
      code: error.failure,
      place: `connections.${setup.id}`,
      message: `${setup.connector.title} ${VERDICTS[error.failure] ?? 'does not answer as it should'}: ${error.message}`,
      remedy: remedyOf(error, setup),
    }
  }
}

const VERDICTS: { readonly [failure: string]: string } = {
  unauthorized: 'refuses the credential',
  forbidden: 'does not allow what is needed',
  unavailable: 'cannot be reached',
}

/** What a call is told whose connection has no token. */
const NOBODY = 'nobody is signed in'

function remedyOf(error: ConnectorError, { id, connector }: ConnectionSetup): string {
  if (error.failure === 'unavailable')
    return 'check its address in the configuration, the network, and whether it is up'
  if (isClientRefused(error.message)) return 'correct "client_id" and "client_secret"'
  if (error.failure !== 'unauthorized' && error.failure !== 'forbidden')
    return `check its addresses in the configuration: something else than ${connector.title} may answer there`
  if (connector.oauth !== undefined)
    return error.message === NOBODY ? `sign in: lockstep connect ${id}` : `sign in again: lockstep connect ${id}`
  return `check the key and its user: an administrator of ${connector.title} can make a new one`
}

async function checkFlow(flow: Flow, probed: ReadonlyMap<string, Probed>): Promise<readonly Finding[]> {
  const asked = flow.scopes.flatMap((scopes, index) =>
    SIDES.map(async (side) => {
      const choice = scopes[side]
      const at = probed.get(flow.connections[side])
      if (!('ref' in choice) || at === undefined) return null
      return checkScope(flow, side, choice.ref, `flows.${flow.id}.scopes[${index}][${side === 'a' ? 0 : 1}]`, at)
    }),
  )
  return (await Promise.all(asked)).filter((finding) => finding !== null)
}

async function checkScope(flow: Flow, side: Side, ref: string, place: string, at: Probed): Promise<Finding | null> {
  const facts = flow.containers.kinds[side]
  const kind = at.setup.connector.kinds[facts.kind]
  if (kind?.get === undefined) return null
  const call: Call<unknown> = { api: at.api, actor: at.standing.actor, scope: '', scopes: [ref] }
  const what = `the ${facts.kind} ${ref} of ${at.setup.id}`
  const remedy = `write the ref of an existing ${facts.kind}, or restore it`
  try {
    const found = await kind.get(call, ref)
    return 'gone' in found ? { code: 'scope-gone', place, message: `${what} is gone`, remedy } : null
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    const { failure, message } = error
    if (failure === 'missing') return { code: 'scope-gone', place, message: `${what} is not there: ${message}`, remedy }
    const actor = at.standing.actor.name ?? at.standing.actor.ref
    return failure === 'forbidden'
      ? {
          code: 'scope-forbidden',
          place,
          message: `${actor} has no access to ${what}: ${message}`,
          remedy: `let ${actor} into it, or name another ${facts.kind}`,
        }
      : { code: failure, place, message: `${what} cannot be read: ${message}`, remedy: remedyOf(error, at.setup) }
  }
}

async function otherFindings({ owned: { store } }: Context, flow: string): Promise<readonly Finding[]> {
  const noticed = await store.getMeta({ name: noticedName(flow) })
  const { flows } = await store.status(undefined)
  if (noticed === null || flows.find(({ id }) => id === flow)?.paused_why !== noticed) return []
  const remedy = `"lockstep flows resume ${flow}" lets it go on once no other installation works on these containers`
  return [{ code: 'other-installation', place: `flows.${flow}`, message: noticed, remedy }]
}

function skewFindings({ ports }: Context): readonly Finding[] {
  const off = [...ports.skew()].filter(([, ahead]) => Math.abs(ahead) > MAX_SKEW_MS)
  return off.map(([host, ahead]) => ({
    code: 'clock-off',
    place: '',
    message: `this machine's clock is ${skewWords(ahead)} that of ${host}`,
    remedy: "set this machine's clock by the network (NTP): which of two edits was later is told by clocks",
  }))
}
