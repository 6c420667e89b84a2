/** The published JSON Schema as a tree: which options there are at a place, and of which type. */
import { z } from 'zod'
import type { Path } from './problem.ts'

export interface SchemaNode {
  readonly type?: string | readonly string[] | undefined
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[] | undefined
  readonly examples?: readonly unknown[] | undefined
  readonly secret?: boolean | undefined
  readonly required?: readonly string[] | undefined
  readonly properties?: { readonly [name: string]: SchemaNode } | undefined
  readonly additionalProperties?: SchemaNode | boolean | undefined
  readonly items?: SchemaNode | boolean | undefined
  readonly prefixItems?: readonly SchemaNode[] | undefined
  readonly anyOf?: readonly SchemaNode[] | undefined
  readonly oneOf?: readonly SchemaNode[] | undefined
}

const node: z.ZodType<SchemaNode> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    examples: z.array(z.unknown()).optional(),
    secret: z.boolean().optional(),
    required: z.array(z.string()).optional(),
    properties: z.record(z.string(), node).optional(),
    additionalProperties: z.union([node, z.boolean()]).optional(),
    items: z.union([node, z.boolean()]).optional(),
    prefixItems: z.array(node).optional(),
    anyOf: z.array(node).optional(),
    oneOf: z.array(node).optional(),
  }),
)

export function treeOf(schema: unknown): SchemaNode {
  return node.parse(schema)
}

/** The branches of a schema that may apply, with objects that name another connector left out. */
export function branches(schema: SchemaNode, data?: unknown): readonly SchemaNode[] {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices === undefined) return [schema]
  const { description, default: usual } = schema
  const all = choices.flatMap((each) => branches({ description, default: usual, ...each }, data))
  const connector = memberOf(data, 'connector')
  const named = all.filter((each) => connector !== undefined && each.properties?.['connector']?.const === connector)
  return named.length > 0 ? named : all
}

/** What may stand at a path of the data; empty where nothing is known. */
export function nodesAt(schema: SchemaNode, path: Path, data: unknown): readonly SchemaNode[] {
  const [step, ...rest] = path
  const here = branches(schema, data)
  if (step === undefined) return here
  const inside = memberOf(data, step)
  return here.flatMap((each) => {
    const next = childOf(each, step)
    return next === null ? [] : nodesAt(next, rest, inside)
  })
}

function childOf(schema: SchemaNode, step: string | number): SchemaNode | null {
  if (typeof step === 'number') {
    const rest = typeof schema.items === 'object' ? schema.items : null
    return schema.prefixItems?.[step] ?? rest
  }
  const properties = schema.properties ?? {}
  if (Object.hasOwn(properties, step)) return properties[step] ?? null
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : null
}

export function memberOf(data: unknown, step: string | number): unknown {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, step)) return undefined
  return Object.getOwnPropertyDescriptor(data, step)?.value
}

export function dataAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((inside, step) => memberOf(inside, step), data)
}
