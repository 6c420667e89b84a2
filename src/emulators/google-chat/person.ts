/**
 * People at Chat's own window, for scripts and simulations: the same functions as the HTTP methods, without tokens,
 * quotas and read lag. A refusal is thrown as ChatError.
 */
import { ChatError } from './errors.ts'
import { addMember, removeMember } from './members.ts'
import { createMessage, deleteMessage, patchMessage, type Written } from './messages.ts'
import { getMessage, listMessages } from './reading.ts'
import type { MessageJson, SpaceJson } from './render.ts'
import { createSpace, getSpace, listSpaces, patchSpace } from './spaces.ts'
import { enter, isManager, newest, type Caller, type World } from './state.ts'

export interface Person {
  /**
   * Answers the new message. `thread`: the name of a thread, or of one of its messages, to reply in; `messageId`: as an app
   * names it.
   */
  post(space: string, text: string, more?: { readonly thread?: string; readonly messageId?: string }): MessageJson
  /** `message`: its resource name. */
  edit(message: string, text: string): MessageJson
  remove(message: string, more?: { readonly force?: boolean }): void
  message(message: string): MessageJson
  /** All messages of the space, oldest first. */
  messages(space: string, more?: { readonly showDeleted?: boolean }): MessageJson[]
  space(space: string): SpaceJson
  /** The first hundred spaces that the person is in. */
  spaces(): SpaceJson[]
  createSpace(displayName: string, members?: readonly string[]): SpaceJson
  groupChat(members: readonly string[]): SpaceJson
  directMessage(user: string): SpaceJson
  rename(space: string, displayName: string): SpaceJson
  invite(space: string, user: string): void
  /** Oneself, or as a manager somebody else. */
  expel(space: string, user: string): void
}

type Note = (method: string, written: Written<object>) => void

export function personOf(world: World, user: string, note: Note): Person {
  if (!world.users.has(user)) throw new Error(`the emulator has no user ${user}`)
  const caller: Caller = {
    user,
    app: null,
    get asOf() {
      return newest(world)
    },
  }
  const done = <T extends object>(method: string, written: Written<T>): T => {
    note(method, written)
    return written.json
  }
  return {
    post(space, text, more = {}) {
      const id = idOf(space)
      const threadName = more.thread === undefined ? null : threadNameOf(world, caller, more.thread)
      const messageId = more.messageId ?? null
      const wanted = { text, threadName, messageId, replyOption: 'REPLY_MESSAGE_OR_FAIL' as const }
      return done('chat.spaces.messages.create', createMessage(world, caller, id, wanted))
    },
    edit(message, text) {
      const { space, id } = partsOf(message)
      return done('chat.spaces.messages.patch', patchMessage(world, caller, space, id, { text }))
    },
    remove(message, more = {}) {
      const { space, id } = partsOf(message)
      done('chat.spaces.messages.delete', deleteMessage(world, caller, space, id, more.force ?? false))
    },
    message(message) {
      const { space, id } = partsOf(message)
      return getMessage(world, caller, space, id)
    },
    messages: (space, more = {}) => allMessages(world, caller, idOf(space), more.showDeleted ?? false),
    space: (space) => getSpace(world, caller, idOf(space)),
    spaces: () => listSpaces(world, caller, { filter: null, pageSize: null, pageToken: null }).spaces ?? [],
    createSpace: (displayName, members = []) =>
      done('chat.spaces.setup', createSpace(world, caller, { spaceType: 'SPACE', displayName }, members, null)),
    groupChat: (members) =>
      done('chat.spaces.setup', createSpace(world, caller, { spaceType: 'GROUP_CHAT' }, members, null)),
    directMessage: (other) =>
      done('chat.spaces.setup', createSpace(world, caller, { spaceType: 'DIRECT_MESSAGE' }, [other], null)),
    rename: (space, displayName) =>
      done('chat.spaces.patch', patchSpace(world, caller, idOf(space), ['display_name'], { displayName })),
    ...membership(world, caller, note),
  }
}

function membership(world: World, caller: Caller, note: Note): Pick<Person, 'invite' | 'expel'> {
  return {
    invite(space, user) {
      addMember(world, enter(world, caller, idOf(space)), user)
      note('chat.spaces.members.create', { json: {}, name: `${space}/members/${user}`, changed: true })
    },
    expel(space, user) {
      const record = enter(world, caller, idOf(space))
      if (user !== caller.user && !isManager(record, caller.user))
        throw new ChatError('PERMISSION_DENIED', 'Only a space manager can remove others.')
      removeMember(world, record, user)
      note('chat.spaces.members.delete', { json: {}, name: `${space}/members/${user}`, changed: true })
    },
  }
}

function allMessages(world: World, caller: Caller, space: string, showDeleted: boolean): MessageJson[] {
  const all: MessageJson[] = []
  let pageToken: string | null = null
  do {
    const wanted = { filter: null, orderBy: null, showDeleted, pageSize: 1000, pageToken }
    const page = listMessages(world, caller, space, wanted)
    all.push(...(page.messages ?? []))
    pageToken = page.nextPageToken ?? null
  } while (pageToken !== null)
  return all
}

/** `spaces/X`, or X alone. */
function idOf(space: string): string {
  return space.replace(/^spaces\//, '')
}

function partsOf(message: string): { space: string; id: string } {
  const [, space, id] = /^spaces\/([^/]+)\/messages\/([^/]+)$/.exec(message) ?? []
  if (space === undefined || id === undefined) throw new Error(`not a message's name: ${message}`)
  return { space, id }
}

function threadNameOf(world: World, caller: Caller, name: string): string {
  if (!name.includes('/messages/')) return name
  const { space, id } = partsOf(name)
  return getMessage(world, caller, space, id).thread?.name ?? name
}
