/** Who is who, as people ask and say. */
import { EXIT, UserError } from '../words/errors.ts'
import type { Model } from '../engine/model.ts'
import type { PeopleOf, PersonAt } from '../store/verbs/aliases.ts'
import type { Mapped } from '../store/verbs/people.ts'
import type { Context } from './context.ts'
import type { Operations } from './operations.ts'

type PeopleOperations = Pick<Operations, 'people' | 'mapPeople' | 'unmapPerson'>

export function peopleOperations({ owned, ports }: Context, model: Model, wake: () => void): PeopleOperations {
  const { store } = owned
  const waking = () => ({ watches: model.allWatches, now: ports.clock.now() })
  const areKnown = (persons: readonly PersonAt[]): void => {
    for (const { connection } of persons) if (!model.connections.has(connection)) throw unknown(connection, model)
  }
  return {
    people: () => store.people({ flows: relating(model) }),
    async mapPeople({ persons }) {
      areKnown(persons)
      const mapped = concernedIn(await store.mapPeople({ persons, ...waking() }))
      wake()
      return mapped
    },
    async unmapPerson({ person }) {
      areKnown([person])
      const mapped = concernedIn(await store.unmapPerson({ person, ...waking() }))
      wake()
      return mapped
    },
  }
}

/** The flows in which some field names persons. */
function relating({ flows }: Model): { flow: string; a: PeopleOf; b: PeopleOf }[] {
  return flows.flatMap(({ flow, specs }) => {
    const spec = specs.find(({ a }) => a.people.fields.length > 0)
    if (spec === undefined) return []
    const of = (side: 'a' | 'b'): PeopleOf => ({
      connection: spec[side].connection,
      areEmails: spec[side].people.areEmails,
    })
    return [{ flow: flow.id, a: of('a'), b: of('b') }]
  })
}

function concernedIn(mapped: Mapped): number {
  if ('concerned' in mapped) return mapped.concerned
  const { connection, ref } = mapped.refused
  throw new UserError({
    code: 'mapped-in-configuration',
    message: `The configuration says who ${connection}:${ref} is.`,
    remedy: 'Change it there, under `people`.',
    exit: EXIT.configuration,
  })
}

function unknown(connection: string, { connections }: Model): UserError {
  return new UserError({
    code: 'unknown-connection',
    message: `There is no connection "${connection}" in the configuration.`,
    remedy: `These are: ${[...connections.keys()].join(', ')}.`,
    exit: EXIT.configuration,
  })
}
