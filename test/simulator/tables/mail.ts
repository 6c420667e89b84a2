/** People in Missive, and who writes to them. */
import type { Missive } from '../../../src/emulators/missive/missive.ts'
import type { Person } from '../../../src/emulators/missive/person.ts'
import type { Comment, Conversation } from '../../../src/emulators/missive/state.ts'
import type { Chance } from '../chance.ts'
import { ACCOUNTS, LABELS, TEAMS, USERS } from './missive.ts'
import type { Deed } from './scenario.ts'

/** `n`: of the next text. Answers what was done; null: there was nothing to do it to. */
export function inMissive(missive: Missive, deed: Deed, n: number, chance: Chance): string | null {
  return new Writer(missive, missive.as(chance.pick(USERS)), chance, n).does(deed)
}

const CLIENT = { name: 'Dee Roe', address: 'dee@client.test' }

class Writer {
  private readonly missive: Missive
  private readonly person: Person
  private readonly chance: Chance
  private readonly text: string

  constructor(missive: Missive, person: Person, chance: Chance, n: number) {
    this.missive = missive
    this.person = person
    this.chance = chance
    this.text = `t${n}`
  }

  does(deed: Deed): string | null {
    switch (deed) {
      case 'add':
        return this.receive(null)
      case 'edit':
        return this.one(this.conversations, (each) => (this.chance.chance(0.5) ? this.receive(each) : this.send(each)))
      case 'close':
        return this.one(this.conversations, (each) => this.close(each))
      case 'comment':
        return this.one(this.conversations, (each) => this.comment(each))
      case 'change-comment':
        return this.one(
          this.comments.filter(({ task }) => task !== null),
          (each) => this.setTask(each),
        )
      case 'delete-comment':
        return this.one(this.comments, ({ id }) => {
          this.person.removeComment(id)
          return `comment ${id} is removed`
        })
      case 'move':
        return this.one(this.conversations, ({ id }) => {
          const team = this.chance.pick(TEAMS)
          this.person.move(id, team)
          return `conversation ${id} goes to ${team}`
        })
      case 'delete':
      case 'restore':
        return this.one(this.conversations, (each) => this.trash(each, deed === 'delete'))
      case 'time':
        return this.one(this.conversations, (each) => this.handle(each))
      case 'list':
        return this.rename()
      case 'join':
        return this.one(this.conversations, (each) => this.merge(each))
      case 'sweep':
        return this.sweep()
    }
  }

  private one<T>(all: readonly T[], does: (one: T) => string | null): string | null {
    return all.length === 0 ? null : does(this.chance.pick(all))
  }

  private get conversations(): readonly Conversation[] {
    return [...this.missive.state().conversations.values()].filter(({ mergedInto }) => mergedInto === null)
  }

  private get comments(): readonly Comment[] {
    return [...this.missive.state().comments.values()]
  }

  /** A mail, to nobody's conversation or to this one. */
  private receive(conversation: Conversation | null): string {
    const { messages } = this.missive.state()
    const known = [...messages.values()].find(({ conversationId }) => conversationId === conversation?.id)?.messageId
    const { id, conversationId } = this.missive.receive(this.chance.pick(ACCOUNTS), {
      from: CLIENT,
      subject: `Subject ${this.text}`,
      body: `<p>Hello ${this.text}</p>`,
      ...(known == null ? {} : { inReplyTo: known }),
      ...(this.chance.chance(0.3)
        ? { attachments: [{ filename: `${this.text}.txt`, bytes: Buffer.from(this.text) }] }
        : {}),
    })
    return `mail ${id} comes into conversation ${conversationId}: ${this.text}`
  }

  private send({ id: conversation }: Conversation): string {
    const draft = this.person.draft({
      conversation,
      subject: `Subject ${this.text}`,
      body: `<p>Answer ${this.text}</p>`,
      from_field: { name: 'Support', address: 'support@acme.test' },
      to_fields: [CLIENT],
    })
    this.person.send(draft)
    return `mail ${draft} leaves conversation ${conversation}: ${this.text}`
  }

  private close({ id, marks }: Conversation): string {
    const isClosed = [...marks.values()].every(({ closed }) => closed)
    if (isClosed) this.person.reopen(id)
    else this.person.close(id)
    return `conversation ${id} is ${isClosed ? 'open again' : 'closed'}`
  }

  private comment({ id }: Conversation): string {
    const said = this.person.comment(id, this.text, this.chance.chance(0.3) ? { task: {} } : {})
    return `comment ${said.id} in conversation ${id}: ${this.text}`
  }

  private setTask({ id }: Comment): string {
    const state = this.chance.pick(['todo', 'in_progress', 'closed'] as const)
    this.person.setTask(id, state)
    return `the task of comment ${id} is ${state}`
  }

  private trash({ id }: Conversation, isTrashed: boolean): string {
    if (isTrashed) this.person.trash(id)
    else this.person.untrash(id)
    return `conversation ${id} is ${isTrashed ? 'thrown away' : 'taken back'}`
  }

  private handle({ id }: Conversation): string {
    const does = this.chance.pick(['label', 'unlabel', 'assign', 'unassign'] as const)
    const whom = does === 'label' || does === 'unlabel' ? this.chance.pick(LABELS) : this.chance.pick(USERS)
    this.person[does](id, [whom])
    return `${does} conversation ${id}: ${whom}`
  }

  private rename(): string {
    const label = this.chance.pick(LABELS)
    this.person.renameLabel(label, `Label ${this.text}`)
    return `label ${label} is called ${this.text}`
  }

  private sweep(): string {
    const does = this.chance.pick(['label', 'unlabel', 'close', 'trash', 'receive'] as const)
    const { conversations } = this
    if (does === 'receive') for (let at = 0; at < 12; at += 1) this.receive(null)
    else
      for (const { id } of conversations)
        if (does === 'label' || does === 'unlabel') this.person[does](id, LABELS)
        else this.person[does](id)
    return `${does} of all conversations: ${conversations.map(({ id }) => id).join()}`
  }

  private merge({ id }: Conversation): string | null {
    return this.one(
      this.conversations.filter((each) => each.id !== id),
      (target) => {
        this.person.merge(id, target.id)
        return `conversation ${id} becomes part of ${target.id}`
      },
    )
  }
}
