/**
 * Writes what is generated from the schema: docs/config.schema.json, the options in docs/guide/configuration.md, and
 * .env.example. Run as a program it refreshes them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { connectors } from '../connectors/index.ts'
import { optionsOf, takesSecret, variableOf } from './connection-options.ts'
import { guideOf } from './guide.ts'
import { configSchema } from './schema.ts'
import { treeOf } from './schema-tree.ts'

const BEGIN = '<!-- generated from src/config/schema.ts: node src/config/generate.ts -->'
const END = '<!-- end of the generated part -->'
const GUIDE = 'docs/guide/configuration.md'

/** The generated files by path from the root of the project. `guide`: the guide as it stands. */
export function generated(guide: string): Readonly<Record<string, string>> {
  const schema = z.toJSONSchema(configSchema(connectors), { io: 'input', unrepresentable: 'any' })
  return {
    'docs/config.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
    [GUIDE]: withOptions(guide, guideOf(treeOf(schema))),
    '.env.example': environment(),
  }
}

function withOptions(guide: string, options: string): string {
  const [before, rest] = [guide.split(BEGIN)[0], guide.split(END)[1]]
  if (before === undefined || rest === undefined) throw new Error(`${GUIDE} has lost its marks of the generated part`)
  return `${before}${BEGIN}\n\n${options}\n${END}${rest}`
}

function environment(): string {
  const lines = [
    '# Copy to .env beside the configuration, and name these there as ${NAME}. Never commit the copy.',
    '# Generated: node src/config/generate.ts',
    '',
    '# Seals tokens in the store: 64 hex digits. Without it, a key file is made beside the store.',
    '#LOCKSTEP_KEY=',
  ]
  for (const connector of connectors.values()) {
    lines.push('', `# ${connector.title}`)
    for (const { name, secret, required } of optionsOf(connector))
      if (secret) lines.push(`${required ? '' : '#'}${variableOf(connector, name)}=`)
    if (takesSecret(connector)) lines.push(`${variableOf(connector, 'webhook_secret')}=`)
  }
  return `${lines.join('\n')}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = new URL('../../', import.meta.url)
  const files = generated(readFileSync(new URL(GUIDE, root), 'utf8'))
  for (const [path, text] of Object.entries(files)) writeFileSync(new URL(path, root), text)
}
