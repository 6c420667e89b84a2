/** A user in Missive's own window, for scripts and simulations: the same functions as the HTTP methods, without limits. */
import { keepAttachment } from './attachments.ts'
import { merge } from './conversations.ts'
import { createContacts, changeContacts, removeContact } from './contacts.ts'
import { change, checkHandling, handle, start, touch, type Handling } from './handling.ts'
import { keepRule, type Hooks, type Rule } from './hooks.ts'
import { createDraft, sendDraft } from './messages.ts'
import {
  conversationOf,
  freshId,
  marked,
  type Comment,
  type Conversation,
  type Marks,
  type Task,
  type World,
} from './state.ts'

export interface Said {
  readonly mentions?: Comment['mentions']
  readonly attachment?: { readonly filename: string; readonly bytes: Buffer }
  readonly task?: Partial<Task>
}

export interface Person {
  comment(conversation: string, text: string, more?: Said): Comment
  setTask(comment: string, state: Task['state']): void
  removeComment(comment: string): void
  /** Answers the conversation's id. */
  startChat(organization: string, users: readonly string[]): string
  /** The fields of a draft, as POST /drafts takes them; answers its id. */
  draft(fields: object): string
  send(draft: string): void
  close(conversation: string): void
  reopen(conversation: string): void
  archive(conversation: string): void
  trash(conversation: string): void
  untrash(conversation: string): void
  junk(conversation: string, isJunk: boolean): void
  flag(conversation: string, isFlagged: boolean): void
  snooze(conversation: string, isSnoozed: boolean): void
  assign(conversation: string, users: readonly string[]): void
  unassign(conversation: string, users: readonly string[]): void
  label(conversation: string, labels: readonly string[]): void
  unlabel(conversation: string, labels: readonly string[]): void
  move(conversation: string, team: string): void
  rename(conversation: string, subject: string): void
  /** Lets somebody see that it is there. */
  invite(conversation: string, guest: string): void
  merge(source: string, target: string): void
  addContact(fields: object): string
  editContact(contact: string, fields: object): void
  removeContact(contact: string): void
  renameLabel(label: string, name: string): void
  /** A rule with a webhook; its address is asked for an answer first. Answers its id. */
  addRule(rule: Pick<Rule, 'type' | 'url'> & Partial<Rule>): string
  /** Gives a rule, also one of the API's, a secret to sign with. */
  signRule(rule: string, secret: string): void
}

export function personOf(world: World, hooks: Hooks, by: string): Person {
  if (!world.users.has(by)) throw new Error(`the emulator has no user ${by}`)
  const found = (id: string): Conversation => conversationOf(world, by, id)
  const mark = (id: string, changes: Partial<Marks>, forAll: boolean): void => {
    const conversation = found(id)
    change(world, conversation, { marks: marked(conversation, changes, (user) => forAll || user === by) })
  }
  const does = (id: string, fields: Handling): void => {
    const organization = found(id).organizationId ?? [...world.organizations.keys()][0] ?? ''
    const handling = { organization, ...fields }
    checkHandling(world, handling)
    handle(world, found(id), handling, false)
  }
  return {
    comment: (id, text, more = {}) => comment(world, by, found(id), text, more),
    setTask(id, state) {
      const before = world.comments.get(id)
      if (before?.task == null) throw new Error(`the emulator has no task ${id}`)
      world.comments.set(id, { ...before, task: { ...before.task, state } })
    },
    removeComment: (id) => void world.comments.delete(id),
    startChat: (organization, users) => start(world, [by, ...users], organization).id,
    draft: (fields) => createDraft(world, by, { drafts: fields }).drafts.id,
    send: (id) => void sendDraft(world, id),
    close: (id) => does(id, { close: true }),
    reopen: (id) => mark(id, { closed: false }, true),
    archive: (id) => mark(id, { archived: true }, false),
    trash: (id) => mark(id, { trashed: true }, world.rules.trashIsShared),
    untrash: (id) => mark(id, { trashed: false }, world.rules.trashIsShared),
    junk: (id, junked) => mark(id, { junked }, true),
    flag: (id, flagged) => mark(id, { flagged }, false),
    snooze: (id, snoozed) => mark(id, { snoozed }, false),
    assign: (id, users) => does(id, { add_assignees: [...users] }),
    unassign: (id, users) => does(id, { remove_assignees: [...users] }),
    label: (id, labels) => does(id, { add_shared_labels: [...labels] }),
    unlabel: (id, labels) => does(id, { remove_shared_labels: [...labels] }),
    move: (id, team) => does(id, { team, force_team: true }),
    rename: (id, subject) => does(id, { subject }),
    invite: (id, guest) => void change(world, found(id), { guestIds: [...found(id).guestIds, guest] }),
    merge: (source, target) => void merge(world, found(source), found(target)),
    addContact: (fields) => createContacts(world, by, { contacts: [fields] }).contacts[0]?.id ?? '',
    editContact: (id, fields) => void changeContacts(world, by, [id], { contacts: [{ id, ...fields }] }),
    removeContact: (id) => removeContact(world, by, id),
    renameLabel(id, name) {
      const label = world.labels.get(id)
      if (label === undefined) throw new Error(`the emulator has no label ${id}`)
      world.labels.set(id, { ...label, name })
    },
    addRule(given) {
      const id = freshId(world)
      const rule = { id, description: '', user: by, organizationId: null, secret: null, works: false, ...given }
      keepRule(world, hooks, rule)
      return id
    },
    signRule(id, secret) {
      const rule = hooks.rules.get(id)
      if (rule === undefined) throw new Error(`the emulator has no rule ${id}`)
      hooks.rules.set(id, { ...rule, secret })
    },
  }
}

function comment(world: World, by: string, conversation: Conversation, body: string, more: Said): Comment {
  const { mentions = [], attachment, task } = more
  const said: Comment = {
    id: freshId(world),
    conversationId: conversation.id,
    authorId: by,
    body,
    mentions,
    createdAt: world.ports.now(),
    attachmentId: attachment === undefined ? null : keepAttachment(world, attachment.filename, attachment.bytes).id,
    task: task === undefined ? null : { description: body, state: 'todo', dueAt: null, assigneeIds: [], ...task },
  }
  world.comments.set(said.id, said)
  world.happened({ type: 'new_comment', conversation: touch(world, conversation), comment: said })
  return said
}
