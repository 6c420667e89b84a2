/** The options of the configuration as Markdown, from the JSON Schema. */
import { branches, type SchemaNode } from './schema-tree.ts'

interface Section {
  readonly title: string
  readonly about: string
  readonly node: SchemaNode
}

export function guideOf(schema: SchemaNode): string {
  const done: string[] = []
  const queue: Section[] = [{ title: 'The file', about: '', node: schema }]
  const shown = new Set<string>()
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const options = JSON.stringify(next.node)
    if (shown.has(options)) continue
    shown.add(options)
    done.push(sectionText(next))
    queue.unshift(...insideOf(next))
  }
  return done.join('\n')
}

function sectionText({ title, about, node }: Section): string {
  const rows = Object.entries(node.properties ?? {}).map(([name, option]) => rowOf(name, option, node))
  const intro = about === '' ? '' : `${about}\n\n`
  return `### ${title}\n\n${intro}| option | default | |\n|---|---|---|\n${rows.join('\n')}\n`
}

function rowOf(name: string, option: SchemaNode, parent: SchemaNode): string {
  const isRequired = parent.required?.includes(name) === true && option.default === undefined
  const plain = option.default !== undefined && !isEmpty(option.default)
  const usual = isRequired ? '**required**' : plain ? `\`${JSON.stringify(option.default)}\`` : ''
  const words = [
    option.description ?? '',
    choicesOf(option),
    examplesOf(option),
    option.secret === true ? 'Secret.' : '',
  ]
  const text = words.filter((each) => each !== '').map((each) => (/[.!?:`)]$/.test(each) ? each : `${each}.`))
  return `| \`${name}\` | ${cell(usual)} | ${cell(text.join(' '))} |`
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function choicesOf(option: SchemaNode): string {
  return option.enum === undefined ? '' : `One of ${option.enum.map((each) => `\`${String(each)}\``).join(', ')}.`
}

function examplesOf({ examples }: SchemaNode): string {
  const [example] = examples ?? []
  return example === undefined ? '' : `Example: \`${JSON.stringify(example)}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** The objects in a section's options, each a section of its own. */
function insideOf({ title, node }: Section): readonly Section[] {
  const base = title === 'The file' ? '' : `${title.replaceAll('`', '')}.`
  return Object.entries(node.properties ?? {}).flatMap(([name, option]) =>
    objectsOf(option, `${base}${name}`, option.description ?? '').map(({ place, about, node }) => ({
      title: node.title === undefined ? `\`${place}\`` : `\`${place}\` with ${node.title}`,
      about,
      node,
    })),
  )
}

interface Found {
  readonly place: string
  readonly about: string
  readonly node: SchemaNode
}

function objectsOf(option: SchemaNode, place: string, about: string): readonly Found[] {
  return branches(option).flatMap((each): readonly Found[] => {
    if (each.properties !== undefined) return [{ place, about, node: each }]
    const { items, prefixItems, additionalProperties } = each
    if (prefixItems?.[0] !== undefined) return objectsOf(prefixItems[0], `${place}[]`, about)
    if (typeof items === 'object') return objectsOf(items, `${place}[]`, items.description ?? about)
    if (typeof additionalProperties !== 'object') return []
    return objectsOf(additionalProperties, `${place}.<id>`, additionalProperties.description ?? about)
  })
}
