/** What conversations refer to: organizations, users, teams and shared labels. */
import { z } from 'zod'
import { badRequest, forbidden, notFound } from './answers.ts'
import { sliceOf } from './paging.ts'
import { readBody, type Query } from './query.ts'
import { freshId, type World } from './state.ts'
import type { LabelSeed } from './options.ts'
import { labelJson, userJson } from './views.ts'

export const DIRECTORY_QUERY = ['limit', 'offset', 'organization']
export const PAGED_QUERY = ['limit', 'offset']

/** 50 unless asked otherwise, 200 at most. */
export function slice<T>(items: readonly T[], query: Query): T[] {
  return sliceOf(items, query.limit(50, 200), query.count('offset') ?? 0)
}

function organizationsOf(world: World, by: string, query: Query): string[] {
  const mine = Object.keys(world.users.get(by)?.organizations ?? {})
  const asked = query.text('organization')
  return asked === null ? mine : mine.filter((id) => id === asked)
}

export function listOrganizations(world: World, by: string, query: Query) {
  const mine = Object.keys(world.users.get(by)?.organizations ?? {})
  return { organizations: slice(mine, query).map((id) => ({ id, name: world.organizations.get(id) ?? '' })) }
}

export function listUsers(world: World, by: string, query: Query) {
  const mine = organizationsOf(world, by, query)
  const found = [...world.users.values()].filter(({ organizations }) =>
    mine.some((id) => organizations[id] !== undefined),
  )
  return { users: slice(found, query).map(({ id }) => ({ ...userJson(world, id), me: id === by })) }
}

export function listTeams(world: World, by: string, query: Query) {
  const mine = organizationsOf(world, by, query)
  const found = [...world.teams.values()].filter(({ organization }) => mine.includes(organization))
  return {
    teams: slice(found, query).map(({ id, name, organization, members, observers = [] }) => ({
      id,
      name,
      organization,
      active_members: members,
      observers,
    })),
  }
}

export function listLabels(world: World, by: string, query: Query) {
  const mine = organizationsOf(world, by, query)
  const found = [...world.labels.values()].filter(({ organization }) => mine.includes(organization))
  return { shared_labels: slice(found, query).map(({ id }) => labelJson(world, id)) }
}

const HEX = z.string().regex(/^#[0-9a-f]{3}([0-9a-f]{3})?$/i)
const SHARING = {
  share_with_organization: z.boolean().optional(),
  share_with_team: z.string().nullish(),
  share_with_users: z.array(z.string()).optional(),
  visibility: z.enum(['organization', 'delegates']).optional(),
}
const LABELS = z.strictObject({
  shared_labels: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        organization: z.string(),
        color: HEX.nullish(),
        parent: z.string().nullish(),
        ...SHARING,
      }),
    )
    .min(1),
})
const LABEL_CHANGES = z.strictObject({
  shared_labels: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string().min(1).optional(),
        color: HEX.nullish(),
        parent: z.string().nullish(),
        ...SHARING,
      }),
    )
    .min(1),
})

export function createLabels(world: World, by: string, value: unknown) {
  const made = readBody(LABELS, value).shared_labels.map(({ name, organization, color, parent }) => {
    if (world.users.get(by)?.organizations[organization] === undefined) throw forbidden('Not your organization')
    if (parent && !world.labels.has(parent)) throw badRequest(`the shared label ${parent} is unknown`)
    return {
      id: freshId(world),
      name,
      organization,
      ...(color ? { color } : {}),
      ...(parent ? { parent } : {}),
    }
  })
  for (const label of made) world.labels.set(label.id, label)
  return { shared_labels: made.map(({ id }) => labelJson(world, id)) }
}

export function changeLabels(world: World, by: string, ids: readonly string[], value: unknown) {
  const { shared_labels } = readBody(LABEL_CHANGES, value)
  if (
    shared_labels
      .map(({ id }) => id)
      .toSorted()
      .join() !== ids.toSorted().join()
  )
    throw badRequest('shared_labels: one object for each id of the address')
  const changed = shared_labels.map((changes): LabelSeed => {
    const label = world.labels.get(changes.id)
    if (label === undefined || world.users.get(by)?.organizations[label.organization] === undefined)
      throw notFound('Shared label not found')
    const color = changes.color === undefined ? label.color : changes.color
    const parent = changes.parent === undefined ? label.parent : changes.parent
    return {
      id: label.id,
      organization: label.organization,
      name: changes.name ?? label.name,
      ...(color ? { color } : {}),
      ...(parent ? { parent } : {}),
    }
  })
  for (const label of changed) world.labels.set(label.id, label)
  return { shared_labels: changed.map(({ id }) => labelJson(world, id)) }
}
