/** The containers that a flow joins: named in pairs, or found while running. */
import type { Json, Values } from '../connector/values.ts'
import {
  carries,
  other,
  type Direction,
  type EachScope,
  type KindFacts,
  type Pair,
  type PinnedScopes,
  type ScopeChoice,
} from '../core/flow.ts'
import { predicateOf } from './filter.ts'
import type { FlowSettings, ScopeSetting } from './flow-schema.ts'
import { suggestion, type Finding, type Path } from './problem.ts'
import { sideOf } from './sides.ts'

type Report = (finding: Finding) => void

export function compileScopes(
  settings: FlowSettings,
  kinds: Pair['kinds'],
  direction: Direction,
  path: Path,
  report: Report,
): readonly PinnedScopes[] {
  if (settings.scopes.length === 0 && settings.each === undefined)
    report({
      code: 'no-scopes',
      path,
      message: 'the flow joins no containers',
      remedy: `add \`scopes:\` with pairs \`[${kinds.a.kind}, ${kinds.b.kind}]\`, or \`each:\``,
    })
  return settings.scopes.map((pair, index) => {
    const place = [...path, 'scopes', index]
    const [a, b] = [
      choiceOf(pair[0], kinds.a, [...place, 0], report),
      choiceOf(pair[1], kinds.b, [...place, 1], report),
    ]
    checkCreation({ a, b }, kinds, direction, place, report)
    return { a, b }
  })
}

function choiceOf(setting: ScopeSetting, facts: KindFacts, path: Path, report: Report): ScopeChoice {
  if (typeof setting === 'string') return { ref: setting }
  const values = { ...valuesOf(setting.values, facts, path, report), ...underOf(setting.under, facts, path, report) }
  return Object.keys(values).length === 0 ? { create: true } : { create: true, values }
}

function checkCreation(
  scopes: PinnedScopes,
  kinds: Pair['kinds'],
  direction: Direction,
  path: Path,
  report: Report,
): void {
  const made = (['a', 'b'] as const).filter((side) => 'create' in scopes[side])
  const [side] = made
  if (made.length === 2)
    report({
      code: 'bad-scope',
      path,
      message: 'both containers would be created',
      remedy: 'name an existing container on one side',
    })
  else if (side !== undefined && !kinds[side].can.create)
    report({
      code: 'bad-scope',
      path,
      message: `a ${kinds[side].kind} cannot be created by Lockstep`,
      remedy: 'create it in its system, and write its ref here',
    })
  else if (side !== undefined && !carries(direction, other(side)))
    report({
      code: 'bad-scope',
      path,
      message: `the flow runs ${direction}, so that nothing is created on side ${side}`,
      remedy: 'name an existing container, or change the direction',
    })
}

export function compileEach(
  settings: FlowSettings,
  kinds: Pair['kinds'],
  direction: Direction,
  path: Path,
  report: Report,
): EachScope | null {
  const { each, between } = settings
  if (each === undefined) return null
  const place = [...path, 'each']
  const from = sideOf(each.from, between)
  if (from === null) {
    report({
      code: 'bad-side',
      path: [...place, 'from'],
      message: "this is none of the flow's connections",
      remedy: `write ${between[0]} or ${between[1]}`,
    })
    return null
  }
  checkFields(Object.keys(each.where), kinds[from], [...place, 'where'], report)
  if (!carries(direction, from) || !kinds[other(from)].can.create)
    report({
      code: 'bad-scope',
      path: place,
      message: `nothing can be created in ${between[from === 'a' ? 1 : 0]} for what is found in ${between[from === 'a' ? 0 : 1]}`,
      remedy: 'change `from` or the direction, or name the pairs in `scopes`',
    })
  const facts = kinds[other(from)]
  const under = { ...valuesOf(each.values, facts, place, report), ...underOf(each.under, facts, place, report) }
  return { from, where: predicateOf(each.where), under }
}

/** The parent container's ref, in the one field that names it. */
function underOf(under: string | undefined, facts: KindFacts, path: Path, report: Report): Values {
  if (under === undefined) return {}
  const field = Object.entries(facts.fields).find(([, { type, to }]) => type === 'ref' && to === facts.kind)?.[0]
  if (field !== undefined) return { [field]: under }
  report({
    code: 'bad-scope',
    path: [...path, 'under'],
    message: `a ${facts.kind} cannot be made under another one`,
    remedy: 'leave `under` out',
  })
  return {}
}

function valuesOf(
  values: { readonly [field: string]: Json } | undefined,
  facts: KindFacts,
  path: Path,
  report: Report,
): Values {
  checkFields(Object.keys(values ?? {}), facts, [...path, 'values'], report)
  return values ?? {}
}

function checkFields(fields: readonly string[], facts: KindFacts, path: Path, report: Report): void {
  for (const field of fields)
    if (!Object.hasOwn(facts.fields, field))
      report({
        code: 'unknown-field',
        path: [...path, field],
        message: `a ${facts.kind} has no field \`${field}\``,
        remedy: suggestion(field, Object.keys(facts.fields)),
      })
}
