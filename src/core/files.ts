/** Files between two sides: which stands for which, which are to be copied, and which stay where they are. Pure. */
import { filesIn, isList, isObject, sameValue, type FileValue, type Json, type Values } from '../connector/values.ts'
import type { Observation } from './state.ts'
import type { Gap, Staying, Subject, Write } from './action.ts'
import { bySide, other, SIDES, travelsFrom, type Flow, type Lens, type Pair, type Side } from './flow.ts'

const DEFAULT_MOST_BYTES = 100_000_000

/** In the values of a planned write: a file that is yet to be copied from the other side. */
type Copy = { readonly copyOf: FileValue }

function copyIn(value: Json): Copy | null {
  if (!isObject(value)) return null
  const [copyOf] = filesIn(value['copyOf'])
  return copyOf === undefined ? null : { copyOf }
}

function each(value: Json): readonly Json[] {
  return isList(value) ? value : value === null ? [] : [value]
}

function copiesIn(values: Values): readonly FileValue[] {
  return Object.values(values).flatMap((value) => each(value).flatMap((file) => copyIn(file)?.copyOf ?? []))
}

export interface Copying {
  readonly pair: string
  /** The item that it is copied from. */
  readonly source: string
  readonly file: FileValue
}

/** The files that a write is to copy, also those of a head. `pair` and `source`: the write's own. */
export function copiesOf(write: Write, pair: string, source: string): readonly Copying[] {
  if (write.do === 'update') return copiesIn(write.changed).map((file) => ({ pair, source, file }))
  if (write.do !== 'create') return []
  const { head, values } = write
  const own = copiesIn(values).map((file) => ({ pair, source, file }))
  return head === null ? own : [...own, ...copiesOf(head.action, head.pair, head.action.source.ref)]
}

type Made = (pair: string, file: FileValue) => FileValue | null

/** The write with every copy as it was made; null: one was not. */
export function withCopies<Of extends Write>(write: Of, pair: string, made: Made): Of | null
export function withCopies(write: Write, pair: string, made: Made): Write | null {
  if (write.do === 'update') {
    const changed = filled(write.changed, pair, made)
    return changed === null ? null : { ...write, changed }
  }
  if (write.do !== 'create') return write
  const values = filled(write.values, pair, made)
  const { head } = write
  const action = head === null ? null : withCopies(head.action, head.pair, made)
  if (values === null || (head !== null && action === null)) return null
  return { ...write, values, head: head === null || action === null ? null : { ...head, action } }
}

function filled(values: Values, pair: string, made: Made): Values | null {
  const whole: Record<string, Json> = {}
  for (const [field, value] of Object.entries(values)) {
    const files = each(value).map((file) => {
      const copy = copyIn(file)
      return copy === null ? file : made(pair, copy.copyOf)
    })
    if (each(value).some((file, at) => copyIn(file) !== null && files[at] === null)) return null
    whole[field] = isList(value) ? files : value === null ? null : (files[0] ?? null)
  }
  return whole
}

/** Whether two files of two sides may be one: what both tell is equal. */
function isLike(left: FileValue, right: FileValue): boolean {
  if (left.digest !== undefined && right.digest !== undefined) return left.digest === right.digest
  return left.name === right.name && (left.size === undefined || right.size === undefined || left.size === right.size)
}

function holdsSameBytes(left: FileValue, right: FileValue): boolean {
  return left.digest !== undefined && left.digest === right.digest
}

/** Whether two sides hold the same files, as far as they tell; their order says nothing. */
export function sameFiles(left: Json | undefined, right: Json | undefined): boolean {
  const [here, there] = [filesIn(left), filesIn(right)]
  return here.length === there.length && pairedUp(here, there).size === here.length
}

/** Whether these are the very files: of one ref, or of the same bytes. */
export function areSameFiles(left: Json | undefined, right: Json | undefined): boolean {
  const [here, there] = [filesIn(left), filesIn(right)]
  const isIn = (file: FileValue, all: readonly FileValue[]): boolean =>
    all.some((each) => each.ref === file.ref || holdsSameBytes(each, file))
  return (
    here.length === there.length && here.every((file) => isIn(file, there)) && there.every((file) => isIn(file, here))
  )
}

interface AfterWrite {
  readonly stored: Values
  readonly written: Values
  readonly before: Values
}

/**
 * What a side holds after a write of files, as the two agree on it. What stood there `before`, was named by the write, and alone
 * is missing in what was `stored`, somebody took away meanwhile: it is held still, so that this is seen as the change that it
 * is. Where a system gives files other refs with each write, nothing tells which they are.
 */
export function withTakenAway(pair: Pair, side: Side, { stored, written, before }: AfterWrite): Values {
  const held: Record<string, Json> = { ...stored }
  const isIn = (all: readonly FileValue[], { ref }: FileValue): boolean => all.some((file) => file.ref === ref)
  const fields = pair.lenses.flatMap((lens) => (lens.files === true ? lens.fields[side] : []))
  for (const field of fields.filter((each) => each in stored)) {
    const [now, asked, stood] = [filesIn(stored[field]), filesIn(written[field]), filesIn(before[field])]
    const taken = asked.filter((file) => isIn(stood, file) && !isIn(now, file))
    if (taken.length === 0 || now.length + taken.length !== asked.length) continue
    held[field] = isList(written[field] ?? null) ? [...now, ...taken] : (taken[0] ?? null)
  }
  return held
}

/** Which file of one side is which of the other; no file is two. */
function pairedUp(here: readonly FileValue[], there: readonly FileValue[]): Map<FileValue, FileValue> {
  const paired = new Map<FileValue, FileValue>()
  const left = [...there]
  for (const alike of [holdsSameBytes, isLike])
    for (const file of here) {
      const at = paired.has(file) ? -1 : left.findIndex((each) => alike(file, each))
      const [twin] = at < 0 ? [] : left.splice(at, 1)
      if (twin !== undefined) paired.set(file, twin)
    }
  return paired
}

/** One lens over files, with what the two sides held when they last agreed and what they hold now. */
export interface Shelf {
  readonly base: { readonly [side in Side]: readonly FileValue[] }
  readonly now: { readonly [side in Side]: readonly FileValue[] }
}

export function shelfOf({ link, a, b }: Pick<Subject, 'link' | 'a' | 'b'>, lens: Lens): Shelf {
  const files = (side: Side, values: Values | undefined): readonly FileValue[] =>
    lens.fields[side].flatMap((field) => filesIn(values?.[field]))
  return {
    base: { a: files('a', link?.base.a), b: files('b', link?.base.b) },
    now: { a: files('a', a?.values), b: files('b', b?.values) },
  }
}

/**
 * Of each file on one side, the one that stands for it on the other. What was carried before is known by where it stood:
 * a system may have given it another name.
 */
function twinsOf({ base, now }: Shelf, from: Side): Map<FileValue, FileValue> {
  const to = other(from)
  const before = pairedUp(base[from], base[to])
  const alone = base[to].filter((file) => ![...before.values()].includes(file))
  base[from]
    .filter((file) => !before.has(file))
    .forEach((file, at) => {
      const twin = alone[at]
      if (twin !== undefined) before.set(file, twin)
    })
  const twins = new Map<FileValue, FileValue>()
  const left = [...now[to]]
  const take = (file: FileValue, at: number): void => {
    const [twin] = at < 0 ? [] : left.splice(at, 1)
    if (twin !== undefined) twins.set(file, twin)
  }
  for (const file of now[from]) {
    const known = base[from].find((each) => sameValue(each, file))
    const twin = known === undefined ? undefined : before.get(known)
    if (twin !== undefined)
      take(
        file,
        left.findIndex((each) => sameValue(each, twin)),
      )
  }
  // What stands for a file that was replaced is not taken for the new one, for all that their names are the same.
  for (const file of now[from])
    if (!twins.has(file))
      take(
        file,
        left.findIndex((each) => holdsSameBytes(file, each) || (isNew(base[to], each) && isLike(file, each))),
      )
  return twins
}

function isNew(base: readonly FileValue[], file: FileValue): boolean {
  return !base.some((each) => sameValue(each, file))
}

/** Whether both sides hold the same files now. */
export function agreeOnFiles(shelf: Shelf): boolean {
  return shelf.now.a.length === shelf.now.b.length && twinsOf(shelf, 'a').size === shelf.now.a.length
}

/** What a side is to hold so that it holds the files of the other: its own where they stand for them, copies of the rest. */
export function filesFor(shelf: Shelf, from: Side, pair: Pair, lens: Lens): Json {
  const to = other(from)
  const twins = twinsOf(shelf, from)
  const own = new Set(twins.values())
  const held: Json[] = shelf.now[to].filter((file) => own.has(file))
  for (const file of shelf.now[from]) if (!twins.has(file)) held.push({ copyOf: file })
  return shaped(held, pair, lens, to)
}

function shaped(files: readonly Json[], { kinds }: Pair, { fields }: Lens, side: Side): Json {
  const many = fields[side].every((field) => kinds[side].fields[field]?.many !== undefined)
  return many ? (files.length === 0 ? null : files) : (files[0] ?? null)
}

/** The subject without the files that stay where they are, and the differences which that leaves. */
export function withoutStaying(
  flow: Flow,
  subject: Subject,
): { readonly subject: Subject; readonly gaps: readonly Gap[] } {
  const { pair } = subject
  let known = subject.head === null ? subject : { ...subject, head: withoutStaying(flow, subject.head).subject }
  const gaps = subject.head === null ? [] : [...withoutStaying(flow, subject.head).gaps]
  for (const lens of pair.lenses.filter((each) => each.files === true)) {
    for (const side of SIDES) {
      const item = subject[side]
      // From where nothing travels nothing stays behind: what is there is left alone, held or taken back.
      if (item?.state !== 'present' || !travelsFrom(flow, lens, side)) continue
      const shelf = shelfOf(isMadeAnew(subject, side) ? { link: null, a: null, b: null, [side]: item } : subject, lens)
      const twins = twinsOf(shelf, side)
      const stays = shelf.now[side].flatMap((file) => {
        const why = twins.has(file) ? null : whyStays(flow, subject, side, file)
        return why === null ? [] : [{ file, why }]
      })
      if (stays.length === 0) continue
      known = without(known, lens, side, item, stays)
      const why = stays.map((each) => `"${each.file.name}" stays here: ${each.why}`).join('; ')
      gaps.push({ pair: pair.id, side, ref: item.ref, lens: lens.id, why })
    }
  }
  return { subject: known, gaps }
}

/** What its counterpart held went with that one: nothing there stands for its files. */
function isMadeAnew({ link, ...sides }: Subject, from: Side): boolean {
  return link?.state === 'gone' && sides[other(from)]?.state !== 'present'
}

function without(subject: Subject, lens: Lens, side: Side, item: Observation, stays: readonly Staying[]): Subject {
  const rest = (values: Values): Values => {
    const left: Record<string, Json> = { ...values }
    for (const field of lens.fields[side]) {
      if (!(field in values)) continue
      const files = filesIn(values[field]).filter((file) => !stays.some((each) => sameValue(each.file, file)))
      left[field] = shaped(files, subject.pair, lens, side)
    }
    return left
  }
  const { link } = subject
  const kept = { ...subject.kept?.[side], [lens.id]: stays.map(({ file }) => file) }
  return {
    ...subject,
    [side]: { ...item, values: rest(item.values) },
    link: link === null ? null : { ...link, base: bySide(side, rest(link.base[side]), link.base[other(side)]) },
    kept: { a: {}, b: {}, ...subject.kept, [side]: kept },
  }
}

/** What a side holds besides, and keeps whatever is written there. */
export function withKept({ kept, pair }: Subject, lens: Lens, side: Side, written: Values): Values {
  const files = kept?.[side][lens.id] ?? []
  if (files.length === 0) return written
  const whole: Record<string, Json> = { ...written }
  for (const field of lens.fields[side]) {
    const value = written[field] ?? null
    whole[field] = shaped([...(isList(value) ? value : value === null ? [] : [value]), ...files], pair, lens, side)
  }
  return whole
}

function whyStays(flow: Flow, { pair, staying }: Subject, from: Side, file: FileValue): string | null {
  const { files: here } = pair.kinds[from]
  const { files: there, connection } = pair.kinds[other(from)]
  if (here?.opens !== true) return `${pair.kinds[from].connection} does not hand out files`
  if (there?.uploads !== true) return `${connection} takes no files`
  const most = mostBytes(flow, pair, other(from))
  if (file.size !== undefined && file.size > most) return tooLarge(most)
  return staying?.[from].find((each) => sameValue(each.file, file))?.why ?? null
}

/** How large a file may be that is written to a side. */
export function mostBytes({ mostFileBytes = DEFAULT_MOST_BYTES }: Flow, { kinds }: Pair, to: Side): number {
  return Math.min(mostFileBytes, kinds[to].files?.mostBytes ?? Infinity)
}

export function tooLarge(most: number): string {
  return `it is larger than ${sizeWords(most)}`
}

export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const [unit, by] =
    bytes < 1e6 ? (['kB', 1e3] as const) : bytes < 1e9 ? (['MB', 1e6] as const) : (['GB', 1e9] as const)
  return `${Number((bytes / by).toFixed(1))} ${unit}`
}

/** The files in the fields of a side that hold some. */
export function filesOf({ kinds }: Pair, side: Side, values: Values): readonly FileValue[] {
  const { fields } = kinds[side]
  return Object.keys(values).flatMap((field) => (fields[field]?.type === 'file' ? filesIn(values[field]) : []))
}
