/**
 * messages:search over all spaces of the caller. Leaves out what Google leaves out: private messages and what apps
 * post. Of the query language it knows keywords, create_time, space.name, sender.name and space.space_type.
 */
import { invalid } from './errors.ts'
import { parseFilter, refuse, timeIn, type Restriction } from './filters.ts'
import { nextToken, pageOf } from './paging.ts'
import { liveVersion } from './reading.ts'
import { messageJson, type MessageJson } from './render.ts'
import {
  current,
  userBy,
  type Caller,
  type MessageRecord,
  type MessageVersion,
  type SpaceRecord,
  type World,
} from './state.ts'

const MOST_QUERY = 1000
const SINGLE_VALUED = new Set(['space.name', 'sender.name', 'space.space_type'])

export interface SearchMessages {
  readonly filter: string | null
  readonly orderBy: string | null
  readonly pageSize: number | null
  readonly pageToken: string | null
}

export interface SearchJson {
  results?: { message: MessageJson }[]
  nextPageToken?: string
}

interface Found {
  readonly space: SpaceRecord
  readonly message: MessageRecord
  readonly version: MessageVersion
}

type Test = (found: Found) => boolean

export function searchMessages(world: World, caller: Caller, parent: string, wanted: SearchMessages): SearchJson {
  if (parent !== '-') throw invalid('parent must be spaces/-.')
  const order = wanted.orderBy ?? ''
  if (!/^(create_time desc)?$/i.test(order)) throw invalid(`Invalid order_by: ${order}`)
  const tests = testsOf(world, caller, wanted.filter)
  const found = candidates(world, caller).filter((candidate) => tests.every((test) => test(candidate)))
  const page = pageOf(found, ({ message }) => message.seq, true, {
    pageToken: wanted.pageToken,
    pageSize: wanted.pageSize,
    standard: 25,
    most: 100,
    cap: world.rules.pageCap,
    parameters: ['search', wanted.filter, order, wanted.pageSize],
  })
  const results = page.items.map(({ space, message, version }) => ({
    message: messageJson(world, caller, space, message, version),
  }))
  return { ...(results.length === 0 ? {} : { results }), ...nextToken(page) }
}

/** Newest first. */
function candidates(world: World, caller: Caller): Found[] {
  const found: Found[] = []
  for (const space of world.spaces.values()) {
    if (!space.members.has(caller.user)) continue
    for (const message of space.messages) {
      if (message.privateViewer !== null || world.users.get(message.sender)?.type === 'BOT') continue
      const version = liveVersion(world, caller, space, message)
      if (version !== null) found.push({ space, message, version })
    }
  }
  return found.sort((one, other) => other.message.seq - one.message.seq)
}

/** OR joins only values of one field that allows it; create_time and keywords are joined by AND. */
function testsOf(world: World, caller: Caller, filter: string | null): Test[] {
  if (filter === null || filter.trim() === '') throw invalid('filter is required.')
  if (filter.length > MOST_QUERY) throw invalid(`filter is longer than ${MOST_QUERY} characters.`)
  const seen = new Set<string>()
  return parseFilter(filter, true).map((options) => {
    const [first] = options
    if (first === undefined || options.some(({ field }) => field !== first.field)) return refuse(filter)
    const once = SINGLE_VALUED.has(first.field) ? first.field : `${first.field}${first.operator}`
    if (first.field !== '' && (seen.has(once) || (options.length > 1 && !SINGLE_VALUED.has(first.field))))
      refuse(filter)
    if (first.field === '' && options.length > 1) refuse(filter)
    seen.add(once)
    const tests = options.map((option) => testOf(world, caller, option, filter))
    return (found) => tests.some((test) => test(found))
  })
}

function testOf(world: World, caller: Caller, restriction: Restriction, filter: string): Test {
  const { field, operator, value } = restriction
  if (field === '') {
    const keyword = value.toLowerCase()
    return ({ version }) => version.marked.text.toLowerCase().includes(keyword)
  }
  if (field === 'create_time') {
    const time = timeIn(restriction, filter)
    if (operator === '>=') return ({ message }) => message.createTime >= time
    if (operator === '<') return ({ message }) => message.createTime < time
    return refuse(filter)
  }
  if (operator !== '=') return refuse(filter)
  if (field === 'space.name') return ({ space }) => `spaces/${space.id}` === value
  if (field === 'space.space_type') return ({ space }) => current(space.versions).type === value
  if (field !== 'sender.name') return refuse(filter)
  const user = userBy(world, value.replace(/^users\//, ''), caller)
  return ({ message }) => user !== null && message.sender === user.id
}
