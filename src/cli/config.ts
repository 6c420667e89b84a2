/** `lockstep config` */
import { EXIT } from '../words/errors.ts'
import type { Shell } from './shell.ts'

/** What the composition root makes of the schema. */
export interface ConfigTexts {
  schema(): unknown
  example(): string
  environment(): string
}

export function configText(shell: Shell, texts: ConfigTexts, what: 'schema' | 'example' | 'env'): Promise<number> {
  if (what === 'schema') shell.out.made(texts.schema(), () => JSON.stringify(texts.schema(), null, 2))
  else {
    const text = what === 'env' ? texts.environment() : texts.example()
    shell.out.made({ text }, () => text.trimEnd())
  }
  return Promise.resolve(EXIT.inStep)
}
