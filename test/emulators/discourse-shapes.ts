/** Holds an answer against the documented shape of its route. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

interface Shape {
  readonly type?: string | readonly string[] | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly properties?: Readonly<Record<string, Shape>> | undefined
  readonly required?: readonly string[] | undefined
  readonly items?: Shape | undefined
  readonly anyOf?: readonly Shape[] | undefined
}

const shape: z.ZodType<Shape> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    enum: z.array(z.unknown()).optional(),
    properties: z.record(z.string(), shape).optional(),
    required: z.array(z.string()).optional(),
    items: shape.optional(),
    anyOf: z.array(shape).optional(),
  }),
)

const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ response: shape }))),
})

const { paths } = document.parse(JSON.parse(readFileSync(new URL('../shapes/discourse.json', import.meta.url), 'utf8')))

/** What is wrong with an answer, each once: `field: absent` or `field: type found`. */
export function violations(path: string, method: string, answer: unknown): string[] {
  const found = paths[path]?.[method]
  if (found === undefined) throw new Error(`no shape for ${method} ${path}`)
  const problems = new Set<string>()
  check(found.response, answer, '', problems)
  return [...problems]
}

function check(expected: Shape, actual: unknown, at: string, problems: Set<string>): void {
  if (expected.anyOf !== undefined) {
    const tries = expected.anyOf.map((one) => {
      const inner = new Set<string>()
      check(one, actual, at, inner)
      return inner
    })
    const best = tries.sort((a, b) => a.size - b.size)[0]
    for (const problem of best ?? []) problems.add(problem)
    return
  }
  const kinds = typeof expected.type === 'string' ? [expected.type] : expected.type
  const kind = kindOf(actual)
  if (kinds !== undefined && !kinds.some((one) => one === kind || (one === 'number' && kind === 'integer'))) {
    problems.add(`${at}: ${kind}`)
    return
  }
  if (Array.isArray(actual)) {
    const { items } = expected
    if (items !== undefined) for (const item of actual) check(items, item, `${at}[]`, problems)
    return
  }
  const fields = z.record(z.string(), z.unknown()).safeParse(actual)
  if (!fields.success) return
  for (const name of expected.required ?? []) if (!(name in fields.data)) problems.add(`${at}.${name}: absent`)
  for (const [name, value] of Object.entries(fields.data)) {
    const inner = expected.properties?.[name]
    if (inner !== undefined) check(inner, value, `${at}.${name}`, problems)
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}
