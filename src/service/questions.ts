/** What was done and what is to do, by flow, kind, person and time. */
import { EXIT, UserError } from '../words/errors.ts'
import { duration } from '../words/numbers.ts'
import { choice } from '../config/problem.ts'
import { pairsOf, SIDES } from '../core/flow.ts'
import type { Model } from '../engine/model.ts'
import { nameOfValues } from '../engine/task.ts'
import type { Values } from '../connector/values.ts'
import type { AskedSide } from '../store/verbs/history.ts'
import { chosenFlows, type Context } from './context.ts'
import type { Operations, Question } from './operations.ts'

export function questions(context: Context, model: Model): Pick<Operations, 'history' | 'queue'> {
  const { store } = context.owned
  const sidesOf = (question: Question): readonly AskedSide[] => chosenSides(context, model, question)
  return {
    async history(question) {
      const sides = sidesOf(question)
      const entries = await store.history({ ...question, sides })
      return entries.map(({ source, ...entry }) => {
        const at = sides.find(
          ({ flow, pair, side }) => flow === entry.flow && pair === entry.pair && side === entry.side,
        )
        return {
          ...entry,
          connection: at?.connection ?? '',
          kind: at?.kind ?? entry.pair,
          name: nameOfValues(valuesIn(source)) ?? entry.refs[entry.side] ?? '',
        }
      })
    },
    async queue(question) {
      const now = context.ports.clock.now()
      const entries = await store.queue({ ...question, sides: sidesOf(question), now })
      const limited = await limitedIn(context, now)
      return entries.map(({ values, why, ...entry }) => ({
        ...entry,
        name: nameOfValues(valuesIn(values)) ?? entry.ref,
        why: why === '' && (entry.state === 'in hand' || entry.state === 'ready') ? limited : why,
      }))
    },
  }
}

/** What all that could go now may wait for; empty: nothing waits for a limit. */
async function limitedIn(context: Context, now: number): Promise<string> {
  if (!context.running) return ''
  const { nextAt } = (await context.assembly()).engine.world.buckets
  return nextAt === null || nextAt <= now ? '' : `a limit lets the next call through in ${duration(nextAt - now)}`
}

function valuesIn(json: unknown): Values {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : {}
}

function chosenSides({ config }: Context, model: Model, { flow, kind }: Question): readonly AskedSide[] {
  const flows = chosenFlows(config, flow)
  const pairs = model.flows
    .filter((each) => flows.includes(each.flow.id))
    .flatMap((each) => pairsOf(each.flow).map((pair) => ({ flow: each.flow.id, pair })))
  const meant = pairs.filter(
    ({ pair }) => kind === null || pair.id === kind || SIDES.some((side) => pair.kinds[side].kind === kind),
  )
  if (meant.length === 0 && kind !== null)
    throw unknownKind(
      kind,
      pairs.flatMap(({ pair }) => [pair.kinds.a.kind, pair.kinds.b.kind]),
    )
  return meant.flatMap(({ flow: id, pair }) =>
    SIDES.map((side) => ({
      flow: id,
      pair: pair.id,
      side,
      connection: pair.kinds[side].connection,
      kind: pair.kinds[side].kind,
    })),
  )
}

function unknownKind(kind: string, known: readonly string[]): UserError {
  return new UserError({
    code: 'unknown-kind',
    message: `No flow joins a kind "${kind}".`,
    remedy: choice(kind, known),
    exit: EXIT.configuration,
  })
}
