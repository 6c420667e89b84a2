/**
 * Webhooks say where to look, and nothing else. Version 2 is signed, and comes as JSON or as a form with the same names
 * in dots (`Task.ID`); version 1, a form of ids, is not signed and so never counts.
 */
import { z } from 'zod'
import { hmacMatches, jsonIn, type Hint, type RawRequest, type Webhook } from '../../connector/index.ts'
import { SITE } from './items.ts'

/** The object that an event is about comes with those that it belongs to: the first of these is it. */
const OBJECTS = [
  ['task', { feed: 'tasks', kind: 'task' }],
  ['timelog', { feed: 'time', kind: 'time' }],
  ['comment', { feed: 'comments', kind: 'comment' }],
  ['tasklist', { feed: 'tasks', kind: 'tasklist' }],
  ['project', { feed: 'projects', kind: 'project' }],
] as const

export const webhook: Webhook = {
  verify: ({ body, headers }, secret) => hmacMatches(body, secret, headers['x-projects-signature']),
  hints(request) {
    const told = fieldsOf(request)
    for (const [name, look] of OBJECTS) {
      const ref = told.get(`${name}.id`)
      if (ref === undefined || !/^\d+$/.test(ref)) continue
      if (name === 'project') return [{ ...look, scope: '', ref }]
      if (name === 'comment' && told.get('comment.objecttype') !== 'task') return []
      const scope = told.get(`${name}.projectid`) ?? told.get('project.id')
      // What was changed in a burst is told by one list, in the call that one task takes; it does not tell what left.
      const isListed = name === 'task' && request.headers['x-projects-event'] !== 'TASK.MOVED'
      if (isListed && scope !== undefined) return [{ feed: look.feed, scope, ref: scope }]
      return scope === undefined || scope === SITE ? [] : [{ ...look, scope, ref } satisfies Hint]
    }
    return []
  },
}

const objects = z.record(z.string(), z.unknown())

/** By their names in lower case: `task.id`. */
function fieldsOf({ body }: RawRequest): ReadonlyMap<string, string> {
  const text = body.toString('utf8')
  const fields = new Map<string, string>()
  if (!text.startsWith('{')) {
    for (const [name, value] of new URLSearchParams(text)) fields.set(name.toLowerCase(), value)
    return fields
  }
  for (const [name, value] of Object.entries(jsonOf(text)))
    for (const [inner, told] of Object.entries(objects.safeParse(value).data ?? {}))
      if (typeof told === 'string' || typeof told === 'number')
        fields.set(`${name}.${inner}`.toLowerCase(), String(told))
  return fields
}

function jsonOf(text: string): z.infer<typeof objects> {
  return objects.safeParse(jsonIn(text)).data ?? {}
}
