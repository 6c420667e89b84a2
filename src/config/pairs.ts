/** A flow's pairs of kinds: the built-in mapping of its two systems, changed and completed by the configuration. */
import type { Configured } from '../connector/connector.ts'
import { isCompared, SIDES, type Lens, type OnRefused, type Pair, type Side } from '../core/flow.ts'
import type { Mapping, PairMapping } from '../mappings/index.ts'
import { factsOf } from './facts.ts'
import { lensOf } from './fields.ts'
import { predicateOf } from './filter.ts'
import type { Filter, PairSetting } from './flow-schema.ts'
import type { LoadModule } from './named.ts'
import { readPolicy } from './policies.ts'
import { suggestion, type Finding, type Path } from './problem.ts'
import { directions, sideOf, wayOf, type Between } from './sides.ts'

export interface PairContext {
  readonly between: Between
  /** Their ids: those of the account, where they are templates. */
  readonly connections: Between
  readonly connectors: { readonly [side in Side]: Configured }
  readonly report: (finding: Finding) => void
  readonly load: LoadModule
  /** What the flow says about changes that are refused. */
  readonly onRefused: OnRefused
}

/** A pair, and its filters as they were written, which two flows are compared by. */
export interface CompiledPair {
  readonly pair: Pair
  readonly filters: { readonly [side in Side]?: Filter }
}

const UNTOUCHED: PairSetting = { fields: {} }

/** All pairs without those for which a finding was reported. */
export function compilePairs(
  mapping: Mapping | null,
  settings: { readonly [id: string]: PairSetting },
  path: Path,
  context: PairContext,
): readonly CompiledPair[] {
  const builtIn = mapping === null ? [] : mapping.partial === true ? fitting(mapping, settings, context) : mapping.pairs
  const changed = builtIn.map((each) => compile(each, settings[each.id] ?? UNTOUCHED, [...path, each.id], context))
  const own = Object.entries(settings)
    .filter(([id]) => !builtIn.some((each) => each.id === id))
    .map(([id, setting]) => ownPair(id, setting, builtIn, [...path, id], context))
  return parentsFirst([...changed, ...own].filter((each) => each !== null))
}

/** Of a mapping of what need not be there: its pairs and lenses as far as both systems have what they join. */
function fitting(
  { pairs }: Mapping,
  settings: { readonly [id: string]: PairSetting },
  { connectors }: PairContext,
): readonly PairMapping[] {
  const ids = pairs.map(({ id }) => id)
  const own = Object.entries(settings).filter(
    ([id, { a, b }]) => !ids.includes(id) && a !== undefined && b !== undefined,
  )
  const isTaken = ({ kinds }: PairMapping): boolean => own.some(([, { a, b }]) => a === kinds.a || b === kinds.b)
  const has = ({ kinds }: PairMapping): boolean =>
    SIDES.every((side) => Object.hasOwn(connectors[side].kinds, kinds[side]))
  return pairs
    .filter((pair) => has(pair) && (!isTaken(pair) || settings[pair.id] !== undefined))
    .map((pair) => ({
      ...pair,
      lenses: (kinds) =>
        pair
          .lenses(kinds)
          .filter(({ fields }) =>
            SIDES.every((side) => fields[side].every((field) => Object.hasOwn(kinds[side].fields, field))),
          ),
    }))
}

function ownPair(
  id: string,
  setting: PairSetting,
  builtIn: readonly PairMapping[],
  path: Path,
  context: PairContext,
): CompiledPair | null {
  if (setting.a === undefined || setting.b === undefined) {
    const known = builtIn.map((each) => each.id)
    context.report({
      code: 'unknown-pair',
      path,
      message: `no built-in pair of kinds is called \`${id}\``,
      remedy: `${suggestion(id, known)} For a pair of your own, add \`a\`, \`b\` (the two kinds) and \`fields\``,
    })
    return null
  }
  const joins = isContainer(setting.a, context.connectors.a)
  const rule = joins ? 'hold' : 'delete'
  const draft: PairMapping = {
    id,
    kinds: { a: setting.a, b: setting.b },
    lenses: () => [],
    onDelete: { a: rule, b: rule },
    onLeave: { a: 'keep', b: 'keep' },
    match: [],
  }
  // Containers that keep their own names are joined all the same.
  if (joins || Object.keys(setting.fields).length > 0) return compile(draft, setting, path, context)
  const remedy = 'add `fields: { <id>: { a: <field>, b: <field> } }`'
  context.report({ code: 'missing', path, message: 'this pair of kinds relates no fields', remedy })
  return null
}

function isContainer(kind: string, connector: Configured): boolean {
  return Object.hasOwn(connector.kinds, kind) && connector.kinds[kind]?.is === 'container'
}

function compile(draft: PairMapping, setting: PairSetting, path: Path, context: PairContext): CompiledPair | null {
  const kinds = kindsOf(draft, setting, path, context)
  if (kinds === null) return null
  const lenses = lensesOf(draft, setting, [...path, 'fields'], { ...context, kinds })
  const policy = readPolicy(setting, path, context)
  const filters = bySide(setting.where, [...path, 'where'], context)
  checkFilters(filters, kinds, path, context)
  checkMatch(setting, lenses, path, context)
  const pair: Pair = {
    id: draft.id,
    kinds,
    lenses,
    ...(policy === undefined || policy === null ? {} : { policy }),
    onDelete: { ...draft.onDelete, ...rules(setting.on_delete, [...path, 'on_delete'], context) },
    onLeave: { ...draft.onLeave, ...rules(setting.on_leave, [...path, 'on_leave'], context) },
    ...refusals(draft, setting, lenses, path, context),
    match: setting.match ?? draft.match,
    ...whereOf(filters),
  }
  return { pair, filters }
}

/** What a flow says holds where it can be done; what a pair says of its own has to be possible. */
function refusals(
  { id, words }: PairMapping,
  { on_refused: setting }: PairSetting,
  lenses: readonly Lens[],
  path: Path,
  context: PairContext,
): Pick<Pair, 'onRefused' | 'words'> {
  const own = rules(setting, [...path, 'on_refused'], context)
  const unable = new Map<OnRefused, string>()
  if (words === undefined) unable.set('reply', `no reply can be written about what \`${id}\` joins`)
  if (!lenses.some((lens) => lens.mark !== undefined))
    unable.set('mark', `\`${id}\` has no text with a line for a mark`)
  for (const message of new Set(Object.values(own).map((word) => unable.get(word))))
    if (message !== undefined)
      context.report({
        code: 'invalid',
        path: [...path, 'on_refused'],
        message,
        remedy: 'leave it out, or write `declare`',
      })
  const usual = unable.has(context.onRefused) ? 'declare' : context.onRefused
  return { ...(words === undefined ? {} : { words }), onRefused: { a: usual, b: usual, ...own } }
}

function kindsOf(draft: PairMapping, setting: PairSetting, path: Path, context: PairContext): Pair['kinds'] | null {
  const found = (side: Side) => {
    const kind = setting[side] ?? draft.kinds[side]
    const connector = context.connectors[side]
    const facts = factsOf(context.connections[side === 'a' ? 0 : 1], connector, kind)
    if (facts === null)
      context.report({
        code: 'unknown-kind',
        path: setting[side] === undefined ? path : [...path, side],
        message: `${connector.title} has no kind \`${kind}\``,
        remedy: suggestion(kind, Object.keys(connector.kinds)),
      })
    return facts
  }
  const [a, b] = [found('a'), found('b')]
  return a === null || b === null ? null : { a, b }
}

/** The built-in lenses with their settings, and the configuration's own. */
function lensesOf(
  draft: PairMapping,
  setting: PairSetting,
  path: Path,
  context: PairContext & { readonly kinds: Pair['kinds'] },
): readonly Lens[] {
  const builtIn = draft.lenses(context.kinds)
  const own = Object.entries(setting.fields).filter(
    ([id, field]) =>
      field.a !== undefined ||
      field.b !== undefined ||
      field.lens !== undefined ||
      !builtIn.some((lens) => lens.id === id),
  )
  const kept = builtIn
    .filter((lens) => !own.some(([id]) => id === lens.id))
    .map((lens) => adjusted(lens, setting, path, context))
  const all = [...kept, ...own.map(([id, field]) => lensOf(id, field, [...path, id], context))]
  const lenses = all.filter((lens) => lens !== null)
  checkTwice(
    lenses,
    own.map(([id]) => id),
    path,
    context,
  )
  return lenses
}

/** What two lenses write would be taken back by each of them in turn. */
function checkTwice(
  lenses: readonly Lens[],
  own: readonly string[],
  path: Path,
  { between, kinds, report }: PairContext & { readonly kinds: Pair['kinds'] },
): void {
  for (const side of ['a', 'b'] as const) {
    const writer = new Map<string, string>()
    for (const { id, fields } of lenses.filter(isCompared))
      for (const field of fields[side]) {
        const first = writer.get(field)
        if (first === undefined) writer.set(field, id)
        else if (own.includes(id))
          report({
            code: 'field-twice',
            path: [...path, id],
            message: `${field} of a ${kinds[side].kind} belongs to \`${first}\` already`,
            remedy: `let one of the two only show it (\`way: ${between[side === 'a' ? 0 : 1]}->${between[side === 'a' ? 1 : 0]}\`), or describe \`${first}\` anew under its own id`,
          })
      }
  }
}

function adjusted(lens: Lens, { fields }: PairSetting, path: Path, context: PairContext): Lens {
  const setting = fields[lens.id]
  if (setting === undefined) return lens
  const place = [...path, lens.id]
  const policy = readPolicy(setting, place, context)
  const way = setting.way === undefined ? lens.way : wayOf(setting.way, context.between)
  if (way === null)
    context.report({
      code: 'bad-direction',
      path: [...place, 'way'],
      message: 'this is no way for changes to travel',
      remedy: `write ${directions(context.between)}`,
    })
  for (const option of Object.keys(setting))
    if (option !== 'way' && option !== 'conflict')
      context.report({
        code: 'invalid',
        path: [...place, option],
        message: `\`${option}\` cannot be changed for a built-in field`,
        remedy: 'leave it out, or describe the field anew with `a` and `b`',
      })
  return { ...lens, way: way ?? lens.way, ...(policy === undefined || policy === null ? {} : { policy }) }
}

function rules<T extends string>(
  setting: T | { readonly [connection: string]: T } | undefined,
  path: Path,
  context: PairContext,
): { readonly [side in Side]?: T } {
  if (typeof setting === 'string') return { a: setting, b: setting }
  return bySide(setting, path, context)
}

/** What is set by connection, by side. */
function bySide<T>(
  setting: { readonly [connection: string]: T } | undefined,
  path: Path,
  { between, report }: PairContext,
): { readonly [side in Side]?: T } {
  const found: { [side in Side]?: T } = {}
  for (const [word, value] of Object.entries(setting ?? {})) {
    const side = sideOf(word, between)
    if (side !== null) found[side] = value
    else
      report({
        code: 'bad-side',
        path: [...path, word],
        message: `\`${word}\` is none of this flow's connections`,
        remedy: suggestion(word, between),
      })
  }
  return found
}

function checkFilters(filters: CompiledPair['filters'], kinds: Pair['kinds'], path: Path, context: PairContext): void {
  for (const side of ['a', 'b'] as const)
    for (const field of Object.keys(filters[side] ?? {}))
      if (!Object.hasOwn(kinds[side].fields, field))
        context.report({
          code: 'unknown-field',
          path: [...path, 'where'],
          message: `a ${kinds[side].kind} has no field \`${field}\``,
          remedy: suggestion(field, Object.keys(kinds[side].fields)),
        })
}

function checkMatch(setting: PairSetting, lenses: readonly Lens[], path: Path, { report }: PairContext): void {
  const ids = lenses.map((lens) => lens.id)
  for (const [index, id] of (setting.match ?? []).entries())
    if (!ids.includes(id))
      report({
        code: 'unknown-field',
        path: [...path, 'match', index],
        message: `this pair has no field with the id \`${id}\``,
        remedy: suggestion(id, ids),
      })
}

function whereOf(filters: CompiledPair['filters']): Pick<Pair, 'where'> {
  const { a, b } = filters
  if (a === undefined && b === undefined) return {}
  const pass = { a: predicateOf(a ?? {}), b: predicateOf(b ?? {}) }
  return { where: (side, values) => pass[side](values) }
}

function parentsFirst(pairs: readonly CompiledPair[]): readonly CompiledPair[] {
  const left = [...pairs]
  const ordered: CompiledPair[] = []
  while (left.length > 0) {
    const isFree = ({ pair }: CompiledPair) =>
      !left.some((each) => each.pair !== pair && each.pair.kinds.a.kind === pair.kinds.a.parent?.kind)
    const [next] = left.splice(Math.max(0, left.findIndex(isFree)), 1)
    if (next !== undefined) ordered.push(next)
  }
  return ordered
}
