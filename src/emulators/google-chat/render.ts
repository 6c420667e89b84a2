/** Resources as the Chat discovery document, revision 20260920, shapes them. Empty and false fields are left out. */
import {
  current,
  haveMet,
  versionAt,
  type Caller,
  type MemberRecord,
  type MessageRecord,
  type MessageVersion,
  type SpaceRecord,
  type World,
} from './state.ts'
import type { Mention } from './markup.ts'
import type { DeletionType, SpaceType } from './options.ts'
import { formatTime, type Micros } from './time.ts'

export interface UserJson {
  readonly name: string
  readonly type: 'HUMAN' | 'BOT'
  readonly displayName?: string
  readonly email?: string
  readonly avatarUrl?: string
  readonly isAnonymous?: boolean
}

export interface AnnotationJson {
  readonly type: 'USER_MENTION'
  readonly startIndex: number
  readonly length: number
  readonly userMention: { readonly user: UserJson; readonly type: 'MENTION' }
}

export interface MessageJson {
  readonly name: string
  readonly sender?: UserJson
  readonly createTime?: string
  readonly lastUpdateTime?: string
  readonly deleteTime?: string
  readonly deletionMetadata?: { readonly deletionType: DeletionType }
  readonly text?: string
  readonly formattedText?: string
  readonly argumentText?: string
  readonly annotations?: readonly AnnotationJson[]
  readonly thread?: { readonly name: string; readonly threadKey?: string }
  readonly space?: { readonly name: string }
  readonly threadReply?: boolean
  readonly clientAssignedMessageId?: string
  readonly privateMessageViewer?: UserJson
}

export interface SpaceJson {
  readonly name: string
  readonly type: 'ROOM' | 'DM'
  readonly spaceType: SpaceType
  readonly displayName?: string
  readonly spaceThreadingState: 'THREADED_MESSAGES' | 'UNTHREADED_MESSAGES'
  readonly spaceHistoryState: 'HISTORY_ON' | 'HISTORY_OFF'
  readonly spaceDetails?: { readonly description?: string; readonly guidelines?: string }
  readonly createTime?: string
  readonly lastActiveTime?: string
  readonly membershipCount: { readonly joinedDirectHumanUserCount?: number }
  readonly accessSettings?: { readonly accessState: 'PRIVATE' }
  readonly spaceUri: string
}

export interface MembershipJson {
  readonly name: string
  readonly state: 'JOINED'
  readonly role: 'ROLE_MEMBER' | 'ROLE_MANAGER'
  readonly member: UserJson
  readonly createTime: string
}

export function spaceName(space: SpaceRecord): string {
  return `spaces/${space.id}`
}

export function messageName(space: SpaceRecord, message: MessageRecord): string {
  return `spaces/${space.id}/messages/${message.id}`
}

/** With user authentication only name and type are sure; the rest needs a shared space or direct message. */
export function userJson(world: World, caller: Caller, space: SpaceRecord, userId: string): UserJson {
  const user = world.users.get(userId)
  const bare: UserJson = { name: `users/${userId}`, type: user?.type ?? 'HUMAN' }
  if (user === undefined || !world.rules.sendersNamed) return bare
  const known = space.members.has(userId) || userId === caller.user || haveMet(world, caller.user, userId)
  if (!known) return bare
  const avatar = user.avatarUrl === undefined ? {} : { avatarUrl: user.avatarUrl }
  return { ...bare, displayName: user.displayName, email: user.email, ...avatar }
}

function annotationJson(world: World, caller: Caller, space: SpaceRecord, mention: Mention): AnnotationJson {
  const everyone: UserJson = { name: 'users/all', type: 'HUMAN' }
  const stranger = mention.user !== 'all' && !space.members.has(mention.user)
  const user = mention.user === 'all' ? everyone : userJson(world, caller, space, mention.user)
  return {
    type: 'USER_MENTION',
    startIndex: mention.start,
    length: mention.length,
    userMention: {
      user: stranger && user.displayName === undefined ? { ...user, isAnonymous: true } : user,
      type: 'MENTION',
    },
  }
}

export function messageJson(
  world: World,
  caller: Caller,
  space: SpaceRecord,
  message: MessageRecord,
  version: MessageVersion,
): MessageJson {
  const place = {
    name: messageName(space, message),
    sender: userJson(world, caller, space, message.sender),
    createTime: formatTime(message.createTime),
  }
  const key = space.threads.get(message.thread)
  const thread = {
    name: `spaces/${space.id}/threads/${message.thread}`,
    ...(key?.key !== null && key?.key !== undefined && key.app === caller.app ? { threadKey: key.key } : {}),
  }
  const home = { thread, space: { name: spaceName(space) } }
  if (version.deleted !== null) {
    const deletionMetadata = { deletionType: version.deleted.type }
    return { ...place, deleteTime: formatTime(version.deleted.at), deletionMetadata, ...home }
  }
  const { text, formatted, mentions } = version.marked
  const annotations = mentions.map((mention) => annotationJson(world, caller, space, mention))
  const viewer = message.privateViewer
  return {
    ...place,
    ...(version.lastUpdateTime === null ? {} : { lastUpdateTime: formatTime(version.lastUpdateTime) }),
    text,
    formattedText: formatted,
    argumentText: text,
    ...(annotations.length === 0 ? {} : { annotations }),
    ...home,
    ...(message.reply ? { threadReply: true } : {}),
    ...(message.clientId === null ? {} : { clientAssignedMessageId: message.clientId }),
    ...(viewer === null ? {} : { privateMessageViewer: userJson(world, caller, space, viewer) }),
  }
}

/** The time of the last message that a read as of `asOf` knows; deleting it does not bring the time back. */
export function lastActive(space: SpaceRecord, asOf: Micros): Micros | null {
  for (let i = space.messages.length - 1; i >= 0; i -= 1) {
    const message = space.messages[i]
    if (message !== undefined && message.createTime <= asOf) return message.createTime
  }
  return null
}

export function spaceJson(world: World, caller: Caller, space: SpaceRecord): SpaceJson {
  const version = versionAt(space.versions, caller.asOf) ?? current(space.versions)
  const named = version.type === 'SPACE'
  const active = lastActive(space, caller.asOf)
  const humans = [...space.members.keys()].filter((user) => world.users.get(user)?.type !== 'BOT').length
  const details = {
    ...(version.description === '' ? {} : { description: version.description }),
    ...(version.guidelines === '' ? {} : { guidelines: version.guidelines }),
  }
  const direct = version.type === 'DIRECT_MESSAGE'
  return {
    name: spaceName(space),
    type: direct ? 'DM' : 'ROOM',
    spaceType: version.type,
    ...(version.displayName === '' ? {} : { displayName: version.displayName }),
    spaceThreadingState: named ? 'THREADED_MESSAGES' : 'UNTHREADED_MESSAGES',
    spaceHistoryState: version.historyOff ? 'HISTORY_OFF' : 'HISTORY_ON',
    ...(Object.keys(details).length === 0 ? {} : { spaceDetails: details }),
    ...(direct ? {} : { createTime: formatTime(space.createTime) }),
    ...(active === null ? {} : { lastActiveTime: formatTime(active) }),
    membershipCount: humans === 0 ? {} : { joinedDirectHumanUserCount: humans },
    ...(named ? { accessSettings: { accessState: 'PRIVATE' as const } } : {}),
    spaceUri: `https://chat.google.com/${direct ? 'dm' : 'room'}/${space.id}?cls=11`,
  }
}

export function membershipJson(world: World, caller: Caller, space: SpaceRecord, member: MemberRecord): MembershipJson {
  return {
    name: `spaces/${space.id}/members/${member.user}`,
    state: 'JOINED',
    role: member.manager ? 'ROLE_MANAGER' : 'ROLE_MEMBER',
    member: userJson(world, caller, space, member.user),
    createTime: formatTime(member.joined),
  }
}
