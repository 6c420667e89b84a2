/** What people do in Teamwork and Missive. */
import { ANN, BEN, LABELS, LISTS, TAGS, KEYS, type Systems } from './systems.ts'

const NAMES = ['Replace the chain', 'Order tyres', 'New page for tours', 'Call the supplier', 'True the wheel']

export interface Made {
  readonly tasks: number[]
  readonly conversations: string[]
}

/** What is there before Lockstep comes. */
export function lay({ teamwork, missive }: Systems, tasks: number, conversations: number): Made {
  const made: Made = { tasks: [], conversations: [] }
  const [ann, ben] = [teamwork.as(ANN), teamwork.as(BEN)]
  for (let at = 0; at < tasks; at += 1) {
    const { id } = ann.addTask(LISTS[at % LISTS.length] ?? 2, {
      name: `${NAMES[at % NAMES.length] ?? ''} ${at}`,
      ...(at % 3 === 0 ? { dueAt: '2026-12-01', assignees: { userIds: [ANN, BEN] } } : {}),
      ...(at % 4 === 0 ? { tagIds: TAGS.slice(0, 2) } : {}),
    })
    made.tasks.push(id)
    if (at % 2 === 0) ben.comment(id, `On it, ${at}`)
    if (at % 5 === 0)
      ann.logTime({ task: id }, { date: '2026-11-02', time: '09:00:00', isUTC: true, hours: 1, minutes: at })
    if (at % 7 === 0) ann.complete(id)
  }
  for (let at = 0; at < conversations; at += 1) made.conversations.push(mail({ missive }, at))
  return made
}

function mail({ missive }: Pick<Systems, 'missive'>, at: number): string {
  const { conversationId } = missive.receive('mailbox', {
    from: { name: `Guest ${at}`, address: `guest${at}@client.test` },
    subject: `Question ${at}`,
    body: `<p>Is bike <b>${at}</b> free &amp; ready?</p><p>Thanks</p>`,
    ...(at % 4 === 0
      ? { attachments: [{ filename: `photo${at}.txt`, bytes: Buffer.from(`a photograph ${at}`) }] }
      : {}),
  })
  if (at % 2 === 0) missive.as('ann').comment(conversationId, `I answer ${at}`)
  if (at % 3 === 0) missive.as('ann').label(conversationId, LABELS.slice(0, 1))
  return conversationId
}

export function addRules({ missive }: Systems, url: string): void {
  for (const type of ['incoming_email', 'new_comment'] as const)
    missive.as('lockstep').signRule(missive.as('lockstep').addRule({ type, url }), KEYS.hook)
}

/** Edits of every sort: what is emptied, deleted, comes back, is renamed. */
export function work(systems: Systems, made: Made): void {
  const { teamwork, missive } = systems
  const [ann, ben] = [teamwork.as(ANN), teamwork.as(BEN)]
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = made.tasks
  ann.editTask(first, { tagIds: [], assignees: { userIds: [] } })
  ann.complete(second)
  ann.removeTask(third)
  ann.removeTask(fourth)
  ben.editTask(fifth, { name: 'Has another name now', tagIds: [TAGS[2]] })
  ann.restore(fourth)
  const added = ben.addTask(LISTS[2], { name: 'Came while it ran' })
  made.tasks.push(added.id)
  ann.removeComment(ben.comment(added.id, 'a comment that goes').id)
  ann.comment(added.id, 'a comment that stays')
  const [one = '', two = '', three = ''] = made.conversations
  const reader = missive.as('ann')
  reader.unlabel(one, [...LABELS])
  reader.trash(two)
  reader.trash(three)
  reader.untrash(three)
  reader.assign(three, ['ann'])
  reader.comment(one, 'Another comment')
  made.conversations.push(mail(systems, 1000))
}

/** Many webhooks in a moment: each task is edited so often. */
export function burst({ teamwork }: Systems, { tasks }: Made, rounds: number): number {
  let edits = 0
  for (let round = 1; round <= rounds; round += 1)
    for (const id of tasks.slice(5)) {
      teamwork.as(BEN).editTask(id, { description: `Round ${round}` })
      edits += 1
    }
  return edits
}
