/** What becomes of texts that are written, and of writes against what is no longer so. */
import type { Item } from '../connector/connector.ts'
import { failedAs } from '../connector/failure.ts'
import { canonical, type Json } from '../connector/values.ts'
import { childKind, Differs, expect, lagOf, seconds, until, type Check, type Ground } from './ground.ts'
import { make, read } from './making.ts'

const TEXTS = [
  ['unicode', '👩‍👩‍👧 e\u0301 ﷽ 𝒳 \u200b zero width, and more'],
  ['many lines', 'line one\nline two\n\n\n  line three'],
  ['markup', '<b>&amp;</b> *a* _b_ `c` [d](e) @here #1 & more'],
  ['a huge text', 'x '.repeat(400_000)],
  ['a long text', Array.from({ length: 700 }, (_, at) => `word${at}`).join(' ')],
  ['an empty text', ''],
] as const

const update = (ground: Ground, base: Item, value: string) =>
  ground.own.update(ground.shape.child, base, { [ground.shape.text]: value })

const withoutUpdate = (ground: Ground): string | null =>
  childKind(ground).update === undefined ? 'texts cannot be edited there' : null

const texts = TEXTS.map(([what, value]): Check => ({
  id: `text: ${what}`,
  assumed: `${what} is stored as answered, or refused in the system's words`,
  means: 'Such a text would be taken for edited by somebody, and be written back to the other system.',
  without: withoutUpdate,
  async run(ground) {
    const base = await make(ground, ground.words('a text that will be another one'))
    try {
      const stored = await update(ground, base, value)
      let now: Item | null = null
      const isSame = async (): Promise<boolean> => {
        now = await read(ground, base.ref)
        return now !== null && (!('values' in stored) || canonical(now.values) === canonical(stored.values))
      }
      const took = await until(ground, lagOf(ground) + 1000, isSame)
      const shown = textIn(ground, now)
      expect(took !== null, `answered ${quoted(textIn(ground, stored))}, and read as ${quoted(shown)}`)
      return shown === value ? 'stored as it was written' : `stored as ${quoted(shown)}`
    } catch (error) {
      if (!failedAs(error, 'rejected')) throw error
      const { message } = error
      expect(message.length > 5 && message.length < 1000, `refused without a reason: ${quoted(message)}`)
      return `refused: ${message.slice(0, 120)}`
    }
  },
}))

function textIn({ shape }: Ground, item: object | null): Json {
  const values = item !== null && 'values' in item ? (item as Item).values : {}
  return values[shape.text] ?? null
}

function quoted(text: Json): string {
  const whole = JSON.stringify(text)
  return whole.length <= 80 ? whole : `${whole.slice(0, 77)}…`
}

const stale: Check = {
  id: 'stale',
  assumed: 'an update against an older state is refused as stale',
  means: 'An edit that somebody makes at the same moment would be overwritten.',
  without: (ground) =>
    withoutUpdate(ground) ??
    (childKind(ground).compares?.update === undefined
      ? 'the system does not compare; the engine reads before it writes'
      : null),
  async run(ground) {
    const base = await make(ground, ground.words('a text that will be another one'))
    await update(ground, base, ground.words('a second text, by the engine'))
    try {
      await update(ground, base, ground.words('a third text, from an old base'))
    } catch (error) {
      if (failedAs(error, 'stale')) return `refused: ${error.message.slice(0, 120)}`
      throw error
    }
    throw new Differs('it was written over the newer text')
  },
}

const lag: Check = {
  id: 'read-lag',
  assumed: 'reads show what was written once the declared lag is over, and from then on always',
  means: 'An older state would be taken for an edit, and be carried to the other system.',
  without: withoutUpdate,
  async run(ground) {
    const base = await make(ground, ground.words('a text that will be another one'))
    const text = ground.words('a text that has to show soon')
    await update(ground, base, text)
    const wrote = ground.now()
    const isShown = async (): Promise<boolean> => textIn(ground, await read(ground, base.ref)) === text
    const took = await until(ground, lagOf(ground), isShown)
    const declared = `declared are ${seconds(lagOf(ground))}`
    expect(took !== null, `not shown ${seconds(ground.now() - wrote)} after the write; ${declared}`)
    await ground.sleep(Math.max(0, lagOf(ground) - (ground.now() - wrote)))
    for (let again = 0; again < AGAIN; again += 1) {
      const age = ground.now() - wrote
      expect(
        await isShown(),
        `shown after ${seconds(took)}, and the old text again ${seconds(age)} after the write; ${declared}`,
      )
      await ground.sleep(PAUSE_MS)
    }
    return `shown ${seconds(took)} after the write; ${declared}`
  },
}

/** Of reads that lag by chance, one may be right. */
const AGAIN = 6
const PAUSE_MS = 500

const version: Check = {
  id: 'version',
  assumed: 'a version grows with each edit, and is read as it was answered',
  means: 'Older reads would be taken for newer ones, and undo edits.',
  without: (ground) =>
    withoutUpdate(ground) ?? (childKind(ground).ordered === true ? null : 'its versions are not compared'),
  async run(ground) {
    const base = await make(ground, ground.words('a text that will be another one'))
    await ground.sleep(PAUSE_MS)
    const stored = await update(ground, base, ground.words('a second text, by the engine'))
    const after = 'values' in stored ? stored.version : undefined
    expect(
      after === undefined || base.version === undefined || after > base.version,
      `${String(base.version)} became ${String(after)}`,
    )
    let now: Item | null = null
    const isRead = async (): Promise<boolean> => {
      now = await read(ground, base.ref)
      return now !== null && (after === undefined || now.version === after)
    }
    const took = await until(ground, lagOf(ground) + 1000, isRead)
    expect(took !== null, `answered ${String(after)}, and read as ${String((now as Item | null)?.version)}`)
    return `${String(base.version)} became ${String(after)}`
  },
}

const editor: Check = {
  id: 'own edits',
  assumed: "an edit by this account shows no time of a user's edit, and the item shows this account as its author",
  means: "The engine's own writes would count as newer than what people wrote, and win conflicts.",
  without: withoutUpdate,
  async run(ground) {
    const base = await make(ground, ground.words('a text that will be another one'))
    const stored = await update(ground, base, ground.words('a second text, by the engine'))
    const now = 'values' in stored ? stored : base
    const { actor } = ground.call
    expect(
      base.author === undefined || base.author.ref === actor.ref,
      `made as ${actor.ref}, shown as by ${base.author?.ref ?? ''}`,
    )
    expect(now.editedAt === undefined, `it says that a user edited it at ${now.editedAt ?? ''}`)
    return base.author === undefined ? 'no author is told' : `by ${base.author.name ?? base.author.ref}`
  },
}

export const writing: readonly Check[] = [lag, ...texts, version, stale, editor]
